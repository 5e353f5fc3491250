#include "diffing/marks.h"

#include <algorithm>

#include "diffing/element_matching.h"
#include "diffing/json_string.h"

namespace diffing {
namespace {

std::string label_of(const Difference& difference) {
  std::string label =
      std::string(name(difference.kind)) + " " + (difference.path.empty() ? "the root" : difference.path);
  if (difference.kind == Kind::moved) label += " to " + difference.new_path;
  if (!difference.identity.empty()) label += " (" + difference.identity + ")";
  return label;
}

}  // namespace

void Marks::found(const Found& found, const std::vector<Frame>& frames) {
  recorder_.found(found, frames);
  if (comparison_.truncated) return;
  const std::size_t label = labels_.size();
  labels_.push_back(label_of(comparison_.differences.back()));
  switch (found.kind) {
    case Kind::missing: gone_.emplace(found.a, label); break;
    case Kind::extra: come_.emplace(found.b, label); break;
    case Kind::moved:
      gone_.emplace(found.a, label);
      come_.emplace(found.b, label);
      break;
    case Kind::order: mark_reordered(found.a, found.b, label); break;
    default: gone_.emplace(found.a, label); replaced_.emplace(found.a, found.b);
  }
  const bool inserted = found.kind == Kind::extra || found.kind == Kind::moved;
  if (inserted) changed_.emplace(frames.back().a, frames.back().b);
}

NodeIndex Marks::replacement(NodeIndex old_node) const {
  const auto known = replaced_.find(old_node);
  return known == replaced_.end() ? kNoNode : known->second;
}

/// The same elements in another order: all between those that are in place at either end.
void Marks::mark_reordered(NodeIndex a, NodeIndex b, std::size_t label) {
  const Elements in_old = list_elements(sides_.old_tape, a);
  const Elements in_new = list_elements(sides_.new_tape, b);
  const auto in_place = [&](std::size_t i) {
    return exactly_equal(sides_.old_tape, in_old[i], sides_.new_tape, in_new[i]);
  };
  std::size_t first = 0;
  std::size_t end = std::min(in_old.size(), in_new.size());
  while (first < end && in_place(first)) ++first;
  while (end > first && in_place(end - 1)) --end;
  for (std::size_t i = first; i < end; ++i) {
    gone_.emplace(in_old[i], label);
    come_.emplace(in_new[i], label);
  }
  changed_.emplace(a, b);
}

std::vector<Marks::Insertion> Marks::insertions(NodeIndex container) const {
  const auto known = changed_.find(container);
  if (known == changed_.end()) return {};
  const bool object = sides_.old_tape.type(container) == Type::object;
  return object ? inserted_members(container, known->second) : inserted_elements(container, known->second);
}

/// Members stand after the one that precedes them in new, and after those that are removed there.
std::vector<Marks::Insertion> Marks::inserted_members(NodeIndex a, NodeIndex b) const {
  const Tape& old_tape = sides_.old_tape;
  const Tape& new_tape = sides_.new_tape;
  const NodeIndex end = old_tape[a].next;
  const auto value_after = [&](NodeIndex value) { return old_tape[value].next < end ? old_tape[value].next + 1 : end; };
  std::unordered_map<std::string, NodeIndex> in_old;
  std::string buffer;
  for (NodeIndex key = a + 1; key < end; key = old_tape[key + 1].next) {
    in_old.insert_or_assign(std::string(decoded(old_tape.raw(key), buffer)), key + 1);
  }
  std::vector<Insertion> insertions;
  NodeIndex before = a + 1 < end ? a + 2 : end;
  for (NodeIndex key = b + 1; key < new_tape[b].next; key = new_tape[key + 1].next) {
    if (come_.count(key + 1) == 0) {
      const auto same = in_old.find(std::string(decoded(new_tape.raw(key), buffer)));
      if (same != in_old.end()) before = value_after(same->second);
      continue;
    }
    while (before < end && is_removed(before)) before = value_after(before);
    insertions.push_back({before, key + 1});
  }
  std::stable_sort(insertions.begin(), insertions.end(),
                   [](const Insertion& x, const Insertion& y) { return x.before < y.before; });
  return insertions;
}

/// What stays of old and what does not come to new are the same elements, in the same order where order counts.
std::vector<Marks::Insertion> Marks::inserted_elements(NodeIndex a, NodeIndex b) const {
  const Tape& old_tape = sides_.old_tape;
  std::vector<Insertion> insertions;
  NodeIndex at = a + 1;
  const NodeIndex end = old_tape[a].next;
  for (const NodeIndex element : list_elements(sides_.new_tape, b)) {
    while (at < end && is_removed(at)) at = old_tape[at].next;
    if (come_.count(element) != 0) {
      insertions.push_back({at, element});
    } else if (at < end) {
      at = old_tape[at].next;
    }
  }
  return insertions;
}

}  // namespace diffing
