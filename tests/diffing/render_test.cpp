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
  CHECK(diffing::to_text(diff("1", "2"), {true}).find("\x1b[31m") != std::string::npos);
}

TEST_CASE("What is shown never steers a terminal") {
  const Comparison comparison = diff(R"({"a":1})", "{\"\\u001b[2J\":\"\x7F\"}");

  CHECK(diffing::to_text(comparison).find('\x1b') == std::string::npos);
  CHECK(diffing::to_text(comparison).find('\x7F') == std::string::npos);
  CHECK(diffing::to_unified(comparison).find('\x1b') == std::string::npos);
}

TEST_CASE("A parse error is told by side, line and column") {
  CHECK(diffing::to_text(diff("{}", "{]")) ==
        "new is not JSON: line 1, column 2: expected a member name in quotes, found ']'\n"
        "1 difference (1 undecodable), divergence 100 %\n");
}

TEST_CASE("The unified view has a hunk per difference") {
  CHECK(diffing::to_unified(diff(R"({"a":[1,2]})", R"({"a":[0,1,3]})")) ==
        "--- old\n"
        "+++ new\n"
        "@@ extra /a/0 @@\n"
        "+0\n"
        "@@ value /a/1 -> /a/2 @@\n"
        "-2\n"
        "+3\n");
  CHECK(diffing::to_unified(diff("1", "1.0")).empty());
}

TEST_CASE("A patch is right when its operations are applied one after the other") {
  CHECK(diffing::to_patch("[1,2,3]", "[0,1,3]") ==
        "[{\"op\":\"add\",\"path\":\"/0\",\"value\":0},\n{\"op\":\"remove\",\"path\":\"/2\"}]");
  CHECK(diffing::to_patch(R"({"a":1,"a":2})", R"({"a":3})") == R"([{"op":"replace","path":"","value":{"a":3}}])");
  CHECK(diffing::to_patch("[1,2,3]", "[3,2,1]") == R"([{"op":"replace","path":"","value":[3,2,1]}])");
  CHECK(diffing::to_patch("1", "1.0") == "[]");
  CHECK(diffing::to_patch("1", "x") == std::nullopt);
}
