#include "diffing/differing_part.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace diffing {
namespace {

constexpr std::size_t kUsualDepth = 8;

/// How far the two agree, given that they do for `size` bytes: as many whole blocks as do.
template <std::size_t kBlock>
std::size_t equal_blocks(const char* a, const char* b, std::size_t size, std::size_t most) {
  while (size + kBlock <= most && std::memcmp(a + size, b + size, kBlock) == 0) size += kBlock;
  return size;
}

/// The same backwards from two ends.
template <std::size_t kBlock>
std::size_t equal_blocks_before(const char* a, const char* b, std::size_t size, std::size_t most) {
  while (size + kBlock <= most && std::memcmp(a - size - kBlock, b - size - kBlock, kBlock) == 0) size += kBlock;
  return size;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t size = equal_blocks<256>(a.data(), b.data(), 0, most);
  size = equal_blocks<8>(a.data(), b.data(), size, most);
  return equal_blocks<1>(a.data(), b.data(), size, most);
}

/// At most `most` bytes.
std::size_t common_suffix(std::string_view a, std::string_view b, std::size_t most) {
  const char* const end_a = a.data() + a.size();
  const char* const end_b = b.data() + b.size();
  std::size_t size = equal_blocks_before<256>(end_a, end_b, 0, most);
  size = equal_blocks_before<8>(end_a, end_b, size, most);
  return equal_blocks_before<1>(end_a, end_b, size, most);
}

/// Moves a frame to the child that covers all from `first` to `last`; false where none does.
bool enter_child(const Tape& tape, Frame& frame, std::size_t first, std::size_t last) {
  frame.object = tape.type(frame.a) == Type::object;
  const NodeIndex key = frame.object;
  std::uint32_t index = 0;
  for (NodeIndex child = frame.a + 1 + key; child < tape[frame.a].next; child = tape[child].next + key, ++index) {
    if (tape[child].end < last) continue;
    frame.child = {child, kNoNode, index, index, false};
    return tape[child].begin <= first;
  }
  return false;
}

/// The containers on the way to the smallest value that covers the bytes.
std::vector<Frame> containers_around(const Tape& tape, std::size_t first, std::size_t last) {
  std::vector<Frame> around;
  around.reserve(kUsualDepth);
  Frame frame;
  frame.a = 0;
  while (tape[frame.a].count != 0 && enter_child(tape, frame, first, last)) {
    around.push_back(frame);
    const NodeIndex child = frame.child.a;
    frame = Frame{};
    frame.a = child;
  }
  // An element that is a container may be paired otherwise than in place, which its array decides.
  while (!around.empty() && !around.back().object && tape.is_container(around.back().child.a)) around.pop_back();
  return around;
}

}  // namespace

std::optional<DifferingPart> find_difference(const Tape& old_tape, std::string_view new_json, const Limits& limits) {
  const std::string_view old_json = old_tape.text();
  if (new_json.size() > limits.max_bytes) return std::nullopt;
  const std::size_t first = common_prefix(old_json, new_json);
  const std::size_t rest = std::min(old_json.size(), new_json.size()) - first;
  const std::size_t last = old_json.size() - common_suffix(old_json, new_json, rest);
  DifferingPart part;
  part.around = containers_around(old_tape, first, last);
  if (part.around.empty()) return std::nullopt;
  part.old_node = part.around.back().child.a;
  const Node& node = old_tape[part.old_node];
  const std::size_t size = new_json.size() - (old_json.size() - (node.end - node.begin));
  const ParseLimits left{limits.max_depth - part.around.size(), limits.max_bytes};
  auto parsed = Tape::parse(new_json.substr(node.begin, size), left);
  if (std::holds_alternative<ParseError>(parsed)) return std::nullopt;
  part.new_tape = std::get<Tape>(std::move(parsed));
  // A scalar element that becomes a container is for its array to judge as well.
  if (!part.around.back().object && part.new_tape.is_container(0)) return std::nullopt;
  return part;
}

}  // namespace diffing
