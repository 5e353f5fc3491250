#include "comparator/config/values.h"

#include <cstdlib>

#include "tests/support/catch.h"

namespace comparator {
namespace {

TEST_CASE("a duration is a number with its unit") {
  struct Row {
    const char* text;
    std::int64_t milliseconds;  // -1: refused
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"500ms", 500, "milliseconds"},
      {"2s", 2000, "seconds"},
      {"1m", 60'000, "minutes, not milliseconds or months"},
      {"24h", 86'400'000, "hours"},
      {"1.5s", 1500, "a fraction that is whole in milliseconds"},
      {"0s", 0, "the range is the reader's affair"},
      {"2", -1, "a number alone has no unit; guessing one is wrong by a thousand"},
      {"0.5ms", -1, "less than a millisecond cannot be kept"},
      {"-1s", -1, "time does not go back"},
      {"1S", -1, "units are case-sensitive, as m and M differ elsewhere"},
      {"1 s", -1, "one spelling"},
      {"1d", -1, "days are not offered: 24h says the same"},
      {"s", -1, "a unit alone"},
      {"", -1, "nothing"},
      {"1e3s", -1, "no scientific notation in times"},
      {"99999999999999999999h", -1, "beyond what can be kept"},
      {"infs", -1, "a word that number readers like"},
  }));
  DYNAMIC_SECTION("`" << row.text << "`") {
    INFO(row.why);

    const auto parsed = parse_duration(row.text);

    CHECK((parsed ? parsed->count() : -1) == row.milliseconds);
  }
}

TEST_CASE("a size is a number of bytes with an optional unit") {
  struct Row {
    const char* text;
    std::int64_t bytes;  // -1: refused
    const char* why;
  };
  const auto row = GENERATE(values<Row>({
      {"65536", 65536, "plain bytes"},
      {"64KiB", 65536, "powers of 1024"},
      {"4MiB", 4 << 20, "powers of 1024"},
      {"1GiB", 1 << 30, "powers of 1024"},
      {"1MB", 1'000'000, "powers of 1000"},
      {"512B", 512, "the unit written out"},
      {"1.5KiB", 1536, "a fraction that is whole in bytes"},
      {"1.5", -1, "half a byte"},
      {"64K", -1, "1000 or 1024? nobody knows"},
      {"64kb", -1, "bits or bytes? units have one spelling"},
      {"-1", -1, "no size is negative"},
      {"18446744073709551616", -1, "beyond what can be kept exactly"},
  }));
  DYNAMIC_SECTION("`" << row.text << "`") {
    INFO(row.why);

    const auto parsed = parse_size(row.text);

    CHECK((parsed ? static_cast<std::int64_t>(*parsed) : -1) == row.bytes);
  }
}

TEST_CASE("a share is a percentage or a bare number") {
  CHECK(*parse_share("0.01%") == Approx(0.0001));
  CHECK(*parse_share("100%") == Approx(1));
  CHECK(*parse_share("0.5") == Approx(0.5));
  CHECK(*parse_share("1e-4") == Approx(0.0001));
  CHECK_FALSE(parse_share("%"));
  CHECK_FALSE(parse_share("ten%"));
  CHECK_FALSE(parse_share("nan"));
  CHECK_FALSE(parse_share("-1%"));
}

TEST_CASE("a date is a day of the calendar") {
  CHECK(is_date("2027-03-01"));
  CHECK(is_date("2028-02-29"));
  CHECK_FALSE(is_date("2027-02-29"));
  CHECK_FALSE(is_date("2027-13-01"));
  CHECK_FALSE(is_date("27-03-01"));
  CHECK_FALSE(is_date("2027/03/01"));
  CHECK_FALSE(is_date("2027-3-01"));
  CHECK_FALSE(is_date("2027-03-01T00:00"));
}

TEST_CASE("environment variables are put into texts") {
  setenv("TWINRUN_TEST_A", "${TWINRUN_TEST_B}", 1);
  unsetenv("TWINRUN_TEST_B");

  CHECK(expand_environment("x-${TWINRUN_TEST_A}-y").text == "x-${TWINRUN_TEST_B}-y");
  CHECK(expand_environment("$${TWINRUN_TEST_A} $5 $").text == "${TWINRUN_TEST_A} $5 $");
  CHECK(expand_environment("${TWINRUN_TEST_B}").problem.find("`TWINRUN_TEST_B` is not set") != std::string::npos);
  CHECK_FALSE(expand_environment("${}").problem.empty());
  CHECK_FALSE(expand_environment("${1}").problem.empty());
  CHECK_FALSE(expand_environment("${NAME").problem.empty());
  CHECK_FALSE(expand_environment("${A-B}").problem.empty());
}

}  // namespace
}  // namespace comparator
