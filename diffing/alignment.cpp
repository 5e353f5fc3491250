#include "diffing/alignment.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <optional>

namespace diffing {
namespace {

using Sequence = std::span<const std::uint64_t>;

// Matching pairs up to this many per element are looked at one by one; beyond, Myers is quicker.
constexpr std::uint64_t kPairsPerElement = 4;

/// Where each value occurs in a sequence: heads by hash, occurrences chained from last to first.
class Occurrences {
 public:
  explicit Occurrences(Sequence sequence) : sequence_(sequence), next_(sequence.size()) {
    const std::size_t slots = std::bit_ceil(sequence.size() * 2 + 1);
    heads_.assign(slots, kUnmatched);
    counts_.assign(slots, 0);
    for (std::uint32_t i = 0; i < sequence.size(); ++i) {
      const std::size_t slot = find(sequence[i]);
      next_[i] = heads_[slot];
      heads_[slot] = i;
      ++counts_[slot];
    }
  }

  std::uint32_t last(std::uint64_t value) const { return heads_[find(value)]; }
  std::uint32_t previous(std::uint32_t index) const { return next_[index]; }
  std::uint32_t count(std::uint64_t value) const { return counts_[find(value)]; }

 private:
  std::size_t find(std::uint64_t value) const {
    const std::size_t mask = heads_.size() - 1;
    std::size_t slot = (value >> 7) & mask;
    while (heads_[slot] != kUnmatched && sequence_[heads_[slot]] != value) slot = (slot + 1) & mask;
    return slot;
  }

  Sequence sequence_;
  std::vector<std::uint32_t> heads_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> next_;
};

/// Hunt-Szymanski: the longest chain of matching pairs that ascends on both sides.
void align_by_pairs(Sequence a, const Occurrences& in_b, std::span<std::uint32_t> match) {
  struct Link {
    std::uint32_t a;
    std::uint32_t b;
    std::uint32_t before;
  };
  std::vector<Link> links;
  std::vector<std::uint32_t> ends;      // ends[k]: the smallest b that ends a chain of k + 1 pairs
  std::vector<std::uint32_t> end_link;  // and that chain
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    for (std::uint32_t j = in_b.last(a[i]); j != kUnmatched; j = in_b.previous(j)) {
      const auto k = static_cast<std::size_t>(std::lower_bound(ends.begin(), ends.end(), j) - ends.begin());
      if (k < ends.size() && ends[k] == j) continue;
      links.push_back({i, j, k == 0 ? kUnmatched : end_link[k - 1]});
      const auto link = static_cast<std::uint32_t>(links.size() - 1);
      if (k == ends.size()) {
        ends.push_back(j);
        end_link.push_back(link);
      } else {
        ends[k] = j;
        end_link[k] = link;
      }
    }
  }
  if (ends.empty()) return;
  for (std::uint32_t at = end_link.back(); at != kUnmatched; at = links[at].before) match[links[at].a] = links[at].b;
}

/// Myers' O(ND) in linear space, with a stack of its own.
class MyersAlignment {
 public:
  MyersAlignment(Sequence a, Sequence b, StepBudget& budget, std::span<std::uint32_t> match)
      : a_(a), b_(b), budget_(budget), match_(match), origin_(static_cast<std::int64_t>(a.size() + b.size()) + 1) {
    forward_.resize(static_cast<std::size_t>(2 * origin_ + 1));
    backward_.resize(static_cast<std::size_t>(2 * origin_ + 1));
  }

  void run() {
    std::vector<Box> open{{0, static_cast<std::int64_t>(a_.size()), 0, static_cast<std::int64_t>(b_.size())}};
    while (!open.empty()) {
      Box box = open.back();
      open.pop_back();
      trim(box);
      if (box.a0 == box.a1 || box.b0 == box.b1) continue;
      const std::optional<Snake> snake = middle(box);
      if (!snake) {
        by_position(box);
        continue;
      }
      for (std::int64_t i = 0; i < snake->length; ++i) pair(snake->a + i, snake->b + i);
      open.push_back({box.a0, snake->a, box.b0, snake->b});
      open.push_back({snake->a + snake->length, box.a1, snake->b + snake->length, box.b1});
    }
  }

 private:
  struct Box {
    std::int64_t a0, a1, b0, b1;
  };
  struct Snake {
    std::int64_t a, b, length;
  };

