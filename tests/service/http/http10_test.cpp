// Clients of HTTP/1.0: RFC 9112 section 9.3 and appendix C, RFC 9110 section 2.5.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

std::string get10(const std::string& lines = "", const std::string& host = "Host: h\r\n") {
  return "GET /a HTTP/1.0\r\n" + host + lines + "\r\n";
}

const std::string kClose = "Connection: close\r\n";
const std::string kKeep = "Connection: keep-alive\r\n";

// `lines` stand before the length, `ours` behind it.
std::string answer(const std::string& ours, const std::string& body = "ok") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + ours + "\r\n" + body;
}

Case from_1_0(std::string name, std::string why, std::string sends, std::string sees, std::string says,
              std::string gets, Fate fate = Fate::ended) {
  return {.name = std::move(name),
          .why = std::move(why),
          .client = {{std::move(sends), std::move(gets)}},
          .old = {{std::move(sees), std::move(says)}},
          .fate = fate};
}

TEST_CASE("A client of HTTP/1.0 is served as one", "[http]") {
  play_all({
      from_1_0("its connection ends", "RFC 9112 9.3: not persistent unless asked", get10(), get(), ok(),
               answer(kClose)),
      from_1_0("its connection goes on if it asks", "RFC 9112 9.3 and C.2.2: and is told so", get10(kKeep), get(), ok(),
               answer(kKeep), Fate::open),
      from_1_0("close outranks keep-alive", "RFC 9112 9.3", get10("Connection: keep-alive, close\r\n"), get(), ok(),
               answer(kClose)),
      from_1_0("Proxy-Connection keeps nothing", "RFC 9112 C.2.2: must not be taken as keep-alive",
               get10("Proxy-Connection: keep-alive\r\n"), get(), ok(), answer(kClose)),
      from_1_0("chunks are removed", "RFC 9112 7.1.3: it knows none; the end of the connection is the body's", get10(),
               get(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n",
               "HTTP/1.1 200 OK\r\n" + kClose + "\r\nabcde"),
      from_1_0("chunks are removed though it asks to go on", "RFC 9112 C.2.2: then it cannot", get10(kKeep), get(),
               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
               "HTTP/1.1 200 OK\r\n" + kClose + "\r\nabc"),
      from_1_0("trailers are removed", "RFC 9110 6.5: they have no place without chunks", get10(), get(),
               "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n",
               "HTTP/1.1 200 OK\r\n" + kClose + "\r\na"),
      from_1_0("no interim answer reaches it", "RFC 9110 15.2: must not be sent to 1.0", get10(), get(),
               "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + ok(), answer(kClose)),
      from_1_0("what follows an interim answer is still read", "RFC 9110 15.2", get10(kKeep), get(),
               "HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 204 No\r\n\r\n", "HTTP/1.1 204 No\r\n" + kKeep + "\r\n", Fate::open),
      from_1_0("its expectation is not passed on", "RFC 9110 10.1.1: must be ignored in 1.0",
               get10("Expect: 100-continue\r\n"), get(), ok(), answer(kClose)),
      from_1_0("its upgrade is not passed on", "RFC 9110 7.8: must be ignored in 1.0",
               get10("Connection: upgrade\r\nUpgrade: websocket\r\n"), get(), ok(), answer(kClose)),
      from_1_0("its wish for trailers is not passed on", "RFC 9110 6.5: they would not reach it",
               get10("TE: trailers\r\nConnection: TE\r\n"), get(), ok(), answer(kClose)),
      from_1_0("what its Connection names ends here", "RFC 9110 7.6.1: whatever the version",
               get10("Connection: x-a\r\nX-A: 1\r\n"), get(), ok(), answer(kClose)),
      from_1_0("an empty Host stays", "RFC 9110 7.2", get10("", "Host:\r\n"), "GET /a HTTP/1.1\r\nHost:\r\n\r\n", ok(),
               answer(kClose)),
      from_1_0("an absolute form names the host", "RFC 9112 3.2.2", "GET http://shop/a HTTP/1.0\r\n\r\n",
               "GET /a HTTP/1.1\r\nHost: shop\r\n\r\n", ok(), answer(kClose)),
  });
}

TEST_CASE("A client of HTTP/1.0 that names no host is served by the side's own", "[http]") {
  auto row = from_1_0("no Host", "RFC 9112 3.3: the configured name; nginx and others refuse an empty one",
                      get10("", ""), "GET /a HTTP/1.1\r\nHost: shop.internal:8080\r\n\r\n", ok(), answer(kClose));
  row.config = [](auto& config) { config.old_side.url = "http://shop.internal:8080"; };  // connects as before
  play_all({row});
}

TEST_CASE("A body of HTTP/1.0 has a length or none", "[http]") {
  auto with_length = from_1_0("a length", "RFC 9112 6.3", "POST /a HTTP/1.0\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
                              post("Content-Length: 2\r\n", "hi"), ok(), answer(kClose));
  auto without = from_1_0("no length", "RFC 9112 6.3: none; the end of the connection is no body's",
                          "POST /a HTTP/1.0\r\nHost: h\r\n\r\nhi", post("", ""), ok(), answer(kClose));
  with_length.counts = without.counts = {{"not_selected/method", 1}};
  play_all({with_length, without});
}

}  // namespace
}  // namespace http_suite
