#pragma once

#include <map>
#include <set>
#include <string>
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
  void keep(const Found& found, Severity severity, const std::vector<Frame>& frames);
  void advise(const Found& found, const std::vector<Frame>& frames);
  void advise_key(const Found& found, const std::vector<Frame>& frames);
  bool partner_exists(const Found& found, NodeIndex a, NodeIndex b, const std::string& member) const;
  void flag_repeats(const std::vector<Frame>& frames);
  std::string identity(const std::vector<Frame>& frames);
  std::string identity_in(const Frame& frame);

  void hint(std::string text);

  const Sides& sides_;
  const Limits& limits_;
  std::string prefix_;
  Comparison& comparison_;
  double cost_ = 0;
  std::size_t kept_bytes_ = 0;
  std::map<std::pair<NodeIndex, NodeIndex>, int> asked_;  ///< How often advice was thought about, by pair of arrays.
  std::set<std::pair<NodeIndex, NodeIndex>> flagged_;
  std::map<std::pair<NodeIndex, NodeIndex>, std::string> wide_identities_;  ///< Of elements that take long to search.
};

/// What a difference weighs where no rule says otherwise.
Severity default_severity(Kind kind);

/// Whether the object has two members of one name.
bool has_repeated_names(const Tape& tape, NodeIndex object);

}  // namespace diffing
