#include "diffing/diff.h"

#include <string>
#include <vector>

#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::Comparison;
using diffing::diff;
using diffing::Kind;

namespace {

struct Row {
  std::string name;
  std::string old_json;
  std::string new_json;
  std::vector<std::string> expected;  // "kind path"
  std::string why;
};

}  // namespace

TEST_CASE("Exact comparison finds the places that differ, and no others") {
  const auto row = GENERATE(values<Row>({
      {"digits in text", R"({"addr":"12 Main St"})", R"({"addr":"12 Oak Ave"})", {"value /addr"}, "text is no number"},
      {"words in text", R"("true story")", R"("true lie")", {"value "}, "text is no literal"},
      {"past 64 bits", "18446744073709551617", "1", {"value "}, "integers do not wrap"},
      {"twenty digits", "12345678901234567890", "12345678901234567891", {"value "}, "numbers are not rounded"},
      {"empty arrays", "[]", "[ ]", {}, "nothing is nothing"},
      {"order of scalars", "[1,2]", "[2,1]", {"order "}, "same elements, other order"},
      {"spelling of a number", "1", "1.0", {}, "RFC 8259 leaves the spelling open"},
      {"many spellings", "[1,-0,100,1.50]", "[1e0,0,1E+2,15e-1]", {}, "the decimal value counts"},
      {"duplicate keys", R"({"a":1,"a":2})", R"({"a":2})", {"value /a", "missing /a"}, "both are kept"},
      {"key that is no name", R"({"x-id":1})", R"({ "x-id":1})", {}, "keys are any text"},
      {"null or absent", R"({"a":null})", "{}", {"missing /a"}, "null is not absent"},
      {"absent or null", "{}", R"({"a":null})", {"extra /a"}, "null is not absent, the other way round"},
      {"scalar roots", "123", "1231", {"value "}, "a root is compared as anything else"},
      {"insert in front", "[1,2,3]", "[0,1,2,3]", {"extra /0"}, "one element is one difference"},
      {"delete in the middle", "[1,2,3,4]", "[1,2,4]", {"missing /2"}, "the place in old"},
      {"changed element", "[1,2,3]", "[1,9,3]", {"value /1"}, "a change is no removal"},
      {"type", R"({"a":1})", R"({"a":"1"})", {"type /a"}, "a string is no number"},
      {"array or object", "[1]", R"({"a":1})", {"type "}, "at the place, not below"},
      {"key order", R"({"a":1,"b":2})", R"({"b":2,"a":1})", {}, "objects have no order"},
      {"escapes", R"({"k\u0065y":"\u00e9\/"})", "{\"key\":\"\xC3\xA9/\"}", {}, "another spelling of the same text"},
      {"surrogate pair", R"("\ud83d\ude00")", "\"\xF0\x9F\x98\x80\"", {}, "two escapes, one character"},
      {"lone surrogates", R"("\ud83d")", R"("\ud83e")", {"value "}, "they are compared as they stand"},
      {"order of old",
       R"({"a":1,"b":2,"c":3})",
       R"({"x":0,"c":4,"a":2})",
       {"extra /x", "value /a", "missing /b", "value /c"},
       "extras come where new has them"},
      {"escaped path", R"({"a/b":{"m~n":1}})", R"({"a/b":{"m~n":2}})", {"value /a~1b/m~0n"}, "RFC 6901"},
      {"moved",
       R"([{"id":1,"v":[1,2]},{"id":2,"v":[3,4]},5,6])",
       R"([{"id":2,"v":[3,4]},5,{"id":1,"v":[1,2]}])",
       {"moved /0", "missing /3"},
       "what is equal elsewhere only moved"},
      {"a change and an insertion",
       R"([{"a":1,"b":1,"c":1}])",
       R"([{"z":0},{"a":1,"b":1,"c":2}])",
       {"extra /0", "value /0/c"},
       "the more alike is the changed one"},
      {"two small changes",
       R"([{"b":5},{"b":5}])",
       R"([{"b":2},{"b":3}])",
       {"value /0/b", "value /1/b"},
       "small elements in place are changes"},
      {"nested arrays", "[[1,2],[3,4]]", "[[1,2],[3,5]]", {"value /1/1"}, "down to the leaf"},
      {"huge exponents", "1e400", "1e401", {"value "}, "no infinity"},
      {"huge exponents, same value", "10e400", "1e401", {}, "no infinity"},
  }));
  DYNAMIC_SECTION(row.name) {
    INFO(row.why);

    const Comparison comparison = diff(row.old_json, row.new_json);

    CHECK(places(comparison) == row.expected);
    CHECK(comparison.equal() == row.expected.empty());
    CHECK((comparison.score == 0) == row.expected.empty());
  }
}

