#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "diffing/diff.h"
#include "diffing/recorder.h"
#include "diffing/walk.h"

namespace diffing {

/// What a comparison says about single values, for showing both documents as one: the order is that of old.
class Marks : public Findings {
 public:
  /// At most `limits.max_differences` are marked.
  Marks(const Sides& sides, const Limits& limits) : sides_(sides), recorder_(sides, limits, "", comparison_) {}

  void found(const Found& found, const std::vector<Frame>& frames) override;
  void ruled() override {}

  /// The difference for which a value of old is removed; nullptr for one that stays.
  const std::string* gone(NodeIndex old_node) const { return label(gone_, old_node); }
  /// The difference for which a value of new is added.
  const std::string* come(NodeIndex new_node) const { return label(come_, new_node); }
  /// The value of new that takes the place of one of old; kNoNode without one.
  NodeIndex replacement(NodeIndex old_node) const;

  /// A child that only new has, and the child of old before which it is shown; the container's end for the last ones.
  struct Insertion {
    NodeIndex before = kNoNode;
    NodeIndex new_node = kNoNode;
  };
  /// Those of a container of old, in their order.
  std::vector<Insertion> insertions(NodeIndex container) const;

 private:
  using Labelled = std::unordered_map<NodeIndex, std::size_t>;

  const std::string* label(const Labelled& labelled, NodeIndex node) const {
    const auto known = labelled.find(node);
    return known == labelled.end() ? nullptr : &labels_[known->second];
  }
  bool is_removed(NodeIndex old_node) const { return gone_.count(old_node) != 0 && replaced_.count(old_node) == 0; }
  void mark_reordered(NodeIndex a, NodeIndex b, std::size_t label);
  std::vector<Insertion> inserted_members(NodeIndex a, NodeIndex b) const;
  std::vector<Insertion> inserted_elements(NodeIndex a, NodeIndex b) const;

  const Sides& sides_;
  Comparison comparison_;  ///< Only its newest difference is of use.
  Recorder recorder_;
  std::vector<std::string> labels_;  ///< "KIND PATH (IDENTITY)", by the order of differences.
  Labelled gone_;
  Labelled come_;
  std::unordered_map<NodeIndex, NodeIndex> replaced_;  ///< From old to new; the old ones are gone as well.
  std::unordered_map<NodeIndex, NodeIndex> changed_;   ///< Containers of old with insertions, and their partners.
};

}  // namespace diffing
