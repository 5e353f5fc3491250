#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>

#include "storage/store.h"
#include "storage/tally.h"

namespace comparator::admin {

/// Tallies summed up for people: how many requests ended how, and how long each side took.
struct Counts {
  std::array<std::uint64_t, storage::kOutcomes> outcomes{};
  std::map<std::pair<storage::Outcome, std::string>, std::uint64_t> causes;  ///< Where an outcome has a cause.
  storage::LatencyHistogram old_latency;  ///< Of selected requests, so that both sides are asked the same.
  storage::LatencyHistogram new_latency;

  void add(const storage::OutcomeCount& row);

  std::uint64_t of(storage::Outcome outcome) const { return outcomes[static_cast<std::size_t>(outcome)]; }
  std::uint64_t requests() const;
  std::uint64_t selected() const;    ///< What the gate counts.
  std::uint64_t compared() const;    ///< Selected and with a result: match, accepted, noise, transient, mismatch.
  std::uint64_t uncompared() const;  ///< Selected and without: new_failed, not_comparable, shed.
};

/// `requests`, `selected`, `compared`, `uncompared`, `outcomes`, `causes`, `diff_rate` (mismatch of compared),
/// `uncompared_share` (of selected), `latency`. A share of nothing is null, not zero.
nlohmann::json to_json(const Counts& counts);

}  // namespace comparator::admin
