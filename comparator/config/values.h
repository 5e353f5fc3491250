#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How single values are written. Pure: text in, value out; nothing where the text is something else.
namespace comparator {

/// `500ms`, `2s`, `1.5s`, `1m`, `24h`: a number with its unit, in whole milliseconds.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `65536`, `64KiB`, `4MiB`, `1GiB`, `1MB` (powers of 1000), `512B`: whole bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// `0.01%`, `100%`, or a bare number: 0.5 is 50 %.
std::optional<double> parse_share(std::string_view text);

/// A finite decimal number without a sign.
std::optional<double> parse_number(std::string_view text);

/// Digits only.
std::optional<std::uint64_t> parse_count(std::string_view text);

/// Whether the text is a day that exists, as YYYY-MM-DD.
bool is_date(std::string_view text);

/// A text in which the environment's values have been put, or why that cannot be.
struct Expanded {
  std::string text;
  std::string problem;  ///< Empty when all is well; names the variable, never its value.
};

/// Replaces `${NAME}` by the environment's value and `$${` by `${`. What comes from the environment is not looked at
/// again.
Expanded expand_environment(std::string_view text);

}  // namespace comparator
