#include "comparator/front/trace.h"

#include <regex>
#include <set>

#include "tests/support/catch.h"

namespace {

using comparator::ForwardConfig;
using comparator::front::add_trace;
using comparator::http::RequestHead;

std::string traced(const std::string& fields, const ForwardConfig& forward) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
  RequestHead head;
  comparator::http::Refusal refusal;
  REQUIRE(comparator::http::parse(text, {}, head, refusal) == comparator::http::Parsed::whole);
  std::string out;
  add_trace(head, forward, out);
  return out;
}

TEST_CASE("what a request lacks to be found again is made, where it is wanted", "[trace]") {
  ForwardConfig both;
  both.traceparent = both.request_id = true;
  const std::regex made(
      "traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00\r\n"
      "X-Request-Id: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\r\n");

  CHECK(std::regex_match(traced("", both), made));
  CHECK(traced("", {}).empty());
}

TEST_CASE("what the client sent is kept, well-formed or not", "[trace]") {
  ForwardConfig both;
  both.traceparent = both.request_id = true;

  CHECK(traced("TraceParent: nonsense\r\nx-request-id: 1\r\n", both).empty());
  CHECK(traced("traceparent: 00-1-2-01\r\n", both).find("X-Request-Id: ") == 0);
}

TEST_CASE("no two requests get the same", "[trace]") {
  ForwardConfig id;
  id.request_id = true;
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(traced("", id));

  CHECK(seen.size() == 10'000);
}

}  // namespace