TEST_CASE("An element inserted in front of five thousand is one difference") {
  std::string old_json = "[";
  for (int i = 0; i < 5000; ++i) old_json += (i == 0 ? "" : ",") + std::string(R"({"id":)") + std::to_string(i) + "}";
  const std::string new_json = R"([{"id":-1},)" + old_json.substr(1) + "]";
  old_json += "]";

  const Comparison comparison = diff(old_json, new_json);

  CHECK(places(comparison) == std::vector<std::string>{"extra /0"});
}

TEST_CASE("A difference shows its values, its element and its signature") {
  const Comparison comparison = diff(R"({"items":[{"sku":"a","qty":1},{"sku":"b","qty":2}]})",
                                     R"({"items":[{"sku":"n","qty":0},{"sku":"a","qty":1},{"sku":"b","qty":3}]})");

  REQUIRE(comparison.differences.size() == 2);
  const diffing::Difference& change = comparison.differences[1];
  CHECK(change.path == "/items/1/qty");
  CHECK(change.new_path == "/items/2/qty");
  CHECK(change.signature == "/items/*/qty");
  CHECK(change.identity == "sku=b");
  CHECK(change.old_value == "2");
  CHECK(change.new_value == "3");
}

TEST_CASE("Past the number of differences kept, all are still counted") {
  diffing::Limits limits;
  limits.max_differences = 2;

  const Comparison comparison = diff("[1,2,3,4]", "[5,6,7,8]", {}, limits);

  CHECK(comparison.differences.size() == 2);
  CHECK(comparison.total() == 4);
  CHECK(comparison.truncated);
}

TEST_CASE("A side that is not JSON is undecodable, with the place of the error") {
  const Comparison comparison = diff("{\"a\":1}", "{\"a\":\n 01}");

  REQUIRE(comparison.errors.size() == 1);
  CHECK(comparison.errors[0].on_new);
  CHECK(comparison.errors[0].offset == 7);
  CHECK(comparison.errors[0].line == 2);
  CHECK(comparison.errors[0].column == 2);
  CHECK(comparison.counts[static_cast<std::size_t>(Kind::undecodable)] == 1);
  CHECK_FALSE(comparison.equal());
}

TEST_CASE("Bytes that agree are equal, whatever they are") { CHECK(diff("not JSON", "not JSON").equal()); }

TEST_CASE("Equal bytes are read where that is asked for, so that leaves are counted and no garbage is equal") {
  diffing::Limits limits;
  limits.read_equal_bytes = true;

  const Comparison equal = diff("[1,[]]", "[1,[]]", {}, limits);
  const Comparison garbage = diff("garbage", "garbage", {}, limits);

  CHECK(equal.equal());
  CHECK(equal.leaves_old == 2);
  CHECK(equal.leaves_new == 2);
  CHECK(equal.score == 0);
  CHECK_FALSE(garbage.equal());
  CHECK(garbage.errors.size() == 2);
}

TEST_CASE("The score is the share of leaves that disagree") {
  const auto row = GENERATE(values<std::pair<std::string, std::pair<std::string, double>>>({
      {"[1,2,3,4]", {"[1,2,3,5]", 0.25}},
      {R"({"a":1,"b":2})", {R"({"a":1})", 1.0 / 3}},
      {"{\"a\":1}", {"{\"b\":1}", 1}},
      {"[]", {"[1]", 1}},
      {"1", {"\"x\"", 1}},
      {"[1,2,3,4,5]", {"[5,1,2,3,4]", 0.01}},
  }));
  INFO(row.first << " and " << row.second.first);

  CHECK(diff(row.first, row.second.first).score == Approx(row.second.second));
  CHECK(diff(row.second.first, row.first).score == Approx(row.second.second));
}