  bool same(std::int64_t i, std::int64_t j) const {
    return a_[static_cast<std::size_t>(i)] == b_[static_cast<std::size_t>(j)];
  }
  void pair(std::int64_t i, std::int64_t j) { match_[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(j); }
  std::int64_t& forward(std::int64_t k) { return forward_[static_cast<std::size_t>(k + origin_)]; }
  std::int64_t& backward(std::int64_t k) { return backward_[static_cast<std::size_t>(k + origin_)]; }

  void trim(Box& box) {
    while (box.a0 < box.a1 && box.b0 < box.b1 && same(box.a0, box.b0)) pair(box.a0++, box.b0++);
    while (box.a0 < box.a1 && box.b0 < box.b1 && same(box.a1 - 1, box.b1 - 1)) pair(--box.a1, --box.b1);
  }

  void by_position(const Box& box) {
    for (std::int64_t i = box.a0, j = box.b0; i < box.a1 && j < box.b1; ++i, ++j) {
      if (same(i, j)) pair(i, j);
    }
  }

  /// The snake in the middle of a shortest path through the box, which two searches from its corners find where they
  /// meet; nullopt where the budget ends first.
  std::optional<Snake> middle(const Box& box) {
    const std::int64_t n = box.a1 - box.a0;
    const std::int64_t m = box.b1 - box.b0;
    const std::int64_t delta = n - m;
    const bool odd = (delta & 1) != 0;
    forward(1) = 0;
    backward(1) = 0;
    for (std::int64_t d = 0; d <= (n + m + 1) / 2; ++d) {
      if (!budget_.take(static_cast<std::uint64_t>(2 * d + 2))) return std::nullopt;
      const std::int64_t lowest = -d + 2 * std::max<std::int64_t>(0, d - m);
      const std::int64_t highest = d - 2 * std::max<std::int64_t>(0, d - n);
      for (std::int64_t k = lowest; k <= highest; k += 2) {
        const std::int64_t start = furthest_forward(k, d);
        std::int64_t x = start;
        while (x < n && x - k < m && same(box.a0 + x, box.b0 + x - k)) ++x;
        forward(k) = x;
        const std::int64_t other = delta - k;
        if (odd && other >= -(d - 1) && other <= d - 1 && x + backward(other) >= n) {
          return Snake{box.a0 + start, box.b0 + start - k, x - start};
        }
        if (!count(x - start)) return std::nullopt;
      }
      for (std::int64_t k = lowest; k <= highest; k += 2) {
        const std::int64_t start = furthest_backward(k, d);
        std::int64_t x = start;
        while (x < n && x - k < m && same(box.a1 - x - 1, box.b1 - (x - k) - 1)) ++x;
        backward(k) = x;
        const std::int64_t other = delta - k;
        if (!odd && other >= -d && other <= d && x + forward(other) >= n) {
          return Snake{box.a1 - x, box.b1 - (x - k), x - start};
        }
        if (!count(x - start)) return std::nullopt;
      }
    }
    return std::nullopt;
  }

  bool count(std::int64_t steps) { return steps == 0 || budget_.take(static_cast<std::uint64_t>(steps)); }

  std::int64_t furthest_forward(std::int64_t k, std::int64_t d) {
    const bool down = k == -d || (k != d && forward(k - 1) < forward(k + 1));
    return down ? forward(k + 1) : forward(k - 1) + 1;
  }
  std::int64_t furthest_backward(std::int64_t k, std::int64_t d) {
    const bool down = k == -d || (k != d && backward(k - 1) < backward(k + 1));
    return down ? backward(k + 1) : backward(k - 1) + 1;
  }

  Sequence a_;
  Sequence b_;
  StepBudget& budget_;
  std::span<std::uint32_t> match_;
  std::int64_t origin_;
  std::vector<std::int64_t> forward_;
  std::vector<std::int64_t> backward_;
};

/// Aligns by Myers what has a counterpart at all; the rest can never match and would only lengthen the search.
void align_common(Sequence a, Sequence b, const Occurrences& in_b, StepBudget& budget, std::span<std::uint32_t> match) {
  const Occurrences in_a(a);
  std::vector<std::uint64_t> common_a;
  std::vector<std::uint64_t> common_b;
  std::vector<std::uint32_t> place_a;
  std::vector<std::uint32_t> place_b;
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    if (in_b.count(a[i]) == 0) continue;
    common_a.push_back(a[i]);
    place_a.push_back(i);
  }
  for (std::uint32_t j = 0; j < b.size(); ++j) {
    if (in_a.count(b[j]) == 0) continue;
    common_b.push_back(b[j]);
    place_b.push_back(j);
  }
  std::vector<std::uint32_t> common_match(common_a.size(), kUnmatched);
  MyersAlignment(common_a, common_b, budget, common_match).run();
  for (std::size_t i = 0; i < common_match.size(); ++i) {
    if (common_match[i] != kUnmatched) match[place_a[i]] = place_b[common_match[i]];
  }
}

}  // namespace

void align(Sequence a, Sequence b, StepBudget& budget, std::span<std::uint32_t> match) {
  std::fill(match.begin(), match.end(), kUnmatched);
  if (a.empty() || b.empty()) return;
  const Occurrences in_b(b);
  std::uint64_t pairs = 0;
  for (const std::uint64_t value : a) pairs += in_b.count(value);
  if (pairs <= kPairsPerElement * (a.size() + b.size()) && budget.take(pairs)) {
    align_by_pairs(a, in_b, match);
  } else {
    align_common(a, b, in_b, budget, match);
  }
}

}  // namespace diffing
