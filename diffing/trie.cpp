#include "diffing/trie.h"

#include <algorithm>

namespace diffing {
namespace {

StateIndex find_named(const State& state, std::string_view name) {
  for (const auto& [literal, target] : state.named) {
    if (literal == name) return target;
  }
  return kNoState;
}

std::uint32_t condition_index(Graph& graph, const PatternStep& step) {
  const Condition condition{step.name, step.value};
  const auto found = std::find(graph.conditions.begin(), graph.conditions.end(), condition);
  if (found != graph.conditions.end()) return static_cast<std::uint32_t>(found - graph.conditions.begin());
  graph.conditions.push_back(condition);
  return static_cast<std::uint32_t>(graph.conditions.size() - 1);
}

StateIndex new_state(Graph& graph) {
  graph.states.emplace_back();
  return static_cast<StateIndex>(graph.states.size() - 1);
}

StateIndex add_named(Graph& graph, StateIndex from, const std::string& name) {
  StateIndex target = find_named(graph.states[from], name);
  if (target == kNoState) {
    target = new_state(graph);
    graph.states[from].named.emplace_back(name, target);
  }
  return target;
}

StateIndex add_any(Graph& graph, StateIndex from) {
  if (graph.states[from].any == kNoState) {
    const StateIndex target = new_state(graph);
    graph.states[from].any = target;
  }
  return graph.states[from].any;
}

StateIndex add_conditional(Graph& graph, StateIndex from, const PatternStep& step) {
  const std::uint32_t condition = condition_index(graph, step);
  for (const auto& [known, target] : graph.states[from].conditional) {
    if (known == condition) return target;
  }
  const StateIndex target = new_state(graph);
  graph.states[from].conditional.emplace_back(condition, target);
  return target;
}

}  // namespace

StateIndex Graph::add(const std::vector<PatternStep>& steps) {
  StateIndex at = 0;
  for (const PatternStep& step : steps) {
    switch (step.kind) {
      case PatternStep::Kind::literal: at = add_named(*this, at, step.name); break;
      case PatternStep::Kind::any: at = add_any(*this, at); break;
      case PatternStep::Kind::deep: at = add_deep(at); break;
      case PatternStep::Kind::condition: at = add_conditional(*this, at, step); break;
    }
  }
  return at;
}

StateIndex Graph::add_deep(StateIndex state) {
  if (states[state].loops) return state;
  if (states[state].deep == kNoState) {
    const StateIndex target = new_state(*this);
    states[state].deep = target;
    states[target].loops = true;
  }
  return states[state].deep;
}

void Graph::finish() {
  for (const Effect& effect : effects) has_only = has_only || effect.verb == Verb::only;
  // A state is numbered after those that lead to it, so one pass backwards is enough.
  for (std::size_t i = states.size(); i-- > 0;) {
    State& state = states[i];
    const auto leads = [&](StateIndex to) { return to != kNoState && states[to].leads_to_only; };
    state.leads_to_only = leads(state.any) || leads(state.deep);
    for (const auto& [name, target] : state.named) state.leads_to_only |= leads(target);
    for (const auto& [condition, target] : state.conditional) state.leads_to_only |= leads(target);
    for (const std::size_t effect : state.effects) state.leads_to_only |= effects[effect].verb == Verb::only;
  }
}

void add_state(const Graph& graph, StateIndex state, StateSet& set) {
  while (state != kNoState) {
    const auto at = std::lower_bound(set.begin(), set.end(), state);
    if (at == set.end() || *at != state) set.insert(at, state);
    state = graph.states[state].deep;
  }
}

StateSet step_states(const Graph& graph, const StateSet& from, std::optional<std::string_view> name,
                     std::uint64_t conditions_met) {
  StateSet to;
  for (const StateIndex index : from) {
    const State& state = graph.states[index];
    if (state.loops) add_state(graph, index, to);
    add_state(graph, state.any, to);
    if (name) add_state(graph, find_named(state, *name), to);
    for (const auto& [condition, target] : state.conditional) {
      if (conditions_met >> condition & 1) add_state(graph, target, to);
    }
  }
  return to;
}

}  // namespace diffing
