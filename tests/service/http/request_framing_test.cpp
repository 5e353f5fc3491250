// Requests that could be read in two ways: refused, closed, and no side hears a byte of them.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

std::string with(const std::string& lines, const std::string& behind = "") { return post(lines, behind); }

TEST_CASE("A request whose length could be read in two ways is refused", "[http]") {
  play_all({
      refused("length and chunks", "RFC 9112 6.1: CL.TE, the classic smuggle",
              with("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nX"), 400),
      refused("chunks and length", "RFC 9112 6.1: TE.CL, the other order",
              with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n"), 400),
      refused("two lengths that differ", "RFC 9112 6.3: one proxy takes the first, another the last",
              with("Content-Length: 0\r\nContent-Length: 6\r\n", "GET /x"), 400),
      refused("two lengths alike", "RFC 9112 6.3 allows to merge; who merges may meet one who does not",
              with("Content-Length: 1\r\nContent-Length: 1\r\n", "x"), 400),
      refused("a list of lengths", "RFC 9110 8.6: 1*DIGIT", with("Content-Length: 1, 1\r\n", "x"), 400),
      refused("a length with a sign", "RFC 9110 8.6: strtol would take it", with("Content-Length: +1\r\n", "x"), 400),
      refused("a negative length", "RFC 9110 8.6: as unsigned it is huge", with("Content-Length: -1\r\n", "x"), 400),
      refused("a hexadecimal length", "RFC 9110 8.6: base 0 of strtol", with("Content-Length: 0x1\r\n", "x"), 400),
      refused("a length with an underscore", "some languages' number parsers skip it",
              with("Content-Length: 1_0\r\n", "x"), 400),
      refused("a length with a fraction", "RFC 9110 8.6", with("Content-Length: 1.0\r\n", "x"), 400),
      refused("an empty length", "RFC 9110 8.6: 1*DIGIT", with("Content-Length:\r\n"), 400),
      refused("a length beyond 64 bits", "RFC 9110 8.6: recipients must not wrap",
              with("Content-Length: 18446744073709551617\r\n", "x"), 400),
      refused("a length in other digits", "RFC 9110 8.6: DIGIT is ASCII", with("Content-Length: \xd9\xa1\r\n", "x"),
              400),
      refused("a length with a space within", "RFC 9110 8.6", with("Content-Length: 1 2\r\n", "x"), 400),
      refused("a coding beside chunked", "RFC 9112 6.1: not understood, 501",
              with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501),
      refused("chunked not last", "RFC 9112 6.3: the length cannot be known",
              with("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 501),
      refused("chunked twice in one line", "RFC 9112 6.1: must not be applied twice",
              with("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501),
      refused("chunked twice in two lines", "RFC 9112 6.1",
              with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
      refused("identity", "gone since RFC 7230; TE.TE", with("Transfer-Encoding: identity\r\n", "x"), 501),
      refused("a coding nobody knows", "TE.TE: one side ignores it", with("Transfer-Encoding: xchunked\r\n", "x"), 501),
      refused("a quoted coding", "TE.TE: one side unquotes it", with("Transfer-Encoding: \"chunked\"\r\n", "x"), 501),
      refused("a coding with a parameter", "RFC 9112 7: chunked has none",
              with("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), 501),
      refused("an empty coding", "one side reads it as none", with("Transfer-Encoding:\r\n", "x"), 501),
      refused("a vertical tab before the coding", "TE.TE: isspace() skips it",
              with("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n"), 400),
      refused("chunks in HTTP/1.0", "RFC 9112 6.1: 1.0 has none, so the framing is faulty",
              "POST /a HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
      refused("Content_Length", "CGI and WSGI take the underscore for a hyphen", with("Content_Length: 5\r\n"), 400),
      refused("Transfer_Encoding", "CGI and WSGI take the underscore for a hyphen",
              with("Transfer_Encoding: chunked\r\n"), 400),
  });
}

TEST_CASE("A request whose lines could be cut in two ways is refused", "[http]") {
  play_all({
      refused("a space before the colon", "RFC 9112 5.1: must be 400",
              with("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400),
      refused("a tab before the colon", "RFC 9112 5.1", with("Content-Length\t: 1\r\n", "x"), 400),
      refused("a folded line", "RFC 9112 5.2: 400, or replaced; refused is the clearer", with("X-A: 1\r\n 2\r\n"), 400),
      refused("a folded coding", "RFC 9112 5.2: TE.TE; its first line alone is refused already",
              with("Transfer-Encoding:\r\n chunked\r\n"), 501),
      refused("a folded first line", "RFC 9112 2.2: not a continuation of the request line",
              "GET /a HTTP/1.1\r\n Host: h\r\n\r\n", 400),
      refused("a bare LF behind the request line", "RFC 9112 2.2 allows it, and then somebody disagrees",
              "GET /a HTTP/1.1\nHost: h\r\n\r\n", 400),
      refused("a bare LF behind a field", "RFC 9112 2.2", "GET /a HTTP/1.1\r\nHost: h\nX: 1\r\n\r\n", 400),
      refused("a bare LF as the empty line", "RFC 9112 2.2", "GET /a HTTP/1.1\r\nHost: h\r\n\n", 400),
      refused("a bare CR in a value", "RFC 9112 2.2: invalid, or a space", get("X: a\rTransfer-Encoding: chunked\r\n"),
              400),
      refused("CR CR LF", "RFC 9112 2.2", "GET /a HTTP/1.1\r\nHost: h\r\r\n\r\n", 400),
      refused("NUL in a value", "RFC 9110 5.5: C strings end there", get(std::string("X: a\0b\r\n", 8)), 400),
      refused("NUL in a name", "RFC 9110 5.1", get(std::string("X\0: a\r\n", 7)), 400),
      refused("DEL in a value", "RFC 9110 5.5: no control characters", get("X: a\x7f\r\n"), 400),
      refused("a name with a parenthesis", "RFC 9110 5.1: token", get("X(a): 1\r\n"), 400),
      refused("a name with a space", "RFC 9110 5.1: token", get("X a: 1\r\n"), 400),
      refused("a name beyond ASCII", "RFC 9110 5.1: token", get("X-\xc3\xa4: 1\r\n"), 400),
      refused("an empty name", "RFC 9110 5.1", get(": 1\r\n"), 400),
      refused("no colon", "RFC 9112 5", get("Nonsense\r\n"), 400),
      refused("two empty lines in front", "RFC 9112 2.2 speaks of at least one; one is what old clients send",
              "\r\n\r\n" + get(), 400),
      refused("a bare LF in front", "RFC 9112 2.2: CRLF", "\n" + get(), 400),
  });
}

TEST_CASE("A request line that is not one is refused", "[http]") {
  play_all({
      refused("two spaces", "RFC 9112 3: single SP", "GET  /a HTTP/1.1\r\nHost: h\r\n\r\n", 400),
      refused("a tab", "RFC 9112 3: single SP", "GET\t/a HTTP/1.1\r\nHost: h\r\n\r\n", 400),
      refused("a space at its end", "RFC 9112 3", "GET /a HTTP/1.1 \r\nHost: h\r\n\r\n", 400),
      refused("a space in the target", "RFC 9112 3.2: no whitespace; one proxy joins, another cuts",
              "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
      refused("HTTP/0.9", "RFC 9112 3: a version is required", "GET /a\r\n\r\n", 400),
      refused("HTTP/2.0", "RFC 9110 15.6.6: versions other than 1.0 and 1.1", "GET /a HTTP/2.0\r\nHost: h\r\n\r\n",
              505),
      refused("the preface of HTTP/2", "RFC 9113 3.4: prior knowledge is not spoken",
              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
      refused("HTTP/1.2", "RFC 9110 2.5: what it changes is not known", "GET /a HTTP/1.2\r\nHost: h\r\n\r\n", 505),
      refused("HTTP/0.9 in words", "RFC 9110 15.6.6", "GET /a HTTP/0.9\r\nHost: h\r\n\r\n", 505),
      refused("HTTP/1.10", "RFC 9112 2.3: one digit", "GET /a HTTP/1.10\r\nHost: h\r\n\r\n", 400),
      refused("HTTP/1", "RFC 9112 2.3: two numbers", "GET /a HTTP/1\r\nHost: h\r\n\r\n", 400),
      refused("http in lower case", "RFC 9112 2.3: case-sensitive", "GET /a http/1.1\r\nHost: h\r\n\r\n", 400),
      refused("another protocol", "RFC 9112 2.3", "GET /a ICY/1.1\r\nHost: h\r\n\r\n", 400),
      refused("a method with a bracket", "RFC 9110 9.1: token", "G[T /a HTTP/1.1\r\nHost: h\r\n\r\n", 400),
      refused("a method longer than any", "RFC 9112 3: should be 501",
              std::string(33, 'G') + " /a HTTP/1.1\r\nHost: h\r\n\r\n", 501),
      refused("TLS sent to a plain port", "its bytes are no token",
              std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9), 400),
      refused("a line of spaces", "RFC 9112 3", "   \r\nHost: h\r\n\r\n", 400),
  });
}

// A body is refused when its head is on its way already: old may have what came before, and nothing behind it.
Case bad_chunk(std::string name, std::string why, const std::string& body, const std::string& seen = "") {
  const auto head = post("Transfer-Encoding: chunked\r\n", "");
  return {.name = std::move(name),
          .why = std::move(why),
          .client = {{.sends = head + body + get() + get(), .problem = 400}},
          .old = {{head + seen}},
          .fate = Fate::ended,
          .counts = {{"not_selected/method", 1}}};
}

TEST_CASE("A chunk that could be read in two ways ends the request, and nothing behind it is served", "[http]") {
  play_all({
      bad_chunk("no size", "RFC 9112 7.1", "\r\nx\r\n0\r\n\r\n"),
      bad_chunk("a size with a sign", "RFC 9112 7.1: HEXDIG", "+1\r\nx\r\n0\r\n\r\n"),
      bad_chunk("a size with 0x", "RFC 9112 7.1: HEXDIG; one side reads 0 and ends the body", "0x1\r\nx\r\n0\r\n\r\n"),
      bad_chunk("a space before the size", "RFC 9112 7.1", " 1\r\nx\r\n0\r\n\r\n"),
      bad_chunk("a size that wraps", "RFC 9112 7.1: recipients must anticipate large numbers",
                "10000000000000001\r\nx\r\n0\r\n\r\n"),
      bad_chunk("a bare LF behind the size", "RFC 9112 7.1: CRLF", "1\nx\r\n0\r\n\r\n"),
      bad_chunk("a bare LF in an extension", "TERM.EXT: one side ends the line there", "1;a\nx\r\n0\r\n\r\n"),
      bad_chunk("a bare CR in an extension", "RFC 9112 7.1.1", "1;a\rb\r\nx\r\n0\r\n\r\n"),
      bad_chunk("NUL in an extension", "RFC 9112 7.1.1", std::string("1;\0\r\nx\r\n0\r\n\r\n", 14)),
      bad_chunk("data longer than its size", "RFC 9112 7.1", "1\r\nxy\r\n0\r\n\r\n", "1\r\nx\r\n"),
      bad_chunk("a bare LF behind the data", "RFC 9112 7.1", "1\r\nx\n0\r\n\r\n", "1\r\nx\r\n"),
      bad_chunk("letters beyond f", "RFC 9112 7.1: HEXDIG", "g\r\nx\r\n0\r\n\r\n"),
      bad_chunk("a folded trailer", "RFC 9112 5.2", "0\r\nX-A: 1\r\n 2\r\n\r\n"),
      bad_chunk("a trailer with a space before its colon", "RFC 9112 5.1", "0\r\nX-A : 1\r\n\r\n"),
      bad_chunk("a trailer that is a request", "RFC 9112 7.1.2: the smuggler's guess",
                "0\r\nGET /evil HTTP/1.1\r\n\r\n"),
      bad_chunk("an endless extension", "RFC 9112 7.1.1: limit the total length of extensions",
                "1;" + std::string(5000, 'a')),
      bad_chunk("an endless trailer", "RFC 9112 7.1.2", "0\r\nX-A: " + std::string(9000, 'a')),
  });
}

TEST_CASE("What frames a body goes on as it was understood", "[http]") {
  const auto sent = [](const std::string& line, const std::string& body) { return post(line + "\r\n", body); };
  const auto uncopied = [](Case row) {
    row.counts = {{"not_selected/method", 1}};
    return row;
  };
  const auto five = post("X-A: 1\r\nContent-Length: 5\r\n", "hello");
  const auto chunked = post("Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\n\r\n");
  play_all({
      uncopied(becomes("leading zeros", "RFC 9110 8.6 allows them; some read them as octal",
                       sent("X-A: 1\r\nContent-Length: 0005", "hello"), five)),
      uncopied(becomes("a tab", "RFC 9110 5.6.3: white space, which some do not strip",
                       sent("X-A: 1\r\nContent-Length:\t5", "hello"), five)),
      uncopied(becomes("white space behind", "RFC 9112 5.1: no part of the value",
                       sent("X-A: 1\r\nContent-Length: 5 \t", "hello"), five)),
      uncopied(becomes("a coding behind a tab", "TE.TE: who does not strip it sees no coding",
                       sent("Transfer-Encoding:\tchunked", "2\r\nhi\r\n0\r\n\r\n"), chunked)),
      uncopied(becomes("a coding in capitals", "RFC 9112 7: no case; who compares bytes sees no coding",
                       sent("Transfer-Encoding: CHUNKED", "2\r\nhi\r\n0\r\n\r\n"), chunked)),
      uncopied(passes("as we would write it", "nothing to change, whatever the case of the name",
                      sent("content-length: 5", "hello"))),
      becomes("a length of zero", "RFC 9110 8.6", get("Content-Length: 00\r\n"), get("Content-Length: 0\r\n")),
  });
}

}  // namespace
}  // namespace http_suite
