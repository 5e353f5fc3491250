#include "comparator/compare/ledger.h"

namespace comparator::compare {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;

}  // namespace

void Ledger::add(const storage::TallyMap& tallies) {
  for (const auto& [key, tally] : tallies) add(key, tally);
}

void Ledger::add(const storage::TallyKey& key, const storage::Tally& tally) {
  tallies_.add(key, tally);
  const std::lock_guard lock(mutex_);
  totals_[{key.route, key.outcome, key.cause}] += tally.count;
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
              slot.tally);
  slot.tally = {};
  slot.plan.reset();
}

}  // namespace comparator::compare
