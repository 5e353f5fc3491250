#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>

#include "diffing/diff.h"
#include "diffing/element_matching.h"
#include "diffing/walk.h"

namespace diffing {

/// Writes what a walk finds into a comparison: counts all, keeps the first, and advises.
class Recorder : public Findings {
 public:
  /// `prefix` is the pointer under which the documents hang.
  Recorder(const Sides& sides, const Limits& limits, std::string prefix, Comparison& comparison);

  void found(const Found& found, const std::vector<Frame>& frames) override;
  /// The same with a severity that the caller chose.
  void found_with(const Found& found, Severity severity, const std::vector<Frame>& frames);
  void ruled() override { ++comparison_.ruled; }

  double cost() const { return cost_; }

 private:
  /// What names the elements of a pair of arrays, and which names each side has.
  struct Identities {
    std::optional<std::string> member;
    std::unordered_set<std::uint64_t> in_old;
    std::unordered_set<std::uint64_t> in_new;
  };

  void keep(const Found& found, Severity severity, const std::vector<Frame>& frames);
  void advise(const Found& found, const std::vector<Frame>& frames);
  void advise_key(const Found& found, const std::vector<Frame>& frames);
  bool partner_exists(const Found& found, const Identities& known) const;
  void flag_repeats(const std::vector<Frame>& frames);
  std::string identity(const std::vector<Frame>& frames);

  const Identities& identities(NodeIndex a, NodeIndex b);
  void hint(std::string text);

  const Sides& sides_;
  const Limits& limits_;
  std::string prefix_;
  Comparison& comparison_;
  double cost_ = 0;
  std::map<std::pair<NodeIndex, NodeIndex>, Identities> identities_;  ///< By pair of arrays.
  std::set<std::pair<NodeIndex, NodeIndex>> advised_;
  std::set<std::pair<NodeIndex, NodeIndex>> flagged_;
};

/// What a difference weighs where no rule says otherwise.
Severity default_severity(Kind kind);

/// Whether the object has two members of one name.
bool has_repeated_names(const Tape& tape, NodeIndex object);

}  // namespace diffing
