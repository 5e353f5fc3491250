#include "diffing/pointer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace diffing {
namespace {

/// Unescapes one step of a pattern; nullopt for an escape that does not exist.
std::optional<std::string> unescape(std::string_view step) {
  constexpr std::string_view kMeanings = "~/*[";
  std::string out;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] != '~') {
      out.push_back(step[i]);
      continue;
    }
    const std::size_t which = i + 1 < step.size() ? static_cast<std::size_t>(step[i + 1] - '0') : kMeanings.size();
    if (which >= kMeanings.size()) return std::nullopt;
    out.push_back(kMeanings[which]);
    ++i;
  }
  return out;
}

std::variant<PatternStep, std::string> parse_condition(std::string_view step) {
  const std::size_t equals = step.find('=');
  if (step.back() != ']' || equals == std::string_view::npos || equals == 1) {
    return "'" + std::string(step) + "' is no condition; write it as [member=value], or a leading '[' as ~3";
  }
  const auto name = unescape(step.substr(1, equals - 1));
  const auto value = unescape(step.substr(equals + 1, step.size() - equals - 2));
  if (!name || !value) return "'" + std::string(step) + "' has an unknown escape; there are ~0 ~, ~1 /, ~2 *, ~3 [";
  return PatternStep{PatternStep::Kind::condition, *name, *value};
}

std::variant<PatternStep, std::string> parse_step(std::string_view step) {
  if (step == "*") return PatternStep{PatternStep::Kind::any, {}, {}};
  if (step == "**") return PatternStep{PatternStep::Kind::deep, {}, {}};
  if (step.starts_with('[')) return parse_condition(step);
  if (step.find('*') != std::string_view::npos) {
    return "'" + std::string(step) + "': * and ** stand for whole steps; write a literal * as ~2";
  }
  auto name = unescape(step);
  if (!name) return "'" + std::string(step) + "' has an unknown escape; there are ~0 ~, ~1 /, ~2 *, ~3 [";
  return PatternStep{PatternStep::Kind::literal, std::move(*name), {}};
}

/// Whether a member name needs no escapes, as nearly all do.
bool is_plain(std::string_view member) {
  return std::none_of(member.begin(), member.end(),
                      [](char c) { return c == '~' || c == '/' || c == '*' || c == '['; });
}

}  // namespace

void append_step(std::string_view member, std::string& pointer) {
  pointer.push_back('/');
  if (is_plain(member)) {
    pointer += member;
    return;
  }
  for (const char c : member) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer.push_back(c);
    }
  }
}

void append_pattern_step(std::string_view member, std::string& pattern) {
  pattern.push_back('/');
  if (is_plain(member)) {
    pattern += member;
    return;
  }
  if (member.starts_with('[')) {
    pattern += "~3";
    member.remove_prefix(1);
  }
  for (const char c : member) {
    if (c == '~') {
      pattern += "~0";
    } else if (c == '/') {
      pattern += "~1";
    } else if (c == '*') {
      pattern += "~2";
    } else {
      pattern.push_back(c);
    }
  }
}

std::vector<std::string> pointer_steps(std::string_view pointer) {
  std::vector<std::string> steps;
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::size_t end = pointer.find('/');
    const std::string_view step = pointer.substr(0, end);
    steps.push_back(unescape(step).value_or(std::string(step)));
    pointer.remove_prefix(step.size());
  }
  return steps;
}

std::variant<std::vector<PatternStep>, std::string> parse_pattern(std::string_view pattern) {
  std::vector<PatternStep> steps;
  if (!pattern.empty() && !pattern.starts_with('/')) {
    return "'" + std::string(pattern) + "' does not begin with /; a place is a pointer such as /body/items/*/price";
  }
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::string_view text = pattern.substr(0, pattern.find('/'));
    auto step = parse_step(text);
    if (auto* wrong = std::get_if<std::string>(&step)) return std::move(*wrong);
    steps.push_back(std::get<PatternStep>(std::move(step)));
    pattern.remove_prefix(text.size());
  }
  return steps;
}

}  // namespace diffing
