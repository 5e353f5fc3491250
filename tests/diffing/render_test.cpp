#include "diffing/render.h"

#include <nlohmann/json.hpp>
#include <string>

#include "diffing/diff.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::Comparison;
using diffing::diff;
using nlohmann::json;

namespace {

const std::string kOld = R"({"items":[{"sku":"a","qty":1},{"sku":"b","qty":2}],"total":12345678901234567890})";
const std::string kNew =
    R"({"items":[{"sku":"n"},{"sku":"a","qty":1},{"sku":"b","qty":3}],"total":12345678901234567891})";

}  // namespace

TEST_CASE("The JSON rendering holds all there is to know, numbers as they stand") {
  const std::string text = diffing::to_json(diff(kOld, kNew));

  const json document = json::parse(text);
  CHECK(document["equal"] == false);
  CHECK(document["counts"]["value"] == 2);
  CHECK(document["counts"]["extra"] == 1);
  CHECK(document["leaves"] == json({{"old", 5}, {"new", 6}}));
  CHECK(document["truncated"] == false);
  CHECK(document["approximate"] == false);
  CHECK(document["differences"][0]["path"] == "/items/0");
  CHECK(document["differences"][0]["kind"] == "extra");
  CHECK(document["differences"][0]["old"] == nullptr);
  CHECK(document["differences"][0]["new"] == json({{"sku", "n"}}));
  CHECK(document["differences"][0]["severity"] == "minor");
  CHECK(document["differences"][1]["identity"] == "sku=b");
  CHECK(document["differences"][1]["new_path"] == "/items/2/qty");
  CHECK(text.find(R"("new":12345678901234567891)") != std::string::npos);
}

TEST_CASE("Values that were cut or are no JSON are strings in the JSON rendering") {
  diffing::Limits limits;
  limits.max_value_bytes = 5;

  const json document =
      json::parse(diffing::to_json(diff(R"("aaaaaaaaaaaa")", "\"\xC3\xA9\xC3\xA9\xC3\xA9\"", {}, limits)));

  CHECK(document["differences"][0]["old"] == "\"aaaa");
  CHECK(document["differences"][0]["new"] == "\"\xC3\xA9\xC3\xA9");
}

