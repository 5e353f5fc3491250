#include <algorithm>
#include <array>
#include <bit>

#include "diffing/element_matching.h"
#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/scalar.h"

namespace diffing {
namespace {

constexpr std::array<std::string_view, 10> kTellingNames{"id",  "_id",  "uuid", "guid", "key",
                                                         "sku", "code", "name", "slug", "href"};

/// How well a name tells that its value identifies: smaller is better; kTellingNames.size() + 1 is not at all.
std::size_t rank(std::string_view name) {
  const auto at = std::find(kTellingNames.begin(), kTellingNames.end(), name);
  if (at != kTellingNames.end()) return static_cast<std::size_t>(at - kTellingNames.begin());
  const bool ends_like_one = name.ends_with("Id") || name.ends_with("ID") || name.ends_with("_id");
  return kTellingNames.size() + (ends_like_one ? 0 : 1);
}

std::vector<std::string> candidates(const Tape& tape, NodeIndex object) {
  std::vector<std::pair<std::size_t, std::string>> found;
  std::string buffer;
  for (NodeIndex key = object + 1; key < tape[object].next; key = tape[key + 1].next) {
    if (tape.is_container(key + 1)) continue;
    const std::string_view name = decoded(tape.raw(key), buffer);
    const std::size_t order = rank(name);
    if (order <= kTellingNames.size()) found.emplace_back(order, name);
  }
  constexpr std::size_t kMostCandidates = 3;
  std::sort(found.begin(), found.end());
  found.resize(std::min(found.size(), kMostCandidates));
  std::vector<std::string> names;
  for (auto& [order, name] : found) names.push_back(std::move(name));
  return names;
}

/// Whether every element has the member, with a scalar of its own.
bool is_unique(const Tape& tape, const Elements& elements, const std::string& member) {
  const std::size_t mask = std::bit_ceil(elements.size() * 2 + 1) - 1;
  std::vector<std::uint64_t> slots(mask + 1, 0);
  for (const NodeIndex element : elements) {
    if (tape.type(element) != Type::object) return false;
    const NodeIndex value = find_member(tape, element, member);
    if (value == kNoNode || tape.is_container(value) || tape.type(value) == Type::null) return false;
    const std::uint64_t hash = hash_scalar(tape, value, process_seed()) | 1;
    std::size_t slot = hash >> 8 & mask;
    for (; slots[slot] != 0; slot = (slot + 1) & mask) {
      if (slots[slot] == hash) return false;
    }
    slots[slot] = hash;
  }
  return true;
}

}  // namespace

std::uint64_t identity_hash(const Tape& tape, NodeIndex element, const std::string& member) {
  return hash_scalar(tape, find_member(tape, element, member), process_seed());
}

std::optional<std::string> identifying_member(const Sides& sides, const Elements& a, const Elements& b) {
  const bool from_old = !a.empty();
  if (a.size() + b.size() < 2) return std::nullopt;
  const Tape& tape = from_old ? sides.old_tape : sides.new_tape;
  const NodeIndex first = from_old ? a[0] : b[0];
  if (tape.type(first) != Type::object) return std::nullopt;
  for (const std::string& member : candidates(tape, first)) {
    if (is_unique(sides.old_tape, a, member) && is_unique(sides.new_tape, b, member)) return member;
  }
  return std::nullopt;
}

Elements list_elements(const Tape& tape, NodeIndex array) {
  Elements elements;
  elements.reserve(tape[array].count);
  for (NodeIndex child = array + 1; child < tape[array].next; child = tape[child].next) elements.push_back(child);
  return elements;
}

const std::optional<std::string>& identifying_member(const Sides& sides, NodeIndex a, NodeIndex b) {
  static const std::optional<std::string> none;
  if (sides.old_tape[a].count != 0 && sides.old_tape.type(a + 1) != Type::object) return none;
  const auto [known, is_new] = sides.identities.try_emplace({a, b});
  if (is_new) {
    const Elements in_new = b == kNoNode ? Elements{} : list_elements(sides.new_tape, b);
    known->second = identifying_member(sides, list_elements(sides.old_tape, a), in_new);
  }
  return known->second;
}

}  // namespace diffing
