#pragma once

#include <string>
#include <variant>
#include <vector>

#include "diffing/diff.h"
#include "diffing/rules.h"
#include "tests/support/catch.h"

/// "kind path" of each difference, in their order.
inline std::vector<std::string> places(const diffing::Comparison& comparison) {
  std::vector<std::string> list;
  for (const diffing::Difference& difference : comparison.differences) {
    list.push_back(std::string(name(difference.kind)) + " " + difference.path);
  }
  return list;
}

inline diffing::RuleSet compiled(const std::vector<diffing::Rule>& rules) {
  auto result = diffing::RuleSet::compile(rules);
  if (const auto* errors = std::get_if<std::vector<diffing::RuleError>>(&result)) FAIL(errors->front().message);
  return std::get<diffing::RuleSet>(result);
}

inline diffing::Rule rule(diffing::Verb verb, std::string path, std::string argument = {}) {
  diffing::Rule rule;
  rule.verb = verb;
  rule.path = std::move(path);
  rule.argument = std::move(argument);
  return rule;
}

inline diffing::Rule keyed(std::string path, std::vector<std::string> by) {
  diffing::Rule result = rule(diffing::Verb::keyed, std::move(path));
  result.by = std::move(by);
  return result;
}
