#include <string>
#include <vector>

#include "diffing/diff.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::AnswerView;
using diffing::Comparison;
using diffing::diff_answers;
using diffing::HeaderLine;
using diffing::Severity;
using diffing::Verb;

namespace {

AnswerView json_answer(int status, std::string_view body) {
  AnswerView answer;
  answer.status = status;
  answer.media_type = "application/json; charset=utf-8";
  answer.body = body;
  return answer;
}

}  // namespace

TEST_CASE("Answers that agree in status, headers and body are equal") {
  CHECK(diff_answers(json_answer(200, R"({"a":1})"), json_answer(200, R"({ "a":1.0 })")).equal());
}

TEST_CASE("Another status class is critical, another status of the class is major") {
  const Comparison other_class = diff_answers(json_answer(200, "{}"), json_answer(500, "{}"));
  const Comparison same_class = diff_answers(json_answer(200, "{}"), json_answer(201, "{}"));

  CHECK(places(other_class) == std::vector<std::string>{"value /status"});
  CHECK(other_class.worst == Severity::critical);
  CHECK(same_class.worst == Severity::major);
}

TEST_CASE("Headers are compared by name without case and by value, line by line") {
  const std::vector<HeaderLine> old_lines{{"X-A", "1"}, {"x-b", "one"}, {"X-B", "two"}, {"gone", "g"}};
  const std::vector<HeaderLine> new_lines{{"x-b", "one"}, {"x-b", "2\xFF"}, {"x-a", "1"}};
  AnswerView old_answer = json_answer(200, "{}");
  AnswerView new_answer = json_answer(200, "{}");
  old_answer.headers = old_lines;
  new_answer.headers = new_lines;

  const Comparison comparison = diff_answers(old_answer, new_answer);

  CHECK(places(comparison) == std::vector<std::string>{"value /headers/x-b/1", "missing /headers/gone"});
  CHECK(comparison.worst == Severity::minor);
  CHECK(comparison.differences[0].old_value == "two");
  CHECK(comparison.differences[0].new_value == "2\xFF");
  CHECK(comparison.differences[0].signature == "/headers/x-b/*");
}

TEST_CASE("Bodies are compared by structure where both say JSON, else by bytes") {
  AnswerView text = json_answer(200, "[1]");
  text.media_type = "text/plain";
  AnswerView other_text = text;
  other_text.body = "[1 ]";

  CHECK(places(diff_answers(json_answer(200, R"({"a":[1,2]})"), json_answer(200, R"({"a":[1,3]})"))) ==
        std::vector<std::string>{"value /body/a/1"});
  CHECK(places(diff_answers(text, other_text)) == std::vector<std::string>{"value /body"});
  CHECK(places(diff_answers(json_answer(200, "[ 1]"), text)) == std::vector<std::string>{"type /body"});
  CHECK(places(diff_answers(json_answer(200, "[1]"), json_answer(200, ""))) ==
        std::vector<std::string>{"missing /body"});
}

TEST_CASE("A body that claims to be JSON and is not is undecodable unless the bytes agree") {
  const Comparison comparison = diff_answers(json_answer(200, "{}"), json_answer(200, "<html>"));

  CHECK(places(comparison) == std::vector<std::string>{"undecodable /body"});
  CHECK(comparison.errors.at(0).on_new);
  CHECK(diff_answers(json_answer(200, "<html>"), json_answer(200, "<html>")).equal());
}

TEST_CASE("Rules begin at the root of the answer") {
  const diffing::RuleSet rules = compiled(
      {rule(Verb::ignore, "/headers/date"), rule(Verb::ignore, "/body/t"), rule(Verb::severity, "/status", "minor")});
  const std::vector<HeaderLine> old_lines{{"Date", "Monday"}};
  const std::vector<HeaderLine> new_lines{{"Date", "Tuesday"}};
  AnswerView old_answer = json_answer(200, R"({"t":1})");
  AnswerView new_answer = json_answer(404, R"({"t":2})");
  old_answer.headers = old_lines;
  new_answer.headers = new_lines;

  const Comparison comparison = diff_answers(old_answer, new_answer, rules);

  CHECK(places(comparison) == std::vector<std::string>{"value /status"});
  CHECK(comparison.worst == Severity::minor);
  CHECK(comparison.ruled == 2);
}
