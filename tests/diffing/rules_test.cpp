#include "diffing/rules.h"

#include <string>
#include <utility>
#include <vector>

#include "diffing/diff.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::Comparison;
using diffing::diff;
using diffing::Rule;
using diffing::RuleSet;
using diffing::Verb;

namespace {

Rule absolute(std::string path, std::string bound) {
  Rule result = rule(Verb::tolerance, std::move(path));
  result.absolute = std::move(bound);
  return result;
}

Rule relative(std::string path, std::string share) {
  Rule result = rule(Verb::tolerance, std::move(path));
  result.relative = std::move(share);
  return result;
}

Rule decimals(std::string path, int count) {
  Rule result = rule(Verb::tolerance, std::move(path));
  result.decimals = count;
  return result;
}

Rule within_ms(std::string path, std::int64_t ms) {
  Rule result = rule(Verb::tolerance, std::move(path));
  result.time_ms = ms;
  return result;
}

Rule absent(std::string path, std::vector<std::string> words = {}) {
  Rule result = rule(Verb::equal_if_absent, std::move(path));
  result.absent = std::move(words);
  return result;
}

struct Row {
  std::string name;
  std::vector<Rule> rules;
  std::string old_json;
  std::string new_json;
  std::vector<std::string> expected;
  std::uint64_t ruled;
};

}  // namespace

