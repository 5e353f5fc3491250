// Request targets in their four forms, and Host.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

std::string line(const std::string& target, const std::string& method = "GET") {
  return method + " " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
}

std::string host(const std::string& value) { return "GET /a HTTP/1.1\r\nHost: " + value + "\r\n\r\n"; }

// The methods that no route copies.
Case uncopied(Case row) {
  row.counts = {{"not_selected/method", 1}};
  return row;
}

TEST_CASE("A target reaches old as it was written", "[http]") {
  play_all({
      passes("the root", "RFC 9112 3.2.1", line("/")),
      passes("a query", "RFC 9112 3.2.1", line("/a?b=c&d")),
      passes("a lone question mark", "RFC 9112 3.2.1: an empty query is a query", line("/a?")),
      passes("percent-encoded octets", "RFC 9110 4.2.3 would allow to normalise; a slash then becomes another path",
             line("/a%2fb%2E%2e/%zz")),
      passes("dot segments", "nginx folds them when proxy_pass has a path: old must see what the client asked",
             line("/a/../../b/./c//d")),
      passes("two slashes in front", "not an authority: RFC 9112 3.2.1", line("//evil/a")),
      passes("a URL as a path", "only a scheme in front makes an absolute form", line("/http://evil/a")),
      passes("characters beyond the grammar", "RFC 3986 has no such path; browsers send it, and old has always got it",
             line("/a|b{c}\"<>^`\\")),
      passes("a semicolon and a parameter", "some servers cut it for routing", line("/a;v=1/b;jsessionid=2")),
      passes("an at sign and a colon", "RFC 3986 3.3: pchar", line("/u:p@h/")),
      becomes("an absolute form", "RFC 9112 3.2.2: Host is replaced by the target's authority",
              "GET http://shop.example:81/a?b HTTP/1.1\r\nX-A: 1\r\nHost: other\r\nX-B: 2\r\n\r\n",
              "GET /a?b HTTP/1.1\r\nX-A: 1\r\nHost: shop.example:81\r\nX-B: 2\r\n\r\n"),
      becomes("an absolute form in capitals", "RFC 3986 3.1: schemes have no case", line("HTTP://h/a"), line("/a")),
      becomes("an absolute form of https", "RFC 9112 3.2.2: must be accepted; TLS may have ended in front of us",
              line("https://h/a"), line("/a")),
      becomes("an absolute form without a path", "RFC 9112 3.2.1: / is sent for an empty path", line("http://h"),
              line("/")),
      becomes("an absolute form with a query alone", "RFC 9112 3.2.1: / is sent for an empty path", line("http://h?q"),
              line("/?q")),
      becomes("an absolute form of an IPv6 address", "RFC 3986 3.2.2",
              "GET http://[::1]:80/a HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"),
      uncopied(passes("an asterisk", "RFC 9112 3.2.4", line("*", "OPTIONS"))),
      uncopied(becomes("OPTIONS of a server by absolute form", "RFC 9112 3.2.4: the last proxy must send *",
                       line("http://h", "OPTIONS"), line("*", "OPTIONS"))),
      uncopied(becomes("OPTIONS of a root by absolute form", "RFC 9112 3.2.4: it has a path, so it stays one",
                       line("http://h/", "OPTIONS"), line("/", "OPTIONS"))),
      uncopied(passes("OPTIONS of a path", "RFC 9110 9.3.7", line("/a", "OPTIONS"))),
      uncopied(passes("TRACE", "RFC 9110 9.3.8: old's to answer", line("/a", "TRACE"))),
      uncopied(passes("a method nobody knows", "RFC 9110 9.1: not ours to judge", line("/a", "BREW"))),
      uncopied(passes("a method in lower case", "RFC 9110 9.1: case-sensitive, another method", line("/a", "get"))),
  });
}

