#include "diffing/rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "diffing/tape.h"
#include "diffing/trie.h"

namespace diffing {
namespace {

constexpr std::array<std::pair<Verb, std::string_view>, 15> kVerbs{{
    {Verb::ignore, "ignore"},
    {Verb::only, "only"},
    {Verb::unordered, "unordered"},
    {Verb::keyed, "keyed"},
    {Verb::set, "set"},
    {Verb::tolerance, "tolerance"},
    {Verb::pattern, "pattern"},
    {Verb::case_insensitive, "case_insensitive"},
    {Verb::equal_if_absent, "equal_if_absent"},
    {Verb::extra_ok, "extra_ok"},
    {Verb::types_only, "types_only"},
    {Verb::numbers, "numbers"},
    {Verb::embedded_json, "embedded_json"},
    {Verb::rename, "rename"},
    {Verb::severity, "severity"},
}};

constexpr std::size_t kMostBoundDigits = 64;  // of a tolerance: products stay linear in the numbers compared
constexpr int kMostDecimals = 1000;

/// Whether a rule also holds below the places it names: those about values do, those about one array or member do
/// not.
bool holds_below(Verb verb) {
  switch (verb) {
    case Verb::ignore:
    case Verb::only:
    case Verb::tolerance:
    case Verb::pattern:
    case Verb::case_insensitive:
    case Verb::types_only:
    case Verb::numbers:
    case Verb::severity: return true;
    default: return false;
  }
}

/// Checks one rule and turns it into an effect; problems go to a list, so that all are told at once.
class RuleCompiler {
 public:
  RuleCompiler(const Rule& rule, std::size_t index, std::vector<RuleError>& errors)
      : rule_(rule), index_(index), errors_(errors) {
    effect_.verb = rule.verb;
    effect_.rule = index;
  }

  void add_to(Graph& graph) {
    const std::size_t errors_before = errors_.size();
    auto steps = parse_pattern(rule_.path);
    if (const auto* wrong = std::get_if<std::string>(&steps)) fail("path", *wrong);
    compile_arguments();
    if (errors_.size() > errors_before) return;
    auto& path = std::get<std::vector<PatternStep>>(steps);
    if (rule_.verb == Verb::rename && !split_rename(path)) return;
    StateIndex state = graph.add(path);
    if (holds_below(rule_.verb)) state = graph.add_deep(state);
    graph.states[state].effects.push_back(graph.effects.size());
    graph.effects.push_back(std::move(effect_));
    if (graph.conditions.size() > kMostConditions) {
      fail("path", "more than " + std::to_string(kMostConditions) + " different conditions in one list of rules");
    }
  }

 private:
  void fail(std::string field, std::string message) {
    errors_.push_back({index_, std::move(field), std::move(message)});
  }

  void compile_arguments() {
    switch (rule_.verb) {
      case Verb::keyed: return compile_key();
      case Verb::tolerance: return compile_tolerance();
      case Verb::pattern: return compile_pattern();
      case Verb::equal_if_absent: return compile_absent();
      case Verb::numbers: return compile_numbers();
      case Verb::severity: return compile_severity();
      case Verb::rename:
        effect_.new_name = rule_.argument;
        if (rule_.argument.empty()) fail("argument", "rename needs the name that the member has in new");
        return;
      default: return;
    }
  }

  void compile_key() {
    if (rule_.by.empty()) return fail("by", "keyed needs the members that identify an element, such as [id]");
    for (const std::string& member : rule_.by) {
      if (member.empty()) return fail("by", "an empty member name; write a name such as id, or a/b for a nested one");
      effect_.key.position = effect_.key.position || member == "#";
      effect_.key.names.push_back(member);
      effect_.key.members.push_back(pointer_steps("/" + member));
    }
    if (effect_.key.position && rule_.by.size() > 1) fail("by", "# (the position) identifies an element alone");
  }

  std::optional<Decimal> bound(const std::optional<std::string>& text, const char* field) {
    if (!text) return std::nullopt;
    if (!is_number(*text) || text->starts_with('-') || text->size() > kMostBoundDigits) {
      fail(field, "'" + *text + "' is no bound; write a number that is not negative, such as 0.005");
      return std::nullopt;
    }
    return parse_decimal(*text);
  }

