// What other comparers of answers get wrong, a row each. The name says the trap; `they` says what became of it.
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::AnswerView;
using diffing::Comparison;
using diffing::diff;
using diffing::diff_answers;
using diffing::HeaderLine;
using diffing::Kind;
using diffing::Verb;

namespace {

struct Row {
  std::string trap;
  std::string old_json;
  std::string new_json;
  std::vector<diffing::Rule> rules;
  std::vector<std::string> right;  // "kind path"
  std::string they;
};

AnswerView answer(int status, std::string_view body, std::span<const HeaderLine> headers = {}) {
  AnswerView view;
  view.status = status;
  view.headers = headers;
  view.media_type = "application/json";
  view.body = body;
  return view;
}

/// 5,000 rows, and one more in front.
std::string many_rows(bool one_more) {
  std::string json = one_more ? R"([{"id":0,"name":"new","price":0.5})" : "[";
  for (int i = 1; i <= 5000; ++i) {
    const std::string row = R"({"id":)" + std::to_string(i) + R"(,"name":"row )" + std::to_string(i % 7) +
                            R"(","price":)" + std::to_string(i % 100) + ".5}";
    json += (i > 1 || one_more ? "," : "") + row;
  }
  return json + "]";
}

/// What makes a field noisy, said in ways that still want it to be there.
std::vector<Row> noisy_fields() {
  diffing::Rule tolerance = rule(Verb::tolerance, "/at");
  tolerance.time_ms = 60'000;
  std::vector<Row> rows;
  for (const diffing::Rule& noisy : {tolerance, rule(Verb::types_only, "/at"), rule(Verb::pattern, "/at", ".*")}) {
    const std::string verb(name(noisy.verb));
    rows.push_back({"noise under " + verb,
                    R"({"at":"2026-11-22T10:00:00Z"})",
                    R"({"at":"2026-11-22T10:00:03Z"})",
                    {noisy},
                    {},
                    "different at every request"});
    rows.push_back({"a noisy field went missing under " + verb,
                    R"({"at":"2026-11-22T10:00:00Z"})",
                    "{}",
                    {noisy},
                    {"missing /at"},
                    "equal: the field is known to be noisy"});
    rows.push_back({"a noisy field came under " + verb,
                    "{}",
                    R"({"at":"2026-11-22T10:00:00Z"})",
                    {noisy},
                    {"extra /at"},
                    "equal: the field is known to be noisy"});
    rows.push_back({"a noisy field became null under " + verb,
                    R"({"at":"2026-11-22T10:00:00Z"})",
                    R"({"at":null})",
                    {noisy},
                    {"type /at"},
                    "equal: the field is known to be noisy"});
  }
  return rows;
}

void check(const Row& row) {
  INFO("they say: " << row.they);

  const Comparison comparison = diff(row.old_json, row.new_json, compiled(row.rules));

  CHECK(places(comparison) == row.right);
  CHECK(comparison.equal() == row.right.empty());
  CHECK((comparison.score == 0) == row.right.empty());
}

}  // namespace

