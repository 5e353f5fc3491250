#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include "diffing/element_matching.h"
#include "diffing/hash.h"
#include "diffing/scalar.h"

namespace diffing {
namespace {

// Groups whose equal members must be found by trial are matched as well as possible up to this size, then first come
// first served.
constexpr std::size_t kAugmentedGroup = 256;

using Indices = std::vector<std::uint32_t>;

/// A value below an element, by the way of a nested key; kNoNode where there is none.
NodeIndex at_way(const Tape& tape, NodeIndex element, const std::vector<std::string>& way) {
  for (const std::string& step : way) {
    if (element == kNoNode || tape.type(element) != Type::object) return kNoNode;
    element = find_member(tape, element, step);
  }
  return element;
}

/// The scalars that identify an element; empty where one is missing or is no scalar.
std::vector<NodeIndex> key_of(const Tape& tape, NodeIndex element, const Key& key) {
  std::vector<NodeIndex> values;
  for (const auto& way : key.members) {
    const NodeIndex value = at_way(tape, element, way);
    if (value == kNoNode || tape.is_container(value)) return {};
    values.push_back(value);
  }
  return values;
}

std::uint64_t hash_key(const Tape& tape, const std::vector<NodeIndex>& values) {
  std::uint64_t hash = process_seed();
  for (const NodeIndex value : values) hash = mix(hash ^ kOdd1, hash_scalar(tape, value, process_seed()) ^ kOdd2);
  return hash;
}

class UnorderedMatching {
 public:
  UnorderedMatching(const Sides& sides, const Elements& a, const Elements& b, PlaceIndex place, ElementProbe& probe)
      : sides_(sides), a_(a), b_(b), place_(place), policy_(sides.places.policy(place)), probe_(probe) {
    match_.partner.assign(a.size(), kUnmatched);
    owner_.assign(b.size(), kUnmatched);
  }

  ElementMatch run() {
    if (policy_.pairing == Pairing::keyed) match_keys();
    hash_all();
    if (policy_.pairing == Pairing::set) drop_repeats();
    match_groups();
    pair_rest();
    return std::move(match_);
  }

 private:
  bool dropped_a(std::uint32_t i) const { return !match_.dropped_old.empty() && match_.dropped_old[i]; }
  bool dropped_b(std::uint32_t j) const { return !match_.dropped_new.empty() && match_.dropped_new[j]; }
  bool free_a(std::uint32_t i) const { return match_.partner[i] == kUnmatched && !keyed(keyed_a_, i) && !dropped_a(i); }
  bool free_b(std::uint32_t j) const { return owner_[j] == kUnmatched && !keyed(keyed_b_, j) && !dropped_b(j); }
  static bool keyed(const std::vector<bool>& list, std::uint32_t i) { return !list.empty() && list[i]; }

  void pair(std::uint32_t i, std::uint32_t j) {
    match_.partner[i] = j;
    owner_[j] = i;
  }

  /// Elements with the same key belong together, whatever else they hold; several of one key in their order.
  void match_keys() {
    keyed_a_.assign(a_.size(), false);
    keyed_b_.assign(b_.size(), false);
    std::unordered_map<std::uint64_t, Indices> by_hash;
    std::vector<std::vector<NodeIndex>> keys_b(b_.size());
    for (auto j = static_cast<std::uint32_t>(b_.size()); j-- > 0;) {  // so that the first comes last, where it is taken
      keys_b[j] = key_of(sides_.new_tape, b_[j], *policy_.key);
      keyed_b_[j] = !keys_b[j].empty();
      if (keyed_b_[j]) by_hash[hash_key(sides_.new_tape, keys_b[j])].push_back(j);
    }
    for (std::uint32_t i = 0; i < a_.size(); ++i) {
      const std::vector<NodeIndex> key = key_of(sides_.old_tape, a_[i], *policy_.key);
      keyed_a_[i] = !key.empty();
      const auto found = key.empty() ? by_hash.end() : by_hash.find(hash_key(sides_.old_tape, key));
      if (found == by_hash.end()) continue;
      Indices& group = found->second;
      const auto same =
          std::find_if(group.rbegin(), group.rend(), [&](std::uint32_t j) { return same_key(key, keys_b[j]); });
      if (same == group.rend()) continue;
      pair(i, *same);
      group.erase(std::next(same).base());
    }
  }