TEST_CASE("A target that is none is refused", "[http]") {
  play_all({
      refused("no slash", "RFC 9112 3.2", line("a"), 400),
      refused("a fragment", "RFC 9112 3.2: never sent; one proxy cuts it, another routes by it", line("/a#b"), 400),
      refused("a raw octet beyond ASCII", "RFC 3986 2: to be percent-encoded", line("/\xc3\xa4"), 400),
      refused("a control character", "RFC 3986 2", line("/a\x01"), 400),
      refused("an asterisk with GET", "RFC 9112 3.2.4: OPTIONS only", line("*"), 400),
      refused("an authority alone", "RFC 9112 3.2.3: CONNECT only", line("h:80"), 400),
      refused("another scheme", "RFC 9112 3.2.2: not a gateway to ftp", line("ftp://h/a"), 400),
      refused("an absolute form without a host", "RFC 9110 4.2.1: must be rejected", line("http:///a"), 400),
      refused("an absolute form with a user", "RFC 9110 4.2.4: to be treated as an error", line("http://u:p@h/a"), 400),
      refused("an absolute form with a bad port", "RFC 3986 3.2.3", line("http://h:8o/a"), 400),
      refused("CONNECT", "RFC 9110 9.3.6: not a forward proxy", line("h:443", "CONNECT"), 405),
      refused("CONNECT with a path", "RFC 9112 3.2.3", line("/a", "CONNECT"), 405),
  });
}

TEST_CASE("Host is kept as it came", "[http]") {
  play_all({
      passes("a name", "a rewritten Host sends clients to links that leave the front", host("shop.example")),
      passes("a port", "RFC 9110 7.2", host("shop.example:8080")),
      passes("an empty port", "RFC 3986 3.2.3: allowed", host("shop.example:")),
      passes("an IPv6 address", "RFC 3986 3.2.2", host("[2001:db8::1]:80")),
      passes("capitals", "RFC 9110 4.2.3: equal, but not ours to change", host("Shop.Example")),
      passes("an underscore", "RFC 3986 3.2.2: reg-name; internal names have it", host("my_shop")),
      passes("empty", "RFC 9110 7.2: where the target has no authority", "GET /a HTTP/1.1\r\nHost:\r\n\r\n"),
      passes("not the first field", "RFC 9110 7.2: should be, need not",
             "GET /a HTTP/1.1\r\nX-A: 1\r\nhost: h\r\n\r\n"),
  });
}

TEST_CASE("A Host that is none is refused", "[http]") {
  play_all({
      refused("missing", "RFC 9112 3.2: must be 400", "GET /a HTTP/1.1\r\nX-A: 1\r\n\r\n", 400),
      refused("two", "RFC 9112 3.2: must be 400; one routes by the first, another by the last",
              "GET /a HTTP/1.1\r\nHost: h\r\nHost: evil\r\n\r\n", 400),
      refused("two alike", "RFC 9112 3.2", "GET /a HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400),
      refused("two in HTTP/1.0", "RFC 9112 3.2", "GET /a HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n", 400),
      refused("two beside an absolute form", "RFC 9112 3.2", "GET http://h/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
              400),
      refused("missing beside an absolute form", "RFC 9112 3.2", "GET http://h/ HTTP/1.1\r\n\r\n", 400),
      refused("a path", "RFC 9110 7.2: cache poisoning by host/../", host("h/a"), 400),
      refused("a user", "RFC 9110 4.2.4", host("u@h"), 400),
      refused("a query", "RFC 9110 7.2", host("h?a"), 400),
      refused("a fragment", "RFC 9110 7.2", host("h#a"), 400),
      refused("a space", "RFC 9110 7.2: a list for one, a name for another", host("h evil"), 400),
      refused("a list", "some join repeated fields", host("h, evil"), 400),
      refused("a backslash", "browsers read a slash", host("h\\evil"), 400),
      refused("a bad port", "RFC 3986 3.2.3", host("h:80a"), 400),
      refused("a port with a sign", "RFC 3986 3.2.3", host("h:+80"), 400),
      refused("an open bracket", "RFC 3986 3.2.2", host("[::1"), 400),
      refused("something behind a bracket", "RFC 3986 3.2.2", host("[::1]evil"), 400),
      refused("an octet beyond ASCII", "RFC 3986 3.2.2: punycode", host("\xc3\xa4"), 400),
  });
}

}  // namespace
}  // namespace http_suite
