#include "comparator/shadow/admission.h"

#include <algorithm>

#include "comparator/log.h"

namespace comparator::shadow {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kBurstNs = kSecondNs / 10;  // what a rate lets through at once: a tenth of a second's worth

std::int64_t nanoseconds(Admission::Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

Admission::Ticket Admission::admit(const SideConfig& config, Clock::time_point now) {
  Ticket ticket;
  const auto now_ns = nanoseconds(now);
  if (const auto open_until = open_until_ns_.load(std::memory_order_relaxed); open_until != 0) {
    if (now_ns < open_until || probing_.exchange(true, std::memory_order_acq_rel)) {
      return {.refused = Cause::breaker_open, .probe = false};
    }
    // The probe before this one may have ended just now: closed is for everybody, and open anew for nobody.
    const auto by_now = open_until_ns_.load(std::memory_order_relaxed);
    ticket.probe = by_now != 0 && now_ns >= by_now;
    if (!ticket.probe) probing_.store(false, std::memory_order_relaxed);
    if (now_ns < by_now) return {.refused = Cause::breaker_open, .probe = false};
  }
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= config.max_in_flight) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return refuse(Cause::in_flight, ticket);
  }
  if (config.max_rate > 0 && !within_rate(config.max_rate, now_ns)) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return refuse(Cause::rate, ticket);
  }
  return ticket;
}

Admission::Ticket Admission::refuse(Cause cause, const Ticket& ticket) {
  if (ticket.probe) probing_.store(false, std::memory_order_relaxed);
  return {.refused = cause, .probe = false};
}

// The generic cell rate algorithm (ITU-T I.371): one number says when the next may come.
bool Admission::within_rate(std::size_t per_second, std::int64_t now_ns) {
  const auto interval = std::max<std::int64_t>(1, kSecondNs / static_cast<std::int64_t>(per_second));
  const auto burst = std::max(interval, kBurstNs);
  auto next = next_at_ns_.load(std::memory_order_relaxed);
  for (;;) {
    const auto begin = std::max(next, now_ns - burst);
    if (begin > now_ns) return false;
    if (next_at_ns_.compare_exchange_weak(next, begin + interval, std::memory_order_relaxed)) return true;
  }
}

void Admission::leave(const SideConfig& config, const Ticket& ticket, bool failed, Clock::time_point now) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (!failed) {
    failures_.store(0, std::memory_order_relaxed);
    if (ticket.probe && open_until_ns_.exchange(0, std::memory_order_relaxed) != 0) log::info("breaker_closed");
  } else {
    const auto failures = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
    if (ticket.probe || (config.breaker.failures > 0 && failures >= config.breaker.failures)) {
      open(config, nanoseconds(now));
    }
  }
  if (ticket.probe) probing_.store(false, std::memory_order_release);
}

void Admission::open(const SideConfig& config, std::int64_t now_ns) {
  const auto pause = std::chrono::duration_cast<std::chrono::nanoseconds>(config.breaker.pause).count();
  if (open_until_ns_.exchange(now_ns + pause, std::memory_order_relaxed) != 0) return;
  openings_.fetch_add(1, std::memory_order_relaxed);
  log::warn("breaker_open", {{"side", config.url}});
}

}  // namespace comparator::shadow
