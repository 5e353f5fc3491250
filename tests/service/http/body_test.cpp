// Bodies on their way to the sides: re-framed, so that no side can be smuggled to. RFC 9112 sections 6 and 7.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

const std::string kChunked = "Transfer-Encoding: chunked\r\n";

std::string line(const std::string& method, const std::string& lines = "", const std::string& body = "") {
  return method + " /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
}

Case copied(Case row, const std::string& copy) {
  row.config = [](auto& config) { config.routes.back().methods = {"POST"}; };
  row.counts = {{"match", 1}};
  row.other = std::vector<SideTurn>{{copy_of(copy), row.old[0].says}};
  return row;
}

TEST_CASE("A request that came without a body leaves without one", "[http]") {
  std::vector<Case> rows;
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "MKCOL", "OPTIONS", "PROPFIND"}) {
    rows.push_back(
        passes(method, "RFC 9110 8.6: no length where none was sent; some proxies add chunks", line(method)));
  }
  rows.push_back(
      passes("a length of nothing", "RFC 9110 8.6: it was sent, so it stays", post("Content-Length: 0\r\n", "")));
  play_all(rows);
}

TEST_CASE("A request's body reaches old whole and re-framed", "[http]") {
  auto get_with_body = passes("a GET with a body", "RFC 9110 9.3.1: no meaning, but old has always got it",
                              line("GET", "Content-Length: 2\r\n", "hi"));
  auto split = Case{.name = "in two parts",
                    .why = "RFC 9112 6.3",
                    .client = {{post("Content-Length: 4\r\n", "hi")}, {"ho", ok()}},
                    .old = {{post("Content-Length: 4\r\n", "hi")}, {"ho", ok()}},
                    .counts = {{"not_selected/method", 1}}};
  play_all({
      passes("a length", "RFC 9112 6.3", post("Content-Length: 2\r\n", "hi")),
      passes("binary", "bodies are no text", post("Content-Length: 6\r\n", std::string("\0\r\n\r\n\xff", 6))),
      passes("a body that looks like a request", "RFC 9112 6.3: it is a body",
             post("Content-Length: 39\r\n", "GET /evil HTTP/1.1\r\nHost: evil\r\nX: 1\r\n\r")),
      passes("chunks", "RFC 9112 7.1", post(kChunked, "2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n")),
      passes("no chunk", "RFC 9112 7.1", post(kChunked, "0\r\n\r\n")),
      passes("a chunk that looks like a request", "RFC 9112 7.1: it is a body",
             post(kChunked, "16\r\nGET /evil HTTP/1.1\r\n\r\n\r\n0\r\n\r\n")),
      becomes("sizes with zeros and capitals", "RFC 9112 7.1: one way to write them leaves us",
              post(kChunked, "00A\r\n0123456789\r\n000\r\n\r\n"), post(kChunked, "a\r\n0123456789\r\n0\r\n\r\n")),
      becomes("extensions", "RFC 9112 7.1.1: unknown ones are ignored; who cuts them otherwise is smuggled to",
              post(kChunked, "2;a=b;c=\"d e\"\r\nhi\r\n0;e\r\n\r\n"), post(kChunked, "2\r\nhi\r\n0\r\n\r\n")),
      becomes("a space behind the size", "RFC 9112 7.1.1: BWS; gone behind us", post(kChunked, "2 \r\nhi\r\n0\r\n\r\n"),
              post(kChunked, "2\r\nhi\r\n0\r\n\r\n")),
      passes("a content coding", "RFC 9110 8.4: end to end, not decoded",
             post("Content-Encoding: gzip\r\nContent-Length: 3\r\n", "\x1f\x8b\x08")),
      passes("several parts", "multipart is a body",
             post("Content-Type: multipart/form-data; boundary=x\r\n"
                  "Content-Length: 9\r\n",
                  "--x--\r\n\r\n")),
      get_with_body,
      split,
      copied(passes("a length, copied", "the copy's body is the same", post("Content-Length: 2\r\n", "hi")),
             post("Content-Length: 2\r\n", "hi")),
      copied(passes("chunks, copied", "the copy's body is one chunk", post(kChunked, "2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n")),
             post(kChunked, "3\r\nhi!\r\n0\r\n\r\n")),
      copied(passes("no chunk, copied", "the copy has the framing of the request", post(kChunked, "0\r\n\r\n")),
             post(kChunked, "0\r\n\r\n")),
      copied(passes("no body, copied", "a request without a body leaves without one", line("POST")), line("POST")),
  });
  play_all_byte_by_byte({
      copied(passes("a length, copied", "nothing depends on how bytes arrive", post("Content-Length: 2\r\n", "hi")),
             post("Content-Length: 2\r\n", "hi")),
  });
}

Case with(support::RunningService::Change change, Case row) {
  row.config = [change = std::move(change), before = row.config](auto& config) {
    if (before) before(config);
    change(config);
  };
  return row;
}

