#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diffing/pairing.h"

/// The ways to find out which elements of two arrays belong together.
namespace diffing {

using Elements = std::vector<NodeIndex>;

/// For each element of old its partner in new.
struct ElementMatch {
  std::vector<std::uint32_t> partner;  ///< kUnmatched where there is none.
  std::vector<bool> moved;             ///< Empty, or for each element of old whether its partner is out of order.
  std::vector<bool> dropped_old;       ///< set: repeats of an element, which do not count. May be empty.
  std::vector<bool> dropped_new;
  bool has_changed_pairs = false;    ///< Some partners are not equal.
  std::uint32_t verified_front = 0;  ///< So many pairs in front, and ...
  std::uint32_t verified_back = 0;   ///< ... so many at the end, were found equal and need no second look.

  bool is_moved(std::size_t i) const { return !moved.empty() && moved[i]; }
};

/// Order counts: as many equal pairs as possible that keep their order; then what moved; then what changed, by
/// likeness. Swapping the sides gives the same pairs.
///
/// Where a member identifies the elements of both sides, elements of the same identity are the equal ones here, even
/// if they differ in other members.
ElementMatch match_aligned(const Sides& sides, const Elements& a, const Elements& b, PlaceIndex place,
                           const std::optional<std::string>& identity, ElementProbe& probe);

/// Order does not count: multiset, set, or by key, as the place's policy says.
ElementMatch match_unordered(const Sides& sides, const Elements& a, const Elements& b, PlaceIndex place,
                             ElementProbe& probe);

/// How alike two elements are whose hashes are known.
struct Likeness {
  std::uint32_t equal = 0;  ///< Children that agree.
  std::uint32_t total = 0;  ///< Children of the one that has more.
  bool comparable = false;  ///< Of the same type, and so alike that one is rather a change of the other.

  /// 0 where not comparable; scalars least, then by the share that agrees.
  std::uint32_t weight() const;
};
Likeness likeness(const Sides& sides, NodeIndex a, NodeIndex b);

/// Pairs elements that are not equal but may be changes of each other. `a` and `b` are indices into the arrays, in
/// ascending order; pairs keep that order where `ordered`.
struct ChangedPair {
  std::uint32_t a;
  std::uint32_t b;
};
std::vector<ChangedPair> pair_changed(const Sides& sides, const Elements& elements_a, const Elements& elements_b,
                                      const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b,
                                      bool ordered);

/// The name of a member that every element has, with a scalar that no other element of its side has: what an array
/// could be keyed by. Members with a telling name (id, ..., Id) only.
std::optional<std::string> identifying_member(const Sides& sides, const Elements& a, const Elements& b);

/// The same for two arrays, remembered. `b` may be kNoNode, where new's array is known to be like old's.
const std::optional<std::string>& identifying_member(const Sides& sides, NodeIndex a, NodeIndex b);

Elements list_elements(const Tape& tape, NodeIndex array);

/// The hash of that member's value.
std::uint64_t identity_hash(const Tape& tape, NodeIndex element, const std::string& member);

}  // namespace diffing