TEST_CASE("The JSON rendering is stable") {
  CHECK(diffing::to_json(
            diff(R"([{"id":1,"v":[1,2]},{"id":2},{"id":3},4])", R"([{"id":3},{"id":1,"v":[1,"2"]},{"id":2}])")) ==
        R"({"equal":false,"score":0.2818181818181818,"counts":{"missing":1,"extra":0,"type":1,"value":0,"order":0,)"
        R"("moved":1,"undecodable":0},"ruled":0,"leaves":{"old":6,"new":5},"differences":[)"
        R"({"path":"/0/v/1","kind":"type","old":2,"new":"2","severity":"major","signature":"/*/v/*",)"
        R"("new_path":"/1/v/1"},)"
        R"({"path":"/2","kind":"moved","old":{"id":3},"new":{"id":3},"severity":"minor","signature":"/*",)"
        R"("new_path":"/0"},)"
        R"({"path":"/3","kind":"missing","old":4,"new":null,"severity":"major","signature":"/*"}],)"
        R"("truncated":false,"approximate":false,"hints":[],"errors":[]})");
}

TEST_CASE("In the JSON rendering an error has side, offset, line, column and message") {
  CHECK(diffing::to_json(diff("{\n \"a\":1", "1")) ==
        R"({"equal":false,"score":1,"counts":{"missing":0,"extra":0,"type":0,"value":0,"order":0,"moved":0,)"
        R"("undecodable":1},"ruled":0,"leaves":{"old":0,"new":0},"differences":[{"path":"","kind":"undecodable",)"
        R"("old":"{\n \"a\":1","new":null,"severity":"major","signature":""}],"truncated":false,"approximate":false,)"
        R"("hints":[],"errors":[{"side":"old","offset":8,"line":2,"column":7,)"
        R"("message":"expected ',' or '}', found the end"}]})");
}

TEST_CASE("The text rendering names place, element and both values") {
  CHECK(diffing::to_text(diff(kOld, kNew)) ==
        "extra /items/0 (sku=n) [minor]\n"
        "  + {\"sku\":\"n\"}\n"
        "value /items/1/qty (sku=b)\n"
        "  - 2\n"
        "  + 3\n"
        "value /total\n"
        "  - 12345678901234567890\n"
        "  + 12345678901234567891\n"
        "3 differences (1 extra, 2 value), divergence 45.45 %\n");
  CHECK(diffing::to_text(diff("1", "1.0")) == "equal\n");
}

TEST_CASE("Where the documents are given, the text shows what stands around each difference") {
  CHECK(diffing::to_text(diff(kOld, kNew), {kOld, kNew}) ==
        "extra /items/0 (sku=n) [minor]\n"
        "  in [{…}, {…}, {…}]\n"
        "  + {\"sku\":\"n\"}\n"
        "value /items/1/qty (sku=b)\n"
        "  in {\"sku\": \"b\", \"qty\": 2}\n"
        "  - 2\n"
        "  + 3\n"
        "value /total\n"
        "  in {\"items\": […], \"total\": 12345678901234567890}\n"
        "  - 12345678901234567890\n"
        "  + 12345678901234567891\n"
        "3 differences (1 extra, 2 value), divergence 45.45 %\n");
}

TEST_CASE("What stands around a difference is cut to its neighbours") {
  const std::string old_json = R"({"a":[0,1,2,3,4,5,6],"long":"0123456789012345678901234567890123456789"})";
  const std::string new_json = R"({"a":[0,1,2,9,4,5,6],"long":""})";

  CHECK(diffing::to_text(diff(old_json, new_json), {old_json, new_json}) ==
        "value /a/3\n"
        "  in […, 1, 2, 3, 4, 5, …]\n"
        "  - 3\n"
        "  + 9\n"
        "value /long\n"
        "  in {\"a\": […], \"long\": \"0123456789012345678901234567890…}\n"
        "  - \"0123456789012345678901234567890123456789\"\n"
        "  + \"\"\n"
        "2 differences (2 value), divergence 25.00 %\n");
}

TEST_CASE("Elements that moved and arrays in another order are shown with their values") {
  CHECK(diffing::to_text(diff("[1,2,3]", "[3,1,2]")) ==
        "order the root [minor]\n"
        "  - [1,2,3]\n"
        "  + [3,1,2]\n"
        "1 difference (1 order), divergence 1.67 %\n");
  CHECK(diffing::to_text(diff(R"([{"id":1},{"id":2},{"id":3},4])", R"([{"id":3},{"id":1},{"id":2}])"))
            .starts_with("moved /2 to /0 [minor]\n  = {\"id\":3}\n"));
}

TEST_CASE("On a terminal what old has is red and what new has is green") {
  CHECK(diffing::to_text(diff("1", "2"), {}, {true}) ==
        "\x1b[33mvalue the root\x1b[0m\n\x1b[31m  - 1\x1b[0m\n\x1b[32m  + 2\x1b[0m\n"
        "1 difference (1 value), divergence 100 %\n");
}

TEST_CASE("Where not all are shown, the text says how many there are") {
  diffing::Limits limits;
  limits.max_differences = 1;

  CHECK(diffing::to_text(diff("[1,2,3]", "[4,5,6]", {}, limits))
            .ends_with("3 differences (3 value), divergence 100 %; the first 1 of 3 shown\n"));
}

TEST_CASE("What is shown never steers a terminal or misleads its reader") {
  struct Row {
    std::string old_value;
    std::string shown;
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"\"\x7F\"", "\"\\u007f\"", "delete"},
      {"\"\xC2\x9B[2J\"", "\"\\u009b[2J\"", "a C1 control begins a sequence as well"},
      {"\"\xE2\x80\xAE\"", "\"\\u202e\"", "turns the direction of what follows"},
      {"\"\xE2\x80\xA8\"", "\"\\u2028\"", "ends a line"},
      {"\"caf\xC3\xA9 \xF0\x9F\x98\x80 \\\\ \\\" \"", "\"caf\xC3\xA9 \xF0\x9F\x98\x80 \\\\ \\\" \"", "as it is"},
  }));
  INFO(row.why);
  const std::string old_json = "{\"\\u001b[2J\":" + row.old_value + "}";
  const std::string new_json = R"({"\u001b[2J":1})";

  const std::string text = diffing::to_text(diff(old_json, new_json), {old_json, new_json});
  const std::string unified = diffing::to_unified({old_json, new_json}).value();

  CHECK(text.find("\n  - " + row.shown + "\n") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(unified.find("\n-  \"\\u001b[2J\": " + row.shown + "\n") != std::string::npos);
  CHECK(unified.find('\x1b') == std::string::npos);
}

TEST_CASE("A parse error is told by side, line, column and offset") {
  CHECK(diffing::to_text(diff("{}", "{\n]")) ==
        "new is not JSON: line 2, column 1 (offset 2): expected a member name in quotes, found ']'\n"
        "1 difference (1 undecodable), divergence 100 %\n");
}
