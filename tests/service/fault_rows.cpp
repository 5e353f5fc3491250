#include "tests/service/fault_rows.h"

#include <chrono>

namespace fault_suite {
namespace {

using namespace std::chrono_literals;
using support::ScriptedSide;
namespace faults = support::faults;

constexpr auto kTimeout = 150ms;
constexpr auto kDrip = 10ms;  // the answer's 70 bytes take well over the timeout, each of them far less

std::function<BadSide()> playing(ScriptedSide::Script script) {
  return [script = std::move(script)] { return BadSide(script); };
}

const std::string kCut = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
const std::string kBadChunk =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\nmore\r\n0\r\n\r\n";

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all{
      {.name = "refused",
       .why = "the program is down, its machine is up",
       .make = [] { return BadSide(std::make_unique<support::UnusedPort>()); },
       .status = 502,
       .cause = "refused"},
      {.name = "unroutable",
       .why = "the machine is gone: no packet comes back",
       .make = [] { return BadSide(std::make_unique<faults::SilentPort>()); },
       .status = 504,
       .cause = "connect_timeout",
       .slow = true},
      {.name = "accepts and hangs",
       .why = "stopped, swapping or deadlocked; its kernel still accepts",
       .make = playing(faults::hangs()),
       .status = 504,
       .cause = "timeout",
       .slow = true},
      {.name = "one byte at a time",
       .why = "each byte is within the timeout of silence: only a deadline for the whole ends it, which copies have",
       .make = playing(faults::drips(kDrip)),
       .new_cause = "timeout",
       .slow = true},
      {.name = "reset in the head",
       .why = "a crash; RFC 9112 section 8: an incomplete head is no answer",
       .make = playing(faults::says_and_resets("HTTP/1.1 200 OK\r\nContent-Le")),
       .status = 502,
       .cause = "reset"},
      {.name = "reset in the body",
       .why = "RFC 9112 section 8: what is cut short must not look whole",
       .make = playing(faults::says_and_resets(kCut)),
       .part = kCut,
       .said = kCut,
       .cause = "reset"},
      {.name = "ended without a word",
       .why = "a proxy in front of it gave up",
       .make = playing(faults::says("")),
       .status = 502,
       .cause = "closed_early"},
      {.name = "too few bytes",
       .why = "Content-Length says more than comes: RFC 9112 section 6.3",
       .make = playing(faults::says(kCut)),
       .part = kCut,
       .said = kCut,
       .cause = "closed_early"},
      {.name = "too many bytes",
       .why = "what follows the answer belongs to no request; the connection is not used again",
       .make = playing(faults::says(faults::good_answer() + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"))},
      {.name = "bad chunk",
       .why = "RFC 9112 section 7.1",
       .make = playing(faults::says(kBadChunk)),
       .part = kBadChunk.substr(0, kBadChunk.find("half") + 4),
       .said = kBadChunk.substr(0, kBadChunk.find("zz") + 1),
       .cause = "invalid_http"},
      {.name = "100,000 headers",
       .why = "a bug, or an attack on whoever reads it",
       .make = playing(faults::has_headers(100'000)),
       .status = 502,
       .cause = "invalid_http"},
      {.name = "garbage",
       .why = "another protocol on that port",
       .make = playing(faults::says("\x01\x02 this is not HTTP \xff\r\n\r\n")),
       .status = 502,
       .cause = "invalid_http"},
      {.name = "no TLS where TLS is spoken",
       .why = "certificates that are wrong have a suite of their own",
       .make = playing(faults::says_at_once("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
       .change =
           [](comparator::SideConfig& side) {
             side.secure = true;
             side.tls.verify = false;
           },
       .status = 502,
       .cause = "tls"},
  };
  return all;
}

void hasten(comparator::SideConfig& side, const Row& row, bool fails) {
  if (row.slow && fails) side.timeout = side.connect_timeout = kTimeout;
  if (row.change) row.change(side);
}

}  // namespace fault_suite