Case not_copied(Case row, const std::string& counted) {
  row.config = [](auto& config) { config.routes.back().methods = {"POST"}; };
  row.counts = {{counted, 1}};
  return row;
}

TEST_CASE("A request body beyond what may be held is served, not copied, and counted", "[http]") {
  const auto cap = [](auto& config) { config.compare.max_body_bytes = 4; };
  const auto budget = [](auto& config) { config.compare.max_held_bytes = 4; };
  const auto over_cap = "not_comparable/request_over_cap";
  const auto over_budget = "shed/held_bytes";
  const auto four = post("Content-Length: 4\r\n", "1234");
  const auto five = post("Content-Length: 5\r\n", "12345");
  const auto four_in_chunks = post(kChunked, "2\r\n12\r\n2\r\n34\r\n0\r\n\r\n");
  const auto five_in_chunks = post(kChunked, "4\r\n1234\r\n1\r\n5\r\n0\r\n\r\n");
  const std::string megabyte(1 << 20, 'x');
  const auto large = post("Content-Length: " + std::to_string(megabyte.size()) + "\r\n", megabyte);
  const auto two = post("Content-Length: 2\r\n", "hi");
  auto room_again = Case{.name = "a body above the budget, then one below",
                         .why = "what a shed copy held is free again",
                         .client = {{five, ok()}, {two, ok()}},
                         .old = {{five, ok()}, {two, ok()}},
                         .counts = {{over_budget, 1}, {"match", 1}},
                         .other = std::vector<SideTurn>{{copy_of(two), ok()}},
                         .config = [](auto& config) { config.routes.back().methods = {"POST"}; }};
  const std::vector<Case> small{
      with(cap, copied(passes("a length at the cap", "the cap is what may be held", four), four)),
      with(cap, not_copied(passes("a length above the cap", "half a copy would be another request", five), over_cap)),
      with(cap, copied(passes("chunks at the cap", "framing is no content", four_in_chunks),
                       post(kChunked, "4\r\n1234\r\n0\r\n\r\n"))),
      with(cap,
           not_copied(passes("chunks above the cap", "known with the last of them only", five_in_chunks), over_cap)),
      with(budget,
           not_copied(passes("a length above the budget", "memory of all copies is bounded", five), over_budget)),
      with(budget, not_copied(passes("chunks above the budget", "likewise", five_in_chunks), over_budget)),
      with(budget, room_again),
  };
  play_all(small);
  play_all_byte_by_byte({small[1], small[3]});
  play_all({
      with(cap, not_copied(passes("a megabyte above the cap", "over many reads", large), over_cap)),
      with(budget, not_copied(passes("a megabyte above the budget", "over many reads", large), over_budget)),
  });
}

TEST_CASE("Trailers pass both ways", "[http]") {
  const std::string trailed = "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n" + kChunked + "\r\n2\r\nok\r\n0\r\n";
  play_all({
      passes("of a request", "RFC 9110 6.5: forwarded, not merged",
             post("Trailer: X-Sum\r\n" + kChunked, "2\r\nhi\r\n0\r\nX-Sum: 1\r\nx-b:2\r\n\r\n")),
      becomes("of a request, that forge its framing", "RFC 9110 6.5.1: must not be; some merge them into the head",
              post(kChunked,
                   "2\r\nhi\r\n0\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\nHost: evil\r\n"
                   "X-Sum: 1\r\nConnection: close\r\nTE: a\r\n\r\n"),
              post(kChunked, "2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n")),
      becomes("of a request, that forge its rights", "RFC 9110 6.5.1: authentication, routing, modifiers",
              post(kChunked,
                   "0\r\nAuthorization: a\r\nCookie: b\r\nRange: c\r\nExpect: d\r\nMax-Forwards: 1\r\n"
                   "X-Twinrun-Role: shadow\r\nX-Sum: 1\r\n\r\n"),
              post(kChunked, "0\r\nX-Sum: 1\r\n\r\n")),
      copied(passes("of a request, copied", "a copy has no use for them: they are not kept",
                    post(kChunked, "2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n")),
             post(kChunked, "2\r\nhi\r\n0\r\n\r\n")),
      passes("of an answer", "RFC 9110 6.5", get(), trailed + "X-Sum: 1\r\nx-b:2\r\n\r\n"),
      answer_becomes("of an answer, that forge its framing", "RFC 9110 6.5.1",
                     trailed + "Content-Length: 9\r\nX-Sum: 1\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a\r\n\r\n",
                     trailed + "X-Sum: 1\r\n\r\n"),
      answer_becomes("of an answer, all of them", "RFC 9110 6.5.1", trailed + "Content-Length: 9\r\n\r\n",
                     trailed + "\r\n"),
  });
  play_all_byte_by_byte({
      passes("of an answer", "nothing depends on how bytes arrive", get(), trailed + "X-Sum: 1\r\n\r\n"),
  });
}

}  // namespace
}  // namespace http_suite
