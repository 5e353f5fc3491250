#include "comparator/cli/diff_command.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <vector>

#include "comparator/cli/exit_code.h"
#include "comparator/cli/input.h"
#include "comparator/cli/terminal.h"
#include "diffing/diff.h"
#include "diffing/render.h"

namespace comparator::cli {
namespace {

constexpr int kDifferent = 1;
constexpr int kCannotTell = 2;

std::optional<std::string> read_or_tell(const std::string& file) {
  Input input = read_input(file);
  if (input.problem.empty()) return std::move(input.bytes);
  fmt::print(stderr, "twinrun: {}\n", input.problem);
  return std::nullopt;
}

std::optional<diffing::RuleSet> compile_or_tell(const std::string& file, const std::vector<RouteRule>& rules) {
  std::vector<diffing::Rule> in_force;
  for (const RouteRule& rule : rules) {
    if (!rule.expired) in_force.push_back(rule.rule);
  }
  auto compiled = diffing::RuleSet::compile(in_force);
  if (auto* set = std::get_if<diffing::RuleSet>(&compiled)) return std::move(*set);
  for (const auto& error : std::get<std::vector<diffing::RuleError>>(compiled)) {
    tell_problems(file, {{0, 0, error.message}});
  }
  return std::nullopt;
}

std::optional<diffing::RuleSet> load_rules(const std::string& file) {
  if (file.empty()) return diffing::RuleSet();
  const auto text = read_or_tell(file);
  if (!text) return std::nullopt;
  const auto parsed = parse_rules(*text, today());
  if (const auto* problems = std::get_if<std::vector<Problem>>(&parsed)) {
    tell_problems(file, *problems);
    return std::nullopt;
  }
  const auto& rules = std::get<std::vector<RouteRule>>(parsed);
  tell_warnings(file, warnings(rules));
  return compile_or_tell(file, rules);
}

std::string shown_name(const std::string& file) { return file == "-" ? "standard input" : file; }

void tell_errors(const DiffArguments& arguments, const diffing::Comparison& comparison) {
  for (const auto& error : comparison.errors) {
    const Problem problem{
        static_cast<int>(error.line), static_cast<int>(error.column),
        fmt::format("{} is not JSON (offset {}): {}", error.on_new ? "new" : "old", error.offset, error.message)};
    tell_problems(shown_name(error.on_new ? arguments.new_file : arguments.old_file), {problem});
  }
}

/// Prints what both sides being JSON allows; false where there is nothing that could be printed.
bool print(const DiffArguments& arguments, const diffing::Documents& documents, const diffing::Comparison& comparison) {
  const bool colour = use_colour(stdout);
  switch (arguments.format) {
    case DiffFormat::text: fmt::print("{}", diffing::to_text(comparison, documents, {colour})); break;
    case DiffFormat::json: fmt::print("{}\n", diffing::to_json(comparison)); break;
    case DiffFormat::unified: {
      diffing::UnifiedStyle style;
      style.colour = colour;
      style.old_name = shown_name(arguments.old_file);
      style.new_name = shown_name(arguments.new_file);
      fmt::print("{}", diffing::to_unified(documents, style).value_or(""));
      if (!comparison.truncated) break;
      fmt::print(stderr, "twinrun: the first {} of {} differences are shown\n", comparison.differences.size(),
                 comparison.total());
      break;
    }
    case DiffFormat::patch: {
      const diffing::Patch patch = diffing::to_patch(documents);
      if (!patch.problem.empty()) {
        fmt::print(stderr, "twinrun: no patch: {}\n", patch.problem);
        return false;
      }
      fmt::print("{}\n", patch.json);
      if (comparison.ruled == 0) break;
      fmt::print(stderr, "twinrun: what the rules let pass ({}) is not in the patch\n",
                 comparison.ruled == 1 ? "1 place" : fmt::format("{} places", comparison.ruled));
    }
  }
  return true;
}

}  // namespace

int diff_command(const DiffArguments& arguments) {
  const auto stdin_uses = (arguments.old_file == "-") + (arguments.new_file == "-") + (arguments.rules_file == "-");
  if (stdin_uses > 1) {
    fmt::print(stderr, "twinrun: the standard input (`-`) can be one of the files only\n");
    return kUsage;
  }
  const auto rules = load_rules(arguments.rules_file);
  const auto old_json = read_or_tell(arguments.old_file);
  const auto new_json = read_or_tell(arguments.new_file);
  if (!rules || !old_json || !new_json) return kCannotTell;

  diffing::Documents documents{*old_json, *new_json, *rules, {}};
  documents.limits.max_differences = arguments.max_differences;
  documents.limits.allow_byte_order_mark = arguments.allow_byte_order_mark;
  documents.limits.max_value_bytes = std::numeric_limits<std::size_t>::max();  // a cut value is no JSON any more
  documents.limits.read_equal_bytes = true;
  const auto comparison = diffing::diff(*old_json, *new_json, *rules, documents.limits);
  if (!comparison.errors.empty()) {
    tell_errors(arguments, comparison);
    if (arguments.format == DiffFormat::json) fmt::print("{}\n", diffing::to_json(comparison));
    return kCannotTell;
  }
  if (!print(arguments, documents, comparison)) return kCannotTell;
  return comparison.equal() ? kSuccess : kDifferent;
}

}  // namespace comparator::cli