  bool same_key(const std::vector<NodeIndex>& a, const std::vector<NodeIndex>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [this](NodeIndex x, NodeIndex y) { return same_scalar(sides_.old_tape, x, sides_.new_tape, y); });
  }

  void hash_all() {
    hash_a_.assign(a_.size(), 0);
    hash_b_.assign(b_.size(), 0);
    for (std::uint32_t i = 0; i < a_.size(); ++i) {
      if (!free_a(i)) continue;
      hash_a_[i] = sides_.old_hashes.of(a_[i], element_place(sides_, place_, a_[i], kNoNode, i));
    }
    for (std::uint32_t j = 0; j < b_.size(); ++j) {
      if (!free_b(j)) continue;
      hash_b_[j] = sides_.new_hashes.of(b_[j], element_place(sides_, place_, kNoNode, b_[j], j));
    }
  }

  static std::vector<bool> repeats(const std::vector<std::uint64_t>& hashes) {
    std::vector<bool> repeated(hashes.size(), false);
    std::unordered_map<std::uint64_t, bool> seen;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      repeated[i] = !SubtreeHashes::is_loose(hashes[i]) && !seen.try_emplace(hashes[i], true).second;
    }
    return repeated;
  }

  void drop_repeats() {
    match_.dropped_old = repeats(hash_a_);
    match_.dropped_new = repeats(hash_b_);
  }

  void match_groups() {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> in_a;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> in_b;
    for (std::uint32_t i = 0; i < a_.size(); ++i) {
      if (free_a(i)) in_a.emplace_back(hash_a_[i], i);
    }
    for (std::uint32_t j = 0; j < b_.size(); ++j) {
      if (free_b(j)) in_b.emplace_back(hash_b_[j], j);
    }
    std::sort(in_a.begin(), in_a.end());
    std::sort(in_b.begin(), in_b.end());
    auto at_b = in_b.begin();
    for (auto at_a = in_a.begin(); at_a != in_a.end();) {
      const std::uint64_t hash = at_a->first;
      Indices group_a;
      Indices group_b;
      for (; at_a != in_a.end() && at_a->first == hash; ++at_a) group_a.push_back(at_a->second);
      while (at_b != in_b.end() && at_b->first < hash) ++at_b;
      for (; at_b != in_b.end() && at_b->first == hash; ++at_b) group_b.push_back(at_b->second);
      match_group(group_a, group_b, SubtreeHashes::is_loose(hash));
    }
  }

  void match_group(const Indices& group_a, const Indices& group_b, bool loose) {
    if (!loose) {
      for (std::size_t i = 0; i < std::min(group_a.size(), group_b.size()); ++i) pair(group_a[i], group_b[i]);
      return;
    }
    pair_same_bytes(group_a, group_b);
    for (const std::uint32_t i : group_a) {
      if (match_.partner[i] != kUnmatched) continue;
      if (group_a.size() <= kAugmentedGroup) {
        augment(i, group_b);
      } else {
        take_first_equal(i, group_b);
      }
    }
  }

  /// Elements can be nested in each other, so that only their ends are hashed: all of them would be quadratic in depth.
  static std::uint64_t hash_ends(std::string_view raw) {
    constexpr std::size_t kEnd = 32;
    const std::uint64_t begin = hash_bytes(raw.substr(0, kEnd), process_seed() ^ raw.size());
    return raw.size() <= kEnd ? begin : hash_bytes(raw.substr(raw.size() - kEnd), begin);
  }

