#include "comparator/config/rule_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "comparator/config/characters.h"
#include "comparator/config/fields.h"
#include "comparator/config/suggest.h"
#include "comparator/config/values.h"

namespace comparator {
namespace {

using diffing::Verb;

constexpr std::array kVerbs{
    Verb::ignore,     Verb::only,    Verb::unordered,        Verb::keyed,           Verb::set,
    Verb::tolerance,  Verb::pattern, Verb::case_insensitive, Verb::equal_if_absent, Verb::extra_ok,
    Verb::types_only, Verb::numbers, Verb::embedded_json,    Verb::rename,          Verb::severity};
constexpr std::size_t kMaxRules = 1000;  // nobody can review more; bounds the time to compile hostile lists
constexpr std::array<std::string_view, 3> kNotes{"reason", "owner", "expires"};
constexpr std::string_view kWhat = "a rule such as {ignore: /body/generatedAt, reason: stamped at render time}";

/// The option whose text is the rule's argument; empty for verbs without.
std::string_view argument_key(Verb verb) {
  switch (verb) {
    case Verb::pattern: return "regex";
    case Verb::numbers: return "as";
    case Verb::rename: return "to";
    case Verb::severity: return "is";
    default: return "";
  }
}

/// Whether the rule only says how a place is to be read; every other one lets differences pass, and people who review
/// a green verdict want to know why.
bool needs_no_reason(Verb verb) {
  return verb == Verb::keyed || verb == Verb::unordered || verb == Verb::set || verb == Verb::embedded_json;
}

void read_decimals(Reader& reader, const Node& node, RouteRule& rule) {
  if (const auto value = reader.count(node, 0, 20)) rule.rule.decimals = static_cast<int>(*value);
}

void read_time(Reader& reader, const Node& node, RouteRule& rule) {
  using namespace std::chrono_literals;
  if (const auto value = reader.duration(node, 1ms, 24h * 366)) rule.rule.time_ms = value->count();
}

/// `null` without quotes is YAML's nothing, but here it is a word.
void read_absent(Reader& reader, const Node& node, RouteRule& rule) {
  Node list = node;
  if (node.type == Node::Type::null) list = Node{Node::Type::scalar, node.line, node.column, "null", {}, {}};
  for (Node& item : list.items) {
    if (item.type == Node::Type::null) item = Node{Node::Type::scalar, item.line, item.column, "null", {}, {}};
  }
  rule.rule.absent = reader.texts(list);
}

void read_expires(Reader& reader, const Node& node, RouteRule& rule) {
  const auto value = reader.text(node);
  if (!value) return;
  if (!is_date(*value)) return reader.not_allowed(node, "the last day on which the rule holds, as YYYY-MM-DD");
  rule.expires = *value;
}

void read_absolute(Reader& reader, const Node& node, RouteRule& rule) {
  const auto value = reader.text(node);
  if (!value) return;
  if (!parse_number(*value)) return reader.not_allowed(node, "a decimal number such as 0.005");
  rule.rule.absolute = *value;
}

/// The differ takes decimal text, so that no digit is lost: `1%` becomes `1e-2`.
void read_relative(Reader& reader, const Node& node, RouteRule& rule) {
  auto value = reader.text(node);
  if (!value) return;
  if (!parse_share(*value)) return reader.not_allowed(node, "a share of the greater number, such as 0.1% or 0.001");
  if (value->back() == '%') value->replace(value->size() - 1, 1, "e-2");
  rule.rule.relative = *std::move(value);
}

Fields<RouteRule> option_fields(Verb verb) {
  Fields<RouteRule> fields;
  if (verb == Verb::keyed) {
    fields.push_back({"by", [](Reader& r, const Node& n, RouteRule& rule) { rule.rule.by = r.texts(n); }});
  }
  if (verb == Verb::tolerance) {
    fields.push_back({"absolute", read_absolute});
    fields.push_back({"relative", read_relative});
    fields.push_back({"decimals", read_decimals});
    fields.push_back({"time", read_time});
  }
  if (verb == Verb::equal_if_absent) fields.push_back({"absent", read_absent});
  if (const auto key = argument_key(verb); !key.empty()) {
    fields.push_back({key, [](Reader& r, const Node& n, RouteRule& rule) {
                        if (auto value = r.text(n)) rule.rule.argument = *std::move(value);
                      }});
  }
  fields.push_back({"reason", text_into(&RouteRule::reason)});
  fields.push_back({"owner", text_into(&RouteRule::owner)});
  fields.push_back({"expires", read_expires});
  return fields;
}

/// The key of the mapping, or null.
const Node* key_in(const Node& mapping, std::string_view key) {
  const auto found =
      std::find_if(mapping.keys.begin(), mapping.keys.end(), [&](const Node& k) { return k.text == key; });
  return found == mapping.keys.end() ? nullptr : &*found;
}

const Node* value_in(const Node& mapping, std::string_view key) {
  const Node* found = key_in(mapping, key);
  return found == nullptr ? nullptr : &mapping.items[static_cast<std::size_t>(found - mapping.keys.data())];
}

/// The key that says what the rule does; a problem when there is none, or a second.
const Node* find_verb(Reader& reader, const Node& mapping) {
  const Node* verb = nullptr;
  for (const Node& key : mapping.keys) {
    if (!diffing::verb_named(key.text)) continue;
    if (verb == nullptr) {
      verb = &key;
    } else if (verb->text != key.text) {
      reader.problem(key, fmt::format("a rule does one thing: `{}` is already there", verb->text));
      return nullptr;
    }
  }
  if (verb != nullptr) return verb;
  std::vector<std::string_view> names;
  for (const Verb each : kVerbs) names.push_back(diffing::name(each));
  std::string meant;
  for (const Node& key : mapping.keys) {
    const bool is_note = std::find(kNotes.begin(), kNotes.end(), key.text) != kNotes.end();
    const auto near = is_note ? std::string_view() : nearest(key.text, names);
    if (!near.empty()) meant = fmt::format(", {} is perhaps `{}`", quote(key.text), near);
  }
  reader.problem(mapping,
                 fmt::format("the rule does not say what it does{}; allowed: {}", meant, fmt::join(names, ", ")));
  return nullptr;
}

bool begins_with_step(std::string_view path, std::string_view step) {
  return path.substr(0, step.size()) == step &&
         (path.size() == step.size() || path[step.size()] == '/' || path[step.size()] == '[');
}

bool is_in_answer(std::string_view path) {
  return begins_with_step(path, "/body") || begins_with_step(path, "/headers") || begins_with_step(path, "/status") ||
         begins_with_step(path, "/**");
}

/// The rule's paths with their nodes; those with a problem are left out.
std::vector<std::pair<std::string, const Node*>> read_paths(Reader& reader, const Node& value, RuleRoot root) {
  std::vector<std::pair<std::string, const Node*>> paths;
  const bool single = value.type != Node::Type::sequence;
  if (!single && (value.items.empty() || value.items.size() > kMaxRules)) {
    reader.problem(value, fmt::format("a rule has 1 to {} paths; this list has {}", kMaxRules, value.items.size()));
    return paths;
  }
  for (const Node& node : single ? std::span<const Node>(&value, 1) : std::span<const Node>(value.items)) {
    // A document's root is the empty pointer, which only quotes can write.
    const bool whole = node.type == Node::Type::scalar && node.text.empty() && root == RuleRoot::document;
    auto path = whole ? std::optional<std::string>("") : reader.text(node);
    if (!path) continue;
    if (root == RuleRoot::answer && !is_in_answer(*path)) {
      reader.not_allowed(node, "a path that begins with /body, /headers, /status or /**");
      continue;
    }
    paths.emplace_back(*std::move(path), &node);
  }
  return paths;
}

/// Where a field that the differ complains about stands.
const Node& place_of(const PlacedRule& placed, std::string_view field) {
  if (field == "path") return *placed.path;
  const std::string_view key = field == "argument"  ? argument_key(placed.rule.rule.verb)
                               : field == "time_ms" ? std::string_view("time")
                                                    : field;
  const Node* value = value_in(*placed.mapping, key);
  return value == nullptr ? *placed.verb : *value;
}

/// What only the differ knows: whether patterns, numbers and names are good.
bool compiles(Reader& reader, const PlacedRule& placed) {
  const auto compiled = diffing::RuleSet::compile(std::span(&placed.rule.rule, 1));
  const auto* errors = std::get_if<std::vector<diffing::RuleError>>(&compiled);
  if (errors == nullptr) return true;
  for (const auto& error : *errors) reader.problem(place_of(placed, error.field), error.message);
  return false;
}

void read_rule(Reader& reader, const Node& mapping, RuleRoot root, std::string_view today,
               std::vector<PlacedRule>& rules) {
  if (mapping.type != Node::Type::mapping) return reader.not_allowed(mapping, kWhat);
  const Node* verb = find_verb(reader, mapping);
  if (verb == nullptr) return;
  RouteRule rule;
  rule.rule.verb = *diffing::verb_named(verb->text);
  rule.line = mapping.line;

  Fields<RouteRule> fields = option_fields(rule.rule.verb);
  std::vector<std::pair<std::string, const Node*>> paths;
  fields.insert(fields.begin(),
                {verb->text, [&](Reader& r, const Node& n, RouteRule&) { paths = read_paths(r, n, root); }});
  const std::size_t problems_before = reader.problem_count();
  read_mapping(reader, mapping, fields, rule, kWhat);
  const bool was_read = reader.problem_count() == problems_before;

  if (root == RuleRoot::answer && !needs_no_reason(rule.rule.verb) && key_in(mapping, "reason") == nullptr) {
    reader.problem(*verb, "a rule that lets differences pass says why: `reason` is missing");
  }
  rule.expired = !rule.expires.empty() && rule.expires < today;
  for (const auto& [path, node] : paths) {
    PlacedRule placed{rule, &mapping, verb, node};
    placed.rule.rule.path = path;
    // What was not read would be missed by the differ too, and told twice.
    if (was_read && compiles(reader, placed)) rules.push_back(std::move(placed));
  }
}

}  // namespace

std::vector<PlacedRule> read_rules(Reader& reader, const Node& list, RuleRoot root, std::string_view today) {
  std::vector<PlacedRule> rules;
  if (list.type == Node::Type::null) return rules;
  if (list.type != Node::Type::sequence) {
    reader.not_allowed(list, fmt::format("a list of rules, each {}", kWhat));
    return rules;
  }
  if (list.items.size() > kMaxRules) reader.problem(list, fmt::format("a list has at most {} rules", kMaxRules));
  for (std::size_t i = 0; i < std::min(list.items.size(), kMaxRules); ++i) {
    const Reader::Inside inside(reader, i);
    read_rule(reader, list.items[i], root, today, rules);
  }
  return rules;
}

}  // namespace comparator
