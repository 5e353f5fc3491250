#include "comparator/admin/target.h"

#include "comparator/admin/message.h"
#include "tests/support/catch.h"

using comparator::admin::ApiError;
using comparator::admin::parse_target;

TEST_CASE("a target is split before it is decoded", "[admin]") {
  struct Row {
    std::string target;
    std::vector<std::string> segments;
  };
  const auto row = GENERATE(values<Row>({
      {"/", {""}},
      {"/a", {"a"}},
      {"/a/", {"a", ""}},
      {"//a", {"", "a"}},
      {"/a%2fb/c", {"a/b", "c"}},
      {"/a+b%20c", {"a+b c"}},
      {"/%c3%a9%00", {std::string("\xc3\xa9\0", 3)}},
      {"/..?/../x", {".."}},
  }));
  INFO(row.target);

  CHECK(parse_target(row.target).segments == row.segments);
}

TEST_CASE("a query is decoded like a form", "[admin]") {
  const auto query = parse_target("/x?a=1+2%2B&b&=c&d=e=f&&").query;

  CHECK(query.text("a") == "1 2+");
  CHECK(query.text("b").empty());
  CHECK(query.flag("b"));
  CHECK(query.text("") == "c");
  CHECK(query.text("d") == "e=f");
  CHECK(query.text("missing").empty());
  CHECK_FALSE(query.flag("missing"));
}

TEST_CASE("a target that is no path is refused", "[admin]") {
  const std::string target = GENERATE("", "*", "a", "http://x/", "/%", "/%4", "/%zz", "/x?a=%f");
  INFO(target);

  CHECK_THROWS_AS(parse_target(target), ApiError);
}

TEST_CASE("numbers are whole and in bounds, or refused with a sentence", "[admin]") {
  const auto number = [](const std::string& query) { return parse_target("/?" + query).query.number("n", 1, 9, 5); };

  CHECK(number("") == 5);
  CHECK(number("n=9") == 9);
  const std::string bad =
      GENERATE("n=", "n=0", "n=10", "n=-1", "n=+1", "n=1.0", "n=1x", "n= 1", "n=99999999999999999999");
  INFO(bad);
  CHECK_THROWS_WITH(number(bad), "the parameter 'n' must be a whole number from 1 to 9");
}

TEST_CASE("a parameter that is not known, or comes twice, is refused", "[admin]") {
  CHECK_NOTHROW(parse_target("/?a=1&b=2").query.require_known({"a", "b"}));
  CHECK_THROWS_WITH(parse_target("/?stat=open").query.require_known({"state", "kind"}),
                    "the parameter 'stat' is not known; known: state, kind");
  CHECK_THROWS_WITH(parse_target("/?x").query.require_known({}), "the parameter 'x' is not known here; none is");
  CHECK_THROWS_WITH(parse_target("/?a=1&a=2").query.require_known({"a"}), "the parameter 'a' is given twice");
}
