#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "diffing/pairing.h"
#include "diffing/places.h"
#include "diffing/tape.h"

namespace diffing {

/// A pair of containers that is being compared, and which of their children is.
struct Frame {
  NodeIndex a = kNoNode;
  NodeIndex b = kNoNode;
  PlaceIndex place = kNoRules;
  bool object = false;
  bool planned = false;        ///< Children come from the entries, not from both sides in step.
  NodeIndex next_a = kNoNode;  ///< In step: the next child (array) or key (object) of either side.
  NodeIndex next_b = kNoNode;
  std::uint32_t index = 0;      ///< In step: of the next child.
  std::size_t first_entry = 0;  ///< Planned: where this frame's entries begin, ...
  std::size_t next_entry = 0;   ///< ... and the next of them.
  Entry child;                  ///< The child being compared.
};

/// Receives what a walk finds. The frames lead from the root to the place; the last one's child is the place itself,
/// unless there are none, when it is the root.
class Findings {
 public:
  struct Found {
    Kind kind = Kind::value;
    NodeIndex a = kNoNode;
    NodeIndex b = kNoNode;
    PlaceIndex place = kNoRules;
    double cost = 0;
  };

  virtual ~Findings() = default;
  virtual void found(const Found& found, const std::vector<Frame>& frames) = 0;
  /// A place that differs but that a rule lets pass.
  virtual void ruled() = 0;
};

/// Compares two tapes from the root down, without recursion, in the order of old.
class Walk : private ElementProbe {
 public:
  Walk(const Tape& old_tape, const Tape& new_tape, Places& places, StepBudget& budget);

  void run(Findings& findings);
  /// The same for two values within containers that agree in all else. Those containers are known on old's side only.
  void run_within(std::vector<Frame> around, NodeIndex a, NodeIndex b, Findings& findings);
  /// Whether nothing would be found between two values at the root's place. Ends at the first difference.
  bool finds_nothing(NodeIndex a, NodeIndex b) { return probe_from(a, b, sides_.places.root()); }

  const Sides& sides() const { return sides_; }

 private:
  bool equal(NodeIndex a, NodeIndex b, PlaceIndex place) override;
  bool equal_as_hoped(NodeIndex a, NodeIndex b, PlaceIndex place) override;
  bool probe_from(NodeIndex a, NodeIndex b, PlaceIndex place);
  bool moved_is_equal(const Entry& entry, PlaceIndex place);
  bool charge(std::uint64_t steps);
  bool probing() const { return findings_ == nullptr; }

  void drain(std::size_t height);
  bool advance(Frame& frame);
  bool advance_members(Frame& frame);
  bool advance_elements(Frame& frame);
  void plan_members(Frame& frame);
  void visit_child(std::size_t frame_index);
  void pair(NodeIndex a, NodeIndex b, PlaceIndex place);
  void pair_containers(NodeIndex a, NodeIndex b, PlaceIndex place);
  void pair_ignored(NodeIndex a, NodeIndex b);
  void open(NodeIndex a, NodeIndex b, PlaceIndex place);
  bool plan_elements(Frame& frame);
  void missing(NodeIndex a, PlaceIndex place);
  void extra(NodeIndex b, PlaceIndex place, PlaceIndex parent);
  PlaceIndex child_place(const Frame& frame);
  bool holds_selected(const Tape& tape, NodeIndex node, PlaceIndex place);

  void report(Kind kind, NodeIndex a, NodeIndex b, PlaceIndex place, double cost);
  void pass_by_rule();

  StepBudget& budget_;
  SubtreeHashes old_hashes_;
  SubtreeHashes new_hashes_;
  SubtreeHashes old_fingerprints_;
  SubtreeHashes new_fingerprints_;
  IdentityCache identities_;
  Sides sides_;
  Findings* findings_ = nullptr;  ///< nullptr while probing: then the first difference ends the walk.
  bool failed_ = false;           ///< Probing: a difference was found.
  int nested_probes_ = 0;
  bool charged_ = true;       ///< Probing: the work is taken from the budget.
  std::uint64_t probed_ = 0;  ///< Pairs looked at by probes, and those of them that ended with a difference.
  std::uint64_t wasted_ = 0;
  std::vector<Frame> frames_;
  std::vector<Entry> entries_;
};

/// Whether two values are the same without any rule.
bool exactly_equal(const Tape& old_tape, NodeIndex a, const Tape& new_tape, NodeIndex b);

}  // namespace diffing