  void pair_same_bytes(const Indices& group_a, const Indices& group_b) {
    std::unordered_map<std::uint64_t, Indices> by_ends;
    for (auto j = group_b.rbegin(); j != group_b.rend(); ++j) {
      by_ends[hash_ends(sides_.new_tape.raw(b_[*j]))].push_back(*j);
    }
    for (const std::uint32_t i : group_a) {
      const auto found = by_ends.find(hash_ends(sides_.old_tape.raw(a_[i])));
      if (found == by_ends.end()) continue;
      Indices& alike = found->second;
      const auto same = std::find_if(alike.rbegin(), alike.rend(), [&](std::uint32_t j) {
        return sides_.budget.take(1) && sides_.same_raw(a_[i], b_[j]);
      });
      if (same == alike.rend()) continue;
      pair(i, *same);
      alike.erase(std::next(same).base());
    }
  }

  bool equal(std::uint32_t i, std::uint32_t j) {
    if (sides_.same_raw(a_[i], b_[j])) return true;
    return probe_.equal(a_[i], b_[j], element_place(sides_, place_, a_[i], b_[j], i));
  }

  void take_first_equal(std::uint32_t i, const Indices& group_b) {
    for (const std::uint32_t j : group_b) {
      if (!sides_.budget.take(1)) return;
      if (owner_[j] != kUnmatched || !equal(i, j)) continue;
      return pair(i, j);
    }
  }

  /// Finds a partner for `start`, where need be by giving others another one (a breadth-first augmenting path).
  void augment(std::uint32_t start, const Indices& group_b) {
    struct Visit {
      std::uint32_t a;
      std::uint32_t via_b;  // the element of new that led here; kUnmatched for the start
      std::size_t from;     // the visit before
    };
    std::vector<bool> visited(group_b.size(), false);
    std::vector<Visit> visits{{start, kUnmatched, 0}};
    for (std::size_t at = 0; at < visits.size(); ++at) {
      if (!sides_.budget.take(group_b.size())) return;
      for (std::size_t k = 0; k < group_b.size(); ++k) {
        const std::uint32_t j = group_b[k];
        if (visited[k] || !equal(visits[at].a, j)) continue;
        visited[k] = true;
        if (owner_[j] != kUnmatched) {
          visits.push_back({owner_[j], j, at});
          continue;
        }
        std::uint32_t given = j;
        for (std::size_t step = at;; step = visits[step].from) {
          const std::uint32_t freed = visits[step].via_b;
          pair(visits[step].a, given);
          if (freed == kUnmatched) return;
          given = freed;
        }
      }
    }
  }

  /// What has no equal partner may still be a change of another element.
  void pair_rest() {
    Indices rest_a;
    Indices rest_b;
    for (std::uint32_t i = 0; i < a_.size(); ++i) {
      if (free_a(i)) rest_a.push_back(i);
    }
    for (std::uint32_t j = 0; j < b_.size(); ++j) {
      if (free_b(j)) rest_b.push_back(j);
    }
    if (rest_a.empty() || rest_b.empty() || policy_.extra_ok) return;
    for (const ChangedPair& changed : pair_changed(sides_, a_, b_, rest_a, rest_b, false)) {
      pair(changed.a, changed.b);
      match_.has_changed_pairs = true;
    }
  }

  const Sides& sides_;
  const Elements& a_;
  const Elements& b_;
  PlaceIndex place_;
  const Policy& policy_;
  ElementProbe& probe_;
  ElementMatch match_;
  std::vector<std::uint32_t> owner_;  ///< For each element of new its partner in old.
  std::vector<bool> keyed_a_;
  std::vector<bool> keyed_b_;
  std::vector<std::uint64_t> hash_a_;
  std::vector<std::uint64_t> hash_b_;
};

}  // namespace

ElementMatch match_unordered(const Sides& sides, const Elements& a, const Elements& b, PlaceIndex place,
                             ElementProbe& probe) {
  return UnorderedMatching(sides, a, b, place, probe).run();
}

}  // namespace diffing
