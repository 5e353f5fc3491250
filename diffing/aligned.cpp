#include <algorithm>
#include <bit>
#include <utility>

#include "diffing/element_matching.h"
#include "diffing/hash.h"
#include "diffing/scalar.h"

namespace diffing {
namespace {

/// A stretch of both arrays, from begin to end.
struct Stretch {
  std::uint32_t a0, a1, b0, b1;

  bool empty() const { return a0 == a1 || b0 == b1; }
  bool single() const { return a1 - a0 == 1 && b1 - b0 == 1; }
};

/// Elements of new that found no partner in place, by hash; those of one hash in their order.
class MovedTargets {
 public:
  template <typename HashOf>
  MovedTargets(const std::vector<std::uint32_t>& indices, const HashOf& hash_of)
      : indices_(indices), next_(indices.size(), kUnmatched), slots_(std::bit_ceil(indices.size() * 2 + 1)) {
    for (auto i = static_cast<std::uint32_t>(indices.size()); i-- > 0;) {
      Slot& slot = find(hash_of(indices[i]));
      slot.hash = hash_of(indices[i]);
      slot.used = true;
      next_[i] = std::exchange(slot.first, i);
    }
  }

  std::uint32_t first(std::uint64_t hash) {
    const std::uint32_t i = find(hash).first;
    return i == kUnmatched ? kUnmatched : indices_[i];
  }
  void take_first(std::uint64_t hash) {
    Slot& slot = find(hash);
    slot.first = next_[slot.first];
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t first = kUnmatched;
    bool used = false;
  };

  Slot& find(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash >> 8 & mask;
    while (slots_[at].used && slots_[at].hash != hash) at = (at + 1) & mask;
    return slots_[at];
  }

  const std::vector<std::uint32_t>& indices_;
  std::vector<std::uint32_t> next_;
  std::vector<Slot> slots_;
};

class AlignedMatching {
 public:
  AlignedMatching(const Sides& sides, const Elements& a, const Elements& b, PlaceIndex place,
                  const std::optional<std::string>& identity, ElementProbe& probe)
      : sides_(sides), a_(a), b_(b), place_(place), identity_(identity), probe_(probe) {
    match_.partner.assign(a.size(), kUnmatched);
  }

  ElementMatch run() {
    Stretch all{0, static_cast<std::uint32_t>(a_.size()), 0, static_cast<std::uint32_t>(b_.size())};
    trim(all, [this](std::uint32_t i, std::uint32_t j) { return sides_.same_raw(a_[i], b_[j]); });
    if (all.single()) pair_one(all.a0, all.b0);
    if (all.empty() || all.single()) return std::move(match_);
    if (place_ == kNoRules) trim_equal(all);
    if (all.single()) pair_one(all.a0, all.b0);
    if (all.empty() || all.single()) return std::move(match_);
    hash_a_.assign(a_.size(), 0);
    hash_b_.assign(b_.size(), 0);
    if (all.a1 - all.a0 != all.b1 - all.b0 || !match_in_place(all)) match_stretch(all);
    find_moved(all);
    pair_gaps(all);
    note_changed();
    return std::move(match_);
  }

 private:
  std::uint64_t content_a(std::uint32_t i) {
    return sides_.old_hashes.of(a_[i], element_place(sides_, place_, a_[i], kNoNode, i));
  }
  std::uint64_t content_b(std::uint32_t j) {
    return sides_.new_hashes.of(b_[j], element_place(sides_, place_, kNoNode, b_[j], j));
  }
  bool same_content(std::uint32_t i, std::uint32_t j) {
    return sides_.same_raw(a_[i], b_[j]) || content_a(i) == content_b(j);
  }
  /// What elements are aligned by: their identity, or else all they hold.
  std::uint64_t hash_a(std::uint32_t i) {
    if (hash_a_[i] == 0) hash_a_[i] = identity_ ? identity_hash(sides_.old_tape, a_[i], *identity_) : content_a(i);
    return hash_a_[i];
  }
  std::uint64_t hash_b(std::uint32_t j) {
    if (hash_b_[j] == 0) hash_b_[j] = identity_ ? identity_hash(sides_.new_tape, b_[j], *identity_) : content_b(j);
    return hash_b_[j];
  }
  bool same(std::uint32_t i, std::uint32_t j) {
    if (!identity_ && (hash_a_[i] == 0 || hash_b_[j] == 0) && sides_.same_raw(a_[i], b_[j])) return true;
    return hash_a(i) == hash_b(j);
  }

