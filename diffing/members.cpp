#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/pairing.h"

namespace diffing {
namespace {

// Up to this many members are searched one after the other; more go through a table.
constexpr std::size_t kSearchedMembers = 24;

struct Member {
  NodeIndex key;
  std::uint64_t hash;
};

std::vector<Member> list_members(const Tape& tape, const SubtreeHashes& hashes, NodeIndex first, NodeIndex end) {
  std::vector<Member> members;
  for (NodeIndex key = first; key < end; key = tape[key + 1].next) members.push_back({key, hashes.key_hash(key)});
  return members;
}

/// Finds for each member of old the one of new that has its name, each at most once and in their order.
class MemberSearch {
 public:
  MemberSearch(const Sides& sides, const std::vector<Member>& members) : sides_(sides), members_(members) {
    used_.assign(members.size(), false);
    if (members.size() > kSearchedMembers) fill_table();
  }

  bool used(std::size_t index) const { return used_[index]; }

  /// The first unused member of that name; kUnmatched if there is none. A member that is found is used from then on.
  template <typename SameName>
  std::uint32_t take(std::uint64_t hash, const SameName& same_name) {
    if (slots_.empty()) {
      for (std::uint32_t j = first_unused_; j < members_.size(); ++j) {
        if (members_[j].hash == hash && !used_[j] && same_name(members_[j].key)) return use(j);
      }
      return kUnmatched;
    }
    const std::size_t mask = slots_.size() - 1;
    // Members of one name lie in their order along the probe, as they were put in so and none was ever taken out.
    for (std::size_t slot = (hash >> 9) & mask; slots_[slot] != kUnmatched; slot = (slot + 1) & mask) {
      const std::uint32_t j = slots_[slot];
      if (members_[j].hash == hash && !used_[j] && same_name(members_[j].key)) return use(j);
    }
    return kUnmatched;
  }

  std::uint32_t take_like(const Member& wanted) {
    return take(wanted.hash, [&](NodeIndex key) {
      return equal_strings(sides_.old_tape.raw(wanted.key), sides_.new_tape.raw(key));
    });
  }

  std::uint32_t take_named(std::string_view name) {
    return take(hash_bytes(name, process_seed()), [&](NodeIndex key) {
      std::string buffer;
      return decoded(sides_.new_tape.raw(key), buffer) == name;
    });
  }

 private:
  void fill_table() {
    slots_.assign(std::bit_ceil(members_.size() * 2), kUnmatched);
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t j = 0; j < members_.size(); ++j) {
      std::size_t slot = (members_[j].hash >> 9) & mask;
      while (slots_[slot] != kUnmatched) slot = (slot + 1) & mask;
      slots_[slot] = j;
    }
  }

  std::uint32_t use(std::uint32_t index) {
    used_[index] = true;
    while (first_unused_ < used_.size() && used_[first_unused_]) ++first_unused_;
    return index;
  }

