#include <algorithm>
#include <array>

#include "diffing/element_matching.h"
#include "diffing/json_string.h"

namespace diffing {
namespace {

// Gaps up to this many pairs are searched for the best account; larger ones go by identity, then by position.
constexpr std::size_t kSearchedPairs = 4096;
// Members of wider objects are compared in place only.
constexpr std::uint32_t kSearchedMembers = 64;
// Two elements that disagree in more children than this must agree in a third of them to be a change of each other.
constexpr std::uint32_t kFewChanges = 2;

/// The members of a new object that are left to be found. Those of one name are found in their order, so that looking
/// from the other side finds the same pairs.
class MembersLeft {
 public:
  MembersLeft(const Sides& sides, NodeIndex object)
      : sides_(sides), next_(object + 1), end_(sides.new_tape[object].next) {}

  /// The key of the first that is left of this name. Takes what it costs from the budget, and finds nothing where that
  /// is gone.
  NodeIndex take(NodeIndex old_key) {
    for (std::size_t i = 0; i < passed_count_; ++i) {
      if (!same_name(old_key, passed_[i])) continue;
      const NodeIndex found = passed_[i];
      std::copy(passed_.begin() + i + 1, passed_.begin() + passed_count_--, passed_.begin() + i);
      return found;
    }
    while (next_ < end_) {
      const NodeIndex key = next_;
      next_ = sides_.new_tape[key + 1].next;
      if (same_name(old_key, key)) return key;
      passed_[passed_count_++] = key;
    }
    return kNoNode;
  }

 private:
  bool same_name(NodeIndex old_key, NodeIndex new_key) {
    const auto steps = [](std::string_view raw) { return has_escape(raw) ? raw.size() : 1; };  // escapes are decoded
    const std::string_view a = sides_.old_tape.raw(old_key);
    const std::string_view b = sides_.new_tape.raw(new_key);
    return sides_.budget.take(steps(a) + steps(b)) && equal_strings(a, b);
  }

  const Sides& sides_;
  NodeIndex next_;
  NodeIndex end_;
  std::array<NodeIndex, kSearchedMembers> passed_;
  std::size_t passed_count_ = 0;
};

std::uint32_t equal_members(const Sides& sides, NodeIndex a, NodeIndex b) {
  const Tape& old_tape = sides.old_tape;
  const Tape& new_tape = sides.new_tape;
  const auto same_value = [&](NodeIndex key_a, NodeIndex key_b) {
    return sides.old_hashes.known(key_a + 1) == sides.new_hashes.known(key_b + 1);
  };
  std::uint32_t equal = 0;
  if (std::max(old_tape[a].count, new_tape[b].count) <= kSearchedMembers) {
    MembersLeft left(sides, b);
    for (NodeIndex key_a = a + 1; key_a < old_tape[a].next; key_a = old_tape[key_a + 1].next) {
      const NodeIndex found = left.take(key_a);
      equal += found != kNoNode && same_value(key_a, found);
    }
    return equal;
  }
  NodeIndex key_b = b + 1;
  for (NodeIndex key_a = a + 1; key_a < old_tape[a].next && key_b < new_tape[b].next;
       key_a = old_tape[key_a + 1].next, key_b = new_tape[key_b + 1].next) {
    equal += equal_strings(old_tape.raw(key_a), new_tape.raw(key_b)) && same_value(key_a, key_b);
  }
  return equal;
}

std::uint32_t equal_elements(const Sides& sides, NodeIndex a, NodeIndex b) {
  std::uint32_t equal = 0;
  NodeIndex child_b = b + 1;
  for (NodeIndex child_a = a + 1; child_a < sides.old_tape[a].next && child_b < sides.new_tape[b].next;
       child_a = sides.old_tape[child_a].next, child_b = sides.new_tape[child_b].next) {
    equal += sides.old_hashes.known(child_a) == sides.new_hashes.known(child_b);
  }
  return equal;
}

/// The best account of a small gap whose pairs keep their order: as in an edit distance, with likeness as the gain.
std::vector<ChangedPair> best_ordered(const std::vector<std::uint32_t>& weights, std::size_t rows,
                                      std::size_t columns) {
  std::vector<std::uint32_t> best((rows + 1) * (columns + 1), 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::uint32_t& { return best[i * (columns + 1) + j]; };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      const std::uint32_t weight = weights[i * columns + j];
      at(i, j) = std::max({at(i + 1, j), at(i, j + 1), weight == 0 ? 0 : weight + at(i + 1, j + 1)});
    }
  }
  std::vector<ChangedPair> pairs;
  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    const std::uint32_t weight = weights[i * columns + j];
    if (weight != 0 && at(i, j) == weight + at(i + 1, j + 1)) {
      pairs.push_back({static_cast<std::uint32_t>(i++), static_cast<std::uint32_t>(j++)});
    } else if (at(i, j) == at(i + 1, j)) {
      ++i;
    } else {
      ++j;
    }
  }
  return pairs;
}