  template <typename Same>
  void trim(Stretch& stretch, const Same& are_same) {
    for (; !stretch.empty() && are_same(stretch.a0, stretch.b0); ++stretch.a0, ++stretch.b0) {
      match_.partner[stretch.a0] = stretch.b0;
    }
    for (; !stretch.empty() && are_same(stretch.a1 - 1, stretch.b1 - 1); --stretch.a1, --stretch.b1) {
      match_.partner[stretch.a1 - 1] = stretch.b1 - 1;
    }
  }

  /// Takes off both ends what is equal though it is spelled otherwise. Without rules, such pairs are done with.
  void trim_equal(Stretch& stretch) {
    const Stretch before = stretch;
    trim(stretch, [this](std::uint32_t i, std::uint32_t j) {
      if (sides_.same_raw(a_[i], b_[j])) return true;
      return probe_.equal_as_hoped(a_[i], b_[j], place_);
    });
    if (stretch.a0 != before.a0) match_.verified_front = stretch.a0;
    if (stretch.a1 != before.a1) match_.verified_back = static_cast<std::uint32_t>(a_.size()) - stretch.a1;
  }

  /// Where at least half of the elements agree in place, these pairs stand, and only the runs between them are
  /// aligned. False, and nothing done, where fewer agree.
  bool match_in_place(const Stretch& stretch) {
    const std::uint32_t size = stretch.a1 - stretch.a0;
    std::vector<bool> agrees(size);
    std::uint32_t agreeing = 0;
    for (std::uint32_t i = 0; i < size; ++i) {
      agrees[i] = same(stretch.a0 + i, stretch.b0 + i);
      agreeing += agrees[i];
    }
    if (agreeing * 2 < size) return false;
    std::uint32_t run = 0;
    for (std::uint32_t i = 0; i <= size; ++i) {
      if (i < size && !agrees[i]) continue;
      const Stretch between{stretch.a0 + run, stretch.a0 + i, stretch.b0 + run, stretch.b0 + i};
      if (!between.empty() && !between.single()) match_stretch(between);
      if (i < size) match_.partner[stretch.a0 + i] = stretch.b0 + i;
      run = i + 1;
    }
    return true;
  }

  void match_stretch(Stretch stretch) {
    trim(stretch, [this](std::uint32_t i, std::uint32_t j) { return same(i, j); });
    if (stretch.empty() || stretch.single()) return;
    std::vector<std::uint64_t> in_a;
    std::vector<std::uint64_t> in_b;
    for (std::uint32_t i = stretch.a0; i < stretch.a1; ++i) in_a.push_back(hash_a(i));
    for (std::uint32_t j = stretch.b0; j < stretch.b1; ++j) in_b.push_back(hash_b(j));
    const bool swapped = begins_with_new(stretch);
    std::vector<std::uint32_t> partner(swapped ? in_b.size() : in_a.size());
    align(swapped ? in_b : in_a, swapped ? in_a : in_b, sides_.budget, partner);
    for (std::uint32_t i = 0; i < partner.size(); ++i) {
      if (partner[i] == kUnmatched) continue;
      const std::uint32_t x = swapped ? partner[i] : i;
      const std::uint32_t y = swapped ? i : partner[i];
      match_.partner[stretch.a0 + x] = stretch.b0 + y;
    }
  }

  /// So that swapping the sides changes nothing.
  bool begins_with_new(const Stretch& stretch) const {
    const std::uint32_t size_a = stretch.a1 - stretch.a0;
    const std::uint32_t size_b = stretch.b1 - stretch.b0;
    if (size_a != size_b) return size_b < size_a;
    return sides_.new_fingerprints.plain(b_[stretch.b0]) < sides_.old_fingerprints.plain(a_[stretch.a0]);
  }

  void pair_one(std::uint32_t i, std::uint32_t j) {
    match_.partner[i] = j;
    match_.has_changed_pairs = true;
  }

