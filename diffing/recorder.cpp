#include "diffing/recorder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "diffing/document.h"
#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/locate.h"
#include "diffing/pointer.h"

namespace diffing {
namespace {

constexpr std::size_t kMostHints = 20;

// Paths can be nearly as long as the document, so that the number of differences alone bounds no memory.
constexpr std::size_t kMostKeptBytes = std::size_t{1} << 24;

/// The value of a member as identities show it: text without quotes.
std::string shown(const Tape& tape, NodeIndex value) {
  constexpr std::size_t kMostShown = 64;
  std::string buffer;
  const std::string_view raw = tape.raw(value);
  const std::string_view text = tape.type(value) == Type::string ? decoded(raw, buffer) : raw;
  return std::string(text.substr(0, whole_characters(text, kMostShown)));
}

/// NAME=VALUE of an element for a member that may be nested (a/b); empty where the element lacks it.
std::string named_value(const Tape& tape, NodeIndex element, const std::string& name) {
  for (const std::string& step : pointer_steps("/" + name)) {
    if (tape.type(element) != Type::object) return {};
    element = find_member(tape, element, step);
    if (element == kNoNode) return {};
  }
  return tape.is_container(element) ? std::string{} : name + "=" + shown(tape, element);
}

}  // namespace

Severity default_severity(Kind kind) {
  switch (kind) {
    case Kind::extra:
    case Kind::order:
    case Kind::moved: return Severity::minor;
    default: return Severity::major;
  }
}

bool has_repeated_names(const Tape& tape, NodeIndex object) {
  const std::uint32_t members = tape[object].count;
  constexpr std::uint32_t kFew = 32;
  std::array<std::uint64_t, 2 * kFew> few{};
  std::vector<std::uint64_t> many(members > kFew ? std::bit_ceil(std::size_t{members} * 2) : 0);
  const std::span<std::uint64_t> slots = members > kFew ? std::span(many) : std::span(few);
  const std::uint64_t seed = process_seed();
  for (NodeIndex key = object + 1; key < tape[object].next; key = tape[key + 1].next) {
    const std::uint64_t hash = hash_string(tape.raw(key), seed) | 1;
    std::size_t slot = hash >> 8 & (slots.size() - 1);
    for (; slots[slot] != 0; slot = (slot + 1) & (slots.size() - 1)) {
      if (slots[slot] == hash) return true;
    }
    slots[slot] = hash;
  }
  return false;
}

Recorder::Recorder(const Sides& sides, const Limits& limits, std::string prefix, Comparison& comparison)
    : sides_(sides), limits_(limits), prefix_(std::move(prefix)), comparison_(comparison) {}

void Recorder::found(const Found& found, const std::vector<Frame>& frames) {
  found_with(found, sides_.places.policy(found.place).severity.value_or(default_severity(found.kind)), frames);
}

void Recorder::found_with(const Found& found, Severity severity, const std::vector<Frame>& frames) {
  count_difference(found.kind, severity, comparison_);
  cost_ += found.cost;
  if (comparison_.differences.size() < limits_.max_differences && kept_bytes_ < kMostKeptBytes) {
    keep(found, severity, frames);
    advise(found, frames);
  } else {
    comparison_.truncated = true;
  }
}

void Recorder::keep(const Found& found, Severity severity, const std::vector<Frame>& frames) {
  Difference& difference = comparison_.differences.emplace_back();
  Location location = locate(sides_, frames, prefix_);
  const bool only_in_new = found.kind == Kind::extra;
  if (location.new_path && only_in_new) {
    difference.path = std::move(*location.new_path);
  } else {
    if (location.new_path && found.kind != Kind::missing) difference.new_path = std::move(*location.new_path);
    difference.path = std::move(location.old_path);
  }
  difference.signature = std::move(location.signature);
  difference.identity = identity(frames);
  difference.kind = found.kind;
  difference.severity = severity;
  if (found.a != kNoNode) difference.old_value = cut_value(sides_.old_tape.raw(found.a), limits_);
  if (found.b != kNoNode) difference.new_value = cut_value(sides_.new_tape.raw(found.b), limits_);
  kept_bytes_ += difference.path.size() + difference.signature.size() + difference.new_path.size() +
                 difference.old_value.size() + difference.new_value.size();
}

/// Names the innermost element that the place lies in.
std::string Recorder::identity(const std::vector<Frame>& frames) {
  constexpr std::uint32_t kWide = 64;
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    if (frame->object) continue;
    const Entry& child = frame->child;
    const std::uint32_t members = child.a != kNoNode ? sides_.old_tape[child.a].count : sides_.new_tape[child.b].count;
    std::string text;
    if (members < kWide) {
      text = identity_in(*frame);
    } else {
      const auto [known, is_new] = wide_identities_.try_emplace({child.a, child.b});
      if (is_new) known->second = identity_in(*frame);
      text = known->second;
    }
    if (!text.empty()) return text;
  }
  return {};
}