TEST_CASE("No trap of comparing documents that others fell into catches us") {
  const auto row = GENERATE(values<Row>({
      {"digits in text",
       R"({"addr":"12 Main St"})",
       R"({"addr":"12 Oak Ave"})",
       {},
       {"value /addr"},
       "equal: strings read as numbers"},
      {"literals in text", R"("true story")", R"("true lie")", {}, {"value "}, "equal: strings read as booleans"},
      {"past 64 bits", "18446744073709551617", "1", {}, {"value "}, "equal: integers wrap"},
      {"twenty digits", "12345678901234567890", "12345678901234567891", {}, {"value "}, "equal: numbers are rounded"},
      {"empty arrays", "[]", "[]", {}, {}, "different"},
      {"empty arrays, spelled otherwise", "[]", "[\n]", {}, {}, "different"},
      {"order that counts", "[1,2]", "[2,1]", {}, {"order "}, "equal always"},
      {"order that does not", "[1,2]", "[2,1]", {rule(Verb::unordered, "")}, {}, "different always"},
      {"another multiset",
       "[1,1,2]",
       "[1,2,2]",
       {rule(Verb::unordered, "")},
       {"missing /1", "extra /2"},
       "equal: order is ignored by comparing sets"},
      {"spelling of a number", "1", "1.0", {}, {}, "different: another type"},
      {"repeated names", R"({"a":1,"a":2})", R"({"a":2})", {}, {"value /a", "missing /a"}, "equal: the last one wins"},
      {"a name that is no identifier", R"({"x-id":1})", R"({"x-id":1})", {}, {}, "different: not looked up"},
      {"a name that is no identifier, spelled otherwise",
       R"({"x-id":1})",
       R"({ "x\u002did":1})",
       {},
       {},
       "different: not looked up"},
      {"null is not absent", R"({"a":null})", "{}", {}, {"missing /a"}, "equal"},
      {"absent is not null", "{}", R"({"a":null})", {}, {"extra /a"}, "equal, or by option one way only"},
      {"null as absent by rule", R"({"a":null})", "{}", {rule(Verb::equal_if_absent, "/a")}, {}, "one way only"},
      {"absent as null by rule", "{}", R"({"a":null})", {rule(Verb::equal_if_absent, "/a")}, {}, "one way only"},
      {"scalar roots", "123", "1231", {}, {"value "}, "equal: only objects and arrays are looked at"},
      {"one insertion in front of 5,000", many_rows(false), many_rows(true), {}, {"extra /0"}, "47,231 differences"},
  }));
  DYNAMIC_SECTION(row.trap) { check(row); }
}

TEST_CASE("A noisy field does not hide that the field went missing") {
  for (const Row& row : noisy_fields()) {
    DYNAMIC_SECTION(row.trap) { check(row); }
  }
}

TEST_CASE("Only ignoring a field hides that it went missing, and the pass is counted") {
  const Comparison comparison = diff(R"({"at":1,"b":1})", R"({"b":1.0})", compiled({rule(Verb::ignore, "/at")}));

  CHECK(comparison.equal());
  CHECK(comparison.ruled == 1);
}

TEST_CASE("No trap of comparing answers that others fell into catches us") {
  struct AnswerRow {
    std::string trap;
    AnswerView old_answer;
    AnswerView new_answer;
    std::vector<std::string> right;
    std::string they;
  };
  const std::vector<HeaderLine> location{{"Location", "/a"}};
  const std::vector<HeaderLine> elsewhere{{"Location", "/b"}};
  const std::vector<AnswerRow> rows{
      {"a status", answer(200, "{}"), answer(500, "{}"), {"value /status"}, "equal: the bodies are"},
      {"a header",
       answer(201, "{}", location),
       answer(201, "{}", elsewhere),
       {"value /headers/location/0"},
       "equal: the bodies are"},
      {"a header that went missing",
       answer(201, "{}", location),
       answer(201, "{}"),
       {"missing /headers/location"},
       "equal: the bodies are"},
      {"an answer that cannot be read",
       answer(200, "{}"),
       answer(200, "{"),
       {"undecodable /body"},
       "dropped, so that the rest looks good"},
      {"two answers that cannot be read",
       answer(200, "{"),
       answer(200, "["),
       {"undecodable /body", "undecodable /body"},
       "dropped, so that the rest looks good"},
      {"no body", answer(200, "{}"), answer(200, ""), {"missing /body"}, "dropped, so that the rest looks good"},
  };
  for (const AnswerRow& row : rows) {
    DYNAMIC_SECTION(row.trap) {
      INFO("they say: " << row.they);

      CHECK(places(diff_answers(row.old_answer, row.new_answer)) == row.right);
    }
  }
}

// An answer that never came is no comparison but an outcome: tests/service/failure_grid_test.cpp counts each.
