#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diffing/number.h"
#include "diffing/pointer.h"
#include "diffing/rules.h"

namespace re2 {
class RE2;
}

/// Compiled patterns: one automaton for all of them, whose states travel with the walk.
namespace diffing {

/// How numbers are compared.
enum class Numbers : std::uint8_t { decimal, binary64, text };

/// How the elements of an array are paired.
enum class Pairing : std::uint8_t { aligned, unordered, set, keyed };

struct Tolerance {
  std::optional<Decimal> absolute;
  std::optional<Decimal> relative;
  std::optional<int> decimals;
  std::optional<std::int64_t> time_ms;
};

/// What identifies an element: members, each a way down from the element.
struct Key {
  std::vector<std::vector<std::string>> members;
  std::vector<std::string> names;  ///< As written in the rule.
  bool position = false;           ///< `by: [#]`: the index is the key.
};

struct Absent {
  bool null = false;
  bool missing = false;
  bool empty = false;  ///< "", [] and {}.
};

/// What one rule does at the places it names.
struct Effect {
  Verb verb = Verb::ignore;
  std::size_t rule = 0;  ///< Where several disagree, the later rule holds.
  Tolerance tolerance;
  Key key;
  std::shared_ptr<const re2::RE2> pattern;
  Numbers numbers = Numbers::decimal;
  Absent absent;
  std::string old_name;  ///< rename
  std::string new_name;
  Severity severity = Severity::major;
};

/// The member that a pattern step such as `[type=draft]` asks for.
struct Condition {
  std::string member;
  std::string value;

  bool operator==(const Condition&) const = default;
};

using StateIndex = std::uint32_t;
inline constexpr StateIndex kNoState = 0xFFFFFFFF;

/// A place in some pattern: what it matches next, and what ends here.
struct State {
  std::vector<std::pair<std::string, StateIndex>> named;
  std::vector<std::pair<std::uint32_t, StateIndex>> conditional;  ///< By index into Graph::conditions.
  StateIndex any = kNoState;
  StateIndex deep = kNoState;  ///< The state after a `**`; it is entered together with this one.
  bool loops = false;          ///< This is such a state: any step leads back to it.
  bool leads_to_only = false;
  std::vector<std::size_t> effects;  ///< By index into Graph::effects.
};

/// All patterns of a list, sharing their beginnings. Built once, then never changed.
struct Graph {
  std::vector<State> states{1};
  std::vector<Effect> effects;
  std::vector<Condition> conditions;
  bool has_only = false;

  /// The state behind these steps, added if need be.
  StateIndex add(const std::vector<PatternStep>& steps);
  /// The state that stands for a place and all below it.
  StateIndex add_deep(StateIndex state);
  /// Marks the states from which an `only` can be reached.
  void finish();
};

inline constexpr std::size_t kMostConditions = 64;  // a set of conditions is one word

/// The states that hold at one place, in ascending order.
using StateSet = std::vector<StateIndex>;

void add_state(const Graph& graph, StateIndex state, StateSet& set);
StateSet step_states(const Graph& graph, const StateSet& from, std::optional<std::string_view> name,
                     std::uint64_t conditions_met);

/// A graph and where in it the root of a document stands.
struct RuleSet::Trie {
  std::shared_ptr<const Graph> graph;
  StateSet start;
};

struct PlaceSet::Trie {
  std::shared_ptr<const Graph> graph;
  StateSet start;
};

}  // namespace diffing
