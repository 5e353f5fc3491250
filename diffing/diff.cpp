#include "diffing/diff.h"

#include <algorithm>
#include <utility>

#include "diffing/document.h"
#include "diffing/json_string.h"
#include "diffing/recorder.h"

namespace diffing {
namespace {

void add_undecodable(const ParseError& error, std::string_view text, const Limits& limits, const std::string& prefix,
                     Comparison& comparison) {
  comparison.errors.push_back(error);
  count_difference(Kind::undecodable, Severity::major, comparison);
  if (comparison.differences.size() >= limits.max_differences) {
    comparison.truncated = true;
    return;
  }
  Difference difference;
  difference.path = difference.signature = prefix;
  difference.kind = Kind::undecodable;
  (error.on_new ? difference.new_value : difference.old_value) = cut_value(text, limits);
  comparison.differences.push_back(std::move(difference));
}

}  // namespace

void count_difference(Kind kind, Severity severity, Comparison& comparison) {
  comparison.worst = comparison.equal() ? severity : std::max(comparison.worst, severity);
  ++comparison.counts[static_cast<std::size_t>(kind)];
}

void set_score(double cost, Comparison& comparison) {
  constexpr double kSmallest = 1e-12;  // a difference never scores 0
  if (comparison.equal()) return;
  const auto leaves = static_cast<double>(std::max<std::uint64_t>(comparison.leaves_old + comparison.leaves_new, 1));
  comparison.score = comparison.errors.empty() ? std::clamp(cost / leaves, kSmallest, 1.0) : 1.0;
}

std::string cut_value(std::string_view raw, const Limits& limits) {
  return std::string(raw.substr(0, whole_characters(raw, limits.max_value_bytes)));
}

double compare_documents(std::string_view old_json, std::string_view new_json, const RuleSet& rules,
                         const Limits& limits, const std::string& prefix, Comparison& comparison) {
  if (old_json == new_json) return 0;
  auto old_side = Document::parse(old_json, rules, limits);
  auto new_side = Document::parse(new_json, rules, limits);
  const auto* old_error = std::get_if<ParseError>(&old_side);
  auto* new_error = std::get_if<ParseError>(&new_side);
  if (old_error != nullptr) add_undecodable(*old_error, old_json, limits, prefix, comparison);
  if (new_error != nullptr) {
    new_error->on_new = true;
    add_undecodable(*new_error, new_json, limits, prefix, comparison);
  }
  if (old_error != nullptr || new_error != nullptr) return 0;
  const Tape& old_tape = std::get<Document>(old_side).tape();
  const Tape& new_tape = std::get<Document>(new_side).tape();
  Places places(rules.trie());
  StepBudget budget{limits.alignment_steps, false};
  Walk walk(old_tape, new_tape, places, budget);
  Recorder recorder(walk.sides(), limits, prefix, comparison);
  walk.run(recorder);
  comparison.leaves_old += old_tape.leaves();
  comparison.leaves_new += new_tape.leaves();
  comparison.approximate = comparison.approximate || budget.ran_out;
  return recorder.cost();
}

Comparison diff(std::string_view old_json, std::string_view new_json, const RuleSet& rules, const Limits& limits) {
  Comparison comparison;
  set_score(compare_documents(old_json, new_json, rules, limits, "", comparison), comparison);
  return comparison;
}

}  // namespace diffing
