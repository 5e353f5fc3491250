#include <algorithm>

#include "comparator/config/path_template.h"
#include "tests/comparator/config/problems.h"

namespace comparator {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a route has a name, a match, a stage, a share, rules and a gate") {
  const Config config = config_of(kSides + R"(
rules:
  - {ignore: /headers/x-request-id, reason: minted by each side}
routes:
  - name: get-invoice
    match: {methods: [GET, POST], path: "/invoices/{id}"}
    stage: reverse
    sample: 25%
    rules:
      - {keyed: /body/lines, by: [sku]}
    gate: {max_diff_rate: {critical: 0.02%, major: 0.2%, minor: 2%}, alpha_pass: 1%, alpha_fail: 2%, min_samples: 10,
           min_span: 1h, max_age: 2h, max_uncompared: 3%, max_accepted: 4%, max_old_failed: 5%, max_latency_ratio: 1.5}
)");

  REQUIRE(config.routes.size() == 2);
  const RouteConfig& route = config.routes[0];
  CHECK(route.name == "get-invoice");
  CHECK(route.methods == std::vector<std::string>{"GET", "POST"});
  CHECK(route.path == "/invoices/{id}");
  CHECK(route.stage == Stage::reverse);
  CHECK(route.sample == Approx(0.25));
  REQUIRE(route.rules.size() == 2);
  CHECK(route.rules[0].rule.path == "/headers/x-request-id");
  CHECK(route.rules[1].rule.by == std::vector<std::string>{"sku"});
  CHECK(route.gate.critical == Approx(0.0002));
  CHECK(route.gate.major == Approx(0.002));
  CHECK(route.gate.minor == Approx(0.02));
  CHECK(route.gate.alpha_pass == Approx(0.01));
  CHECK(route.gate.alpha_fail == Approx(0.02));
  CHECK(route.gate.min_samples == 10);
  CHECK(route.gate.min_span == 1h);
  CHECK(route.gate.max_age == 2h);
  CHECK(route.gate.max_uncompared == Approx(0.03));
  CHECK(route.gate.max_accepted == Approx(0.04));
  CHECK(route.gate.max_old_failed == Approx(0.05));
  CHECK(route.gate.max_latency_ratio == Approx(1.5));
  CHECK(config.routes[1].name == "default");
  CHECK(config.routes[1].rules.size() == 1);
}

TEST_CASE("a route's key says whose a request is, and its order may be that of the key") {
  using Source = KeyConfig::Source;
  struct Row {
    std::string settings;
    Source source;
    std::string name;
    bool order_per_key;
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"stage: shadow", Source::none, "", false, "by default nobody's, in no order"},
      {"key: header:X-User", Source::header, "x-user", false, "names of headers have no case"},
      {"key: cookie:SID", Source::cookie, "SID", false, "names of cookies have one"},
      {"key: path:id", Source::path, "id", false, "a parameter of the path"},
      {"key: request", Source::request, "", false, "all of its head"},
      {"key: header:x, order: per-key", Source::header, "x", true, "the order of one header's value"},
      {"key: cookie:x, order: per-key", Source::cookie, "x", true, "of a cookie's"},
      {"key: path:id, order: per-key", Source::path, "id", true, "of a parameter's"},
      {"key: path:id, order: none", Source::path, "id", false, "the default, said"},
  }));
  DYNAMIC_SECTION(row.settings) {
    INFO(row.why);

    const auto route =
        config_of(kSides + "routes: [{name: a, match: {path: '/a/{id}'}, " + row.settings + "}]").routes.front();

    CHECK((route.key.source == row.source));
    CHECK(route.key.name == row.name);
    CHECK(route.order_per_key == row.order_per_key);
  }
}

TEST_CASE("default is last, with its own settings when the file has it") {
  const Config config = config_of(kSides + "routes: [{name: a, match: {path: /a}}, {name: default, stage: old}]");

  REQUIRE(config.routes.size() == 2);
  CHECK(config.routes[1].name == "default");
  CHECK(config.routes[1].stage == Stage::old);
}

