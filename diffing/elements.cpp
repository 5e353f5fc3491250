#include <algorithm>
#include <numeric>

#include "diffing/element_matching.h"
#include "diffing/pairing.h"

namespace diffing {
namespace {

void pair_by_position(const Sides& sides, const Elements& a, const Elements& b, std::vector<Entry>& entries) {
  for (std::uint32_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const NodeIndex in_a = i < a.size() ? a[i] : kNoNode;
    const NodeIndex in_b = i < b.size() ? b[i] : kNoNode;
    if (in_a != kNoNode && in_b != kNoNode && sides.same_raw(in_a, in_b)) continue;
    entries.push_back({in_a, in_b, i, i, false});
  }
}

/// Entries in the order of old; what only new has comes after the element whose partner precedes it in new. This is
/// also the order of the merged sequence where pairs ascend on both sides.
void append_entries(const Sides& sides, const Elements& a, const Elements& b, const ElementMatch& match,
                    std::vector<Entry>& entries) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> extras;
  std::vector<std::uint32_t> partner(b.size(), kUnmatched);
  for (std::uint32_t i = 0; i < a.size(); ++i) {
    if (match.partner[i] != kUnmatched) partner[match.partner[i]] = i;
  }
  std::uint32_t position = 0;
  for (std::uint32_t j = 0; j < b.size(); ++j) {
    if (partner[j] == kUnmatched) {
      if (!match.dropped_new.empty() && match.dropped_new[j]) continue;
      extras.emplace_back(position, j);
    } else if (!match.is_moved(partner[j])) {
      position = partner[j] + 1;
    }
  }
  std::stable_sort(extras.begin(), extras.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  auto extra = extras.begin();
  for (std::uint32_t i = 0; i <= a.size(); ++i) {
    for (; extra != extras.end() && extra->first == i; ++extra) {
      entries.push_back({kNoNode, b[extra->second], i, extra->second, false});
    }
    if (i == a.size()) break;
    const std::uint32_t j = match.partner[i];
    if (i < match.verified_front || i + match.verified_back >= a.size()) continue;
    if (j == kUnmatched) {
      if (match.dropped_old.empty() || !match.dropped_old[i]) entries.push_back({a[i], kNoNode, i, 0, false});
    } else if (match.is_moved(i) || !sides.same_raw(a[i], b[j])) {
      entries.push_back({a[i], b[j], i, j, match.is_moved(i)});
    }
  }
}

bool ascends(const ElementMatch& match) {
  std::uint32_t last = 0;
  for (const std::uint32_t j : match.partner) {
    if (j == kUnmatched) continue;
    if (j < last) return false;
    last = j;
  }
  return true;
}

std::ptrdiff_t repeats(const std::vector<bool>& dropped) { return std::count(dropped.begin(), dropped.end(), true); }

/// The member that identifies the elements, unless rules have a say about it.
std::optional<std::string> usable_identity(const Sides& sides, NodeIndex a, NodeIndex b, PlaceIndex place) {
  if (sides.old_tape[a].count < 2 && sides.new_tape[b].count < 2) return std::nullopt;
  const bool objects = sides.old_tape[a].count != 0 && sides.old_tape.type(a + 1) == Type::object;
  if (!objects || sides.places.has_conditions(place)) return std::nullopt;
  const std::optional<std::string>& member = identifying_member(sides, a, b);
  if (!member) return std::nullopt;
  const PlaceIndex element = sides.places.element(place, 0, 0);
  const Policy& policy = sides.places.policy(sides.places.member(element, *member, 0));
  const bool plain = !policy.ignored && !policy.unselected && policy.tolerance == nullptr &&
                     policy.pattern == nullptr && !policy.types_only && !policy.case_insensitive &&
                     policy.numbers == Numbers::decimal;
  return plain && sides.places.policy(element).renames.empty() ? member : std::nullopt;
}

/// Elements of which nothing but the order differs: one difference for the whole array instead of one for each.
bool is_permutation(const ElementMatch& match, std::size_t size_a, std::size_t size_b) {
  const bool any_moved = std::find(match.moved.begin(), match.moved.end(), true) != match.moved.end();
  const bool all_paired = std::find(match.partner.begin(), match.partner.end(), kUnmatched) == match.partner.end();
  return any_moved && all_paired && size_a == size_b && !match.has_changed_pairs;
}

}  // namespace

PlaceIndex element_place(const Sides& sides, PlaceIndex array, NodeIndex a, NodeIndex b, std::size_t index) {
  if (array == kNoRules) return kNoRules;
  std::uint64_t met = 0;
  if (sides.places.has_conditions(array)) {
    met = ~std::uint64_t{0};
    if (a != kNoNode) met &= sides.places.conditions_met(array, sides.old_tape, a);
    if (b != kNoNode) met &= sides.places.conditions_met(array, sides.new_tape, b);
  }
  return sides.places.element(array, index, met);
}

PairingNotes pair_elements(const Sides& sides, NodeIndex array_a, NodeIndex array_b, PlaceIndex place,
                           ElementProbe& probe, std::vector<Entry>& entries) {
  PairingNotes notes;
  const Elements a = list_elements(sides.old_tape, array_a);
  const Elements b = list_elements(sides.new_tape, array_b);
  if (sides.places.names_positions(place)) {
    pair_by_position(sides, a, b, entries);
    return notes;
  }
  const Policy& policy = sides.places.policy(place);
  if (policy.pairing != Pairing::aligned) {
    const ElementMatch match = match_unordered(sides, a, b, place, probe);
    notes.reordered = !ascends(match) || repeats(match.dropped_old) != repeats(match.dropped_new);
    append_entries(sides, a, b, match, entries);
    return notes;
  }
  const std::optional<std::string> identity = usable_identity(sides, array_a, array_b, place);
  ElementMatch match = match_aligned(sides, a, b, place, identity, probe);
  if (is_permutation(match, a.size(), b.size())) {
    notes.permuted = true;
    for (std::uint32_t i = 0; i < a.size(); ++i) {
      if (match.moved[i]) notes.moved_leaves += sides.old_tape.leaves_below(a[i]);
    }
    match.moved.clear();
  }
  append_entries(sides, a, b, match, entries);
  return notes;
}

}  // namespace diffing
