#include "comparator/front/forwarding.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

namespace comparator::front {
namespace {

Address address_of(const std::string& host) {
  std::string error;
  const auto found = resolve({.host = host, .port = 80}, false, error);
  CAPTURE(error);
  REQUIRE(found.size() == 1);
  return found.front();
}

TEST_CASE("A request tells its client's address and protocol as their fields want them", "[front]") {
  struct Row {
    const char* name;
    const char* client;  // empty: over a Unix socket
    bool secure;
    const char* fields;
    const char* why;
  };
  const std::vector<Row> rows{
      {"IPv4", "192.0.2.1", false,
       "Forwarded: for=192.0.2.1;host=h;proto=http\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n", ""},
      {"IPv6", "2001:db8::1", false,
       "Forwarded: for=\"[2001:db8::1]\";host=h;proto=http\r\nX-Forwarded-For: 2001:db8::1\r\n"
       "X-Forwarded-Proto: http\r\n",
       "RFC 7239 section 6: in brackets and quotes"},
      {"an IPv4 client of an IPv6 socket", "::ffff:192.0.2.1", false,
       "Forwarded: for=192.0.2.1;host=h;proto=http\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n",
       "RFC 4291 section 2.5.5.2: that is how the kernel shows it; the sides know it as IPv4"},
      {"TLS", "192.0.2.1", true,
       "Forwarded: for=192.0.2.1;host=h;proto=https\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n",
       "what it came over, not what it goes over"},
      {"a Unix socket", "", false, "Forwarded: for=unknown;host=h;proto=http\r\nX-Forwarded-Proto: http\r\n",
       "RFC 7239 section 6.2"},
  };
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  http::RequestHead head;
  http::Refusal refusal;
  REQUIRE(http::parse(text, {}, head, refusal) == http::Parsed::whole);
  ForwardConfig forward;
  forward.forwarded = forward.x_forwarded = Forwarding::append;
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      const Address client = *row.client == '\0' ? Address() : address_of(row.client);
      const Forwarded forwarded(head,
                                {.side_url = "http://old", .forward = forward, .client = client, .secure = row.secure});
      std::string out;
      forwarded.finish(out);

      CHECK(out == std::string(row.fields) + "X-Forwarded-Host: h\r\n");
    }
  }
}

}  // namespace
}  // namespace comparator::front