TEST_CASE("Rules let the places they name pass, and nothing else") {
  const auto row = GENERATE(values<Row>({
      {"ignore a value", {rule(Verb::ignore, "/a")}, R"({"a":1,"b":1})", R"({"a":2,"b":2})", {"value /b"}, 1},
      {"ignore what is missing", {rule(Verb::ignore, "/a")}, R"({"a":1})", "{}", {}, 1},
      {"ignore respelled", {rule(Verb::ignore, "/a")}, R"({"a":[1,2]})", R"({"a":[ 1.0,2]})", {}, 0},
      {"ignore any depth",
       {rule(Verb::ignore, "/**/t")},
       R"({"t":1,"x":[{"t":2},3]})",
       R"({"t":9,"x":[{"t":8},4]})",
       {"value /x/1"},
       2},
      {"ignore in each element",
       {rule(Verb::ignore, "/*/t")},
       R"([{"t":1,"v":1}])",
       R"([{"t":2,"v":2}])",
       {"value /0/v"},
       1},
      {"ignored members do not unmatch elements",
       {rule(Verb::ignore, "/*/t")},
       R"([{"t":1,"v":1},{"t":2,"v":2}])",
       R"([{"t":5,"v":0},{"t":6,"v":1},{"t":7,"v":2}])",
       {"extra /0"},
       2},
      {"a literal star", {rule(Verb::ignore, "/~2")}, R"({"*":1,"a":1})", R"({"*":2,"a":2})", {"value /a"}, 1},
      {"an index", {rule(Verb::ignore, "/1")}, "[0,8,2]", "[0,1,3]", {"value /2"}, 1},
      {"only", {rule(Verb::only, "/a")}, R"({"a":1,"b":1})", R"({"a":2,"b":2})", {"value /a"}, 1},
      {"only, gone with its parent", {rule(Verb::only, "/a/b")}, R"({"a":{"b":1}})", "{}", {"missing /a"}, 0},
      {"only, beside", {rule(Verb::only, "/a/b")}, R"({"a":{"c":1}})", R"({"a":{}})", {}, 1},
      {"unordered", {rule(Verb::unordered, "")}, "[1,2,2,3]", "[3,2,1,2]", {}, 1},
      {"unordered counts repeats", {rule(Verb::unordered, "")}, "[1,1,2]", "[1,2,2]", {"missing /1", "extra /2"}, 0},
      {"set", {rule(Verb::set, "")}, "[1,1,2]", "[2,1,2]", {}, 1},
      {"set, one more", {rule(Verb::set, "")}, "[1,2]", "[2,3,1]", {"extra /1"}, 1},
      {"unordered inside unordered", {rule(Verb::unordered, "/**")}, "[[1,2],[3,4]]", "[[4,3],[2,1]]", {}, 3},
      {"unordered pairs the alike",
       {rule(Verb::unordered, "")},
       R"([{"a":1,"b":1,"c":1},{"a":2,"b":2,"c":2}])",
       R"([{"a":2,"b":2,"c":2},{"a":1,"b":1,"c":9}])",
       {"value /0/c"},
       1},
      {"keyed",
       {keyed("", {"id"})},
       R"([{"id":1,"v":1},{"id":2,"v":2}])",
       R"([{"id":2,"v":2},{"id":1,"v":9}])",
       {"value /0/v"},
       1},
      {"keyed by number value", {keyed("", {"id"})}, R"([{"id":1,"v":1}])", R"([{"id":1.0,"v":2}])", {"value /0/v"}, 0},
      {"keyed by several",
       {keyed("", {"a", "b"})},
       R"([{"a":1,"b":1},{"a":1,"b":2}])",
       R"([{"a":1,"b":2},{"a":1,"b":3}])",
       {"missing /0", "extra /1"},
       0},
      {"keyed by a nested member",
       {keyed("/l", {"k/id"})},
       R"({"l":[{"k":{"id":1},"v":1},{"k":{"id":2},"v":1}]})",
       R"({"l":[{"k":{"id":2},"v":1},{"k":{"id":1},"v":2}]})",
       {"value /l/0/v"},
       1},
      {"keyed by position",
       {keyed("", {"#"})},
       "[1,2,3]",
       "[0,1,2,3]",
       {"value /0", "value /1", "value /2", "extra /3"},
       0},
      {"absolute", {absolute("/*", "0.1")}, "[1.0,1.0]", "[1.1,1.10000001]", {"value /1"}, 1},
      {"absolute, without rounding", {absolute("", "0.1")}, "0.3", "0.2", {}, 1},
      {"absolute, beyond 64 bits", {absolute("", "1")}, "123456789012345678901", "123456789012345678900", {}, 1},
      {"relative", {relative("/*", "0.01")}, "[100,100,-100]", "[101,102,-99]", {"value /1"}, 2},
      {"decimals", {decimals("/*", 2)}, "[1.234,1.234]", "[1.2301,1.24]", {"value /1"}, 1},
      {"time",
       {within_ms("/*", 1500)},
       R"(["2024-01-01T00:00:00Z","2024-01-01T00:00:00Z"])",
       R"(["2024-01-01T01:00:01.5+01:00","2024-01-01T00:00:02Z"])",
       {"value /1"},
       1},
      {"time as a number",
       {within_ms("/*", 1500)},
       "[1700000000,1700000000000]",
       "[1700000001,1700000001501]",
       {"value /1"},
       1},
      {"pattern",
       {rule(Verb::pattern, "/*", "[0-9a-f]{4}")},
       R"(["00ff","00ff"])",
       R"(["abcd","xyz"])",
       {"value /1"},
       1},
      {"case", {rule(Verb::case_insensitive, "")}, R"("Hello")", R"("hELLO")", {}, 1},
      {"null equals missing", {absent("/*")}, R"({"a":null})", R"({"b":null})", {}, 2},
      {"null is not empty unless said", {absent("/*")}, R"({"a":null})", R"({"a":""})", {"type /a"}, 0},
      {"empty",
       {absent("/**", {"null", "missing", "empty"})},
       R"({"a":null,"b":[],"c":{}})",
       R"({"a":"","b":{}})",
       {},
       3},
      {"extra members", {rule(Verb::extra_ok, "")}, R"({"a":1})", R"({"a":1,"b":2})", {}, 1},
      {"extra goes one way", {rule(Verb::extra_ok, "/**")}, R"({"a":1,"b":2})", R"({"a":1})", {"missing /b"}, 0},
      {"one extra member", {rule(Verb::extra_ok, "/b")}, R"({"a":1})", R"({"a":1,"b":2,"c":3})", {"extra /c"}, 1},
      {"extra elements", {rule(Verb::extra_ok, "")}, "[1,2]", "[1,3,2,4]", {}, 2},
      {"extra and unordered",
       {rule(Verb::extra_ok, "/**"), rule(Verb::unordered, "/**")},
       R"([{"a":1},{"a":2}])",
       R"([{"a":2,"x":0},{"a":1,"y":0}])",
       {},
       3},
      {"tolerance and unordered", {absolute("/*", "1"), rule(Verb::unordered, "")}, "[1,2]", "[3,2]", {}, 3},
      {"types only", {rule(Verb::types_only, "")}, R"({"a":1,"b":"x"})", R"({"a":2,"b":null})", {"type /b"}, 1},
      {"numbers as doubles", {rule(Verb::numbers, "", "binary64")}, "0.1", "0.10000000000000001", {}, 1},
      {"numbers as text", {rule(Verb::numbers, "", "text")}, "1", "1.0", {"value "}, 0},
      {"embedded",
       {rule(Verb::embedded_json, "/p")},
       R"({"p":"{\"a\":1,\"b\":[1,2]}"})",
       R"({"p":"{\"b\":[1,3],\"a\":1.0}"})",
       {"value /p/b/1"},
       0},
      {"embedded, but no JSON", {rule(Verb::embedded_json, "/p")}, R"({"p":"{a"})", R"({"p":"{b"})", {"value /p"}, 0},
      {"rename",
       {rule(Verb::rename, "/old_name", "newName")},
       R"({"old_name":1,"x":1})",
       R"({"newName":1,"x":2})",
       {"value /x"},
       0},
      {"renamed and changed",
       {rule(Verb::rename, "/a", "b")},
       R"({"a":{"v":1}})",
       R"({"b":{"v":2}})",
       {"value /a/v"},
       0},
      {"not yet renamed", {rule(Verb::rename, "/a", "b")}, R"({"a":1})", R"({"a":1.0})", {}, 0},
      {"condition",
       {rule(Verb::ignore, "/[type=draft]/v")},
       R"([{"type":"draft","v":1},{"type":"final","v":1}])",
       R"([{"type":"draft","v":2},{"type":"final","v":2}])",
       {"value /1/v"},
       1},
      {"condition that one side meets",
       {rule(Verb::ignore, "/[type=draft]")},
       R"([{"type":"draft"}])",
       R"([{"type":"final"}])",
       {"value /0/type"},
       0},
  }));
  DYNAMIC_SECTION(row.name) {
    const Comparison comparison = diff(row.old_json, row.new_json, compiled(row.rules));

    CHECK(places(comparison) == row.expected);
    CHECK(comparison.ruled == row.ruled);
  }
}

