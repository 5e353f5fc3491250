#include "diffing/locate.h"

#include <string_view>

#include "diffing/json_string.h"
#include "diffing/pointer.h"

namespace diffing {
namespace {

/// Appends the step from a frame's container to its child; where one side lacks the child, the other's step stands.
void append_child(const Sides& sides, const Frame& frame, Location& location) {
  const Entry& child = frame.child;
  if (!frame.object) {
    const std::uint32_t in_old = child.a == kNoNode ? child.b_index : child.a_index;
    const std::uint32_t in_new = child.b == kNoNode ? child.a_index : child.b_index;
    if (in_old != in_new && !location.new_path) location.new_path = location.old_path;
    location.old_path.append("/").append(std::to_string(in_old));
    if (location.new_path) location.new_path->append("/").append(std::to_string(in_new));
    location.signature += "/*";
    return;
  }
  std::string old_buffer;
  std::string new_buffer;
  const std::string_view in_new =
      child.b == kNoNode ? std::string_view{} : decoded(sides.new_tape.raw(child.b - 1), new_buffer);
  const std::string_view in_old = child.a == kNoNode ? in_new : decoded(sides.old_tape.raw(child.a - 1), old_buffer);
  if (child.b != kNoNode && in_old != in_new && !location.new_path) location.new_path = location.old_path;
  append_step(in_old, location.old_path);
  if (location.new_path) append_step(child.b == kNoNode ? in_old : in_new, *location.new_path);
  append_pattern_step(in_old, location.signature);
}

}  // namespace

Location locate(const Sides& sides, const std::vector<Frame>& frames, const std::string& prefix) {
  Location location{prefix, {}, {}};
  for (const std::string& step : pointer_steps(prefix)) append_pattern_step(step, location.signature);
  for (const Frame& frame : frames) append_child(sides, frame, location);
  return location;
}

std::string container_path(const Sides& sides, const std::vector<Frame>& frames, const std::string& prefix) {
  Location location{prefix, {}, {}};
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) append_child(sides, frames[i], location);
  return location.old_path;
}

}  // namespace diffing