  void compile_tolerance() {
    Tolerance& tolerance = effect_.tolerance;
    tolerance.absolute = bound(rule_.absolute, "absolute");
    tolerance.relative = bound(rule_.relative, "relative");
    tolerance.decimals = rule_.decimals;
    tolerance.time_ms = rule_.time_ms;
    if (rule_.decimals && (*rule_.decimals < 0 || *rule_.decimals > kMostDecimals)) {
      fail("decimals", "the number of decimals is from 0 to " + std::to_string(kMostDecimals));
    }
    if (rule_.time_ms && *rule_.time_ms < 0) fail("time_ms", "a span of time is not negative");
    if (!rule_.absolute && !rule_.relative && !rule_.decimals && !rule_.time_ms) {
      fail("absolute", "tolerance needs absolute, relative, decimals or time");
    }
  }

  void compile_pattern() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto expression = std::make_shared<re2::RE2>(rule_.argument, options);
    if (rule_.argument.empty()) return fail("argument", "pattern needs a regular expression");
    if (!expression->ok()) return fail("argument", "not a regular expression: " + expression->error());
    effect_.pattern = std::move(expression);
  }

  void compile_absent() {
    Absent& absent = effect_.absent;
    if (rule_.absent.empty()) absent.null = absent.missing = true;
    for (const std::string& word : rule_.absent) {
      if (word == "null") {
        absent.null = true;
      } else if (word == "missing") {
        absent.missing = true;
      } else if (word == "empty") {
        absent.empty = true;
      } else {
        fail("absent", "'" + word + "' is not one of null, missing, empty");
      }
    }
  }

  void compile_numbers() {
    if (rule_.argument == "binary64") {
      effect_.numbers = Numbers::binary64;
    } else if (rule_.argument == "text") {
      effect_.numbers = Numbers::text;
    } else if (rule_.argument != "decimal") {
      fail("argument", "'" + rule_.argument + "' is not one of decimal, binary64, text");
    }
  }

  void compile_severity() {
    for (const Severity severity : {Severity::minor, Severity::major, Severity::critical}) {
      if (rule_.argument != name(severity)) continue;
      effect_.severity = severity;
      return;
    }
    fail("argument", "'" + rule_.argument + "' is not one of minor, major, critical");
  }

  /// A rename belongs to the object that holds the member.
  bool split_rename(std::vector<PatternStep>& path) {
    if (path.empty() || path.back().kind != PatternStep::Kind::literal) {
      fail("path", "rename needs a path that ends with the member's name in old");
      return false;
    }
    effect_.old_name = std::move(path.back().name);
    path.pop_back();
    return true;
  }

  const Rule& rule_;
  std::size_t index_;
  std::vector<RuleError>& errors_;
  Effect effect_;
};

std::shared_ptr<const RuleSet::Trie> start_of(std::shared_ptr<const Graph> graph) {
  auto trie = std::make_shared<RuleSet::Trie>();
  if (!graph->effects.empty()) add_state(*graph, 0, trie->start);
  trie->graph = std::move(graph);
  return trie;
}

}  // namespace

std::string_view name(Verb verb) {
  for (const auto& [known, text] : kVerbs) {
    if (known == verb) return text;
  }
  return "";
}

std::optional<Verb> verb_named(std::string_view name) {
  for (const auto& [verb, text] : kVerbs) {
    if (text == name) return verb;
  }
  return std::nullopt;
}

RuleSet::RuleSet() {
  static const std::shared_ptr<const Trie> no_rules = start_of(std::make_shared<Graph>());
  trie_ = no_rules;
}

std::variant<RuleSet, std::vector<RuleError>> RuleSet::compile(std::span<const Rule> rules) {
  std::vector<RuleError> errors;
  auto graph = std::make_shared<Graph>();
  for (std::size_t i = 0; i < rules.size(); ++i) RuleCompiler(rules[i], i, errors).add_to(*graph);
  if (!errors.empty()) return errors;
  graph->finish();
  RuleSet set;
  set.trie_ = start_of(std::move(graph));
  return set;
}

bool RuleSet::empty() const { return trie_->start.empty() && !trie_->graph->has_only; }

RuleSet RuleSet::under(std::string_view step) const {
  auto trie = std::make_shared<Trie>();
  trie->graph = trie_->graph;
  trie->start = step_states(*trie_->graph, trie_->start, step, 0);
  RuleSet set;
  set.trie_ = std::move(trie);
  return set;
}

}  // namespace diffing
