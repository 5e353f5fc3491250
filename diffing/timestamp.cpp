#include "diffing/timestamp.h"

#include <chrono>
#include <optional>
#include <string>

namespace diffing {
namespace {

constexpr int kNanosecondDigits = 9;

struct Instant {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
};

/// Takes digits and separators off the front of a text; once something did not fit, `ok` stays false.
struct Scanner {
  std::string_view text;
  bool ok = true;

  int number(std::size_t digits) {
    int value = 0;
    if (text.size() < digits) ok = false;
    for (std::size_t i = 0; ok && i < digits; ++i) {
      if (text[i] < '0' || text[i] > '9') ok = false;
      value = value * 10 + (text[i] - '0');
    }
    if (ok) text.remove_prefix(digits);
    return value;
  }

  bool take(std::string_view any_of) {
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
  }

  void expect(std::string_view any_of) { ok = take(any_of) && ok; }
};

std::int64_t take_fraction(Scanner& scanner) {
  std::int64_t nanoseconds = 0;
  if (!scanner.take(".")) return 0;
  int digits = 0;
  for (; !scanner.text.empty() && scanner.text[0] >= '0' && scanner.text[0] <= '9'; ++digits) {
    if (digits < kNanosecondDigits) nanoseconds = nanoseconds * 10 + (scanner.text[0] - '0');
    scanner.text.remove_prefix(1);
  }
  if (digits == 0) scanner.ok = false;
  for (; digits < kNanosecondDigits; ++digits) nanoseconds *= 10;
  return nanoseconds;
}

std::int64_t take_offset_seconds(Scanner& scanner) {
  if (scanner.take("Zz")) return 0;
  const bool west = scanner.text.starts_with('-');
  scanner.expect("+-");
  const int hours = scanner.number(2);
  scanner.expect(":");
  const int minutes = scanner.number(2);
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return west ? -seconds : seconds;
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  Scanner scanner{text};
  const int year = scanner.number(4);
  scanner.expect("-");
  const int month = scanner.number(2);
  scanner.expect("-");
  const int day = scanner.number(2);
  scanner.expect("Tt ");
  const int hour = scanner.number(2);
  scanner.expect(":");
  const int minute = scanner.number(2);
  scanner.expect(":");
  const int second = scanner.number(2);
  const std::int64_t nanoseconds = take_fraction(scanner);
  const std::int64_t offset = take_offset_seconds(scanner);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!scanner.ok || !scanner.text.empty() || !date.ok() || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return Instant{days * 86400 + hour * 3600 + minute * 60 + second - offset, nanoseconds};
}

/// How many decimal places the unit of an epoch number lies below the second.
int places_below_second(const Decimal& value) {
  if (value.exponent <= 11) return 0;
  if (value.exponent <= 14) return 3;
  return value.exponent <= 17 ? 6 : 9;
}

}  // namespace

bool within_time(std::string_view a, std::string_view b, std::int64_t milliseconds) {
  const std::optional<Instant> time_a = parse_rfc3339(a);
  const std::optional<Instant> time_b = parse_rfc3339(b);
  if (!time_a || !time_b) return false;
  std::int64_t seconds = time_a->seconds - time_b->seconds;
  std::int64_t nanoseconds = time_a->nanoseconds - time_b->nanoseconds;
  if (seconds < 0 || (seconds == 0 && nanoseconds < 0)) {
    seconds = -seconds;
    nanoseconds = -nanoseconds;
  }
  const std::int64_t whole = milliseconds / 1000;
  const std::int64_t rest = milliseconds % 1000 * 1'000'000;
  if (nanoseconds < 0) {
    --seconds;
    nanoseconds += 1'000'000'000;
  }
  return seconds < whole || (seconds == whole && nanoseconds <= rest);
}

bool within_time(const Decimal& a, const Decimal& b, std::int64_t milliseconds) {
  const int places = places_below_second(a);
  if (places != places_below_second(b)) return false;
  Decimal bound = parse_decimal(std::to_string(milliseconds));
  if (!bound.digits.empty()) bound.exponent += places - 3;
  return within_absolute(a, b, bound);
}

}  // namespace diffing