TEST_CASE("A tolerance is exact, however far apart two numbers lie") {
  struct Pair {
    std::string a, b, bound;
    bool passes;
  };
  const std::vector<Pair> pairs{
      {"1", "1.5", "0.5", true},
      {"1", "1.5000001", "0.5", false},
      {"-1", "1", "2", true},
      {"-1", "1", "1.99", false},
      {"100", "99.9", "0.1", true},
      {"1000000", "999999.89", "0.11", true},
      {"1000000", "999999.88", "0.11", false},
      {"1e900000000", "1", "1e900000000", true},
      {"1e900000000", "-1", "1e900000000", false},
      {"1e-900000000", "0", "0", false},
      {"1e-900000000", "0", "1e-900000000", true},
  };
  for (const Pair& pair : pairs) {
    INFO(pair.a << " and " << pair.b << " within " << pair.bound);
    const auto rules = compiled({absolute("", pair.bound)});

    CHECK(diff(pair.a, pair.b, rules).equal() == pair.passes);
    CHECK(diff(pair.b, pair.a, rules).equal() == pair.passes);
  }
}

TEST_CASE("Severity is that of the kind unless a rule says otherwise, and the later rule holds") {
  const RuleSet rules = compiled({rule(Verb::severity, "/a", "critical"), rule(Verb::severity, "/a/b", "minor")});

  const Comparison comparison = diff(R"({"a":{"x":1,"b":1},"c":1})", R"({"a":{"x":2,"b":2},"c":2,"d":1})", rules);

  REQUIRE(comparison.differences.size() == 4);
  CHECK(comparison.differences[0].severity == diffing::Severity::critical);
  CHECK(comparison.differences[1].severity == diffing::Severity::minor);
  CHECK(comparison.differences[2].severity == diffing::Severity::major);
  CHECK(comparison.differences[3].severity == diffing::Severity::minor);
  CHECK(comparison.worst == diffing::Severity::critical);
}

