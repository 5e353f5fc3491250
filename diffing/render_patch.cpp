#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "diffing/json_string.h"
#include "diffing/pointer.h"
#include "diffing/recorder.h"
#include "diffing/render.h"
#include "diffing/walk.h"

namespace diffing {
namespace {

/// A pair of containers.
using Containers = std::pair<NodeIndex, NodeIndex>;

Containers containers(const Frame& frame) { return {frame.a, frame.b}; }

/// Finds the containers that are replaced as a whole.
class Replaced : public Findings {
 public:
  Replaced(const Tape& old_tape, const Tape& new_tape) : old_tape_(old_tape), new_tape_(new_tape) {}

  void found(const Found& found, const std::vector<Frame>& frames) override {
    if (found.kind == Kind::moved) replaced_.insert(containers(frames.back()));
    for (const Frame& frame : frames) {
      if (!frame.object || !looked_at_.insert(containers(frame)).second) continue;
      if (has_repeated_names(old_tape_, frame.a) || has_repeated_names(new_tape_, frame.b)) {
        replaced_.insert(containers(frame));
      }
    }
  }
  void ruled() override {}

  bool contains(const Frame& frame) const { return replaced_.count(containers(frame)) != 0; }

 private:
  const Tape& old_tape_;
  const Tape& new_tape_;
  std::set<Containers> replaced_;
  std::set<Containers> looked_at_;
};

/// Writes operations that are right when they are applied one after the other: what stands before a place is new
/// already, what comes after is still old.
class PatchWriter : public Findings {
 public:
  PatchWriter(const Tape& old_tape, const Tape& new_tape, const Replaced& replaced)
      : old_tape_(old_tape), new_tape_(new_tape), replaced_(replaced) {}

  void found(const Found& found, const std::vector<Frame>& frames) override {
    std::string path;
    for (const Frame& frame : frames) {
      if (replaced_.contains(frame)) {
        if (written_.insert(containers(frame)).second) write("replace", path, frame.b);
        return;
      }
      append(frame, path);
    }
    if (found.kind == Kind::missing) {
      write("remove", path, kNoNode);
      shift(frames.back(), -1);
    } else if (found.kind == Kind::extra) {
      write("add", path, found.b);
      shift(frames.back(), 1);
    } else {
      write("replace", path, found.b);
    }
  }
  void ruled() override {}

  std::string take() { return out_ + "]"; }

 private:
  void append(const Frame& frame, std::string& path) {
    if (!frame.object) {
      const auto known = shifts_.find(containers(frame));
      const std::int64_t moved = known == shifts_.end() ? 0 : known->second;
      path.append("/").append(std::to_string(frame.child.a_index + moved));
      return;
    }
    std::string buffer;
    const bool in_old = frame.child.a != kNoNode;
    const std::string_view key = in_old ? old_tape_.raw(frame.child.a - 1) : new_tape_.raw(frame.child.b - 1);
    append_step(decoded(key, buffer), path);
  }

  /// Later elements of the array stand so many places further on.
  void shift(const Frame& frame, int by) {
    if (!frame.object) shifts_[containers(frame)] += by;
  }

  void write(std::string_view operation, const std::string& path, NodeIndex value) {
    out_ += out_.size() > 1 ? ",\n" : "";
    out_.append("{\"op\":\"").append(operation).append("\",\"path\":");
    append_quoted(path, out_);
    if (value != kNoNode) out_.append(",\"value\":").append(new_tape_.raw(value));
    out_ += '}';
  }

  const Tape& old_tape_;
  const Tape& new_tape_;
  const Replaced& replaced_;
  std::string out_ = "[";
  std::map<Containers, std::int64_t> shifts_;
  std::set<Containers> written_;
};

}  // namespace

std::optional<std::string> to_patch(std::string_view old_json, std::string_view new_json, const RuleSet& rules,
                                    const Limits& limits) {
  const ParseLimits parse_limits{limits.max_depth, limits.max_bytes};
  const auto old_side = Tape::parse(old_json, parse_limits);
  const auto new_side = Tape::parse(new_json, parse_limits);
  const auto* old_tape = std::get_if<Tape>(&old_side);
  const auto* new_tape = std::get_if<Tape>(&new_side);
  if (old_tape == nullptr || new_tape == nullptr) return std::nullopt;
  // The same walk twice: what is replaced as a whole must be known before the first operation is written.
  Replaced replaced(*old_tape, *new_tape);
  PatchWriter writer(*old_tape, *new_tape, replaced);
  for (Findings* findings : {static_cast<Findings*>(&replaced), static_cast<Findings*>(&writer)}) {
    Places places(rules.trie());
    StepBudget budget{limits.alignment_steps, false};
    Walk(*old_tape, *new_tape, places, budget).run(*findings);
  }
  return writer.take();
}

}  // namespace diffing
