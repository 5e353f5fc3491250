#include "comparator/shadow/admission.h"

#include <thread>
#include <vector>

#include "tests/support/catch.h"

namespace {

using namespace std::chrono_literals;
using comparator::Cause;
using comparator::SideConfig;
using comparator::shadow::Admission;
using Ticket = Admission::Ticket;

const Admission::Clock::time_point kNow{1h};

SideConfig config_with(std::size_t failures, std::size_t max_in_flight = 1000, std::size_t max_rate = 0) {
  SideConfig config;
  config.breaker = {.failures = failures, .pause = 5s};
  config.max_in_flight = max_in_flight;
  config.max_rate = max_rate;
  return config;
}

// Lets one copy in and out again; what it was refused for.
Cause pass(Admission& admission, const SideConfig& config, bool failed, Admission::Clock::time_point now) {
  const Ticket ticket = admission.admit(config, now);
  if (ticket.refused == Cause::none) admission.leave(config, ticket, failed, now);
  return ticket.refused;
}

TEST_CASE("as many copies are on their way as are allowed, and one more when one has ended", "[shadow]") {
  const auto config = config_with(0, 2);
  Admission admission;
  const Ticket first = admission.admit(config, kNow);
  CHECK(admission.admit(config, kNow).refused == Cause::none);
  CHECK(admission.admit(config, kNow).refused == Cause::in_flight);
  CHECK(admission.in_flight() == 2);

  admission.leave(config, first, false, kNow);

  CHECK(admission.admit(config, kNow).refused == Cause::none);
}

TEST_CASE("failures in a row open the breaker, and anything between them does not", "[shadow]") {
  const auto config = config_with(3);
  Admission admission;
  for (int i = 0; i < 10; ++i) {
    CHECK(pass(admission, config, true, kNow) == Cause::none);
    CHECK(pass(admission, config, true, kNow) == Cause::none);
    CHECK(pass(admission, config, false, kNow) == Cause::none);
  }
  CHECK_FALSE(admission.breaker_open());

  for (int i = 0; i < 3; ++i) CHECK(pass(admission, config, true, kNow) == Cause::none);

  CHECK(admission.breaker_open());
  CHECK(pass(admission, config, false, kNow + 4999ms) == Cause::breaker_open);
  CHECK(admission.breaker_openings() == 1);
}

TEST_CASE("after its pause the breaker lets one through, which closes it or keeps it open", "[shadow]") {
  const auto config = config_with(1);
  Admission admission;
  pass(admission, config, true, kNow);

  const Ticket probe = admission.admit(config, kNow + 5s);
  CHECK(probe.refused == Cause::none);
  CHECK(admission.admit(config, kNow + 5s).refused == Cause::breaker_open);
  admission.leave(config, probe, true, kNow + 6s);
  CHECK(pass(admission, config, false, kNow + 10s) == Cause::breaker_open);
  CHECK(pass(admission, config, false, kNow + 11s) == Cause::none);

  CHECK_FALSE(admission.breaker_open());
  CHECK(pass(admission, config, false, kNow + 11s) == Cause::none);
}

TEST_CASE("a probe that is refused for another cause leaves the next one its try", "[shadow]") {
  const auto config = config_with(1, 1);
  Admission admission;
  const Ticket slow = admission.admit(config, kNow);
  admission.leave(config, admission.admit(config_with(1, 2), kNow), true, kNow);
  REQUIRE(admission.breaker_open());

  CHECK(admission.admit(config, kNow + 5s).refused == Cause::in_flight);
  admission.leave(config, slow, false, kNow + 5s);

  CHECK(admission.admit(config, kNow + 5s).refused == Cause::none);
}

TEST_CASE("a breaker of no failures never opens", "[shadow]") {
  const auto config = config_with(0);
  Admission admission;
  for (int i = 0; i < 1000; ++i) CHECK(pass(admission, config, true, kNow) == Cause::none);
}

TEST_CASE("a rate lets through so many a second, and a tenth of them at once", "[shadow]") {
  const auto config = config_with(0, 1000, 100);
  Admission admission;
  int at_once = 0;
  while (pass(admission, config, false, kNow) == Cause::none) ++at_once;
  CHECK(at_once == 11);
  CHECK(admission.in_flight() == 0);

  int in_ten_seconds = 0;
  for (auto past = 0ms; past < 10s; past += 1ms) {
    in_ten_seconds += pass(admission, config, false, kNow + past) == Cause::none ? 1 : 0;
  }

  CHECK(in_ten_seconds >= 998);
  CHECK(in_ten_seconds <= 1000);
}

TEST_CASE("threads never let in more than is allowed, and all leave", "[shadow]") {
  const auto config = config_with(0, 3);
  Admission admission;
  std::atomic<std::size_t> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::size_t seen = 0;
      for (int i = 0; i < 5000; ++i) {
        const Ticket ticket = admission.admit(config, kNow);
        if (ticket.refused != Cause::none) continue;
        seen = std::max(seen, admission.in_flight());
        admission.leave(config, ticket, false, kNow);
      }
      for (auto now = most.load(); now < seen && !most.compare_exchange_weak(now, seen);) {
      }
    });
  }
  for (auto& thread : threads) thread.join();

  CHECK(most.load() <= 3 + 4);  // those that are about to be refused count for a moment
  CHECK(admission.in_flight() == 0);
}

}  // namespace
