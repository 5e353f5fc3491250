#include "comparator/config/values.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "comparator/config/characters.h"

namespace comparator {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array kDurations{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}};
constexpr std::array kSizes{Unit{"", 1},
                            Unit{"B", 1},
                            Unit{"KB", 1'000},
                            Unit{"MB", 1'000'000},
                            Unit{"GB", 1'000'000'000},
                            Unit{"KiB", std::uint64_t{1} << 10},
                            Unit{"MiB", std::uint64_t{1} << 20},
                            Unit{"GiB", std::uint64_t{1} << 30}};
constexpr double kMaxExact = 9007199254740992.0;  // 2^53: above it a double skips whole numbers

template <std::size_t n>
std::optional<std::uint64_t> with_unit(std::string_view text, const std::array<Unit, n>& units) {
  const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    const double value = *number * static_cast<double>(unit.factor);
    const double whole = std::round(value);
    if (value > kMaxExact || std::abs(value - whole) > 1e-6) return std::nullopt;
    return static_cast<std::uint64_t>(whole);
  }
  return std::nullopt;
}

bool is_name(char c) { return is_alnum(c) || c == '_'; }

/// The name at the start of `text` (just behind `${`) up to its brace; empty when it is not one.
std::string_view variable_name(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('}'));
  if (name.size() == text.size() || name.empty() || is_digit(name.front())) return {};
  for (const char c : name) {
    if (!is_name(c)) return {};
  }
  return name;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  // from_chars also takes signs, `inf` and `nan`.
  if (text.empty() || !(is_digit(text.front()) || text.front() == '.')) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto milliseconds = with_unit(text, kDurations);
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(*milliseconds)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return with_unit(text, kSizes); }

std::optional<double> parse_share(std::string_view text) {
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.remove_suffix(1);
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  return percent ? *number / 100 : *number;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto year = parse_count(text.substr(0, 4));
  const auto month = parse_count(text.substr(5, 2));
  const auto day = parse_count(text.substr(8, 2));
  if (!year || !month || !day) return false;
  return std::chrono::year_month_day{std::chrono::year{static_cast<int>(*year)},
                                     std::chrono::month{static_cast<unsigned>(*month)},
                                     std::chrono::day{static_cast<unsigned>(*day)}}
      .ok();
}

Expanded expand_environment(std::string_view text) {
  Expanded result;
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${")) {
    if (at > 0 && text[at - 1] == '$') {
      result.text += text.substr(0, at - 1);
      result.text += "${";
      text.remove_prefix(at + 2);
      continue;
    }
    result.text += text.substr(0, at);
    text.remove_prefix(at + 2);
    const std::string_view name = variable_name(text);
    if (name.empty())
      return {{},
              "`${` begins the name of an environment variable, as in `${TOKEN}`; write `$${` for the two characters"};
    const char* value = std::getenv(std::string(name).c_str());
    if (value == nullptr) return {{}, fmt::format("the environment variable {} is not set", quote(name))};
    result.text += value;
    text.remove_prefix(name.size() + 1);
  }
  result.text += text;
  return result;
}

}  // namespace comparator
