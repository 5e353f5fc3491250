#include "diffing/diff.h"

#include <algorithm>
#include <utility>

#include "diffing/differing_part.h"
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
  Limits of_text = limits;
  of_text.max_value_bytes = std::min(limits.max_value_bytes, Limits{}.max_value_bytes);  // it may be anything
  (error.on_new ? difference.new_value : difference.old_value) = cut_value(text, of_text);
  comparison.differences.push_back(std::move(difference));
}

/// Compares the one part of two documents in which they differ.
double compare_within(const Tape& old_tape, DifferingPart part, const RuleSet& rules, const Limits& limits,
                      const std::string& prefix, Comparison& comparison) {
  Places places(rules.trie());
  StepBudget budget{alignment_budget(old_tape.text().size() * 2, limits), false};
  Walk walk(old_tape, part.new_tape, places, budget);
  Recorder recorder(walk.sides(), limits, prefix, comparison);
  walk.run_within(std::move(part.around), part.old_node, 0, recorder);
  const std::uint64_t leaves = old_tape.leaves();
  comparison.leaves_old += leaves;
  comparison.leaves_new += leaves - old_tape.leaves_below(part.old_node) + part.new_tape.leaves();
  comparison.approximate = comparison.approximate || budget.ran_out;
  return recorder.cost();
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

std::uint64_t alignment_budget(std::size_t bytes, const Limits& limits) {
  constexpr std::uint64_t kStepsPerByte = 20;
  constexpr std::uint64_t kLeastSteps = 100'000;
  return std::min(limits.alignment_steps, kLeastSteps + kStepsPerByte * bytes);
}

std::string cut_value(std::string_view raw, const Limits& limits) {
  return std::string(raw.substr(0, whole_characters(raw, limits.max_value_bytes)));
}

double compare_documents(std::string_view old_json, std::string_view new_json, const RuleSet& rules,
                         const Limits& limits, const std::string& prefix, Comparison& comparison) {
  const bool same_bytes = old_json == new_json;
  if (same_bytes && !limits.read_equal_bytes) return 0;
  auto old_side = Document::parse(old_json, rules, limits);
  if (rules.empty() && !same_bytes && std::holds_alternative<Document>(old_side)) {
    const Tape& old_tape = std::get<Document>(old_side).tape();
    if (auto part = find_difference(old_tape, new_json, limits)) {
      return compare_within(old_tape, *std::move(part), rules, limits, prefix, comparison);
    }
  }
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
  StepBudget budget{alignment_budget(old_json.size() + new_json.size(), limits), false};
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
