#include "diffing/places.h"

#include <algorithm>
#include <charconv>

#include "diffing/json_string.h"

namespace diffing {
namespace {

bool is_index(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool meets(const Condition& condition, const Tape& tape, NodeIndex object) {
  const NodeIndex member = find_member(tape, object, condition.member);
  if (member == kNoNode) return false;
  const std::string_view raw = tape.raw(member);
  switch (tape.type(member)) {
    case Type::string: {
      std::string buffer;
      return decoded(raw, buffer) == condition.value;
    }
    case Type::number: return is_number(condition.value) && equal_numbers(raw, condition.value);
    case Type::boolean:
    case Type::null: return raw == condition.value;
    default: return false;
  }
}

void apply(const Effect& effect, Policy& policy) {
  switch (effect.verb) {
    case Verb::ignore: policy.ignored = true; break;
    case Verb::only: break;
    case Verb::unordered:
    case Verb::set:
      policy.pairing = effect.verb == Verb::set ? Pairing::set : Pairing::unordered;
      policy.key = nullptr;
      break;
    case Verb::keyed:
      policy.pairing = effect.key.position ? Pairing::aligned : Pairing::keyed;
      policy.key = &effect.key;
      break;
    case Verb::tolerance: policy.tolerance = &effect.tolerance; break;
    case Verb::pattern: policy.pattern = effect.pattern.get(); break;
    case Verb::case_insensitive: policy.case_insensitive = true; break;
    case Verb::equal_if_absent: policy.absent = effect.absent; break;
    case Verb::extra_ok: policy.extra_ok = true; break;
    case Verb::types_only: policy.types_only = true; break;
    case Verb::numbers: policy.numbers = effect.numbers; break;
    case Verb::embedded_json: policy.embedded_json = true; break;
    case Verb::rename: policy.renames.push_back(&effect); break;
    case Verb::severity: policy.severity = effect.severity; break;
  }
}

}  // namespace

NodeIndex find_member(const Tape& tape, NodeIndex object, std::string_view name) {
  std::string buffer;
  NodeIndex key = object + 1;
  for (std::uint32_t i = 0; i < tape[object].count; ++i) {
    if (may_decode_to(tape.raw(key), name) && decoded(tape.raw(key), buffer) == name) return key + 1;
    key = tape[key + 1].next;
  }
  return kNoNode;
}

Places::Places(const RuleSet::Trie& trie) : graph_(*trie.graph) {
  no_rules_.ignored = graph_.has_only;
  root_ = intern(trie.start);
}

PlaceIndex Places::intern(StateSet states) {
  if (states.empty()) return kNoRules;
  const auto found = index_.find(states);
  if (found != index_.end()) return found->second;
  auto created = std::make_unique<Place>();
  Place& place = *created;
  place.policy = resolve(states);
  for (const StateIndex index : states) {
    const State& state = graph_.states[index];
    for (const auto& [name, target] : state.named) {
      place.names.push_back(name);
      place.names_positions = place.names_positions || is_index(name);
    }
    for (const auto& [condition, target] : state.conditional) place.conditions |= std::uint64_t{1} << condition;
  }
  std::sort(place.names.begin(), place.names.end());
  place.names.erase(std::unique(place.names.begin(), place.names.end()), place.names.end());
  const Key* key = place.policy.key;
  place.names_positions = place.names_positions || (key != nullptr && key->position);
  const auto number = static_cast<PlaceIndex>(places_.size() + 1);
  index_.emplace(states, number);
  place.states = std::move(states);
  places_.push_back(std::move(created));
  return number;
}

Policy Places::resolve(const StateSet& states) const {
  std::vector<const Effect*> effects;
  bool leads_to_only = false;
  for (const StateIndex index : states) {
    leads_to_only = leads_to_only || graph_.states[index].leads_to_only;
    for (const std::size_t effect : graph_.states[index].effects) effects.push_back(&graph_.effects[effect]);
  }
  std::sort(effects.begin(), effects.end(), [](const Effect* a, const Effect* b) { return a->rule < b->rule; });
  Policy policy;
  for (const Effect* effect : effects) apply(*effect, policy);
  if (graph_.has_only) {
    const bool selected =
        std::any_of(effects.begin(), effects.end(), [](const Effect* effect) { return effect->verb == Verb::only; });
    policy.unselected = !selected && leads_to_only;
    policy.ignored = policy.ignored || (!selected && !leads_to_only);
  }
  return policy;
}

std::size_t Places::named(const Place& place, std::string_view name) {
  const auto at = std::lower_bound(place.names.begin(), place.names.end(), name);
  return at != place.names.end() && *at == name ? static_cast<std::size_t>(at - place.names.begin()) : kUnnamed;
}

PlaceIndex Places::step(PlaceIndex from, std::string_view name, std::uint64_t conditions_met) {
  Place& place = *places_[from - 1];
  const std::size_t index = named(place, name);
  const auto [known, is_new] = place.known.try_emplace({index, conditions_met}, kNoRules);
  if (is_new) {
    const auto wanted = index == kUnnamed ? std::nullopt : std::optional(name);
    known->second = intern(step_states(graph_, place.states, wanted, conditions_met));
  }
  return known->second;
}

PlaceIndex Places::member(PlaceIndex from, std::string_view name, std::uint64_t conditions_met) {
  return from == kNoRules ? kNoRules : step(from, name, conditions_met);
}

PlaceIndex Places::element(PlaceIndex from, std::size_t index, std::uint64_t conditions_met) {
  if (from == kNoRules) return kNoRules;
  if (!places_[from - 1]->names_positions) return step(from, {}, conditions_met);
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, index).ptr;
  return step(from, {text, static_cast<std::size_t>(end - text)}, conditions_met);
}

std::uint64_t Places::conditions_met(PlaceIndex from, const Tape& tape, NodeIndex value) const {
  std::uint64_t met = 0;
  if (from == kNoRules || tape.type(value) != Type::object) return 0;
  const std::uint64_t asked = places_[from - 1]->conditions;
  for (std::size_t i = 0; i < graph_.conditions.size(); ++i) {
    if ((asked >> i & 1) && meets(graph_.conditions[i], tape, value)) met |= std::uint64_t{1} << i;
  }
  return met;
}

}  // namespace diffing