TEST_CASE("A wrong rule is refused with its place and what would be right") {
  struct Wrong {
    Rule rule;
    std::string field;
    std::string message;
  };
  std::vector<Wrong> list{
      {rule(Verb::ignore, "a"), "path", "'a' does not begin with /; a place is a pointer such as /body/items/*/price"},
      {rule(Verb::ignore, "/a*"), "path", "'a*': * and ** stand for whole steps; write a literal * as ~2"},
      {rule(Verb::ignore, "/~9"), "path", "'~9' has an unknown escape; there are ~0 ~, ~1 /, ~2 *, ~3 ["},
      {rule(Verb::ignore, "/[a]"), "path", "'[a]' is no condition; write it as [member=value], or a leading '[' as ~3"},
      {keyed("/a", {}), "by", "keyed needs the members that identify an element, such as [id]"},
      {absolute("/a", "-1"), "absolute", "'-1' is no bound; write a number that is not negative, such as 0.005"},
      {rule(Verb::tolerance, "/a"), "absolute", "tolerance needs absolute, relative, decimals or time"},
      {rule(Verb::pattern, "/a", "("), "argument", "not a regular expression: missing ): ("},
      {rule(Verb::numbers, "/a", "float"), "argument", "'float' is not one of decimal, binary64, text"},
      {rule(Verb::severity, "/a", "bad"), "argument", "'bad' is not one of minor, major, critical"},
      {rule(Verb::rename, "/*", "b"), "path", "rename needs a path that ends with the member's name in old"},
      {absent("/a", {"nil"}), "absent", "'nil' is not one of null, missing, empty"},
  };
  std::vector<Rule> rules;
  for (const Wrong& wrong : list) rules.push_back(wrong.rule);

  const auto result = RuleSet::compile(rules);

  REQUIRE(std::holds_alternative<std::vector<diffing::RuleError>>(result));
  const auto& errors = std::get<std::vector<diffing::RuleError>>(result);
  REQUIRE(errors.size() == list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    CHECK(errors[i].rule == i);
    CHECK(errors[i].field == list[i].field);
    CHECK(errors[i].message == list[i].message);
  }
}

TEST_CASE("Rules of an answer hold for its body under a literal step") {
  const RuleSet rules = compiled({rule(Verb::ignore, "/body/a"), rule(Verb::severity, "", "minor")});

  const Comparison comparison = diff(R"({"a":1,"b":1})", R"({"a":2,"b":2})", rules.under("body"));

  CHECK(places(comparison) == std::vector<std::string>{"value /b"});
  CHECK(comparison.worst == diffing::Severity::minor);
  CHECK(rules.under("headers").under("x").empty() == false);
  CHECK(compiled({rule(Verb::ignore, "/body/a")}).under("headers").empty());
}

TEST_CASE("Every verb has a name that leads back to it") {
  for (int i = 0; i <= static_cast<int>(Verb::severity); ++i) {
    const auto verb = static_cast<Verb>(i);
    CHECK(diffing::verb_named(name(verb)) == verb);
  }
  CHECK_FALSE(diffing::verb_named("ignored").has_value());
}

TEST_CASE("Named places are covered with all below them, and nothing else") {
  const auto result = diffing::PlaceSet::compile(std::vector<std::string>{"/body/**/password", "/body/cards/*"});
  REQUIRE(std::holds_alternative<diffing::PlaceSet>(result));
  const auto& places = std::get<diffing::PlaceSet>(result);

  CHECK(places.covers("/body/password"));
  CHECK(places.covers("/body/a/b/password/hash"));
  CHECK(places.covers("/body/cards/0/number"));
  CHECK_FALSE(places.covers("/body/cards"));
  CHECK_FALSE(places.covers("/body"));
  CHECK_FALSE(places.covers("/password"));
}

TEST_CASE("Redaction replaces covered values and copies the rest byte by byte") {
  const auto result = diffing::PlaceSet::compile(std::vector<std::string>{"/body/**/password", "/body/cards/*"});
  const auto& places = std::get<diffing::PlaceSet>(result);

  CHECK(places.redact(R"({ "user":{"passw\u006frd" : {"x":1}, "n":1.50}, "cards":[1, {"a":2}] })", "/body") ==
        R"({ "user":{"passw\u006frd" : "[redacted]", "n":1.50}, "cards":["[redacted]", "[redacted]"] })");
  CHECK(places.redact(R"("s")", "/body/password") == R"("[redacted]")");
  CHECK(places.redact("nonsense", "/body") == std::nullopt);
  CHECK(diffing::PlaceSet().redact("[1]") == "[1]");
}
