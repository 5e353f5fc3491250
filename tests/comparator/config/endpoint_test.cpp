#include "comparator/config/endpoint.h"

#include <fmt/format.h>

#include "tests/support/catch.h"

namespace comparator {
namespace {

std::string shown(const std::variant<Endpoint, std::string>& result) {
  if (const auto* problem = std::get_if<std::string>(&result)) return "refused: " + *problem;
  const auto& endpoint = std::get<Endpoint>(result);
  return fmt::format("{} {}", endpoint.host, endpoint.port);
}

TEST_CASE("an address to listen on is host and port") {
  struct Row {
    const char* text;
    const char* expected;
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"127.0.0.1:8080", "127.0.0.1 8080", "the usual"},
      {"[::1]:8080", "::1 8080", "brackets are no part of an address"},
      {"localhost:0", "localhost 0", "0: any free port"},
      {"app_1:80", "app_1 80", "names of containers have underscores"},
      {"8080", "refused: the host is missing", "whether all or only this machine may come is not guessed"},
      {":8080", "refused: the host is missing", "likewise"},
      {"127.0.0.1", "refused: the port is missing", "no default is obvious"},
      {"127.0.0.1:", "refused: the port `` is not a number from 0 to 65535", "cut off"},
      {"127.0.0.1:65536", "refused: the port `65536` is not a number from 0 to 65535", "beyond 16 bits"},
      {"10.0.0.256:80", "refused: `10.0.0.256` is not an IPv4 address", "no lookup of what looks like an address"},
      {"::1:8080", "refused: an IPv6 address is written in brackets, as in [::1]:8080", "ambiguous otherwise"},
      {"[::g]:80", "refused: `::g` is not an IPv6 address", "letters beyond f"},
      {"[::1:80", "refused: the `]` of the IPv6 address is missing", "cut off"},
      {"[::1]80", "refused: `80` stands behind the address, where only a port may", "colon forgotten"},
      {"a b:80", "refused: `a b` is not a host name", "a space"},
      {"http://a:80", "refused: it is a URL, where only host and port are wanted", "a likely slip"},
  }));
  DYNAMIC_SECTION(row.text) {
    INFO(row.why);
    CHECK(shown(parse_endpoint(row.text)) == row.expected);
  }
}

std::string shown(const std::variant<ServiceUrl, std::string>& result) {
  if (const auto* problem = std::get_if<std::string>(&result)) return "refused: " + *problem;
  const auto& url = std::get<ServiceUrl>(result);
  if (!url.endpoint.path.empty()) return "unix " + url.endpoint.path;
  return fmt::format("{}{} {}", url.secure ? "tls " : "", url.endpoint.host, url.endpoint.port);
}

TEST_CASE("a side is http or https, a host and perhaps a port, or a Unix socket") {
  struct Row {
    std::string text;
    const char* expected;
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"http://10.0.0.5:8080", "10.0.0.5 8080", "the usual"},
      {"http://billing", "billing 80", "http's own port"},
      {"https://billing", "tls billing 443", "https's own port"},
      {"https://[::1]:8443/", "tls ::1 8443", "IPv6 over TLS"},
      {"HTTP://billing/", "billing 80", "schemes have no case; a bare slash says nothing"},
      {"http://[2001:db8::1]:81", "2001:db8::1 81", "IPv6"},
      {"unix:/run/app.sock", "unix /run/app.sock", "a socket of this machine"},
      {"unix:app.sock", "refused: the path of a Unix socket is absolute, as in unix:/run/app.sock",
       "relative to what?"},
      {"unix:/" + std::string(120, 'x'), "refused: the path of a Unix socket has at most 107 bytes", "sun_path"},
      {"http://a:0", "refused: the port of a service is 1 to 65535", "nobody can be asked at port 0"},
      {"http://", "refused: the host is missing", "cut off"},
      {"https:///", "refused: the host is missing", "cut off"},
      {"a:80", "refused: it does not begin with http://, https:// or unix:/", "would be guessing"},
      {"http://a/v1", "refused: it has a path, but each side is asked for the path that the client asked for",
       "whose path would it be?"},
      {"http://a?x", "refused: it has a path, but each side is asked for the path that the client asked for",
       "likewise"},
      {"http://me:secret@a", "refused: a user or password has no place here; clients bring their own",
       "and is not repeated"},
  }));
  DYNAMIC_SECTION(row.text) {
    INFO(row.why);
    CHECK(shown(parse_service_url(row.text)) == row.expected);
  }
}

TEST_CASE("the admin side is reached over http alone") {
  CHECK(shown(parse_url("http://127.0.0.1:9400")) == "127.0.0.1 9400");
  CHECK(shown(parse_url("https://a")) == "refused: it does not begin with http://");
}

TEST_CASE("a name server is an address with or without a port") {
  CHECK(shown(parse_address("10.0.0.2", 53)) == "10.0.0.2 53");
  CHECK(shown(parse_address("10.0.0.2:5353", 53)) == "10.0.0.2 5353");
  CHECK(shown(parse_address("::1", 53)) == "::1 53");
  CHECK(shown(parse_address("[::1]:5353", 53)) == "::1 5353");
  CHECK(shown(parse_address("ns.example", 53)) == "refused: it is not an IP address");
}

TEST_CASE("loopback is what only this machine can reach") {
  CHECK(is_loopback({"127.0.0.1", 1}));
  CHECK(is_loopback({"127.9.9.9", 1}));
  CHECK(is_loopback({"::1", 1}));
  CHECK(is_loopback({"localhost", 1}));
  CHECK_FALSE(is_loopback({"0.0.0.0", 1}));
  CHECK_FALSE(is_loopback({"::", 1}));
  CHECK_FALSE(is_loopback({"127.example.com", 1}));
  CHECK_FALSE(is_loopback({"billing", 1}));
}

}  // namespace
}  // namespace comparator