/// The most alike first, whatever their order.
std::vector<ChangedPair> best_unordered(const std::vector<std::uint32_t>& weights, std::size_t rows,
                                        std::size_t columns) {
  struct Candidate {
    std::uint32_t weight, a, b;
  };
  std::vector<Candidate> candidates;
  for (std::uint32_t i = 0; i < rows; ++i) {
    for (std::uint32_t j = 0; j < columns; ++j) {
      const std::uint32_t weight = weights[i * columns + j];
      if (weight != 0) candidates.push_back({weight, i, j});
    }
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) {
    if (x.weight != y.weight) return x.weight > y.weight;
    const auto further = [](const Candidate& c) { return std::pair(std::max(c.a, c.b), std::min(c.a, c.b)); };
    return further(x) != further(y) ? further(x) < further(y) : x.a < y.a;
  });
  std::vector<bool> used_a(rows, false);
  std::vector<bool> used_b(columns, false);
  std::vector<ChangedPair> pairs;
  for (const Candidate& candidate : candidates) {
    if (used_a[candidate.a] || used_b[candidate.b]) continue;
    used_a[candidate.a] = used_b[candidate.b] = true;
    pairs.push_back({candidate.a, candidate.b});
  }
  return pairs;
}

class ChangedPairing {
 public:
  ChangedPairing(const Sides& sides, const Elements& elements_a, const Elements& elements_b,
                 const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b, bool ordered)
      : sides_(sides), elements_a_(elements_a), elements_b_(elements_b), a_(a), b_(b), ordered_(ordered) {}

  std::vector<ChangedPair> run() {
    if (a_.size() * b_.size() <= kSearchedPairs) {
      search(0, a_.size(), 0, b_.size());
    } else if (!by_identity() && ordered_) {
      by_position(0, a_.size(), 0, b_.size());
    }
    return std::move(pairs_);
  }

 private:
  std::uint32_t weight(std::size_t i, std::size_t j) const {
    const std::uint32_t children =
        std::max(sides_.old_tape[elements_a_[a_[i]]].count, sides_.new_tape[elements_b_[b_[j]]].count);
    if (!sides_.budget.take(children * 2)) return 0;
    const std::uint32_t weight = likeness(sides_, elements_a_[a_[i]], elements_b_[b_[j]]).weight();
    // Scalars of an array without order have nothing in common but their type.
    return !ordered_ && !sides_.old_tape.is_container(elements_a_[a_[i]]) ? 0 : weight;
  }

  void add(std::size_t i, std::size_t j) { pairs_.push_back({a_[i], b_[j]}); }