  const Sides& sides_;
  const std::vector<Member>& members_;
  std::vector<bool> used_;
  std::uint32_t first_unused_ = 0;
  std::vector<std::uint32_t> slots_;
};

/// The name that a rule gives to a member of old in new; nullptr without such a rule.
const std::string* renamed(const Sides& sides, const Policy& policy, NodeIndex key) {
  if (policy.renames.empty()) return nullptr;
  std::string buffer;
  const std::string_view name = decoded(sides.old_tape.raw(key), buffer);
  for (const Effect* rename : policy.renames) {
    if (rename->old_name == name) return &rename->new_name;
  }
  return nullptr;
}

std::vector<std::uint32_t> match_members(const Sides& sides, const Policy& policy,
                                         const std::vector<Member>& old_members, MemberSearch& search) {
  std::vector<std::uint32_t> match(old_members.size(), kUnmatched);
  // New names first, so that a member that keeps its name does not take what another was renamed to.
  for (std::size_t i = 0; i < old_members.size() && !policy.renames.empty(); ++i) {
    const std::string* name = renamed(sides, policy, old_members[i].key);
    if (name != nullptr) match[i] = search.take_named(*name);
  }
  for (std::size_t i = 0; i < old_members.size(); ++i) {
    if (match[i] == kUnmatched) match[i] = search.take_like(old_members[i]);
  }
  return match;
}

/// Objects of a few members with the same names, which most are: as below, without any allocation. False, and
/// nothing done, for others.
bool pair_few_members(const Sides& sides, NodeIndex first_a, NodeIndex end_a, NodeIndex first_b, NodeIndex end_b,
                      std::vector<Entry>& entries) {
  std::array<NodeIndex, kSearchedMembers> keys;
  std::array<std::uint64_t, kSearchedMembers> hashes;
  std::uint32_t count = 0;
  for (NodeIndex key = first_b; key < end_b; key = sides.new_tape[key + 1].next) {
    if (count == kSearchedMembers) return false;
    keys[count] = key;
    hashes[count++] = sides.new_hashes.key_hash(key);
  }
  const std::size_t before = entries.size();
  std::uint32_t used = 0;  // a bit for each member of new
  std::uint32_t i = 0;
  for (NodeIndex key = first_a; key < end_a; key = sides.old_tape[key + 1].next, ++i) {
    const std::uint64_t hash = sides.old_hashes.key_hash(key);
    const auto is_partner = [&](std::uint32_t j) {
      return hashes[j] == hash && (used >> j & 1) == 0 &&
             equal_strings(sides.old_tape.raw(key), sides.new_tape.raw(keys[j]));
    };
    std::uint32_t j = 0;
    while (j < count && !is_partner(j)) ++j;
    if (j == count) break;
    used |= std::uint32_t{1} << j;
    if (!sides.same_raw(key + 1, keys[j] + 1)) entries.push_back({key + 1, keys[j] + 1, i, j, false});
    if (i + 1 == count && sides.old_tape[key + 1].next >= end_a) return true;
  }
  entries.resize(before);
  return false;
}

}  // namespace

void pair_members(const Sides& sides, const Policy& policy, NodeIndex first_a, NodeIndex end_a, NodeIndex first_b,
                  NodeIndex end_b, std::vector<Entry>& entries) {
  if (policy.renames.empty() && pair_few_members(sides, first_a, end_a, first_b, end_b, entries)) return;
  const std::vector<Member> in_old = list_members(sides.old_tape, sides.old_hashes, first_a, end_a);
  const std::vector<Member> in_new = list_members(sides.new_tape, sides.new_hashes, first_b, end_b);
  MemberSearch search(sides, in_new);
  const std::vector<std::uint32_t> match = match_members(sides, policy, in_old, search);

  // What only new has comes after the member of old whose partner precedes it in new.
  std::vector<std::uint32_t> partner(in_new.size(), kUnmatched);
  for (std::uint32_t i = 0; i < match.size(); ++i) {
    if (match[i] != kUnmatched) partner[match[i]] = i;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> extras;  // position among old's members, index in new
  std::uint32_t position = 0;
  for (std::uint32_t j = 0; j < partner.size(); ++j) {
    if (partner[j] != kUnmatched) {
      position = partner[j] + 1;
    } else {
      extras.emplace_back(position, j);
    }
  }
  std::stable_sort(extras.begin(), extras.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  auto extra = extras.begin();
  for (std::uint32_t i = 0; i <= in_old.size(); ++i) {
    for (; extra != extras.end() && extra->first == i; ++extra) {
      entries.push_back({kNoNode, in_new[extra->second].key + 1, i, extra->second, false});
    }
    if (i == in_old.size()) break;
    const NodeIndex a = in_old[i].key + 1;
    if (match[i] == kUnmatched) {
      entries.push_back({a, kNoNode, i, 0, false});
    } else if (const NodeIndex b = in_new[match[i]].key + 1; !sides.same_raw(a, b)) {
      entries.push_back({a, b, i, match[i], false});
    }
  }
}

}  // namespace diffing
