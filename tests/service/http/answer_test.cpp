// How answers end, and what becomes of those that do not: RFC 9112 sections 6.3 and 8.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

std::string chunks(const std::string& body, const std::string& lines = "") {
  return "HTTP/1.1 200 OK\r\n" + lines + "Transfer-Encoding: chunked\r\n\r\n" + body;
}

Case head_of(Case row) {  // the same row, asked by HEAD
  const std::string request = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n";
  row.client[0].sends = request;
  row.old[0].sees = request;
  return row;
}

Case not_kept(Case row) {
  row.old_is_kept = false;
  return row;
}

Case kept(Case row) {
  row.old_is_kept = true;
  return row;
}

TEST_CASE("An answer's framing passes as old chose it", "[http]") {
  play_all({
      kept(passes("a length", "RFC 9112 6.3", get(), ok())),
      kept(passes("a length of nothing", "RFC 9112 6.3", get(), ok(""))),
      kept(answer_becomes("a length with leading zeros", "RFC 9110 8.6: 1*DIGIT, which some read as octal",
                          "HTTP/1.1 200 OK\r\nContent-Length: 0002\r\n\r\nok",
                          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
      kept(answer_becomes("a length behind a tab", "RFC 9110 5.5: not all strip it",
                          "HTTP/1.1 200 OK\r\ncontent-length:\t2 \r\n\r\nok",
                          "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")),
      kept(passes("chunks", "RFC 9112 7.1", get(), chunks("1\r\no\r\n1\r\nk\r\n0\r\n\r\n"))),
      kept(passes("no chunk", "RFC 9112 7.1", get(), chunks("0\r\n\r\n"))),
      kept(answer_becomes("chunks in capitals", "RFC 9112 7: codings have no case, and not all know it",
                          "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\n000\r\n\r\n",
                          "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA\r\n0123456789\r\n000\r\n\r\n")),
      kept(passes("binary", "bodies are no text", get(), ok(std::string("\0\r\n\r\n\xff", 6)))),
      kept(head_of(passes("HEAD with a length", "RFC 9110 9.3.2: what GET would have said", get(),
                          "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"))),
      kept(head_of(passes("HEAD with chunks", "RFC 9112 6.3: no body follows", get(), chunks("")))),
      kept(head_of(passes("HEAD with neither", "RFC 9112 6.3: not until the end of the connection", get(),
                          "HTTP/1.1 200 OK\r\nX: 1\r\n\r\n"))),
      kept(passes("204", "RFC 9112 6.3", get(), "HTTP/1.1 204 No\r\nX: 1\r\n\r\n")),
      kept(passes("304", "RFC 9112 6.3", get(), "HTTP/1.1 304 Same\r\nETag: \"a\"\r\n\r\n")),
      kept(passes("304 with a length", "RFC 9110 8.6: that of the 200", get(),
                  "HTTP/1.1 304 Same\r\nContent-Length: 1000\r\n\r\n")),
      kept(passes("304 with chunks", "RFC 9112 6.1: that of the 200", get(),
                  "HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n")),
      kept(passes("205 with a length of nothing", "RFC 9110 15.3.6", get(),
                  "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n")),
      kept(passes("206", "RFC 9110 15.3.7", get(),
                  "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n\r\nok")),
      kept(answer_becomes("204 with a length", "RFC 9110 8.6: must not be sent; some wait for the body",
                          "HTTP/1.1 204 No\r\nContent-Length: 0\r\nX: 1\r\n\r\n", "HTTP/1.1 204 No\r\nX: 1\r\n\r\n")),
      kept(answer_becomes("204 with chunks", "RFC 9112 6.1: must not be sent",
                          "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 204 No\r\n\r\n")),
      kept(answer_becomes("chunks and an extension of theirs", "RFC 9112 7.1.1: passed, since it is well formed",
                          chunks("2;a=\"b\"\r\nok\r\n0;c\r\n\r\n"), chunks("2;a=\"b\"\r\nok\r\n0;c\r\n\r\n"))),
  });
}

// What old sends behind its answer is no answer to anything.
TEST_CASE("Bytes behind an answer are dropped, and their connection with them", "[http]") {
  const auto two = ok() + ok("evil");
  play_all({
      not_kept(answer_becomes("a second answer", "RFC 9112 9.2: response splitting must not poison the next request",
                              two, ok())),
      not_kept(answer_becomes("more than the length", "RFC 9112 6.3", ok() + "!", ok())),
      not_kept(head_of(answer_becomes("a body for HEAD", "RFC 9110 9.3.2: must not", ok(),
                                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"))),
      not_kept(answer_becomes("a body for 204", "RFC 9112 6.3: must not", "HTTP/1.1 204 No\r\n\r\nok",
                              "HTTP/1.1 204 No\r\n\r\n")),
      not_kept(answer_becomes("a body for 304", "RFC 9112 6.3: must not", "HTTP/1.1 304 Same\r\n\r\nok",
                              "HTTP/1.1 304 Same\r\n\r\n")),
      not_kept(
          answer_becomes("something behind the last chunk", "RFC 9112 7.1", chunks("0\r\n\r\nX"), chunks("0\r\n\r\n"))),
  });
}

TEST_CASE("An answer that is none is a 502, and its connection's end", "[http]") {
  const auto behind = [](std::string name, const std::string& said) {
    const std::string interim = "HTTP/1.1 103 Hints\r\n\r\n";
    auto row = bad_answer(std::move(name), "what follows a 1xx is read as strictly", interim + said);
    row.client = {{get(), interim}, {.sends = "", .problem = 502}};
    return row;
  };
  const auto fields = [](const std::string& lines) { return "HTTP/1.1 200 OK\r\n" + lines + "\r\n"; };
  play_all({
      bad_answer("no HTTP", "RFC 9112 4", "220 mail.example ESMTP\r\n"),
      bad_answer("HTTP/2 in words", "RFC 9112 2.3", "HTTP/2 200\r\n\r\n"),
      bad_answer("HTTP/1.2", "RFC 9110 2.5: what it changes is not known", "HTTP/1.2 200 OK\r\n\r\n"),
      bad_answer("http in lower case", "RFC 9112 2.3: case-sensitive", "http/1.1 200 OK\r\n\r\n"),
      bad_answer("ICY", "RFC 9112 4", "ICY 200 OK\r\n\r\n"),
      bad_answer("two digits", "RFC 9112 4: 3DIGIT", "HTTP/1.1 20 OK\r\n\r\n"),
      bad_answer("four digits", "RFC 9112 4: 3DIGIT", "HTTP/1.1 2000 OK\r\n\r\n"),
      bad_answer("status 0", "RFC 9110 15: 100 to 599", "HTTP/1.1 000 OK\r\n\r\n"),
      bad_answer("status 600", "RFC 9110 15: 100 to 599", "HTTP/1.1 600 OK\r\n\r\n"),
      bad_answer("status 999", "RFC 9110 15: 100 to 599; LinkedIn's is not for a proxy to keep",
                 "HTTP/1.1 999 No\r\n\r\n"),
      bad_answer("no space before the status", "RFC 9112 4", "HTTP/1.1200 OK\r\n\r\n"),
      bad_answer("two spaces before the status", "RFC 9112 4", "HTTP/1.1  200 OK\r\n\r\n"),
      bad_answer("a status with letters", "RFC 9112 4", "HTTP/1.1 2O0 OK\r\n\r\n"),
      bad_answer("a bare LF", "RFC 9112 2.2: readers differ", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"),
      bad_answer("a bare CR in a value", "RFC 9112 2.2", fields("X: a\rSet-Cookie: b\r\nContent-Length: 0\r\n")),
      bad_answer("NUL in a value", "RFC 9110 5.5", fields(std::string("X: \0\r\n", 6))),
      bad_answer("a folded line", "RFC 9112 5.2: 502, or replaced", fields("X: 1\r\n 2\r\nContent-Length: 0\r\n")),
      bad_answer("a space before the colon", "RFC 9112 5.1 would have it removed; what else it means, readers differ",
                 fields("Content-Length : 0\r\n")),
      bad_answer("a line without a colon", "RFC 9112 5", fields("Nonsense\r\n")),
      bad_answer("two lengths that differ", "RFC 9112 6.3: 502, and the connection's end",
                 fields("Content-Length: 2\r\nContent-Length: 3\r\n") + "oky"),
      bad_answer("two lengths alike", "RFC 9112 6.3 allows to merge; who merges may meet one who does not",
                 fields("Content-Length: 2\r\nContent-Length: 2\r\n") + "ok"),
      bad_answer("a length that is none", "RFC 9112 6.3: 502", fields("Content-Length: two\r\n") + "ok"),
      bad_answer("a negative length", "RFC 9112 6.3: 502", fields("Content-Length: -1\r\n")),
      bad_answer("length and chunks", "RFC 9112 6.3: response splitting; ought to be an error",
                 fields("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
      bad_answer("chunks in HTTP/1.0", "RFC 9112 6.1: faulty framing",
                 "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      bad_answer("a coding beside chunked", "RFC 9112 7: nobody asked by TE",
                 fields("Transfer-Encoding: gzip, chunked\r\n")),
      bad_answer("Content_Length", "one reader takes it for the length", fields("Content_Length: 2\r\n")),
      behind("garbage behind an interim answer", "ok"),
      behind("two lengths behind an interim answer",
             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"),
      behind("a bad status behind an interim answer", "HTTP/1.1 2000 OK\r\n\r\n"),
      behind("an unasked 101 behind an interim answer", "HTTP/1.1 101 Switching\r\nUpgrade: a\r\n\r\n"),
      bad_answer("an endless head", "memory is bounded", "HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'a')),
      bad_answer("more fields than anybody sends", "memory is bounded", fields([] {
                   std::string lines;
                   for (int i = 0; i < 1100; ++i) lines += "X: 1\r\n";
                   return lines;
                 }())),
  });
}

// Old goes, or errs, within an answer that has begun.
Case cut(std::string name, std::string why, std::string said, std::string got, Fate fate, SideTurn::Then then,
         const std::string& counted, std::string request = get()) {
  return {.name = std::move(name),
          .why = std::move(why),
          .client = {{request, std::move(got)}},
          .old = {{.sees = request, .says = std::move(said), .then = then}},
          .fate = fate,
          .counts = {{"old_failed/" + counted, 1}},
          .other = std::vector<SideTurn>{{copy_of(request), ok()}}};
}

TEST_CASE("An answer that is cut short is cut short for the client too", "[http]") {
  const std::string close = "Connection: close\r\n\r\n";
  const std::string endless = "HTTP/1.1 200 OK\r\nX: 1\r\n";
  auto to_1_0 = cut("chunks, for a client of HTTP/1.0", "RFC 9112 8: it knows the end by the connection's",
                    chunks("4\r\nhalf\r\n"), "HTTP/1.1 200 OK\r\n" + close + "half", Fate::cut, SideTurn::Then::end,
                    "closed_early");
  to_1_0.client[0].sends = "GET /a HTTP/1.0\r\nHost: h\r\n\r\n";
  play_all({
      to_1_0,
      cut("within its length", "RFC 9112 8: incomplete", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Fate::ended, SideTurn::Then::end, "closed_early"),
      cut("within its length, by a reset", "RFC 9112 8", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", Fate::ended, SideTurn::Then::reset, "reset"),
      cut("between chunks", "RFC 9112 8: without the last chunk it is incomplete", chunks("4\r\nhalf\r\n"),
          chunks("4\r\nhalf\r\n"), Fate::ended, SideTurn::Then::end, "closed_early"),
      cut("within a chunk", "RFC 9112 8", chunks("8\r\nhalf"), chunks("8\r\nhalf"), Fate::ended, SideTurn::Then::end,
          "closed_early"),
      cut("before the trailer's end", "RFC 9112 8", chunks("2\r\nok\r\n0\r\n"), chunks("2\r\nok\r\n0\r\n"), Fate::ended,
          SideTurn::Then::end, "closed_early"),
      cut("by a bad chunk", "RFC 9112 7.1: what follows cannot be told", chunks("2\r\nok\r\nxyz\r\n"),
          chunks("2\r\nok"), Fate::ended, SideTurn::Then::hang, "invalid_http"),
      cut("by a chunk longer than its size", "RFC 9112 7.1", chunks("2\r\nokay\r\n0\r\n\r\n"), chunks("2\r\nok"),
          Fate::ended, SideTurn::Then::hang, "invalid_http"),
      cut("by a bad trailer", "RFC 9112 7.1.2", chunks("2\r\nok\r\n0\r\nX : 1\r\n\r\n"), chunks("2\r\nok\r\n0\r\n"),
          Fate::ended, SideTurn::Then::hang, "invalid_http"),
      cut("by a reset where the end would be the connection's", "RFC 9112 8: a clean end would make it look whole",
          endless + "\r\nhalf", endless + close + "half", Fate::cut, SideTurn::Then::reset, "reset"),
  });
}

TEST_CASE("An answer that ends with its connection ends so for the client", "[http]") {
  const std::string begin = "HTTP/1.1 200 OK\r\nX: 1\r\n";
  auto row = [&](std::string name, std::string why, std::string said, std::string got) {
    auto made = answer_becomes(std::move(name), std::move(why), std::move(said), std::move(got), Fate::ended);
    made.old[0].then = SideTurn::Then::end;
    return made;
  };
  play_all({
      row("no length, no chunks", "RFC 9112 6.3", begin + "\r\nto the end",
          begin + "Connection: close\r\n\r\nto the end"),
      row("nothing at all", "RFC 9112 6.3", begin + "\r\n", begin + "Connection: close\r\n\r\n"),
      row("from HTTP/1.0", "RFC 9110 6.2: the version is this hop's", "HTTP/1.0 200 OK\r\n\r\nto the end",
          "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"),
  });
  auto from_1_0 = answer_becomes("a length from HTTP/1.0", "RFC 9112 9.3: old's connection ends, not the client's",
                                 "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", ok());
  from_1_0.old[0].then = SideTurn::Then::end;
  auto kept_1_0 = answer_becomes("keep-alive from HTTP/1.0", "RFC 9112 9.3: kept",
                                 "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", ok());
  kept_1_0.old_is_kept = true;
  play_all({from_1_0, kept_1_0});
}

TEST_CASE("Old that says nothing is a status, never silence", "[http]") {
  auto row = [](std::string name, std::string why, std::string said, SideTurn::Then then, int status,
                const std::string& counted) {
    auto made = bad_answer(std::move(name), std::move(why), std::move(said), status, "old_failed/" + counted);
    made.old[0].then = then;
    return made;
  };
  auto silent = row("it hangs", "RFC 9110 15.6.5", "", SideTurn::Then::hang, 504, "timeout");
  silent.config = [](auto& config) { config.old_side.timeout = std::chrono::milliseconds(200); };
  auto half =
      row("it hangs within its head", "RFC 9110 15.6.5", "HTTP/1.1 200 OK\r\nX", SideTurn::Then::hang, 504, "timeout");
  half.config = silent.config;
  auto to_head =
      row("to HEAD", "RFC 9110 9.3.2: a problem without its body", "", SideTurn::Then::end, 502, "closed_early");
  const std::string head = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n";
  to_head.client[0].sends = to_head.old[0].sees = head;
  to_head.other = std::vector<SideTurn>{{copy_of(head), ok("")}};
  auto behind_interim = row("it ends behind an interim answer", "RFC 9110 15.2: a final answer must follow",
                            "HTTP/1.1 103 Hints\r\n\r\n", SideTurn::Then::end, 502, "closed_early");
  behind_interim.client = {{get(), "HTTP/1.1 103 Hints\r\n\r\n"}, {.sends = "", .problem = 502}};
  play_all({
      row("it ends", "RFC 9110 15.6.3", "", SideTurn::Then::end, 502, "closed_early"),
      row("it resets", "RFC 9110 15.6.3", "", SideTurn::Then::reset, 502, "reset"),
      row("it ends within its head", "RFC 9112 8", "HTTP/1.1 200 OK\r\nConte", SideTurn::Then::end, 502,
          "closed_early"),
      behind_interim,
      silent,
      half,
      to_head,
  });
}

TEST_CASE("An answer reads alike however its bytes come", "[http]") {
  play_all_byte_by_byte({
      passes("a length", "nothing depends on how reads fall", get(), ok("okay", "X-A: 1\r\n")),
      passes("chunks", "nothing depends on how reads fall", get(),
             chunks("1\r\no\r\n1;x\r\nk\r\n0\r\nX-Sum: 1\r\n\r\n")),
      passes("interim answers", "nothing depends on how reads fall", get(),
             "HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + ok()),
  });
}

}  // namespace
}  // namespace http_suite
