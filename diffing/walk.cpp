#include "diffing/walk.h"

#include <algorithm>
#include <string>
#include <utility>

#include "diffing/json_string.h"
#include "diffing/scalar.h"

namespace diffing {
namespace {

// Probes within probes: only rules that let unequal values pass, in arrays without order within such arrays, lead to
// them. Deeper ones are answered "different", and the result is marked approximate.
constexpr int kMostNestedProbes = 8;

// What probing costs in steps of an alignment, which take a few nanoseconds: a pair, each byte of scalars, each child.
constexpr std::uint64_t kProbeSteps = 24;
constexpr std::uint64_t kByteSteps = 2;
constexpr std::uint64_t kChildSteps = 12;

constexpr std::uint64_t kFingerprintSeed = 0x2d358dccaa6c78a5;  // any; a constant of wyhash

constexpr double kMovedLeafCost = 0.1;
constexpr double kPairCost = 2;

double leaf_count(const Tape& tape, NodeIndex node) { return static_cast<double>(tape.leaves_below(node)); }

std::uint64_t scalar_bytes(const Tape& tape, NodeIndex node) {
  return tape.is_container(node) ? 0 : tape.raw(node).size();
}

/// An empty container is a leaf, which is gone when the other side's has children; they share its cost.
double share_of_emptied(const Tape& tape, NodeIndex container, const Tape& other, NodeIndex emptied) {
  return other[emptied].count == 0 ? 1.0 / tape[container].count : 0;
}

}  // namespace

Walk::Walk(const Tape& old_tape, const Tape& new_tape, Places& places, StepBudget& budget)
    : budget_(budget),
      old_hashes_(old_tape, places, false),
      new_hashes_(new_tape, places, true),
      old_fingerprints_(old_tape, places, false, kFingerprintSeed),
      new_fingerprints_(new_tape, places, true, kFingerprintSeed),
      sides_(Sides{old_tape, new_tape, places, old_hashes_, new_hashes_, old_fingerprints_, new_fingerprints_, budget,
                   identities_}) {}

void Walk::run(Findings& findings) {
  findings_ = &findings;
  pair(0, 0, sides_.places.root());
  drain(0);
}

void Walk::run_within(std::vector<Frame> around, NodeIndex a, NodeIndex b, Findings& findings) {
  findings_ = &findings;
  frames_ = std::move(around);
  const std::size_t height = frames_.size();
  pair(a, b, sides_.places.root());
  drain(height);
}

bool Walk::probe_from(NodeIndex a, NodeIndex b, PlaceIndex place) {
  if (nested_probes_ == kMostNestedProbes) {
    budget_.ran_out = true;
    return false;
  }
  ++nested_probes_;
  Findings* const findings = std::exchange(findings_, nullptr);
  const bool failed = std::exchange(failed_, false);
  const std::size_t height = frames_.size();
  const std::size_t entries = entries_.size();
  const std::uint64_t probed = probed_;
  pair(a, b, place);
  drain(height);
  const bool equal = !failed_;
  if (!equal) wasted_ += probed_ - probed;
  frames_.resize(height);
  entries_.resize(entries);
  failed_ = failed;
  findings_ = findings;
  --nested_probes_;
  return equal;
}

bool Walk::equal(NodeIndex a, NodeIndex b, PlaceIndex place) { return probe_from(a, b, place); }

bool Walk::equal_as_hoped(NodeIndex a, NodeIndex b, PlaceIndex place) {
  if (wasted_ > sides_.old_tape.size()) return false;
  const bool charged = std::exchange(charged_, false);
  const bool equal = probe_from(a, b, place);
  charged_ = charged;
  return equal;
}

/// Probing: takes steps from the budget; the probe fails where they are not left.
bool Walk::charge(std::uint64_t steps) {
  if (!probing() || !charged_ || budget_.take(steps)) return true;
  failed_ = true;
  return false;
}

void Walk::drain(std::size_t height) {
  while (frames_.size() > height && !failed_) {
    const std::size_t top = frames_.size() - 1;
    if (!advance(frames_[top])) {
      if (frames_[top].planned) entries_.resize(frames_[top].first_entry);
      frames_.pop_back();
      continue;
    }
    visit_child(top);
  }
}

/// Moves on to the next child that is worth a look; false at the end.
bool Walk::advance(Frame& frame) {
  if (frame.planned) {
    if (frame.next_entry == entries_.size()) return false;
    frame.child = entries_[frame.next_entry++];
    return true;
  }
  return frame.object ? advance_members(frame) : advance_elements(frame);
}

bool Walk::advance_members(Frame& frame) {
  const Tape& old_tape = sides_.old_tape;
  const Tape& new_tape = sides_.new_tape;
  const NodeIndex end_a = old_tape[frame.a].next;
  const NodeIndex end_b = new_tape[frame.b].next;
  while (frame.next_a < end_a && frame.next_b < end_b) {
    if (!sides_.same_raw(frame.next_a, frame.next_b)) break;
    const NodeIndex a = frame.next_a + 1;
    const NodeIndex b = frame.next_b + 1;
    frame.next_a = old_tape[a].next;
    frame.next_b = new_tape[b].next;
    const std::uint32_t index = frame.index++;
    if (sides_.same_raw(a, b)) continue;
    frame.child = {a, b, index, index, false};
    return true;
  }
  if (frame.next_a >= end_a && frame.next_b >= end_b) return false;
  plan_members(frame);
  return !failed_ && advance(frame);
}

void Walk::plan_members(Frame& frame) {
  if (!charge(kChildSteps * (sides_.old_tape[frame.a].count + sides_.new_tape[frame.b].count))) return;
  frame.planned = true;
  frame.first_entry = frame.next_entry = entries_.size();
  pair_members(sides_, sides_.places.policy(frame.place), frame.next_a, sides_.old_tape[frame.a].next, frame.next_b,
               sides_.new_tape[frame.b].next, entries_);
}

bool Walk::advance_elements(Frame& frame) {
  const NodeIndex end_a = sides_.old_tape[frame.a].next;
  while (frame.next_a < end_a) {
    const NodeIndex a = frame.next_a;
    const NodeIndex b = frame.next_b;
    frame.next_a = sides_.old_tape[a].next;
    frame.next_b = sides_.new_tape[b].next;
    const std::uint32_t index = frame.index++;
    if (sides_.same_raw(a, b)) continue;
    frame.child = {a, b, index, index, false};
    return true;
  }
  return false;
}

/// The place of the frame's child as the rules see it, by the names that old gives.
PlaceIndex Walk::child_place(const Frame& frame) {
  if (frame.place == kNoRules) return kNoRules;
  const Entry& child = frame.child;
  Places& places = sides_.places;
  if (!frame.object) {
    return element_place(sides_, frame.place, child.a, child.b, child.a == kNoNode ? child.b_index : child.a_index);
  }
  std::string buffer;
  const std::string_view key = child.a == kNoNode ? sides_.new_tape.raw(child.b - 1) : sides_.old_tape.raw(child.a - 1);
  std::uint64_t met = 0;
  if (places.has_conditions(frame.place)) {
    met = ~std::uint64_t{0};
    if (child.a != kNoNode) met &= places.conditions_met(frame.place, sides_.old_tape, child.a);
    if (child.b != kNoNode) met &= places.conditions_met(frame.place, sides_.new_tape, child.b);
  }
  return places.member(frame.place, decoded(key, buffer), met);
}

void Walk::visit_child(std::size_t frame_index) {
  const Frame& frame = frames_[frame_index];
  const Entry child = frame.child;
  const PlaceIndex parent = frame.place;
  const PlaceIndex place = child_place(frame);
  if (child.b == kNoNode) return missing(child.a, place);
  if (child.a == kNoNode) return extra(child.b, place, parent);
  if (!child.moved) return pair(child.a, child.b, place);
  if (moved_is_equal(child, place)) {
    return report(Kind::moved, child.a, child.b, place, kMovedLeafCost * leaf_count(sides_.old_tape, child.a));
  }
  missing(child.a, place);
  extra(child.b, place, parent);
}

bool Walk::moved_is_equal(const Entry& entry, PlaceIndex place) {
  return sides_.same_raw(entry.a, entry.b) || probe_from(entry.a, entry.b, place);
}

void Walk::pair(NodeIndex a, NodeIndex b, PlaceIndex place) {
  if (sides_.same_raw(a, b)) return;
  if (probing()) {
    const std::uint64_t bytes = scalar_bytes(sides_.old_tape, a) + scalar_bytes(sides_.new_tape, b);
    if (!charge(kProbeSteps + kByteSteps * bytes)) return;
  }
  probed_ += probing();
  const Policy& policy = sides_.places.policy(place);
  if (policy.ignored) return pair_ignored(a, b);
  const Type type = sides_.old_tape.type(a);
  const bool same_type = type == sides_.new_tape.type(b);
  if (same_type && type >= Type::array) return pair_containers(a, b, place);
  if (counts_as_absent(sides_.old_tape, a, policy.absent) && counts_as_absent(sides_.new_tape, b, policy.absent)) {
    return pass_by_rule();
  }
  if (!same_type) {
    const double cost = leaf_count(sides_.old_tape, a) + leaf_count(sides_.new_tape, b);
    return report(Kind::type, a, b, place, cost);
  }
  switch (compare_scalars(sides_.old_tape, a, sides_.new_tape, b, policy)) {
    case Verdict::equal: return;
    case Verdict::allowed: return pass_by_rule();
    case Verdict::different: return report(Kind::value, a, b, place, kPairCost);
  }
}

void Walk::pair_ignored(NodeIndex a, NodeIndex b) {
  if (probing()) return;
  if (!exactly_equal(sides_.old_tape, a, sides_.new_tape, b)) pass_by_rule();
}

void Walk::pair_containers(NodeIndex a, NodeIndex b, PlaceIndex place) {
  const bool empty_a = sides_.old_tape[a].count == 0;
  const bool empty_b = sides_.new_tape[b].count == 0;
  if (empty_a && empty_b) return;
  open(a, b, place);
}

/// Begins with the children of two containers.
void Walk::open(NodeIndex a, NodeIndex b, PlaceIndex place) {
  Frame frame;
  frame.a = a;
  frame.b = b;
  frame.place = place;
  frame.object = sides_.old_tape.type(a) == Type::object;
  frame.next_a = a + 1;
  frame.next_b = b + 1;
  if (frame.object) {
    if (!sides_.places.policy(place).renames.empty()) plan_members(frame);
  } else if (!plan_elements(frame)) {
    return;
  }
  frames_.push_back(frame);
}

/// False where there is nothing to look at.
bool Walk::plan_elements(Frame& frame) {
  const Policy& policy = sides_.places.policy(frame.place);
  const bool in_order = policy.pairing == Pairing::aligned;
  const std::uint32_t count_a = sides_.old_tape[frame.a].count;
  const std::uint32_t count_b = sides_.new_tape[frame.b].count;
  if (probing() && in_order) {
    if (count_a == count_b) return true;  // in step
    if (!policy.extra_ok || count_a > count_b) {
      failed_ = true;
      return false;
    }
  }
  if (!charge(kChildSteps * (count_a + count_b))) return false;
  frame.planned = true;
  frame.first_entry = frame.next_entry = entries_.size();
  const PairingNotes notes = pair_elements(sides_, frame.a, frame.b, frame.place, *this, entries_);
  if (failed_) return false;
  if (notes.permuted) {
    const double cost = kMovedLeafCost * static_cast<double>(notes.moved_leaves);
    report(Kind::order, frame.a, frame.b, frame.place, cost);
  } else if (notes.reordered) {
    pass_by_rule();
  }
  return true;
}

void Walk::missing(NodeIndex a, PlaceIndex place) {
  const Policy& policy = sides_.places.policy(place);
  const bool absent = policy.absent.missing && counts_as_absent(sides_.old_tape, a, policy.absent);
  if (policy.ignored || absent) return pass_by_rule();
  if (policy.unselected && !holds_selected(sides_.old_tape, a, place)) return pass_by_rule();
  if (probing()) {
    failed_ = true;
    return;
  }
  const double emptied = share_of_emptied(sides_.old_tape, frames_.back().a, sides_.new_tape, frames_.back().b);
  report(Kind::missing, a, kNoNode, place, leaf_count(sides_.old_tape, a) + emptied);
}

void Walk::extra(NodeIndex b, PlaceIndex place, PlaceIndex parent) {
  const Policy& policy = sides_.places.policy(place);
  const bool absent = policy.absent.missing && counts_as_absent(sides_.new_tape, b, policy.absent);
  const bool allowed = policy.extra_ok || sides_.places.policy(parent).extra_ok;
  if (policy.ignored || absent || allowed) return pass_by_rule();
  if (policy.unselected && !holds_selected(sides_.new_tape, b, place)) return pass_by_rule();
  if (probing()) {
    failed_ = true;
    return;
  }
  const double emptied = share_of_emptied(sides_.new_tape, frames_.back().b, sides_.old_tape, frames_.back().a);
  report(Kind::extra, kNoNode, b, place, leaf_count(sides_.new_tape, b) + emptied);
}

/// Whether something at or below a place that is not selected itself is.
bool Walk::holds_selected(const Tape& tape, NodeIndex node, PlaceIndex place) {
  Places& places = sides_.places;
  std::vector<std::pair<NodeIndex, PlaceIndex>> open{{node, place}};
  std::string buffer;
  while (!open.empty()) {
    const NodeIndex at = open.back().first;
    const PlaceIndex here = open.back().second;
    open.pop_back();
    const Policy& policy = places.policy(here);
    if (policy.ignored) continue;
    if (!policy.unselected) return true;
    if (!tape.is_container(at)) continue;
    const auto met = [&](NodeIndex child) {
      return places.has_conditions(here) ? places.conditions_met(here, tape, child) : 0;
    };
    const bool object = tape.type(at) == Type::object;
    std::size_t index = 0;
    for (NodeIndex child = at + 1 + object; child < tape[at].next; child = tape[child].next + object) {
      const PlaceIndex below = object ? places.member(here, decoded(tape.raw(child - 1), buffer), met(child))
                                      : places.element(here, index++, met(child));
      open.emplace_back(child, below);
    }
  }
  return false;
}

void Walk::report(Kind kind, NodeIndex a, NodeIndex b, PlaceIndex place, double cost) {
  const Policy& policy = sides_.places.policy(place);
  if (policy.unselected && kind != Kind::missing && kind != Kind::extra) {
    const bool selected = kind != Kind::value && ((a != kNoNode && holds_selected(sides_.old_tape, a, place)) ||
                                                  (b != kNoNode && holds_selected(sides_.new_tape, b, place)));
    if (!selected) return pass_by_rule();
  }
  if (probing()) {
    failed_ = true;
    return;
  }
  findings_->found({kind, a, b, place, cost}, frames_);
}

void Walk::pass_by_rule() {
  if (!probing()) findings_->ruled();
}

namespace {

/// Nothing to note: the verdict is all that is asked for.
const RuleSet::Trie& no_rules() {
  static const RuleSet rules;
  return rules.trie();
}

}  // namespace

bool exactly_equal(const Tape& old_tape, NodeIndex a, const Tape& new_tape, NodeIndex b) {
  const std::string_view raw_a = old_tape.raw(a);
  const std::string_view raw_b = new_tape.raw(b);
  if (raw_a == raw_b) return true;
  if (old_tape.leaves_below(a) != new_tape.leaves_below(b)) return false;
  Places places(no_rules());
  StepBudget budget{~std::uint64_t{0}, false};
  return Walk(old_tape, new_tape, places, budget).finds_nothing(a, b);
}

}  // namespace diffing
