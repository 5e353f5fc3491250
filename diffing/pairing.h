#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "diffing/alignment.h"
#include "diffing/places.h"
#include "diffing/subtree_hash.h"
#include "diffing/tape.h"

/// Which children of two containers belong together.
namespace diffing {

/// Two children to be compared, or one that only one side has. In objects the nodes are the values.
struct Entry {
  NodeIndex a = kNoNode;  ///< In old.
  NodeIndex b = kNoNode;  ///< In new.
  std::uint32_t a_index = 0;
  std::uint32_t b_index = 0;
  bool moved = false;  ///< Equal, as far as hashes tell, but in another place of an array whose order counts.
};

/// For each pair of arrays that was asked for, the name of the member that identifies their elements.
using IdentityCache = std::map<std::pair<NodeIndex, NodeIndex>, std::optional<std::string>>;

/// The two documents and what was found out about them so far.
struct Sides {
  const Tape& old_tape;
  const Tape& new_tape;
  Places& places;
  SubtreeHashes& old_hashes;
  SubtreeHashes& new_hashes;
  SubtreeHashes& old_fingerprints;  ///< Without rules, and the same in every process: they settle ties.
  SubtreeHashes& new_fingerprints;
  StepBudget& budget;
  IdentityCache& identities;

  bool same_raw(NodeIndex a, NodeIndex b) const { return old_tape.raw(a) == new_tape.raw(b); }
};

/// Says whether no difference would be found between two elements.
class ElementProbe {
 public:
  virtual ~ElementProbe() = default;
  virtual bool equal(NodeIndex a, NodeIndex b, PlaceIndex place) = 0;
  /// The same for elements that are likely equal. Takes nothing from the budget, but answers no once the work done in
  /// vain exceeds the size of the documents.
  virtual bool equal_as_hoped(NodeIndex a, NodeIndex b, PlaceIndex place) = 0;
};

/// What is to be known of a pairing beyond its entries.
struct PairingNotes {
  bool permuted = false;           ///< Order counts, and is all that the elements disagree in.
  bool reordered = false;          ///< Order does not count, and differs.
  std::uint64_t moved_leaves = 0;  ///< permuted: below the elements that are out of order.
};

/// Appends the entries of two objects' members, beginning with the given keys: old's order, what only new has where
/// new has it. Equal names are paired in their order. Pairs of equal bytes are left out.
void pair_members(const Sides& sides, const Policy& policy, NodeIndex first_a, NodeIndex end_a, NodeIndex first_b,
                  NodeIndex end_b, std::vector<Entry>& entries);

/// Appends the entries of two arrays' elements, likewise. `probe` is asked about elements that
/// are likely equal, and where rules let unequal values pass.
PairingNotes pair_elements(const Sides& sides, NodeIndex a, NodeIndex b, PlaceIndex place, ElementProbe& probe,
                           std::vector<Entry>& entries);

/// The place of a pair of elements, or of one element where the other is kNoNode: conditions must hold on each side.
PlaceIndex element_place(const Sides& sides, PlaceIndex array, NodeIndex a, NodeIndex b, std::size_t index);

}  // namespace diffing
