#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "comparator/config/config.h"
#include "comparator/exchange.h"

namespace comparator::shadow {

/// Whether a side may be sent one more copy now: how many are on their way, how many a second, and whether it has
/// failed too often (a circuit breaker, half open when its pause is over). One for each side, shared by all loops;
/// thread-safe, lock-free.
class Admission {
 public:
  using Clock = std::chrono::steady_clock;

  /// What a copy was let in as, to be given back.
  struct Ticket {
    Cause refused = Cause::none;  ///< Else why not: in_flight, rate or breaker_open; then nothing is to be given back.
    bool probe = false;           ///< The one that is tried while the breaker is half open.
  };

  Ticket admit(const SideConfig& config, Clock::time_point now);
  /// The copy has ended; `failed` if the side did not answer it.
  void leave(const SideConfig& config, const Ticket& ticket, bool failed, Clock::time_point now);

  std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  bool breaker_open() const { return open_until_ns_.load(std::memory_order_relaxed) != 0; }
  std::uint64_t breaker_openings() const { return openings_.load(std::memory_order_relaxed); }

 private:
  bool within_rate(std::size_t per_second, std::int64_t now_ns);
  Ticket refuse(Cause cause, const Ticket& ticket);
  void open(const SideConfig& config, std::int64_t now_ns);

  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::size_t> failures_{0};  // one after the other
  std::atomic<std::int64_t> open_until_ns_{0};
  std::atomic<bool> probing_{false};
  std::atomic<std::uint64_t> openings_{0};
  std::atomic<std::int64_t> next_at_ns_{0};  // when the rate allows the next copy
};

}  // namespace comparator::shadow
