#include "comparator/cli/terminal.h"

#include "tests/support/catch.h"

namespace comparator::cli {
namespace {

TEST_CASE("printable text keeps letters and shows what could drive a terminal") {
  struct Row {
    std::string text;
    std::string shown;
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"plain", "plain", "as it is"},
      {"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac", "letters beyond ASCII"},
      {"a\x1b[31m", "a\\x1b[31m", "colours, titles, worse"},
      {"a\r\nb\tc", "a\\x0d\\x0ab\\x09c", "lines and columns are the table's"},
      {"\xc2\x9b", "\\xc2\\x9b", "a C1 control begins a sequence as well"},
      {"\xe2\x80\xae", "\\xe2\\x80\\xae", "turns the direction of what follows"},
      {"\xff", "\\xff", "not UTF-8"},
  }));
  INFO(row.why);
  CHECK(printable(row.text) == row.shown);
}

TEST_CASE("a table's columns are as wide as their characters") {
  CHECK(table({"A", "LONG"}, {{"caf\xc3\xa9", "1"}, {"x", "2"}}) == "A     LONG\ncaf\xc3\xa9  1\nx     2\n");
}

TEST_CASE("shortened text ends in dots and on a whole character") {
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdefg", 6) == "abc...");
  CHECK(shortened("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 4) == "\xc3\xa9...");
}

TEST_CASE("times are UTC") { CHECK(time_text(1766000000123456) == "2025-12-17 19:33:20Z"); }

}  // namespace
}  // namespace comparator::cli
