#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "diffing/difference.h"
#include "storage/outcome.h"

namespace storage {

/// Latencies in buckets whose bounds grow by 2^(1/8), about 9 %: fine enough to judge "p99 at most 1.2 times old's".
/// From 16 microseconds to above a minute; what lies outside is counted in the first or last bucket.
class LatencyHistogram {
 public:
  static constexpr std::size_t kBuckets = 184;

  void add(std::chrono::microseconds latency, std::uint64_t times = 1);
  void add(const LatencyHistogram& other);
  std::uint64_t count() const;
  /// Upper bound of the bucket that holds the quantile (0 < q <= 1); zero when empty.
  std::chrono::microseconds quantile(double q) const;
  /// How many latencies are in the buckets up to this one, and the greatest latency of it.
  std::uint64_t count_up_to(std::size_t bucket) const;
  static std::chrono::microseconds bound(std::size_t bucket);

  /// Compact bytes for the store: pairs of bucket and count, in the order of buckets; empty without latencies.
  std::string encode() const;
  /// Throws StoreError for bytes that encode() does not make.
  static LatencyHistogram decode(std::string_view bytes);

  bool operator==(const LatencyHistogram&) const = default;

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
};

/// What a tally counts: requests that ended alike, in one minute.
struct TallyKey {
  std::string route;
  std::string epoch;        ///< Changes with a build of either side or with the rules; see gate.
  std::int64_t minute = 0;  ///< Unix time / 60.
  Outcome outcome = Outcome::match;
  std::string cause;                          ///< From a fixed list of words; empty where the outcome needs none.
  std::optional<diffing::Severity> severity;  ///< Of the worst difference; only for `mismatch`.

  auto operator<=>(const TallyKey&) const = default;
};

struct Tally {
  std::uint64_t count = 0;
  LatencyHistogram old_latency;  ///< Of those requests in which old answered.
  LatencyHistogram new_latency;

  void add(const Tally& other);
  bool operator==(const Tally&) const = default;
};

using TallyMap = std::map<TallyKey, Tally>;

/// Where loops and workers leave their counts until the writer takes them. Thread-safe; nothing waits but for a
/// map insertion. Counts are never dropped: when the store is broken they gather here, by at most `kMaxKeys` keys
/// (about 50 MB), beyond which a count goes to the newest minute that has its key but for the minute; only what has
/// none, a new route or epoch, still adds one.
class Tallies {
 public:
  static constexpr std::size_t kMaxKeys = 16384;

  void add(const TallyKey& key, const Tally& tally);
  void add(const TallyMap& tallies);
  TallyMap take();

 private:
  void add_locked(const TallyKey& key, const Tally& tally);

  std::mutex mutex_;
  TallyMap map_;
};

}  // namespace storage
