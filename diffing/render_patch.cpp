#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "diffing/document.h"
#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/pointer.h"
#include "diffing/recorder.h"
#include "diffing/render.h"
#include "diffing/scalar.h"
#include "diffing/walk.h"

namespace diffing {
namespace {

/// A pair of containers.
using Containers = std::pair<NodeIndex, NodeIndex>;

Containers containers(const Frame& frame) { return {frame.a, frame.b}; }

/// Whether two elements have the same key (see Pairing::keyed); those without one do not count.
bool has_repeated_keys(const Tape& tape, NodeIndex array, const Key& key) {
  std::vector<std::uint64_t> keys;
  for (NodeIndex element = array + 1; element < tape[array].next; element = tape[element].next) {
    std::uint64_t hash = process_seed();
    bool whole = true;
    for (const std::vector<std::string>& way : key.members) {
      NodeIndex value = element;
      for (const std::string& step : way) {
        const bool object = value != kNoNode && tape.type(value) == Type::object;
        value = object ? find_member(tape, value, step) : kNoNode;
      }
      whole = whole && value != kNoNode && !tape.is_container(value);
      if (whole) hash = mix(hash ^ kOdd1, hash_scalar(tape, value, process_seed()));
    }
    if (whole) keys.push_back(hash);
  }
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

/// Finds the containers that are replaced as a whole, as no operation on a child would be right.
class Replaced : public Findings {
 public:
  Replaced(const Tape& new_tape, const RuleSet& rules, const Places& places)
      : new_tape_(new_tape), has_only_(rules.trie().graph->has_only), places_(places) {}

  void found(const Found& found, const std::vector<Frame>& frames) override {
    for (const Frame& frame : frames) {
      // What changes in one element of a set may have to change in those that it repeats, of which nothing is told.
      if (!frame.object && places_.policy(frame.place).pairing == Pairing::set) replace(frame);
    }
    if (frames.empty()) return;
    const Frame& frame = frames.back();
    if (frame.child.moved) return replace(frame);
    const bool came = found.kind == Kind::extra;
    if (frame.object ? came && !places_.policy(frame.place).renames.empty() : came_wrongly(frame, found.kind)) {
      replace(frame);
    }
  }
  void ruled() override {}

  bool contains(const Frame& frame) const { return replaced_.count(containers(frame)) != 0; }

 private:
  void replace(const Frame& frame) { replaced_.insert(containers(frame)); }

  /// Whether it matters where among elements that nothing is told of this one comes or goes: those at positions that
  /// rules name, those that are not selected, and those of the same key, which are paired in their order.
  bool came_wrongly(const Frame& frame, Kind kind) {
    if (kind != Kind::missing && kind != Kind::extra) return false;
    if (has_only_ || places_.names_positions(frame.place)) return true;
    const Policy& policy = places_.policy(frame.place);
    if (kind != Kind::extra || policy.pairing != Pairing::keyed) return false;
    const auto [known, is_new] = repeats_keys_.try_emplace(frame.b, false);
    if (is_new) known->second = has_repeated_keys(new_tape_, frame.b, *policy.key);
    return known->second;
  }

  const Tape& new_tape_;
  bool has_only_;
  const Places& places_;
  std::set<Containers> replaced_;
  std::map<NodeIndex, bool> repeats_keys_;
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

/// The first object that has two members of one name, or kNoNode.
NodeIndex find_repeated_names(const Tape& tape) {
  for (NodeIndex node = 0; node < tape.size(); ++node) {
    const bool members = tape[node].count > 1 && tape[node].count != kKey && tape.type(node) == Type::object;
    if (members && has_repeated_names(tape, node)) return node;
  }
  return kNoNode;
}

/// Why a side cannot be patched or be the aim of a patch; empty if it can.
std::string problem_of(const std::variant<Tape, ParseError>& side, bool on_new) {
  if (const auto* error = std::get_if<ParseError>(&side)) {
    ParseError placed = *error;
    placed.on_new = on_new;
    return to_sentence(placed);
  }
  const Tape& tape = std::get<Tape>(side);
  const NodeIndex object = find_repeated_names(tape);
  if (object == kNoNode) return {};
  const std::string_view before = tape.text().substr(0, tape[object].begin);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
  return std::string(on_new ? "new" : "old") + " repeats a member name in the object at line " + std::to_string(line) +
         ", column " + std::to_string(column) + " (offset " + std::to_string(before.size()) +
         "): the pointers of a patch cannot tell such members apart";
}

bool has_embedded(const RuleSet& rules) {
  const auto& effects = rules.trie().graph->effects;
  return std::any_of(effects.begin(), effects.end(), [](const Effect& e) { return e.verb == Verb::embedded_json; });
}

}  // namespace

Patch to_patch(const Documents& documents) {
  const ParseLimits parse_limits{documents.limits.max_depth, documents.limits.max_bytes,
                                 documents.limits.allow_byte_order_mark};
  const auto old_side = Tape::parse(documents.old_json, parse_limits);
  const auto new_side = Tape::parse(documents.new_json, parse_limits);
  for (const bool on_new : {false, true}) {
    std::string problem = problem_of(on_new ? new_side : old_side, on_new);
    if (!problem.empty()) return {{}, std::move(problem)};
  }
  // Below, strings are strings, so that those whose content is equal would be replaced.
  const auto is_equal = [&] {
    return diff(documents.old_json, documents.new_json, documents.rules, documents.limits).equal();
  };
  if (has_embedded(documents.rules) && is_equal()) return {"[]", {}};
  const Tape& old_tape = std::get<Tape>(old_side);
  const Tape& new_tape = std::get<Tape>(new_side);
  // The same walk twice: what is replaced as a whole must be known before the first operation is written.
  Places places(documents.rules.trie());
  Replaced replaced(new_tape, documents.rules, places);
  PatchWriter writer(old_tape, new_tape, replaced);
  for (Findings* findings : {static_cast<Findings*>(&replaced), static_cast<Findings*>(&writer)}) {
    StepBudget budget{alignment_budget(old_tape.text().size() + new_tape.text().size(), documents.limits), false};
    Walk(old_tape, new_tape, places, budget).run(*findings);
  }
  return {writer.take(), {}};
}

}  // namespace diffing
