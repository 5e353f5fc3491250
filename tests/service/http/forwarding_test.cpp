// What the sides are told of the client and of the way: only what the configuration asks for. And the guard of loops.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

using comparator::Forwarding;
using Change = support::RunningService::Change;

Case with(Change change, Case row) {
  row.config = std::move(change);
  return row;
}

const Change kVia = [](auto& config) { config.forward.via = true; };
const Change kAppend = [](auto& config) { config.forward.x_forwarded = Forwarding::append; };
const Change kReplace = [](auto& config) { config.forward.x_forwarded = Forwarding::replace; };
const Change kForwarded = [](auto& config) { config.forward.forwarded = Forwarding::append; };
const Change kForwardedReplace = [](auto& config) { config.forward.forwarded = Forwarding::replace; };

TEST_CASE("Via is written where it is wanted", "[http]") {
  play_all({
      with(kVia, becomes("none there", "RFC 9110 7.6.3: the protocol as received, and a pseudonym", get("X-A: 1\r\n"),
                         get("X-A: 1\r\nVia: 1.1 here\r\n"))),
      with(kVia, becomes("one there", "RFC 9110 7.6.3: appended, in order", get("via:  1.0 fred \r\nX-A: 1\r\n"),
                         get("via: 1.0 fred, 1.1 here\r\nX-A: 1\r\n"))),
      with(kVia, becomes("two there", "RFC 9110 5.3: the last line goes on", get("Via: 1.0 a\r\nVia: 1.1 b (c)\r\n"),
                         get("Via: 1.0 a\r\nVia: 1.1 b (c), 1.1 here\r\n"))),
      with(kVia, becomes("one that Connection names", "RFC 9110 7.6.1: gone, and ours is there all the same",
                         get("Connection: via\r\nVia: 1.0 a\r\n"), get("Via: 1.1 here\r\n"))),
  });
}

TEST_CASE("X-Forwarded fields are written where they are wanted", "[http]") {
  const std::string ours = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n";
  play_all({
      with(kAppend, becomes("none there", "the client's address, the protocol, the host it asked", get("X-A: 1\r\n"),
                            get("X-A: 1\r\n" + ours))),
      with(kAppend, becomes("some there", "the list goes on; what is none stays as the proxy in front wrote it",
                            get("X-Forwarded-For: 1.2.3.4, ::1\r\nX-Forwarded-Proto: https\r\nX-A: 1\r\n"),
                            get("X-Forwarded-For: 1.2.3.4, ::1, 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-A: 1\r\n"
                                "X-Forwarded-Host: h\r\n"))),
      with(kAppend, becomes("an empty list", "no comma in front of the first", get("X-Forwarded-For:\r\n"),
                            get("X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: h\r\n"))),
      with(kAppend, becomes("one that Connection names", "RFC 9110 7.6.1; who strips ours by that hides the client",
                            get("Connection: x-forwarded-for\r\nX-Forwarded-For: 1.2.3.4\r\n"), get(ours))),
      with(kReplace, becomes("forged ones", "whoever reaches twinrun directly may write what he likes",
                             get("X-Forwarded-For: 1.2.3.4\r\nx-forwarded-for: ::1\r\nX-Forwarded-Host: evil\r\nX-A: "
                                 "1\r\nX-Forwarded-Proto: https\r\n"),
                             get("X-A: 1\r\n" + ours))),
      with(kReplace, becomes("of an absolute form", "RFC 9112 3.2.2: the host it asked is the target's",
                             "GET http://shop:81/a HTTP/1.1\r\nHost: other\r\n\r\n",
                             "GET /a HTTP/1.1\r\nHost: shop:81\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: "
                             "http\r\nX-Forwarded-Host: shop:81\r\n\r\n")),
      passes("off", "what is there stays", get("X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Host: a\r\n")),
  });
}

TEST_CASE("Forwarded is written where it is wanted", "[http]") {
  play_all({
      with(kForwarded,
           becomes("none there", "RFC 7239 4", get(), get("Forwarded: for=127.0.0.1;host=h;proto=http\r\n"))),
      with(kForwarded, becomes("some there", "RFC 7239 4: behind those of the proxies in front",
                               get("Forwarded: for=\"[::1]\", for=_a\r\n"),
                               get("Forwarded: for=\"[::1]\", for=_a, for=127.0.0.1;host=h;proto=http\r\n"))),
      with(kForwarded, becomes("a host with a port", "RFC 7239 4: what is no token is quoted",
                               "GET /a HTTP/1.1\r\nHost: h:81\r\n\r\n",
                               "GET /a HTTP/1.1\r\nHost: h:81\r\nForwarded: "
                               "for=127.0.0.1;host=\"h:81\";proto=http\r\n\r\n")),
      with(kForwarded, becomes("an empty host", "RFC 7239 5.3: left out", "GET /a HTTP/1.1\r\nHost:\r\n\r\n",
                               "GET /a HTTP/1.1\r\nHost:\r\nForwarded: for=127.0.0.1;proto=http\r\n\r\n")),
      with(kForwardedReplace, becomes("forged ones", "RFC 7239 8.1: not to be trusted",
                                      get("Forwarded: for=1.2.3.4\r\nX-A: 1\r\nforwarded: for=5.6.7.8\r\n"),
                                      get("X-A: 1\r\nForwarded: for=127.0.0.1;host=h;proto=http\r\n"))),
  });
}

