#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "comparator/http/head.h"

/// What the parsers of heads and trailers share: characters, line ends, one header line.
namespace comparator::http {

inline constexpr auto kTokenChars = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

inline bool token_char(char c) { return kTokenChars[static_cast<unsigned char>(c)]; }
inline bool digit(char c) { return c >= '0' && c <= '9'; }
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
/// A control character; HTAB, which field values may hold, is none here.
inline bool control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

/// The first control character but HTAB, or `end`: a field value ends at its CR and may hold none before it.
const char* find_control(const char* at, const char* end);

/// Without the spaces and tabs around it.
std::string_view trim(std::string_view text);

/// Calls `visit` with each item of a comma-separated list; empty ones are skipped (RFC 9110 section 5.6.1.2).
template <class Visit>
void each_list_item(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto item = trim(list.substr(0, comma));
    if (!item.empty()) visit(item);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

/// What one line or section came to.
enum class Line : std::uint8_t { ok, partial, bad, end };

/// The bytes that are still to be read.
struct Reader {
  const char* at;
  const char* end;

  std::size_t left() const { return static_cast<std::size_t>(end - at); }
};

/// CR LF, where `reader.at` stands at what should be the CR.
Line read_crlf(Reader& reader, Refusal& refusal);
/// One header line, or `end` for the empty line behind the last.
Line read_field(Reader& reader, Field& field, Refusal& refusal);

}  // namespace comparator::http
