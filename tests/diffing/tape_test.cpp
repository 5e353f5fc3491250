#include "diffing/tape.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using diffing::find_error;
using diffing::ParseError;
using diffing::Tape;

namespace {

bool is_json(std::string_view text, const diffing::ParseLimits& limits = {}) {
  const bool by_tape = std::holds_alternative<Tape>(Tape::parse(text, limits));
  CHECK(by_tape == !find_error(text, limits).has_value());
  return by_tape;
}

}  // namespace

TEST_CASE("Whatever RFC 8259 calls JSON is accepted") {
  const std::string text = GENERATE(as<std::string>{}, "null", " true ", "\tfalse\n", "0", "-0", "-0.0e+00", "1E400",
                                    "123456789012345678901234567890", "\"\"", R"("\"\\\/\b\f\n\r\t\u00e9")",
                                    R"("\ud800")", "\"\xF4\x8F\xBF\xBF\"", "\"\x7F\"", "[]", "{}", "[[],{}]",
                                    R"({"":1,"":2})", R"({"a" : [1 , 2 ] })", "[1\n,\r2]");
  INFO(text);
  CHECK(is_json(text));
}

TEST_CASE("Nothing else is") {
  const std::string text = GENERATE(
      as<std::string>{}, "", " ", "nul", "nulll", "True", "01", "-", "-01", "1.", ".1", "1e", "1e+", "+1", "0x1", "1 2",
      "1,", "[1,]", "[,1]", "[1 2]", "[1", "1]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
      "{1:1}", "{\"a\":1]", "[1}", "\"", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\u123\"", "\"a\nb\"", "\"\x01\"",
      "\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\"", "\xEF\xBB\xBF[]", "'a'",
      "\"a\"b", "1\"a\"", "\"a\"\"b\"", "[1]x", "/**/1", "NaN", "-Infinity", "\\", "[\f1]", "[1\v]",
      "\xC2\xA0"
      "1",
      "[\"\\\"]", "{\"a\":1:2}", ":", ",", "[1,,2]");
  INFO(text);
  CHECK_FALSE(is_json(text));
}

TEST_CASE("NUL is no JSON, inside or behind") {
  CHECK_FALSE(is_json(std::string_view("1\0", 2)));
  CHECK_FALSE(is_json(std::string_view("\"a\0b\"", 5)));
  CHECK_FALSE(is_json(std::string_view("[1,\0]", 5)));
}

TEST_CASE("An error is told with offset, line and column") {
  const auto error = find_error("{\n  \"a\": 1,\n  \"b\": tru\n}");

  REQUIRE(error);
  CHECK(error->offset == 19);
  CHECK(error->line == 3);
  CHECK(error->column == 8);
  CHECK(error->message == "expected a value, found 't'");
}

TEST_CASE("Nesting up to the limit is read, deeper is refused, at once") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };

  CHECK(is_json(nested(1024)));
  CHECK_FALSE(is_json(nested(1025)));
  CHECK_FALSE(is_json(nested(200'000)));
  CHECK(is_json(nested(200'000), {200'000, 1'000'000}));
  CHECK(find_error(nested(1025))->message == "nested deeper than 1024");
}

TEST_CASE("A document larger than the limit is refused") {
  CHECK(is_json("[1,2]", {10, 5}));
  CHECK_FALSE(is_json("[1,2] ", {10, 5}));
}

TEST_CASE("The tape holds raw spans, siblings, counts and leaves") {
  const auto parsed = Tape::parse(R"( {"a" : [1.50 , "x\n"], "b": {} } )");
  REQUIRE(std::holds_alternative<Tape>(parsed));
  const Tape& tape = std::get<Tape>(parsed);

  REQUIRE(tape.size() == 7);
  CHECK(tape.leaves() == 3);
  CHECK(tape[0].count == 2);
  CHECK(tape[0].next == 7);
  CHECK(tape.raw(1) == "\"a\"");
  CHECK(tape[1].count == diffing::kKey);
  CHECK(tape.raw(2) == "[1.50 , \"x\\n\"]");
  CHECK(tape[2].next == 5);
  CHECK(tape.raw(3) == "1.50");
  CHECK(tape.raw(4) == "\"x\\n\"");
  CHECK(tape.raw(6) == "{}");
  CHECK(tape.type(6) == diffing::Type::object);
  CHECK(tape.leaves_below(2) == 2);
}