TEST_CASE("Where elements came and went, a member that would pair them is hinted at") {
  const Comparison comparison =
      diff(R"([{"id":1,"a":1,"b":2,"c":3},{"id":2,"a":4,"b":5,"c":6},{"id":3,"a":0,"b":0,"c":0}])",
           R"([{"id":2,"a":7,"b":8,"c":9},{"id":1,"a":10,"b":11,"c":12},{"id":3,"a":0,"b":0,"c":0}])");

  CHECK(comparison.hints == std::vector<std::string>{"the root: keyed by id would pair the elements"});
}

TEST_CASE("Repeated member names are flagged") {
  const Comparison comparison = diff(R"({"o":{"a":1,"a":2}})", R"({"o":{"a":1,"a":3}})");

  CHECK(comparison.hints ==
        std::vector<std::string>{"/o: old repeats a member name; members of one name are compared in their order"});
}

TEST_CASE("Where the step budget ends, the result is approximate, never equal") {
  std::string old_json = "[";
  std::string new_json = "[";
  std::uint32_t state = 1;
  for (int i = 0; i < 500; ++i) {
    state = state * 1664525 + 1013904223;
    old_json += (state >> 31) != 0 ? "0," : "1,";
    new_json += (state >> 27 & 1) != 0 ? "0," : "1,";
  }
  diffing::Limits limits;
  limits.alignment_steps = 1000;

  const Comparison comparison = diff(old_json + "2]", new_json + "2]", {}, limits);

  CHECK(comparison.approximate);
  CHECK_FALSE(comparison.equal());
}

TEST_CASE("A byte order mark is no JSON, unless it is allowed") {
  const std::string mark = "\xEF\xBB\xBF";
  diffing::Limits allowed;
  allowed.allow_byte_order_mark = true;
  const auto rules = compiled({rule(diffing::Verb::ignore, "/b")});

  CHECK(diff(mark + "[1]", "[1]").counts[static_cast<std::size_t>(Kind::undecodable)] == 1);
  for (const auto& in_force : {diffing::RuleSet(), rules}) {
    CHECK(diff(mark + R"({"a": 1})", R"({"a":1})", in_force, allowed).equal());
    CHECK(diff(R"({"a": 1})", mark + R"({"a":1})", in_force, allowed).equal());
    CHECK(diff(mark + R"({"a":1})", mark + R"({"a":2})", in_force, allowed).total() == 1);
    CHECK(diff(R"({"a":1})", mark + R"({"a":2})", in_force, allowed).differences.front().path == "/a");
  }
  CHECK_FALSE(diff(mark + mark + "1", "1", {}, allowed).errors.empty());
}

TEST_CASE("Nesting beyond the limit is undecodable, at once") {
  const std::string deep = std::string(200'000, '[') + "1" + std::string(200'000, ']');

  const Comparison comparison = diff(deep, deep + " ");

  CHECK(comparison.errors.size() == 2);
  CHECK(comparison.errors.at(0).message == "nested deeper than 1024");
}

TEST_CASE("Kept differences have bounded texts, however long their paths") {
  const std::string name(100'000, 'n');
  std::string old_json = "{\"" + name + "\":{";
  std::string new_json = old_json;
  for (int i = 0; i < 500; ++i) {
    const std::string member = (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":";
    old_json += member + "1";
    new_json += member + "2";
  }

  const Comparison comparison = diff(old_json + "}}", new_json + "}}");

  CHECK(comparison.total() == 500);
  CHECK(comparison.truncated);
  CHECK(comparison.differences.size() * 2 * name.size() < 20'000'000);
}

TEST_CASE("Elements are matched by the value of numbers, in any spelling") {
  const std::string digits(45, '7');
  const std::string old_json = "[0,-1.5,100,12e-3,0.000012,1e300," + digits + "," + digits + ".5,-0.1e-60]";
  const std::string new_json = "[-10e-62," + digits + "5e-1," + digits + ".0,10e299,1.2E-5,0.0120,1e+2,-15e-1,-0.0]";
  std::vector<diffing::Rule> rules{rule(diffing::Verb::unordered, "")};

  CHECK(diff(old_json, new_json, compiled(rules)).equal());
  CHECK_FALSE(diff(old_json, new_json).equal());
}
