#include "diffing/subtree_hash.h"

#include <algorithm>

#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/scalar.h"

namespace diffing {
namespace {

constexpr std::uint64_t kArraySeed = 0x8ebc6af09c88c6e3;
constexpr std::uint64_t kObjectSeed = 0x589965cc75374cc3;
constexpr std::uint64_t kAbsentHash = 0x1d8e4e27c47d124e;
constexpr PlaceIndex kSkipped = 0xFFFFFFFF;  // below an ignored place

/// The lowest bit tells loose hashes from exact ones; 0 is kept for "unknown".
std::uint64_t finish(std::uint64_t hash, bool loose) {
  return (hash | 2) >> 1 << 1 | static_cast<std::uint64_t>(loose);
}

std::uint64_t add_element(std::uint64_t state, std::uint64_t hash) { return mix(state ^ hash, kOdd1); }
std::uint64_t member_hash(std::uint64_t key, std::uint64_t value) { return mix(key ^ kOdd2, value ^ kOdd1); }

/// The name in old of the member that is called `name` here.
std::string_view name_in_old(const Policy& policy, std::string_view name) {
  for (const Effect* rename : policy.renames) {
    if (rename->new_name == name) return rename->old_name;
  }
  return name;
}

}  // namespace

SubtreeHashes::SubtreeHashes(const Tape& tape, Places& places, bool is_new, std::uint64_t seed)
    : tape_(tape), places_(places), is_new_(is_new), seed_(seed) {}

void SubtreeHashes::prepare() {
  if (!hashes_.empty()) return;
  hashes_ = ScratchArray<std::uint64_t>(tape_.size());
  std::fill_n(hashes_.get(), tape_.size(), 0);
}

void SubtreeHashes::compute(NodeIndex node, PlaceIndex place) {
  prepare();
  if (place == kNoRules && !places_.policy(kNoRules).ignored) return compute_without_rules(node);
  const std::vector<PlaceIndex> places = find_places(node, place);
  for (NodeIndex i = tape_[node].next; i-- > node;) {
    if (tape_[i].count == kKey || places[i - node] == kSkipped || hashes_[i] != 0) continue;
    hashes_[i] = combine(i, node, places);
  }
}

void SubtreeHashes::compute_without_rules(NodeIndex node) {
  prepare();
  // Children come after their parent, so a pass backwards finds them done.
  for (NodeIndex i = tape_[node].next; i-- > node;) {
    if (tape_[i].count != kKey && hashes_[i] == 0) hashes_[i] = combine(i);
  }
}

std::uint64_t SubtreeHashes::combine(NodeIndex node) const {
  const Node& parent = tape_[node];
  const Type type = tape_.type(node);
  if (type < Type::array) return finish(hash_scalar(tape_, node, seed_), false);
  std::uint64_t state = seed_ ^ (type == Type::array ? kArraySeed : kObjectSeed);
  if (type == Type::array) {
    for (NodeIndex child = node + 1; child < parent.next; child = tape_[child].next) {
      state = add_element(state, hashes_[child]);
    }
  } else {
    for (NodeIndex key = node + 1; key < parent.next; key = tape_[key + 1].next) {
      state += member_hash(key_hash(key), hashes_[key + 1]);
    }
  }
  return finish(mix(state ^ kOdd1, kOdd2 ^ parent.count), false);
}

std::vector<PlaceIndex> SubtreeHashes::find_places(NodeIndex node, PlaceIndex place) {
  std::vector<PlaceIndex> places(tape_[node].next - node, kSkipped);
  places[0] = place;
  for (NodeIndex i = node; i < tape_[node].next; ++i) {
    const bool open = tape_[i].count != kKey && tape_[i].count != 0 && places[i - node] != kSkipped;
    if (open && !places_.policy(places[i - node]).ignored) place_children(i, node, places);
  }
  return places;
}

void SubtreeHashes::place_children(NodeIndex node, NodeIndex base, std::vector<PlaceIndex>& places) {
  const PlaceIndex from = places[node - base];
  const bool conditions = places_.has_conditions(from);
  const auto met = [&](NodeIndex child) { return conditions ? places_.conditions_met(from, tape_, child) : 0; };
  if (tape_.type(node) == Type::array) {
    std::size_t index = 0;
    for (NodeIndex child = node + 1; child < tape_[node].next; child = tape_[child].next) {
      places[child - base] = places_.element(from, index++, met(child));
    }
    return;
  }
  std::string buffer;
  for (NodeIndex key = node + 1; key < tape_[node].next; key = tape_[key + 1].next) {
    std::string_view name = from == kNoRules ? std::string_view{} : decoded(tape_.raw(key), buffer);
    if (is_new_) name = name_in_old(places_.policy(from), name);
    places[key + 1 - base] = places_.member(from, name, met(key + 1));
  }
}

std::uint64_t SubtreeHashes::combine(NodeIndex node, NodeIndex base, const std::vector<PlaceIndex>& places) {
  const Policy& policy = places_.policy(places[node - base]);
  if (policy.ignored) return finish(kAbsentHash, false);
  if (counts_as_absent(tape_, node, policy.absent)) return finish(kAbsentHash, false);
  bool loose = false;
  std::uint64_t hash = 0;
  switch (tape_.type(node)) {
    case Type::object: hash = combine_members(node, base, places, loose); break;
    case Type::array: hash = combine_elements(node, base, places, loose); break;
    default:
      hash = hash_scalar(tape_, node, policy, seed_, loose);
      if (policy.unselected) hash = kObjectSeed;
  }
  return finish(hash, loose);
}

std::uint64_t SubtreeHashes::combine_members(NodeIndex node, NodeIndex base, const std::vector<PlaceIndex>& places,
                                             bool& loose) {
  const Policy& policy = places_.policy(places[node - base]);
  std::uint64_t state = 0;
  bool anything_goes = policy.extra_ok;
  for (NodeIndex key = node + 1; key < tape_[node].next; key = tape_[key + 1].next) {
    const Policy& member = places_.policy(places[key + 1 - base]);
    anything_goes = anything_goes || member.extra_ok;
    if (member.ignored || (member.absent.missing && hashes_[key + 1] == finish(kAbsentHash, false))) continue;
    std::string buffer;
    std::string_view name = decoded(tape_.raw(key), buffer);
    if (is_new_) name = name_in_old(policy, name);
    state += member_hash(hash_bytes(name, seed_), hashes_[key + 1] & ~std::uint64_t{1});
    loose = loose || is_loose(hashes_[key + 1]);
  }
  // What only new has may pass, so that no member says anything about the whole.
  if (anything_goes || policy.unselected) {
    loose = true;
    state = 0;
  }
  return mix(state ^ seed_ ^ kObjectSeed, kOdd2);
}

std::uint64_t SubtreeHashes::combine_elements(NodeIndex node, NodeIndex base, const std::vector<PlaceIndex>& places,
                                              bool& loose) {
  const Policy& policy = places_.policy(places[node - base]);
  std::uint64_t state = seed_ ^ kArraySeed;
  std::vector<std::uint64_t> children;
  for (NodeIndex child = node + 1; child < tape_[node].next; child = tape_[child].next) {
    children.push_back(hashes_[child] & ~std::uint64_t{1});
    loose = loose || is_loose(hashes_[child]);
  }
  if (policy.extra_ok || policy.unselected) {
    loose = true;
    return mix(state, kOdd2);
  }
  if (policy.pairing != Pairing::aligned) std::sort(children.begin(), children.end());
  if (policy.pairing == Pairing::set) {
    children.erase(std::unique(children.begin(), children.end()), children.end());
    if (loose) children.clear();
  }
  for (const std::uint64_t child : children) state = add_element(state, child);
  return mix(state ^ kOdd1, kOdd2);
}

}  // namespace diffing
