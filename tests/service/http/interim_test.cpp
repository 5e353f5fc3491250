// Interim answers (RFC 9110 section 15.2) and the expectation of one (section 10.1.1).

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
const std::string kExpect = "Expect: 100-continue\r\nContent-Length: 5\r\n";

TEST_CASE("Interim answers pass at once and in order", "[http]") {
  auto early = Case{
      .name = "before the answer is there",
      .why = "RFC 9110 15.2: a proxy must forward them; a hint that waits is none",
      .client = {{post("Content-Length: 2\r\n", ""), "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"},
                 {"hi", ok()}},
      .old = {{post("Content-Length: 2\r\n", ""), "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"}, {"hi", ok()}},
      .counts = {{"not_selected/method", 1}},
      .old_is_kept = true};
  play_all({
      early,
      passes("100 that nobody expected", "RFC 9110 15.2: to be expected at any time", get(), kContinue + ok()),
      passes(
          "102 and 103, several", "RFC 9110 15.2: any number", get(),
          "HTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\nHTTP/1.1 103 Hints\r\nLink: b\r\n\r\n" + ok()),
      passes("one nobody knows", "RFC 9110 15.2: by its class", get(), "HTTP/1.1 199 Hm\r\nX: 1\r\n\r\n" + ok()),
      answer_becomes("with hop-by-hop fields", "RFC 9110 7.6.1",
                     "HTTP/1.1 103 Hints\r\nConnection: x-a\r\nX-A: 1\r\nKeep-Alive: 5\r\nLink: a\r\n\r\n" + ok(),
                     "HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" + ok()),
      answer_becomes("with a length", "RFC 9110 8.6: must not; a client would wait for a body",
                     "HTTP/1.1 103 Hints\r\nContent-Length: 5\r\n\r\n" + ok(), "HTTP/1.1 103 Hints\r\n\r\n" + ok()),
      answer_becomes("with chunks", "RFC 9112 6.1: must not",
                     "HTTP/1.1 103 Hints\r\nTransfer-Encoding: chunked\r\n\r\n" + ok(),
                     "HTTP/1.1 103 Hints\r\n\r\n" + ok()),
      answer_becomes("from HTTP/1.0", "RFC 9110 15.2: 1.0 has none; passed as ours, since it is well formed",
                     "HTTP/1.0 103 Hints\r\n\r\n" + ok(), "HTTP/1.1 103 Hints\r\n\r\n" + ok()),
  });
}

TEST_CASE("Expect: 100-continue goes to old and back", "[http]") {
  const auto head = post(kExpect, "");
  play_all({
      {.name = "old agrees",
       .why = "RFC 9110 10.1.1: the body is sent when the 100 has come",
       .client = {{head, kContinue}, {"hello", ok()}},
       .old = {{head, kContinue}, {"hello", ok()}},
       .counts = {{"not_selected/method", 1}},
       .old_is_kept = true},
      {.name = "old declines",
       .why = "RFC 9110 10.1.1: no body follows; what the client sends next is not known, so the connection ends",
       .client = {{head, "HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}},
       .old = {{head, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}}},
      {.name = "the client does not wait",
       .why = "RFC 9110 10.1.1: it need not",
       .client = {{head + "hello", kContinue + ok()}},
       .old = {{head + "hello", kContinue + ok()}},
       .counts = {{"not_selected/method", 1}}},
      {.name = "old answers without a 100",
       .why = "RFC 9110 10.1.1: it may, when the body comes anyway",
       .client = {{head + "hello", ok()}},
       .old = {{head + "hello", ok()}},
       .counts = {{"not_selected/method", 1}}},
      {.name = "old says nothing",
       .why = "RFC 9110 15.6.5: the client waits for old, so it is old that is late",
       .client = {{.sends = head, .problem = 504}},
       .old = {{.sees = head, .then = SideTurn::Then::hang}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}},
       .config = [](auto& config) { config.old_side.timeout = std::chrono::milliseconds(200); }},
      {.name = "asked for twice",
       .why = "RFC 9110 10.1.1: once says it",
       .client = {{post(std::string("expect: 100-continue\r\n") + kExpect, ""), kContinue}, {"hello", ok()}},
       .old = {{post("expect: 100-continue\r\nContent-Length: 5\r\n", ""), kContinue}, {"hello", ok()}},
       .counts = {{"not_selected/method", 1}}},
      {.name = "with chunks",
       .why = "RFC 9110 10.1.1",
       .client = {{post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", ""), kContinue},
                  {"2\r\nok\r\n0\r\n\r\n", ok()}},
       .old = {{post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", ""), kContinue},
               {"2\r\nok\r\n0\r\n\r\n", ok()}},
       .counts = {{"not_selected/method", 1}}},
      {.name = "the copy does not wait",
       .why = "its body is there already, and nobody would pass its 100 on",
       .client = {{head, kContinue}, {"hello", ok()}},
       .old = {{head, kContinue}, {"hello", ok()}},
       .other = std::vector<SideTurn>{{copy_of(post("Content-Length: 5\r\n", "hello")), ok()}},
       .config = [](auto& config) { config.routes.back().methods = {"POST"}; }},
      {.name = "in capitals",
       .why = "RFC 9110 10.1.1: expectations have no case",
       .client = {{post("expect: 100-Continue\r\nContent-Length: 5\r\n", ""), kContinue}, {"hello", ok()}},
       .old = {{post("expect: 100-Continue\r\nContent-Length: 5\r\n", ""), kContinue}, {"hello", ok()}},
       .counts = {{"not_selected/method", 1}}},
      {.name = "another expectation",
       .why = "RFC 9110 10.1.1: 417 is old's to say",
       .client = {{get("Expect: miracles\r\n"), "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"}},
       .old = {{get("Expect: miracles\r\n"), "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"}},
       .other = std::vector<SideTurn>{{copy_of(get()), "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n"}}},
  });
}

}  // namespace
}  // namespace http_suite
