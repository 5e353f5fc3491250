#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// What bytes are, without a locale: the C library's `isalpha` and friends ask one.
namespace comparator {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alnum(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }
constexpr bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
constexpr bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

/// Of a field name or method (RFC 9110 section 5.6.2).
constexpr bool is_token(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text);  ///< ASCII letters only.

/// Bytes of the first character, 0 when it is not valid UTF-8 (RFC 3629): overlong forms and surrogates are not.
std::size_t utf8_length(std::string_view text);

/// What the file says, as a message can show it (not named `quoted`: std::quoted would be found for std::string):
/// between backticks, control characters escaped, cut when long.
std::string quote(std::string_view text);

}  // namespace comparator
