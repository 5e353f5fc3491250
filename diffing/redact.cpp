#include <optional>
#include <string>
#include <vector>

#include "diffing/json_string.h"
#include "diffing/pointer.h"
#include "diffing/rules.h"
#include "diffing/tape.h"
#include "diffing/trie.h"

namespace diffing {
namespace {

constexpr std::string_view kRedacted = "\"[redacted]\"";

bool ends_here(const Graph& graph, const StateSet& states) {
  for (const StateIndex state : states) {
    if (!graph.states[state].effects.empty()) return true;
  }
  return false;
}

/// Walks a document with the states of the patterns and copies it without what they name.
class Redaction {
 public:
  Redaction(const Tape& tape, const Graph& graph) : tape_(tape), graph_(graph) {}

  std::string run(const StateSet& start) {
    open_.push_back({tape_.size(), start, 0, false});
    for (NodeIndex i = 0; i < tape_.size();) {
      while (open_.back().end == i) open_.pop_back();
      i = visit(i);
    }
    out_ += tape_.text().substr(copied_);
    return std::move(out_);
  }

 private:
  struct Open {
    NodeIndex end;
    StateSet states;
    std::size_t index;
    bool object;
  };

  /// Returns the node to go on with.
  NodeIndex visit(NodeIndex node) {
    StateSet states;
    if (node == 0) {
      states = open_.back().states;
    } else if (open_.back().object) {
      std::string buffer;
      states = step_states(graph_, open_.back().states, decoded(tape_.raw(node++), buffer), 0);
    } else {
      states = step_states(graph_, open_.back().states, std::to_string(open_.back().index++), 0);
    }
    const Node& value = tape_[node];
    if (ends_here(graph_, states)) {
      out_ += tape_.text().substr(copied_, value.begin - copied_);
      out_ += kRedacted;
      copied_ = value.end;
      return value.next;
    }
    if (states.empty() || value.count == 0) return value.next;
    open_.push_back({value.next, std::move(states), 0, tape_.type(node) == Type::object});
    return node + 1;
  }

  const Tape& tape_;
  const Graph& graph_;
  std::vector<Open> open_;
  std::string out_;
  std::size_t copied_ = 0;
};

}  // namespace

std::variant<PlaceSet, std::vector<RuleError>> PlaceSet::compile(std::span<const std::string> patterns) {
  std::vector<RuleError> errors;
  auto graph = std::make_shared<Graph>();
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    auto steps = parse_pattern(patterns[i]);
    if (auto* wrong = std::get_if<std::string>(&steps)) {
      errors.push_back({i, "path", std::move(*wrong)});
      continue;
    }
    const auto& path = std::get<std::vector<PatternStep>>(steps);
    for (const PatternStep& step : path) {
      if (step.kind != PatternStep::Kind::condition) continue;
      errors.push_back(
          {i, "path", "a condition such as [" + step.name + "=" + step.value + "] cannot hide; name the place"});
    }
    graph->states[graph->add(path)].effects.push_back(i);
  }
  if (!errors.empty()) return errors;
  auto trie = std::make_shared<Trie>();
  if (!patterns.empty()) add_state(*graph, 0, trie->start);
  trie->graph = std::move(graph);
  PlaceSet set;
  set.trie_ = std::move(trie);
  return set;
}

bool PlaceSet::empty() const { return trie_ == nullptr || trie_->start.empty(); }

bool PlaceSet::covers(std::string_view pointer) const {
  if (empty()) return false;
  StateSet states = trie_->start;
  if (ends_here(*trie_->graph, states)) return true;
  for (const std::string& step : pointer_steps(pointer)) {
    states = step_states(*trie_->graph, states, step, 0);
    if (ends_here(*trie_->graph, states)) return true;
  }
  return false;
}

std::optional<std::string> PlaceSet::redact(std::string_view json, std::string_view at) const {
  auto parsed = Tape::parse(json);
  if (std::holds_alternative<ParseError>(parsed)) return std::nullopt;
  if (empty()) return std::string(json);
  if (covers(at)) return std::string(kRedacted);
  StateSet states = trie_->start;
  for (const std::string& step : pointer_steps(at)) states = step_states(*trie_->graph, states, step, 0);
  return Redaction(std::get<Tape>(parsed), *trie_->graph).run(states);
}

}  // namespace diffing
