#include <algorithm>

#include "tests/comparator/config/problems.h"

namespace comparator {
namespace {

std::vector<RouteRule> rules_of(const std::string& yaml) {
  const auto result = parse_rules(yaml, kToday);
  INFO(problems_of(result));
  REQUIRE(std::holds_alternative<std::vector<RouteRule>>(result));
  return std::get<std::vector<RouteRule>>(result);
}

TEST_CASE("each verb has its options") {
  const auto rules = rules_of(R"(
- ignore: /a
- only: /a
- unordered: /a
- {keyed: /a, by: [sku, b/c]}
- {keyed: /a, by: sku}
- set: /a
- {tolerance: /a, absolute: 0.005, relative: 1e-3}
- {tolerance: /a, relative: 0.5%, decimals: 2}
- {tolerance: /a, time: 1.5s}
- {pattern: /a, regex: "^x{2}$"}
- case_insensitive: /a
- {equal_if_absent: /a, absent: [null, missing, empty]}
- {equal_if_absent: /a, absent: ~}
- extra_ok: /a
- types_only: /a
- {numbers: /a, as: text}
- embedded_json: /a
- {rename: /a, to: b}
- {severity: /a, is: critical}
)");

  REQUIRE(rules.size() == 19);
  CHECK(rules[0].line == 2);
  CHECK(rules[3].rule.by == std::vector<std::string>{"sku", "b/c"});
  CHECK(rules[4].rule.by == std::vector<std::string>{"sku"});
  CHECK(rules[6].rule.absolute == "0.005");
  CHECK(rules[6].rule.relative == "1e-3");
  CHECK(rules[7].rule.relative == "0.5e-2");
  CHECK(rules[7].rule.decimals == 2);
  CHECK(rules[8].rule.time_ms == 1500);
  CHECK(rules[9].rule.argument == "^x{2}$");
  CHECK(rules[11].rule.absent == std::vector<std::string>{"null", "missing", "empty"});
  CHECK(rules[12].rule.absent == std::vector<std::string>{"null"});
  CHECK(rules[15].rule.argument == "text");
  CHECK(rules[17].rule.argument == "b");
  CHECK(rules[18].rule.argument == "critical");
}

TEST_CASE("a rule for several paths is several rules with one reason") {
  const auto rules = rules_of("- {ignore: [/a, /b], reason: volatile, owner: billing, expires: 2026-12-31}");

  REQUIRE(rules.size() == 2);
  CHECK(rules[0].rule.path == "/a");
  CHECK(rules[1].rule.path == "/b");
  CHECK(rules[1].reason == "volatile");
  CHECK(rules[1].owner == "billing");
  CHECK(rules[1].expires == "2026-12-31");
  CHECK_FALSE(rules[1].expired);
}

TEST_CASE("a rule holds through its last day and stays in the list after it") {
  const std::string yaml = "- {ignore: /a, expires: 2026-11-22}";

  const auto on_the_day = std::get<std::vector<RouteRule>>(parse_rules(yaml, "2026-11-22"));
  const auto a_day_later = std::get<std::vector<RouteRule>>(parse_rules(yaml, "2026-11-23"));

  CHECK_FALSE(on_the_day.at(0).expired);
  CHECK(a_day_later.at(0).expired);
}

TEST_CASE("no rules at all are no problem") {
  CHECK(rules_of("").empty());
  CHECK(rules_of("[]").empty());
}

TEST_CASE("a wrong rule is told at its line and its field's column") {
  struct Row {
    std::string name;
    std::string rule;  // in line 4, behind `  - `
    std::string expected;
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"no verb", "{reason: r}", "4:5: rules[0]: the rule does not say what it does; allowed: ignore, only,",
       "what to do?"},
      {"misspelt verb", "{ingore: /body, reason: r}",
       "4:5: rules[0]: the rule does not say what it does, `ingore` is perhaps "
       "`ignore`; allowed: ",
       "a slip"},
      {"two verbs", "{ignore: /body, set: /body}", "4:21: rules[0]: a rule does one thing: `ignore` is already there\n",
       "which first?"},
      {"repeated verb", "{ignore: /body, ignore: /body/x, reason: r}", "4:21: rules[0]: the key `ignore` is repeated",
       "one would be lost"},
      {"path elsewhere", "{ignore: /total, reason: r}",
       "4:14: rules[0].ignore: found `/total`; allowed is a path that begins "
       "with /body, /headers, /status or /**\n",
       "an answer is a tree of three"},
      {"path nearly there", "{ignore: /bodyx, reason: r}", "4:14: rules[0].ignore: found `/bodyx`",
       "whole steps count"},
      {"no path", "{ignore: , reason: r}", "rules[0].ignore: found nothing; allowed is a text", "where?"},
      {"no paths", "{ignore: [], reason: r}", "4:14: rules[0].ignore: a rule has 1 to 1000 paths; this list has 0",
       "where?"},
      {"foreign option", "{ignore: /body, by: [a], reason: r}",
       "4:21: rules[0]: unknown key `by`; allowed: ignore, reason, "
       "owner, expires\n",
       "an option that does nothing"},
      {"no reason", "{ignore: /body/x}",
       "4:6: rules[0]: a rule that lets differences pass says why: `reason` is missing\n",
       "people review green verdicts"},
      {"date", "{ignore: /body/x, reason: r, expires: 2027-02-30}",
       "4:43: rules[0].expires: found `2027-02-30`; allowed is the "
       "last day on which the rule holds, as YYYY-MM-DD\n",
       "no such day"},
      {"number", "{tolerance: /body/x, absolute: cheap, reason: r}",
       "4:36: rules[0].absolute: found `cheap`; allowed is a "
       "decimal number such as 0.005\n",
       "not a number"},
      {"regex", "{pattern: /body/x, regex: (, reason: r}", "4:31: rules[0]: ", "only the differ knows its expressions"},
      {"no members", "{keyed: /body/x}", "4:6: rules[0]: ", "only the differ knows what it needs"},
      {"text", "ignore", "4:5: rules[0]: found `ignore`; allowed is a rule such as", "shape"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const std::string problems = problems_of(parse_config(kSides + "rules:\n  - " + row.rule + "\n", kToday));

    INFO(problems);
    CHECK(problems.find(row.expected) != std::string::npos);
    CHECK(std::count(problems.begin(), problems.end(), '\n') == 1);
  }
}

TEST_CASE("rules that only say how a place is read need no reason") {
  config_of(kSides + "rules: [{keyed: /body/lines, by: [sku]}, {unordered: /body/tags}, {set: /headers/allow}]");
}

TEST_CASE("paths of documents are taken as they stand") {
  CHECK(rules_of("- ignore: /items/*/id").at(0).rule.path == "/items/*/id");
  CHECK(rules_of("- unordered: ''").at(0).rule.path.empty());
  CHECK(problems_of(parse_rules("- ignore: items", kToday)).substr(0, 5) == "1:11:");
  CHECK(problems_of(parse_rules("{ignore: /a}", kToday)).substr(0, 40) == "1:1: found a mapping; allowed is a list ");
}

}  // namespace
}  // namespace comparator