TEST_CASE("a wrong route is told with its place") {
  struct Row {
    std::string name;
    std::string route;     // in line 3 behind `routes: [`, which is 9 columns wide
    std::string expected;  // one problem, its beginning
    std::string why;
  };
  const auto row = GENERATE(values<Row>({
      {"no name", "{match: {path: /a}}", "3:10: routes[0]: `name` is missing\n", "rows and metrics need one"},
      {"bad name", "{name: Get Invoice, match: {path: /a}}",
       "3:17: routes[0].name: found `Get Invoice`; allowed is up to", "it is a label and part of a URL"},
      {"same name", "{name: a, match: {path: /a}}, {name: a, match: {path: /b}}",
       "3:47: routes[1]: the name `a` is repeated; it stands first in line 3\n", "counts would be mixed"},
      {"no match", "{name: a}", "3:10: routes[0]: `match` is missing; only the route `default` has none\n",
       "all later routes would be dead"},
      {"default matches", "{name: default, match: {path: /a}}", "3:33: routes[0]: the route `default`",
       "promise 5: every request has a route"},
      {"default first", "{name: default}, {name: a, match: {path: /a}}",
       "3:17: routes[0]: the route `default` takes the rest", "the other would be dead"},
      {"lower method", "{name: a, match: {methods: [get]}}",
       "3:38: routes[0].match.methods: found `get`; allowed is a method in upper case such as GET\n",
       "methods are case-sensitive"},
      {"no methods", "{name: a, match: {methods: []}}", "3:37: routes[0].match.methods: the list of methods is empty",
       "all or none?"},
      {"canary", "{name: a, match: {path: /a}, stage: canary}",
       "3:46: routes[0].stage: the stage `canary` is not supported yet", "refused, not turned into something else"},
      {"stage", "{name: a, match: {path: /a}, stage: shade}",
       "3:46: routes[0].stage: found `shade`; allowed is old, shadow,", "what is allowed"},
      {"above one", "{name: a, match: {path: /a}, sample: 150%}",
       "3:47: routes[0].sample: found `150%`; allowed is a share", "a sample is a share of requests"},
      {"negative", "{name: a, match: {path: /a}, sample: -1%}", "3:47: routes[0].sample: found `-1%`", "likewise"},
      {"percent forgotten", "{name: a, match: {path: /a}, sample: 10}", "3:47: routes[0].sample: found `10`",
       "10 % or 10 times?"},
      {"no tolerance at all", "{name: a, match: {path: /a}, gate: {max_diff_rate: {major: 0}}}",
       "3:69: routes[0].gate.max_diff_rate.major: found `0`; allowed is a share above 0% and below 100%",
       "no number of requests could show it"},
      {"misspelt gate", "{name: a, match: {path: /a}, gate: {min_sample: 5}}",
       "3:46: routes[0].gate: unknown key "
       "`min_sample`, did you mean `min_samples`?",
       "a gate that silently is another"},
      {"fallback", "{name: a, match: {path: /a}, fallback: old}",
       "3:49: routes[0].fallback: `fallback` is not supported yet", "refused, not ignored"},
      {"key of nothing", "{name: a, match: {path: /a}, key: user}",
       "3:44: routes[0].key: found `user`; allowed is header:NAME, cookie:NAME, path:PARAMETER or request\n",
       "a header or a cookie?"},
      {"nameless key", "{name: a, match: {path: /a}, key: 'header:'}", "3:44: routes[0].key: found `header:`",
       "would hold every request"},
      {"order", "{name: a, match: {path: /a}, key: header:x, order: strict}",
       "3:61: routes[0].order: found `strict`; allowed is per-key or none\n", "what is allowed"},
      {"text", "a", "3:10: routes[0]: found `a`; allowed is a route such as", "shape"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const std::string problems = problems_of(parse_config(kSides + "routes: [" + row.route + "]\n", kToday));

    INFO(problems);
    CHECK(problems.substr(0, row.expected.size()) == row.expected);
    CHECK(std::count(problems.begin(), problems.end(), '\n') == 1);
  }
}

TEST_CASE("a path template is literal segments and whole parameters") {
  struct Row {
    const char* path;
    const char* problem;  // a part of it; empty: good
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"/", "", "the root"},
      {"/invoices/{id}", "", "a parameter"},
      {"/invoices/{invoice_id}/lines/{line-no}", "", "names as people write them"},
      {"/files/**", "", "the rest"},
      {"/**", "", "everything"},
      {"/a//b/", "", "empty segments are segments"},
      {"/caf%C3%A9;v=1", "", "as on the wire"},
      {"invoices", "does not begin with `/`", "relative to what?"},
      {"/a/**/b", "only stand at the end", "which `**` ends where?"},
      {"/a/*", "`*` is not allowed", "a wildcard of other programs"},
      {"/a/x{id}", "mixes text and a parameter", "not supported"},
      {"/a/{}", "not the name of a parameter", "no name"},
      {"/a/{1}", "not the name of a parameter", "a number is no name"},
      {"/{id}/b/{id}", "`id` is repeated", "which value?"},
      {"/a/{id", "mixes text and a parameter", "a brace forgotten"},
      {"/a?x=1", "a query has no place", "queries are not matched"},
      {"/a/../b", "never arrive", "would never match"},
      {"/caf\xc3\xa9", "percent-encoded", "would never match"},
      {"/a%2", "percent-encoded", "half a byte"},
      {"/a b", "percent-encoded", "ends the target"},
  }));
  DYNAMIC_SECTION(row.path) {
    INFO(row.why);
    const std::string problem = path_template_problem(row.path);
    INFO(problem);
    CHECK(problem.empty() == std::string(row.problem).empty());
    CHECK(problem.find(row.problem) != std::string::npos);
  }
}

}  // namespace
}  // namespace comparator