  /// Pairs equal elements that are out of order, first with first.
  void find_moved(const Stretch& stretch) {
    std::vector<bool> taken(b_.size(), false);
    for (const std::uint32_t j : match_.partner) {
      if (j != kUnmatched) taken[j] = true;
    }
    std::vector<std::uint32_t> free_a;
    std::vector<std::uint32_t> free_b;
    for (std::uint32_t i = stretch.a0; i < stretch.a1; ++i) {
      if (match_.partner[i] == kUnmatched) free_a.push_back(i);
    }
    for (std::uint32_t j = stretch.b0; j < stretch.b1; ++j) {
      if (!taken[j]) free_b.push_back(j);
    }
    if (free_a.empty() || free_b.empty()) return;
    match_.moved.assign(a_.size(), false);
    MovedTargets targets(free_b, [this](std::uint32_t j) { return hash_b(j); });
    for (const std::uint32_t i : free_a) {
      const std::uint32_t j = targets.first(hash_a(i));
      if (j == kUnmatched || is_loose(i) || !same_content(i, j)) continue;
      match_.partner[i] = j;
      match_.moved[i] = true;
      targets.take_first(hash_a(i));
    }
    if (std::find(match_.moved.begin(), match_.moved.end(), true) == match_.moved.end()) match_.moved.clear();
  }

  bool is_loose(std::uint32_t i) { return place_ != kNoRules && SubtreeHashes::is_loose(content_a(i)); }

  /// By identity, elements were matched that may differ.
  void note_changed() {
    if (!identity_ || match_.moved.empty() || match_.has_changed_pairs) return;
    for (std::uint32_t i = 0; i < a_.size() && !match_.has_changed_pairs; ++i) {
      if (match_.partner[i] != kUnmatched) match_.has_changed_pairs = !same_content(i, match_.partner[i]);
    }
  }

  /// Pairs in each gap between equal pairs what may be a change of each other.
  void pair_gaps(const Stretch& stretch) {
    std::vector<bool> taken(b_.size(), false);
    for (const std::uint32_t j : match_.partner) {
      if (j != kUnmatched) taken[j] = true;
    }
    std::vector<std::uint32_t> gap_a;
    std::vector<std::uint32_t> gap_b;
    std::uint32_t next_b = stretch.b0;
    const auto close_gap = [&](std::uint32_t end_b) {
      for (; next_b < end_b; ++next_b) {
        if (!taken[next_b]) gap_b.push_back(next_b);
      }
      pair_gap(gap_a, gap_b);
      gap_a.clear();
      gap_b.clear();
    };
    for (std::uint32_t i = stretch.a0; i < stretch.a1; ++i) {
      if (match_.partner[i] == kUnmatched) {
        gap_a.push_back(i);
      } else if (!match_.is_moved(i)) {
        close_gap(match_.partner[i]);
        next_b = match_.partner[i] + 1;
      }
    }
    close_gap(stretch.b1);
  }

  void pair_gap(const std::vector<std::uint32_t>& gap_a, const std::vector<std::uint32_t>& gap_b) {
    if (gap_a.empty() || gap_b.empty()) return;
    if (gap_a.size() == 1 && gap_b.size() == 1) return pair_one(gap_a[0], gap_b[0]);
    for (const std::uint32_t i : gap_a) content_a(i);
    for (const std::uint32_t j : gap_b) content_b(j);
    for (const ChangedPair& pair : pair_changed(sides_, a_, b_, gap_a, gap_b, true)) pair_one(pair.a, pair.b);
  }

  const Sides& sides_;
  const Elements& a_;
  const Elements& b_;
  PlaceIndex place_;
  const std::optional<std::string>& identity_;
  ElementProbe& probe_;
  ElementMatch match_;
  std::vector<std::uint64_t> hash_a_;
  std::vector<std::uint64_t> hash_b_;
};

}  // namespace

ElementMatch match_aligned(const Sides& sides, const Elements& a, const Elements& b, PlaceIndex place,
                           const std::optional<std::string>& identity, ElementProbe& probe) {
  return AlignedMatching(sides, a, b, place, identity, probe).run();
}

}  // namespace diffing