/// The identity of an array's child; empty where it has none.
std::string Recorder::identity_in(const Frame& frame) {
  const bool in_old = frame.child.a != kNoNode;
  const Tape& tape = in_old ? sides_.old_tape : sides_.new_tape;
  const NodeIndex element = in_old ? frame.child.a : frame.child.b;
  const Policy& policy = sides_.places.policy(frame.place);
  std::string text;
  if (policy.pairing == Pairing::keyed) {
    for (const std::string& name : policy.key->names) {
      const std::string part = named_value(tape, element, name);
      if (!part.empty()) text += (text.empty() ? "" : ",") + part;
    }
  } else if (const auto& member = identifying_member(sides_, frame.a, frame.b)) {
    text = named_value(tape, element, *member);
  }
  return text;
}

void Recorder::advise(const Found& found, const std::vector<Frame>& frames) {
  advise_key(found, frames);
  flag_repeats(frames);
}

/// Where elements moved, or came and went, a member that identifies them would have paired them.
void Recorder::advise_key(const Found& found, const std::vector<Frame>& frames) {
  const bool whole_array = found.kind == Kind::order;
  const bool element = found.kind == Kind::moved || found.kind == Kind::missing || found.kind == Kind::extra;
  if (!whole_array && (!element || frames.empty() || frames.back().object)) return;
  const NodeIndex a = whole_array ? found.a : frames.back().a;
  const NodeIndex b = whole_array ? found.b : frames.back().b;
  const PlaceIndex place = whole_array ? found.place : frames.back().place;
  if (sides_.places.policy(place).pairing != Pairing::aligned || sides_.places.names_positions(place)) return;
  if (a == kNoNode || b == kNoNode || sides_.old_tape[a].count == 0 || sides_.new_tape[b].count == 0) return;
  constexpr int kMostTries = 8;  // a pure insertion has no partner, and to look for it takes time
  int& tries = asked_[{a, b}];
  if (tries++ >= kMostTries) return;
  const std::optional<std::string>& member = identifying_member(sides_, a, b);
  if (!member || (!whole_array && found.kind != Kind::moved && !partner_exists(found, a, b, *member))) return;
  tries = kMostTries;
  std::string path = whole_array ? locate(sides_, frames, prefix_).old_path : container_path(sides_, frames, prefix_);
  hint((path.empty() ? "the root" : path) + ": keyed by " + *member + " would pair the elements");
}

/// Whether the other side has an element of the same name as one that only one side seems to have.
bool Recorder::partner_exists(const Found& found, NodeIndex a, NodeIndex b, const std::string& member) const {
  const bool in_old = found.a != kNoNode;
  const Tape& own = in_old ? sides_.old_tape : sides_.new_tape;
  const Tape& other = in_old ? sides_.new_tape : sides_.old_tape;
  const NodeIndex array = in_old ? b : a;
  const std::uint64_t wanted = identity_hash(own, in_old ? found.a : found.b, member);
  for (NodeIndex child = array + 1; child < other[array].next; child = other[child].next) {
    if (identity_hash(other, child, member) == wanted) return true;
  }
  return false;
}

void Recorder::flag_repeats(const std::vector<Frame>& frames) {
  if (frames.empty() || !frames.back().object) return;
  const Frame& frame = frames.back();
  constexpr std::uint32_t kSmall = 32;  // looked at again for each difference, which is cheaper than to remember
  const bool new_known = frame.b != kNoNode;
  const std::uint32_t in_new = new_known ? sides_.new_tape[frame.b].count : 0;
  const std::uint32_t members = std::max(sides_.old_tape[frame.a].count, in_new);
  if ((members > kSmall || comparison_.differences.size() > 1) && !flagged_.insert({frame.a, frame.b}).second) return;
  const bool in_old = has_repeated_names(sides_.old_tape, frame.a);
  if (!in_old && (!new_known || !has_repeated_names(sides_.new_tape, frame.b))) return;
  const std::string path = container_path(sides_, frames, prefix_);
  hint((path.empty() ? "the root" : path) + ": " + (in_old ? "old" : "new") +
       " repeats a member name; members of one name are compared in their order");
}

void Recorder::hint(std::string text) {
  if (comparison_.hints.size() < kMostHints) comparison_.hints.push_back(std::move(text));
}

}  // namespace diffing
