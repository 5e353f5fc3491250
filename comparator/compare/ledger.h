#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "comparator/exchange.h"
#include "comparator/plan.h"
#include "storage/tally.h"

/// From an exchange to its outcome: settled on the loop where memory is equal, by the workers otherwise.
namespace comparator::compare {

/// Where every outcome is counted once: for the store (until the writer takes it) and since the start (for metrics).
/// Thread-safe.
class Ledger {
 public:
  struct Total {
    std::string route;
    storage::Outcome outcome = storage::Outcome::match;
    std::string cause;
    std::uint64_t count = 0;
  };

  /// What all latencies of a tally make together, which its histograms do not tell; by side.
  using Sums = std::array<std::chrono::microseconds, 2>;

  /// How long a side took to answer on a route, from asking to the answer's head.
  struct Latency {
    std::string route;
    Side side = Side::old_side;
    storage::LatencyHistogram histogram;
    std::chrono::microseconds sum{0};
  };

  void add(const storage::TallyKey& key, const storage::Tally& tally, const Sums& sums);
  /// Since the start, of this process.
  std::vector<Total> totals() const;
  /// Likewise, in the order of routes; those past `kLatencyRoutes` are together under `(other)`.
  std::vector<Latency> latencies() const;
  static constexpr std::size_t kLatencyRoutes = 100;
  storage::Tallies& tallies() { return tallies_; }

 private:
  struct TotalKey {
    std::string route;
    storage::Outcome outcome;
    std::string cause;
    auto operator<=>(const TotalKey&) const = default;
  };

  storage::Tallies tallies_;
  mutable std::mutex mutex_;
  std::map<TotalKey, std::uint64_t> totals_;
  std::map<std::string, std::array<Latency, 2>> latencies_;
};

/// The tally of one exchange: one request, with the latencies of those sides that answered.
storage::Tally tally_of(const Exchange& exchange);
Ledger::Sums sums_of(const Exchange& exchange);
storage::TallyKey key_of(const Exchange& exchange, storage::Outcome outcome, Cause cause,
                         std::optional<diffing::Severity> severity = std::nullopt);

/// A loop's own counts, without locks, handed to the ledger a few times a second. For one thread.
class LoopTallies {
 public:
  explicit LoopTallies(Ledger& ledger) : ledger_(ledger) {}
  ~LoopTallies() { hand_over(); }

  void count(const Exchange& exchange, storage::Outcome outcome, Cause cause);
  void hand_over();

 private:
  struct Slot {
    std::shared_ptr<const Plan> plan;  // while it counts: keeps `route` alive, whatever is reloaded
    const Route* route = nullptr;
    std::int64_t minute = 0;
    storage::Outcome outcome = storage::Outcome::match;
    Cause cause = Cause::none;
    storage::Tally tally;
    Ledger::Sums sums{};
  };
  Slot& slot(const Exchange& exchange, storage::Outcome outcome, Cause cause);
  void hand_over(Slot& slot);

  Ledger& ledger_;
  std::vector<std::unique_ptr<Slot>> slots_;  // route x outcome x cause
  std::vector<Slot*> used_;
};

}  // namespace comparator::compare
