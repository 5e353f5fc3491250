#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "comparator/http/head.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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
/// A control character; HTAB, which field values may hold, is none here.
inline bool control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

/// The first control character but HTAB, or `end`: a field value ends at its CR and may hold none before it.
inline const char* find_control(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i space = _mm_set1_epi8(0x20);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  const __m128i high = _mm_set1_epi8(static_cast<char>(0x80));
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    // Unsigned "below 0x20": flip the top bit and compare signed.
    const __m128i below = _mm_cmplt_epi8(_mm_xor_si128(block, high), _mm_xor_si128(space, high));
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(block, tab), below), _mm_cmpeq_epi8(block, del));
    const int mask = _mm_movemask_epi8(bad);
    if (mask != 0) return at + __builtin_ctz(static_cast<unsigned>(mask));
  }
#endif
  while (at != end && !control(*at)) ++at;
  return at;
}

/// The first character that is no token character, or `end`.
inline const char* find_token_end(const char* at, const char* end) {
#ifdef __SSE2__
  // Letters, digits and '-' by sixteen; what else a token may hold is rare in names, and looked up.
  const auto within = [](__m128i block, char first, char last) {  // only for ASCII, which is positive
    return _mm_and_si128(_mm_cmpgt_epi8(block, _mm_set1_epi8(static_cast<char>(first - 1))),
                         _mm_cmplt_epi8(block, _mm_set1_epi8(static_cast<char>(last + 1))));
  };
  while (end - at >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i letter = within(_mm_or_si128(block, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i other = _mm_or_si128(within(block, '0', '9'), _mm_cmpeq_epi8(block, _mm_set1_epi8('-')));
    const auto rest = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(letter, other))) ^ 0xffffU;
    if (rest == 0) {
      at += 16;
      continue;
    }
    at += __builtin_ctz(rest);
    if (!token_char(*at)) return at;
    ++at;
  }
#endif
  while (at != end && token_char(*at)) ++at;
  return at;
}

/// Without the spaces and tabs around it.
inline std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

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