TEST_CASE("OPTIONS and TRACE go on as many times as Max-Forwards says", "[http]") {
  const auto options = [](const std::string& lines) { return "OPTIONS /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n"; };
  const auto trace = [](const std::string& lines) { return "TRACE /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n"; };
  const auto uncopied = [](Case row) {
    row.counts = {{"not_selected/method", 1}};
    return row;
  };
  const Case last{
      .name = "none left: OPTIONS",
      .why = "RFC 9110 7.6.2: must not go on, and is answered as by the last on the way",
      .client = {{options("Max-Forwards: 0\r\n"),
                  "HTTP/1.1 204 No Content\r\nDate: *\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"
                  "Connection: close\r\n\r\n"}},
      .old = {},
      .fate = Fate::ended,
      .counts = {},
      .refused = 204};
  play_all({
      last,
      refused("none left: TRACE", "RFC 9110 9.3.8 lets it be refused: it tells what proxies have added",
              trace("Max-Forwards: 0\r\n"), 405),
      uncopied(becomes("some left: OPTIONS", "RFC 9110 7.6.2: one less", options("X-A: 1\r\nmax-forwards: 10\r\n"),
                       options("X-A: 1\r\nMax-Forwards: 9\r\n"))),
      uncopied(becomes("one left: TRACE", "RFC 9110 7.6.2: the next is the last", trace("Max-Forwards: 1\r\n"),
                       trace("Max-Forwards: 0\r\n"))),
      passes("on GET", "RFC 9110 7.6.2: says nothing of other methods", get("Max-Forwards: 0\r\n")),
      refused("no number", "RFC 9110 7.6.2: 1*DIGIT", options("Max-Forwards: -1\r\n"), 400),
      refused("empty", "RFC 9110 7.6.2: 1*DIGIT", trace("Max-Forwards:\r\n"), 400),
      refused("two numbers", "which of them?", options("Max-Forwards: 1, 2\r\n"), 400),
      refused("twice", "which of them?", options("Max-Forwards: 1\r\nMax-Forwards: 2\r\n"), 400),
  });
}

TEST_CASE("A request that comes round again is answered 508", "[http]") {
  const auto marked = [](const std::string& names) { return get("X-Twinrun-Loop: " + names + "\r\n"); };
  auto other_twinrun =
      becomes("another twinrun in front", "its marks pass, and ours is added: loops of several are found",
              marked("there"), get("X-Twinrun-Loop: there\r\nX-Twinrun-Loop: here\r\n"));
  other_twinrun.other =
      std::vector<SideTurn>{{get("X-Twinrun-Loop: there\r\nX-Twinrun-Loop: here\r\nX-Twinrun-Role: shadow\r\n"), ok()}};
  auto its_copy = other_twinrun;
  its_copy.name = "a copy of another twinrun";
  its_copy.why = "its role ends here; ours says what this request is to our sides";
  its_copy.client[0].sends = get("X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: there\r\n");
  play_all({
      refused("our own copy", "new calls back through us with what it got: it would be copied without end",
              get("X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: here\r\n"), 508),
      refused("our mark alone", "whatever else was dropped on the way", marked("here"), 508),
      refused("our mark among others", "RFC 9110 5.6.1: a list", marked("there,  HERE , elsewhere"), 508),
      refused("our mark in a second line", "RFC 9110 5.3: one list in several lines",
              get("X-Twinrun-Loop: there\r\nx-twinrun-loop: here\r\n"), 508),
      refused("our mark, named by Connection", "RFC 9110 7.6.1 would end it; a guard is for all who get the request",
              get("Connection: x-twinrun-loop\r\nX-Twinrun-Loop: here\r\n"), 508),
      refused("our mark on a HEAD", "RFC 9110 9.3.2: no content, whoever answers",
              "HEAD /a HTTP/1.1\r\nHost: h\r\nX-Twinrun-Loop: here\r\n\r\n", 508),
      refused("our mark on a write", "whatever the method", post("X-Twinrun-Loop: here\r\n", ""), 508),
      with(kVia,
           refused("our name in Via", "RFC 9110 7.6.3: to avoid request loops", get("Via: 1.1 a, 1.1 here\r\n"), 508)),
      with(kVia, refused("our name in a second Via, with a comment", "RFC 9110 5.3",
                         get("Via: 1.1 a\r\nVia: HTTP/1.1  HERE  (old, new)\r\n"), 508)),
      passes("our name in Via, which is off", "not ours to read then", get("Via: 1.1 here\r\n")),
      with(kVia, becomes("a name like ours in Via", "RFC 9110 7.6.3: whole names",
                         get("Via: 1.1 here-2, 1.1 nowhere\r\n"), get("Via: 1.1 here-2, 1.1 nowhere, 1.1 here\r\n"))),
      other_twinrun,
      its_copy,
  });
}

}  // namespace
}  // namespace http_suite
