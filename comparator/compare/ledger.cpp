#include "comparator/compare/ledger.h"

namespace comparator::compare {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;

}  // namespace

void Ledger::add(const storage::TallyKey& key, const storage::Tally& tally, const Sums& sums) {
  tallies_.add(key, tally);
  const std::lock_guard lock(mutex_);
  totals_[{key.route, key.outcome, key.cause}] += tally.count;
  const bool named = latencies_.size() < kLatencyRoutes || latencies_.count(key.route) > 0;
  auto& [old_side, new_side] = latencies_[named ? key.route : "(other)"];
  old_side.histogram.add(tally.old_latency);
  old_side.sum += sums[0];
  new_side.histogram.add(tally.new_latency);
  new_side.sum += sums[1];
}

std::vector<Ledger::Latency> Ledger::latencies() const {
  const std::lock_guard lock(mutex_);
  std::vector<Latency> all;
  for (const auto& [route, sides] : latencies_) {
    for (const Side side : {Side::old_side, Side::new_side}) {
      const auto& latency = sides[static_cast<std::size_t>(side)];
      all.push_back({route, side, latency.histogram, latency.sum});
    }
  }
  return all;
}

std::vector<Ledger::Total> Ledger::totals() const {
  const std::lock_guard lock(mutex_);
  std::vector<Total> totals;
  for (const auto& [key, count] : totals_) totals.push_back({key.route, key.outcome, key.cause, count});
  return totals;
}

storage::Tally tally_of(const Exchange& exchange) {
  storage::Tally tally;
  tally.count = 1;
  const auto& old_side = exchange.on(Side::old_side);
  const auto& new_side = exchange.on(Side::new_side);
  if (old_side.state == Observation::State::answered) tally.old_latency.add(old_side.elapsed);
  if (new_side.state == Observation::State::answered) tally.new_latency.add(new_side.elapsed);
  return tally;
}

Ledger::Sums sums_of(const Exchange& exchange) {
  Ledger::Sums sums{};
  for (const Side side : {Side::old_side, Side::new_side}) {
    const auto& observation = exchange.on(side);
    if (observation.state == Observation::State::answered) sums[static_cast<std::size_t>(side)] = observation.elapsed;
  }
  return sums;
}

storage::TallyKey key_of(const Exchange& exchange, storage::Outcome outcome, Cause cause,
                         std::optional<diffing::Severity> severity) {
  return {.route = exchange.route->name(),
          .epoch = exchange.route->epoch(),
          .minute = exchange.at_us / kMinuteUs,
          .outcome = outcome,
          .cause = std::string(name(cause)),
          .severity = severity};
}

LoopTallies::Slot& LoopTallies::slot(const Exchange& exchange, storage::Outcome outcome, Cause cause) {
  const auto at = (exchange.route->index() * storage::kOutcomes + static_cast<std::size_t>(outcome)) * kCauses +
                  static_cast<std::size_t>(cause);
  if (at >= slots_.size()) slots_.resize((exchange.route->index() + 1) * storage::kOutcomes * kCauses);
  auto& slot = slots_[at];
  if (slot == nullptr) slot = std::make_unique<Slot>();
  return *slot;
}

void LoopTallies::count(const Exchange& exchange, storage::Outcome outcome, Cause cause) {
  Slot& here = slot(exchange, outcome, cause);
  const auto minute = exchange.at_us / kMinuteUs;
  // A slot is of one minute and, where the configuration was loaded again, of one of both routes.
  if (here.tally.count > 0 && (here.minute != minute || here.route != exchange.route)) hand_over(here);
  if (here.tally.count == 0) {
    here.plan = exchange.plan;
    here.route = exchange.route;
    here.minute = minute;
    here.outcome = outcome;
    here.cause = cause;
    used_.push_back(&here);
  }
  ++here.tally.count;
  const auto& old_side = exchange.on(Side::old_side);
  const auto& new_side = exchange.on(Side::new_side);
  if (old_side.state == Observation::State::answered) here.tally.old_latency.add(old_side.elapsed);
  if (new_side.state == Observation::State::answered) here.tally.new_latency.add(new_side.elapsed);
  const auto sums = sums_of(exchange);
  here.sums[0] += sums[0];
  here.sums[1] += sums[1];
}

void LoopTallies::hand_over() {
  for (Slot* slot : used_) hand_over(*slot);
  used_.clear();
}

void LoopTallies::hand_over(Slot& slot) {
  if (slot.tally.count == 0) return;
  ledger_.add({.route = slot.route->name(),
               .epoch = slot.route->epoch(),
               .minute = slot.minute,
               .outcome = slot.outcome,
               .cause = std::string(name(slot.cause)),
               .severity = std::nullopt},
              slot.tally, slot.sums);
  slot.tally = {};
  slot.sums = {};
  slot.plan.reset();
}

}  // namespace comparator::compare
