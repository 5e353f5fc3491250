#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/comparator/config/problems.h"

namespace comparator {
namespace {

std::string page() {
  std::ifstream file(TWINRUN_SOURCE_DIR "/docs/configuration.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The part of the page below a heading.
std::string section(const std::string& text, const std::string& heading) {
  const auto start = text.find("\n## " + heading + "\n");
  REQUIRE(start != std::string::npos);
  return text.substr(start, text.find("\n## ", start + 4) - start);
}

/// The parser names what is allowed where it finds an unknown key, so it can be asked for its keys.
std::vector<std::string> allowed_keys(const std::string& yaml) {
  const std::string problems = problems_of(parse_config(yaml, kToday));
  const std::string_view marker = "allowed: ";
  const auto start = problems.find(marker);
  INFO(problems);
  REQUIRE(problems.find("`unknown_key`") < start);
  REQUIRE(start != std::string::npos);
  std::istringstream list(problems.substr(start + marker.size(), problems.find('\n', start) - start - marker.size()));
  std::vector<std::string> keys;
  for (std::string key; list >> key;) keys.push_back(key.back() == ',' ? key.substr(0, key.size() - 1) : key);
  return keys;
}

TEST_CASE("every key of the parser is documented") {
  struct Row {
    std::string heading;
    std::string yaml;
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"First level", "unknown_key: 1", "the whole file"},
      {"Sides", "old: {unknown_key: 1}", "old"},
      {"Sides", "new: {unknown_key: 1}", "new"},
      {"Sides", "new: {breaker: {unknown_key: 1}}", "a side's breaker"},
      {"Sides", "new: {rewrite: {unknown_key: 1}}", "its rewriting"},
      {"Sides", "new: {rewrite: {prefix: {unknown_key: 1}}}", "of the path"},
      {"Sides", "new: {rewrite: {query: {unknown_key: 1}}}", "of the query"},
      {"Sides", "new: {rewrite: {headers: {unknown_key: 1}}}", "of the headers"},
      {"TLS", "tls: {unknown_key: 1}", "to clients"},
      {"TLS", "new: {tls: {unknown_key: 1}}", "to a side"},
      {"Admin", "admin: {unknown_key: 1}", "admin"},
      {"Limits", "limits: {unknown_key: 1}", "limits"},
      {"Access log", "access_log: {unknown_key: 1}", "access log"},
      {"Forward", "forward: {unknown_key: 1}", "forward"},
      {"Compare", "compare: {unknown_key: 1}", "compare"},
      {"Redact", "redact: {unknown_key: 1}", "redact"},
      {"Routes", "routes: [{unknown_key: 1}]", "a route"},
      {"Routes", "routes: [{match: {unknown_key: 1}}]", "its match"},
      {"Gate", "routes: [{gate: {unknown_key: 1}}]", "its gate"},
      {"Gate", "routes: [{gate: {max_diff_rate: {unknown_key: 1}}}]", "the gate's limits"},
  }));
  INFO(row.yaml);
  const std::string text = section(page(), row.heading);

  for (const std::string& key : allowed_keys(row.yaml)) {
    INFO(key);
    CHECK(text.find("\n| `" + key + "` |") != std::string::npos);
  }
}

TEST_CASE("every verb and its options are documented") {
  const std::string text = section(page(), "Rules");
  const std::string problems = problems_of(parse_config("rules: [{}]", kToday));
  const auto start = problems.find("allowed: ") + 9;
  std::istringstream verbs(problems.substr(start, problems.find('\n', start) - start));

  int count = 0;
  for (std::string verb; verbs >> verb; ++count) {
    if (verb.back() == ',') verb.pop_back();
    INFO(verb);
    const auto line = text.find("\n| `" + verb + "` |");
    REQUIRE(line != std::string::npos);
    for (const std::string& key : allowed_keys("rules: [{" + verb + ": /body, unknown_key: 1, reason: r}]")) {
      INFO(key);
      const bool of_the_verb =
          text.substr(line, text.find('\n', line + 1) - line).find("`" + key + "`") != std::string::npos;
      CHECK((of_the_verb || text.find("\n| `" + key + "` |") != std::string::npos));
    }
  }
  CHECK(count == 15);
}

TEST_CASE("every example of the configuration's page is right") {
  setenv("TWINRUN_TOKEN", "0123456789abcdef", 1);
  const std::string text = page();

  int examples = 0;
  for (auto at = text.find("```yaml\n"); at != std::string::npos; at = text.find("```yaml\n", at + 1), ++examples) {
    const std::string yaml = text.substr(at + 8, text.find("\n```", at) - at - 7);
    INFO(yaml);
    const bool is_list = yaml.front() == '-';
    CHECK(problems_of(parse_config(is_list ? kSides : yaml, kToday)).empty());
    CHECK(problems_of(parse_rules(is_list ? yaml : "[]", kToday)).empty());
  }
  CHECK(examples == 3);
}

}  // namespace
}  // namespace comparator
