#pragma once

#include <fmt/format.h>

#include <string>
#include <variant>
#include <vector>

#include "comparator/config/config.h"
#include "tests/support/catch.h"

/// Shared by the tests of this folder: outcomes as text that a failing test can show.
namespace comparator {

inline constexpr const char* kToday = "2026-11-22";

/// Two sides, so that a case shows nothing but what it is about.
inline const std::string kSides = "old: {url: http://a:1}\nnew: {url: http://b:2}\n";

inline std::string listed(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& problem : problems) {
    text += fmt::format("{}:{}: {}\n", problem.line, problem.column, problem.message);
  }
  return text;
}

template <typename Value>
std::string problems_of(const std::variant<Value, std::vector<Problem>>& result) {
  const auto* problems = std::get_if<std::vector<Problem>>(&result);
  return problems == nullptr ? "" : listed(*problems);
}

/// The configuration, or a failed test that shows the problems.
inline Config config_of(const std::string& yaml, const Overrides& overrides = {}) {
  const auto result = parse_config(yaml, kToday, overrides);
  INFO(problems_of(result));
  REQUIRE(std::holds_alternative<Config>(result));
  return std::get<Config>(result);
}

}  // namespace comparator