  void search(std::size_t a0, std::size_t a1, std::size_t b0, std::size_t b1) {
    const std::size_t rows = a1 - a0;
    const std::size_t columns = b1 - b0;
    if (rows == 0 || columns == 0 || !sides_.budget.take(rows * columns)) return;
    const bool turned = begins_with_new(a0, a1, b0, b1);
    std::vector<std::uint32_t> weights(rows * columns);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j)
        weights[turned ? j * rows + i : i * columns + j] = weight(a0 + i, b0 + j);
    }
    const std::size_t height = turned ? columns : rows;
    const std::size_t width = turned ? rows : columns;
    for (const ChangedPair& pair :
         ordered_ ? best_ordered(weights, height, width) : best_unordered(weights, height, width)) {
      add(a0 + (turned ? pair.b : pair.a), b0 + (turned ? pair.a : pair.b));
    }
  }

  /// So that ties are settled alike from both sides: the shorter gap is the row, and of two as long the one that holds
  /// less where they first differ.
  bool begins_with_new(std::size_t a0, std::size_t a1, std::size_t b0, std::size_t b1) const {
    if (a1 - a0 != b1 - b0) return a1 - a0 > b1 - b0;
    for (; a0 < a1; ++a0, ++b0) {
      const auto x = sides_.old_fingerprints.plain(elements_a_[a_[a0]]);
      const auto y = sides_.new_fingerprints.plain(elements_b_[b_[b0]]);
      if (x != y) return y < x;
    }
    return false;
  }

  void by_position(std::size_t a0, std::size_t a1, std::size_t b0, std::size_t b1) {
    for (; a0 < a1 && b0 < b1; ++a0, ++b0) {
      if (weight(a0, b0) != 0) add(a0, b0);
    }
  }

  /// Pairs elements of the same identity, and looks between them for the rest. False where nothing identifies.
  bool by_identity() {
    Elements in_a;
    Elements in_b;
    for (const std::uint32_t i : a_) in_a.push_back(elements_a_[i]);
    for (const std::uint32_t j : b_) in_b.push_back(elements_b_[j]);
    const std::optional<std::string> member = identifying_member(sides_, in_a, in_b);
    if (!member) return false;
    const auto hashes = [&](const Tape& tape, const Elements& elements) {
      std::vector<std::uint64_t> list;
      for (const NodeIndex element : elements) list.push_back(identity_hash(tape, element, *member));
      return list;
    };
    std::vector<std::uint32_t> partner(in_a.size(), kUnmatched);
    align(hashes(sides_.old_tape, in_a), hashes(sides_.new_tape, in_b), sides_.budget, partner);
    std::size_t a0 = 0;
    std::size_t b0 = 0;
    for (std::size_t i = 0; i <= partner.size(); ++i) {
      if (i < partner.size() && partner[i] == kUnmatched) continue;
      const std::size_t j = i < partner.size() ? partner[i] : in_b.size();
      if (ordered_) between(a0, i, b0, j);
      if (i < partner.size()) add(i, j);
      a0 = i + 1;
      b0 = j + 1;
    }
    std::sort(pairs_.begin(), pairs_.end(), [](const ChangedPair& x, const ChangedPair& y) { return x.a < y.a; });
    return true;
  }

  void between(std::size_t a0, std::size_t a1, std::size_t b0, std::size_t b1) {
    if ((a1 - a0) * (b1 - b0) <= kSearchedPairs) {
      search(a0, a1, b0, b1);
    } else {
      by_position(a0, a1, b0, b1);
    }
  }

  const Sides& sides_;
  const Elements& elements_a_;
  const Elements& elements_b_;
  const std::vector<std::uint32_t>& a_;
  const std::vector<std::uint32_t>& b_;
  bool ordered_;
  std::vector<ChangedPair> pairs_;
};

}  // namespace

std::uint32_t Likeness::weight() const {
  constexpr std::uint32_t kScalar = 1;
  constexpr std::uint32_t kContainer = 100;
  if (!comparable) return 0;
  return total == 0 ? kScalar : kContainer + kContainer * equal / total;
}

Likeness likeness(const Sides& sides, NodeIndex a, NodeIndex b) {
  Likeness result;
  const Type type = sides.old_tape.type(a);
  const Type type_b = sides.new_tape.type(b);
  if (type < Type::array && type_b < Type::array) {
    result.comparable = true;
    return result;
  }
  if (type != type_b) return result;
  result.total = std::max({sides.old_tape[a].count, sides.new_tape[b].count, 1u});
  result.equal = type == Type::object ? equal_members(sides, a, b) : equal_elements(sides, a, b);
  const std::uint32_t changed = result.total - std::min(result.equal, result.total);
  result.comparable = changed <= kFewChanges || result.equal * 3 >= result.total;
  return result;
}

std::vector<ChangedPair> pair_changed(const Sides& sides, const Elements& elements_a, const Elements& elements_b,
                                      const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                                      bool ordered) {
  return ChangedPairing(sides, elements_a, elements_b, a, b, ordered).run();
}

}  // namespace diffing
