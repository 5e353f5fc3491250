#include "storage/tally.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "storage/error.h"
#include "storage/packing.h"

namespace storage {
namespace {

constexpr double kFirstBound = 16;  // microseconds; no answer over a socket is quicker
constexpr double kBucketsPerDouble = 8;

using Bounds = std::array<std::int64_t, LatencyHistogram::kBuckets>;

// The greatest latency of each bucket, in microseconds.
const Bounds& bounds() {
  static const Bounds kBounds = [] {
    Bounds made{};
    for (std::size_t i = 0; i < made.size(); ++i) {
      made[i] = std::llround(kFirstBound * std::exp2(static_cast<double>(i) / kBucketsPerDouble));
    }
    return made;
  }();
  return kBounds;
}

}  // namespace

void LatencyHistogram::add(std::chrono::microseconds latency, std::uint64_t times) {
  const auto found = std::lower_bound(bounds().begin(), bounds().end() - 1, latency.count());
  buckets_[static_cast<std::size_t>(found - bounds().begin())] += times;
}

void LatencyHistogram::add(const LatencyHistogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
}

std::uint64_t LatencyHistogram::count() const {
  return std::accumulate(buckets_.begin(), buckets_.end(), std::uint64_t{0});
}

std::uint64_t LatencyHistogram::count_up_to(std::size_t bucket) const {
  const auto end = buckets_.begin() + static_cast<std::ptrdiff_t>(bucket) + 1;
  return std::accumulate(buckets_.begin(), end, std::uint64_t{0});
}

std::chrono::microseconds LatencyHistogram::bound(std::size_t bucket) {
  return std::chrono::microseconds(bounds()[bucket]);
}

std::chrono::microseconds LatencyHistogram::quantile(double q) const {
  const double wanted = q * static_cast<double>(count());
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen > 0 && static_cast<double>(seen) >= wanted) return std::chrono::microseconds(bounds()[i]);
  }
  return std::chrono::microseconds(0);
}

std::string LatencyHistogram::encode() const {
  std::string bytes;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (buckets_[i] == 0) continue;
    append_number(bytes, i);
    append_number(bytes, buckets_[i]);
  }
  return bytes;
}

LatencyHistogram LatencyHistogram::decode(std::string_view bytes) {
  LatencyHistogram histogram;
  std::uint64_t least = 0;
  while (!bytes.empty()) {
    const auto bucket = take_number(bytes);
    const auto times = take_number(bytes);
    if (!bucket || *bucket < least || *bucket >= kBuckets || !times || *times == 0) {
      throw StoreError(StoreError::Reason::failed, "store: a stored latency histogram cannot be read");
    }
    histogram.buckets_[*bucket] = *times;
    least = *bucket + 1;
  }
  return histogram;
}

void Tally::add(const Tally& other) {
  count += other.count;
  old_latency.add(other.old_latency);
  new_latency.add(other.new_latency);
}

void Tallies::add(const TallyKey& key, const Tally& tally) {
  const std::lock_guard lock(mutex_);
  add_locked(key, tally);
}

void Tallies::add(const TallyMap& tallies) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, tally] : tallies) add_locked(key, tally);
}

TallyMap Tallies::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(map_, {});
}

void Tallies::add_locked(const TallyKey& key, const Tally& tally) {
  if (map_.size() < kMaxKeys) {
    map_[key].add(tally);
    return;
  }
  TallyKey end = key;
  end.minute = std::numeric_limits<std::int64_t>::max();
  for (auto place = map_.lower_bound(end); place != map_.begin();) {
    --place;
    if (place->first.route != key.route || place->first.epoch != key.epoch) break;
    TallyKey same = key;
    same.minute = place->first.minute;
    if (place->first != same) continue;
    place->second.add(tally);
    return;
  }
  map_[key].add(tally);
}

}  // namespace storage
