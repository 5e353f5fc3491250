// A patch is right when it, applied by somebody else's program, turns old into new.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "diffing/render.h"
#include "tests/diffing/random_pairs.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::diff;
using diffing::Patch;
using diffing::RuleSet;
using diffing::to_patch;
using diffing::Verb;
using nlohmann::ordered_json;

namespace {

constexpr std::uint32_t kPairs = 600;

/// Old with the patch applied, no number read on the way.
std::string patched(const std::string& old_json, const std::string& patch) {
  return random_pairs::spelled(random_pairs::tagged(old_json).patch(random_pairs::tagged(patch)));
}

struct Row {
  std::string name;
  std::string old_json;
  std::string new_json;
  std::string patch;  // its operations without the brackets
  std::string why;
};

diffing::Rule keyed_by(std::vector<std::string> by) { return keyed("/**", std::move(by)); }

diffing::Rule tolerance(std::string path, std::string absolute) {
  diffing::Rule result = rule(Verb::tolerance, std::move(path));
  result.absolute = std::move(absolute);
  return result;
}

struct Rules {
  std::string name;
  std::vector<diffing::Rule> list;
};

}  // namespace

TEST_CASE("A patch holds the operations that turn old into new") {
  const auto row = GENERATE(values<Row>({
      {"equal", "1", "1.0", "", "another spelling is no difference"},
      {"root", "1", "2", R"({"op":"replace","path":"","value":2})", "the empty pointer is the whole document"},
      {"numbers", "[1]", "[12345678901234567891e-400]",
       R"({"op":"replace","path":"/0","value":12345678901234567891e-400})", "no digit is lost"},
      {"insertion before a removal", "[1,2,3]", "[0,1,3]",
       "{\"op\":\"add\",\"path\":\"/0\",\"value\":0},\n{\"op\":\"remove\",\"path\":\"/2\"}",
       "indices count what was inserted before"},
      {"order", R"({"a":[1,2,3]})", R"({"a":[3,2,1]})", R"({"op":"replace","path":"/a","value":[3,2,1]})",
       "an array of which elements moved is replaced"},
      {"slash and tilde", R"({"a/b":{"~":1}})", R"({"a/b":{"~":2}})", R"({"op":"replace","path":"/a~1b/~0","value":2})",
       "RFC 6901 section 3"},
      {"star", R"({"*":1,"a":1})", R"({"*":2,"a":1})", R"({"op":"replace","path":"/*","value":2})",
       "a star is no pattern in a pointer"},
      {"empty name", R"({"":1})", R"({"":2})", R"({"op":"replace","path":"/","value":2})", "a name like any other"},
      {"dash", R"({"-":1})", "{}", R"({"op":"remove","path":"/-"})", "in an object it is a name"},
      {"escaped name", R"({"\"\u0001":1})", "{}", R"({"op":"remove","path":"/\"\u0001"})", "the patch is JSON itself"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const Patch patch = to_patch({row.old_json, row.new_json});

    CHECK(patch.problem.empty());
    CHECK(patch.json == "[" + row.patch + "]");
  }
}

TEST_CASE("There is no patch where none would be right, and it is said why") {
  const auto row = GENERATE(values<Row>({
      {"old is not JSON", "[1,", "1", "old is not JSON: line 1, column 4 (offset 3): expected a value, found the end",
       "side and place"},
      {"new is not JSON", "1", "[1]\nx",
       "new is not JSON: line 2, column 1 (offset 4): expected the end after the "
       "value, found 'x'",
       "side and place"},
      {"old repeats a name", R"({"a":1,"a":2})", R"({"a":3})",
       "old repeats a member name in the object at line 1, "
       "column 1 (offset 0): the pointers of a patch cannot tell such members apart",
       "RFC 6901 section 4"},
      {"new repeats a name", "[]", "[\n {\"\\u0061\":1,\"a\":2}]",
       "new repeats a member name in the object at line 2, "
       "column 2 (offset 3): the pointers of a patch cannot tell such members apart",
       "in other spellings as well"},
      {"both, where nothing differs", R"({"o":{"a":1,"a":2},"x":1})", R"({"o":{"a":1,"a":2},"x":2})",
       "old repeats a member name in the object at line 1, column 6 (offset 5): the pointers of a patch cannot tell "
       "such members apart",
       "what applies the patch would keep one of them"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const Patch patch = to_patch({row.old_json, row.new_json});

    CHECK(patch.json.empty());
    CHECK(patch.problem == row.patch);
  }
}

TEST_CASE("A patch holds all differences, however few are to be shown") {
  diffing::Limits limits;
  limits.max_differences = 1;

  const Patch patch = to_patch({"[1,2,3,4]", "[5,6,7,8]", RuleSet(), limits});

  CHECK(ordered_json::parse(patch.json).size() == 4);
}

TEST_CASE("The patch applied to old gives new") {
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto [old_value, new_value] = random_pairs::random_pair(seed);
    const std::string old_json = old_value.dump();
    const Patch patch = to_patch({old_json, new_value.dump()});
    INFO(old_json << " and " << new_value.dump() << " by " << patch.json);
    REQUIRE(patch.problem.empty());

    REQUIRE(diff(patched(old_json, patch.json), new_value.dump()).equal());
  }
}

TEST_CASE("The patch gives new where rows moved, names need escapes and numbers are large") {
  std::size_t operations = 0;
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto pair = random_pairs::random_rows(seed);
    const std::string old_json = random_pairs::spelled(pair.old_value);
    const std::string new_json = random_pairs::spelled(pair.new_value);
    const Patch patch = to_patch({old_json, new_json});
    INFO(old_json << " and " << new_json << " by " << patch.json);
    REQUIRE(patch.problem.empty());
    operations += random_pairs::tagged(patch.json).size();

    REQUIRE(diff(patched(old_json, patch.json), new_json).equal());
  }
  CHECK(operations > kPairs);
}

TEST_CASE("With rules, the patch leaves nothing that the rules would not let pass") {
  const auto rules = GENERATE(values<Rules>({
      {"order", {rule(Verb::unordered, "/**"), rule(Verb::ignore, "/**/a")}},
      {"keys", {keyed_by({"id"})}},
      {"keys of two members", {keyed_by({"id", "a"})}},
      {"positions as keys", {keyed_by({"#"})}},
      {"sets", {rule(Verb::set, "/**")}},
      {"sets of rows", {rule(Verb::set, "/**"), rule(Verb::ignore, "/**/id")}},
      {"only", {rule(Verb::only, "/**/b"), rule(Verb::only, "/rest")}},
      {"a position", {rule(Verb::ignore, "/**/0")}},
      {"a condition", {rule(Verb::ignore, "/**/[id=2]")}},
      {"extras", {rule(Verb::extra_ok, "/**")}},
      {"absent", {rule(Verb::equal_if_absent, "/**")}},
      {"types", {rule(Verb::types_only, "/**")}},
      {"tolerance and keys", {tolerance("/**", "1"), keyed_by({"id"})}},
      {"another name", {rule(Verb::rename, "/**/a", "b"), rule(Verb::unordered, "/*")}},
      {"spelling", {rule(Verb::numbers, "/**", "text")}},
  }));
  const RuleSet compiled_rules = compiled(rules.list);
  DYNAMIC_SECTION(rules.name) {
    for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
      const auto pair = random_pairs::random_rows(seed);
      const std::string old_json = random_pairs::spelled(pair.old_value);
      const std::string new_json = random_pairs::spelled(pair.new_value);
      const Patch patch = to_patch({old_json, new_json, compiled_rules, {}});
      INFO("seed " << seed << ": " << old_json << " and " << new_json << " by " << patch.json);

      const std::string result = patched(old_json, patch.json);
      INFO("gives " << result);

      REQUIRE(diff(result, new_json, compiled_rules).equal());
    }
  }
}

TEST_CASE("Embedded JSON is replaced as a string, and not at all where its content is equal") {
  const RuleSet rules = compiled({rule(Verb::embedded_json, "/p")});

  CHECK(to_patch({R"({"p":"[1]"})", R"({"p":"[ 1.0]"})", rules, {}}).json == "[]");
  CHECK(to_patch({R"({"p":"[1]"})", R"({"p":"[2]"})", rules, {}}).json ==
        R"([{"op":"replace","path":"/p","value":"[2]"}])");
}
