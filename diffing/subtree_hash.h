#pragma once

#include <cstdint>
#include <vector>

#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/places.h"
#include "diffing/scratch.h"
#include "diffing/tape.h"

namespace diffing {

/// Hashes of the subtrees of one document under the rules of their places: equal for subtrees in which no difference
/// would be found. Each node is hashed at most once, however often it is asked for.
class SubtreeHashes {
 public:
  /// `is_new` says which names a rename looks for.
  SubtreeHashes(const Tape& tape, Places& places, bool is_new, std::uint64_t seed = process_seed());

  /// The hash of a subtree that stands at `place`.
  std::uint64_t of(NodeIndex node, PlaceIndex place) {
    if (hashes_.empty() || hashes_[node] == 0) compute(node, place);
    return hashes_[node];
  }
  /// The hash of a subtree as it is, without rules. Not to be mixed with of().
  std::uint64_t plain(NodeIndex node) {
    if (hashes_.empty() || hashes_[node] == 0) compute_without_rules(node);
    return hashes_[node];
  }
  /// The hash of a node below one that was asked for; 0 where a rule keeps it out of the comparison.
  std::uint64_t known(NodeIndex node) const { return hashes_[node]; }
  /// Whether subtrees of this hash may differ all the same, because a rule lets unequal values pass.
  static bool is_loose(std::uint64_t hash) { return (hash & 1) != 0; }
  /// The hash of a member's name; remembered where there is memory for it already.
  std::uint64_t key_hash(NodeIndex key) const {
    if (hashes_.empty()) return hash_string(tape_.raw(key), seed_);
    if (hashes_[key] == 0) hashes_[key] = hash_string(tape_.raw(key), seed_);
    return hashes_[key];
  }

 private:
  void compute(NodeIndex node, PlaceIndex place);
  void prepare();
  void compute_without_rules(NodeIndex node);
  std::vector<PlaceIndex> find_places(NodeIndex node, PlaceIndex place);
  void place_children(NodeIndex node, NodeIndex base, std::vector<PlaceIndex>& places);
  std::uint64_t combine(NodeIndex node) const;
  std::uint64_t combine(NodeIndex node, NodeIndex base, const std::vector<PlaceIndex>& places);
  std::uint64_t combine_members(NodeIndex node, NodeIndex base, const std::vector<PlaceIndex>& places, bool& loose);
  std::uint64_t combine_elements(NodeIndex node, NodeIndex base, const std::vector<PlaceIndex>& places, bool& loose);

  const Tape& tape_;
  Places& places_;
  bool is_new_;
  std::uint64_t seed_;
  ScratchArray<std::uint64_t> hashes_;  ///< 0 where not yet known.
};

}  // namespace diffing
