// What ends at this hop, and what passes it: RFC 9110 section 7.6.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

TEST_CASE("Fields of a request pass in their order, case and repetition", "[http]") {
  play_all({
      passes("order, case, repetition", "RFC 9110 5.3: order of equal names is meaning",
             get("X-b: 2\r\nx-A: 1\r\nX-B: 3\r\nX-b: 2\r\n")),
      passes("odd spacing", "RFC 9112 5.1: OWS; old has always got it", get("X:1\r\nY:   2 \t \r\nZ:\t\r\n")),
      passes("an empty value", "RFC 9110 5.5", get("X:\r\n")),
      passes("one Cookie", "one stays one", get("Cookie: a=1; b=2, c\r\n")),
      passes("two Cookies", "RFC 6265 5.4 wants one; not ours to join", get("Cookie: a=1\r\nCookie: b=2\r\n")),
      passes("octets beyond ASCII", "RFC 9110 5.5: obs-text is opaque", get("X: \xe4\xff\x80\r\n")),
      passes("a comma within quotes", "RFC 9110 5.6.1: not split", get("X: \"a, b\", c\r\n")),
      passes("fields of other proxies", "appended to by configuration only",
             get("Via: 1.1 p\r\nForwarded: for=1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n")),
      passes("underscores", "nginx drops them in silence; old has always got them", get("X_Forwarded_For: 1\r\n")),
      passes("credentials", "RFC 9110 11.6.2: end to end", get("Authorization: Basic YTpi\r\n")),
      passes("every character of a token", "RFC 9110 5.6.2", get("!#$%&'*+-.^_`|~09Az: 1\r\n")),
      passes("ranges and conditions", "RFC 9110 13 and 14: a proxy without a cache passes them",
             get("Range: bytes=0-1\r\nIf-Range: \"a\"\r\nIf-None-Match: *\r\nIf-Modified-Since: x\r\n")),
  });
}

TEST_CASE("Hop-by-hop fields of a request end here", "[http]") {
  play_all({
      becomes("Connection: keep-alive", "RFC 9110 7.6.1: must be removed", get("Connection: keep-alive\r\n"), get()),
      becomes("what Connection names", "RFC 9110 7.6.1: must be removed",
              get("X-Hop: 1\r\nConnection: x-hop, X-OTHER\r\nX-Stay: 2\r\nx-other: 3\r\n"), get("X-Stay: 2\r\n")),
      becomes("what several Connections name", "RFC 9110 5.3: one list in several lines",
              get("Connection: x-a\r\nX-A: 1\r\nConnection: ,, x-b ,\r\nX-B: 2\r\n"), get()),
      becomes("every line of a named field", "RFC 9110 7.6.1: any field of that name",
              get("X-A: 1\r\nConnection: x-a\r\nX-A: 2\r\n"), get()),
      becomes("Connection naming what is not there", "RFC 9110 7.6.1: need not correspond to a field",
              get("Connection: x-none\r\n"), get()),
      becomes("Connection naming Host", "RFC 9110 7.6.1: fields for all recipients must not be named; an attack",
              get("Connection: host\r\n"), get()),
      becomes("Keep-Alive", "RFC 9110 7.6.1: hop-by-hop though not named", get("Keep-Alive: timeout=5, max=9\r\n"),
              get()),
      becomes("Proxy-Connection", "RFC 9110 7.6.1: should be removed; it has broken keep-alive since 1996",
              get("Proxy-Connection: keep-alive\r\n"), get()),
      becomes("TE", "RFC 9110 10.1.4: hop-by-hop", get("TE: gzip;q=0.5\r\nConnection: TE\r\n"), get()),
      becomes("TE: trailers", "RFC 9110 10.1.4: trailers pass here, so their wish does; Connection names it again",
              get("TE: gzip, trailers\r\nX-A: 1\r\nConnection: TE\r\n"),
              get("TE: trailers\r\nX-A: 1\r\nConnection: TE\r\n")),
      becomes("TE: trailers, not named", "RFC 9110 10.1.4: a sender must name it; taken all the same",
              get("TE: trailers\r\n"), get("TE: trailers\r\nConnection: TE\r\n")),
      becomes("Upgrade, not named", "RFC 9110 7.8: only with Connection: upgrade", get("Upgrade: websocket\r\n"),
              get()),
      becomes("HTTP2-Settings", "RFC 9113 3.1 has ended h2c", get("HTTP2-Settings: AAMAAABkAAQAAP__\r\n"), get()),
      becomes("the role", "copies bear it; a client that says so would pass for one",
              get("X-Twinrun-Role: shadow\r\nX-A: 1\r\nx-twinrun-role: forged\r\n"), get("X-A: 1\r\n")),
  });
  auto length_named = passes("Connection naming Content-Length", "RFC 9110 7.6.1: framing is not named away",
                             post("Connection: content-length, transfer-encoding\r\nContent-Length: 2\r\n", "hi"));
  length_named.old[0].sees = post("Content-Length: 2\r\n", "hi");
  play_all({length_named});
}

