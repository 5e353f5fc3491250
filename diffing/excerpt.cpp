#include "diffing/excerpt.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "diffing/harmless.h"
#include "diffing/places.h"
#include "diffing/pointer.h"

namespace diffing {
namespace {

constexpr std::size_t kNeighbours = 2;   // on each side
constexpr std::size_t kShownBytes = 32;  // of each value and name

/// The element at that index, or kNoNode.
NodeIndex find_element(const Tape& tape, NodeIndex array, std::string_view step) {
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc() || end != step.data() + step.size() || index >= tape[array].count) return kNoNode;
  NodeIndex child = array + 1;
  for (; index > 0; --index) child = tape[child].next;
  return child;
}

NodeIndex find_child(const Tape& tape, NodeIndex node, std::string_view step) {
  if (!tape.is_container(node) || tape[node].count == 0) return kNoNode;
  return tape.type(node) == Type::object ? find_member(tape, node, step) : find_element(tape, node, step);
}

std::string shown(const Tape& tape, NodeIndex value) {
  if (tape[value].count != 0) return tape.type(value) == Type::object ? "{…}" : "[…]";
  return harmless_beginning(tape.raw(value), kShownBytes);
}

}  // namespace

std::string excerpt_around(const Tape& tape, std::string_view pointer) {
  NodeIndex container = kNoNode;
  NodeIndex place = 0;
  for (const std::string& step : pointer_steps(pointer)) {
    container = place;
    place = find_child(tape, container, step);
    if (place == kNoNode) return {};
  }
  if (container == kNoNode) return {};
  const bool object = tape.type(container) == Type::object;
  std::vector<NodeIndex> children;
  std::size_t at = 0;
  for (NodeIndex child = container + 1 + object; child < tape[container].next; child = tape[child].next + object) {
    if (child == place) at = children.size();
    children.push_back(child);
  }
  const std::size_t first = at - std::min(at, kNeighbours);
  const std::size_t end = std::min(children.size(), at + kNeighbours + 1);
  std::string out = object ? "{" : "[";
  if (first > 0) out += "…, ";
  for (std::size_t i = first; i < end; ++i) {
    if (i > first) out += ", ";
    if (object) out += harmless_beginning(tape.raw(children[i] - 1), kShownBytes) + ": ";
    out += shown(tape, children[i]);
  }
  if (end < children.size()) out += ", …";
  return out + (object ? "}" : "]");
}

}  // namespace diffing