TEST_CASE("Fields of an answer pass in their order, case and repetition", "[http]") {
  play_all({
      passes("order, case, repetition", "RFC 9110 5.3", get(), ok("ok", "B: 2\r\na: 1\r\nB: 3\r\nb: 2\r\n")),
      passes("Set-Cookie with commas", "RFC 9110 5.3: joined lines cannot be split again", get(),
             ok("ok", "Set-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\nSet-Cookie: b=2\r\n")),
      passes("an odd reason", "RFC 9112 4: not ours to improve", get(),
             "HTTP/1.1 200 Fine \xe4 by me\r\nContent-Length: 2\r\n\r\nok"),
      passes("an empty reason", "RFC 9112 4: the space stays", get(), "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok"),
      passes("no reason and no space", "often forgotten", get(), "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
      passes("odd spacing", "RFC 9112 5.1", get(), ok("ok", "X:1\r\nY:  2\t\r\nZ:\r\n")),
      passes("Server and Date", "RFC 9110 6.6.1: a proxy does not replace them", get(),
             ok("ok", "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\nServer: old/1\r\n")),
      passes("no Date", "RFC 9110 6.6.1 would have us add one; a client sees what old said", get(), ok()),
      passes("a status nobody knows", "RFC 9110 15: by its class", get(),
             "HTTP/1.1 299 Hm\r\nContent-Length: 2\r\n\r\nok"),
      passes("a redirection to old itself", "RFC 9110 10.2.2: not ours to rewrite", get(),
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
      passes("a challenge", "RFC 9110 11.6.1: end to end", get(),
             "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"a, b\"\r\nContent-Length: 0\r\n\r\n"),
  });
}

TEST_CASE("Hop-by-hop fields of an answer end here", "[http]") {
  play_all({
      answer_becomes("Connection: keep-alive", "RFC 9110 7.6.1", ok("ok", "Connection: keep-alive\r\n"), ok()),
      answer_becomes("what Connection names", "RFC 9110 7.6.1",
                     ok("ok", "X-Hop: 1\r\nConnection: x-hop\r\nX-Stay: 2\r\n"), ok("ok", "X-Stay: 2\r\n")),
      answer_becomes("Keep-Alive", "RFC 9110 7.6.1: old's timeout is not ours", ok("ok", "Keep-Alive: timeout=1\r\n"),
                     ok()),
      answer_becomes("Proxy-Connection", "RFC 9110 7.6.1", ok("ok", "Proxy-Connection: close\r\n"), ok()),
      answer_becomes("Upgrade", "RFC 9110 7.8: hop-by-hop; an offer of old's is not ours",
                     ok("ok", "Upgrade: h2c\r\nConnection: Upgrade\r\n"), ok()),
      answer_becomes("Connection: close", "RFC 9112 9.6: old's connection ends, the client's goes on",
                     ok("ok", "Connection: close\r\n"), ok()),
      answer_becomes("Connection naming Content-Length", "RFC 9110 7.6.1", ok("ok", "Connection: content-length\r\n"),
                     ok()),
  });
}

}  // namespace
}  // namespace http_suite
