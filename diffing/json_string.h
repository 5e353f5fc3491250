#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "diffing/hash.h"

/// Strings as they stand in a JSON text. "Raw" includes the quotes; all functions expect raw strings that were
/// checked. Decoded text is UTF-8, but for lone surrogates, which keep their three-byte form, so that two strings
/// are equal exactly when their decoded bytes are.
namespace diffing {

/// Whether decoding would change anything but the quotes. Expects at least two bytes.
inline bool has_escape(std::string_view raw) {
  constexpr std::size_t kShort = 64;  // beyond, memchr is quicker
  if (raw.size() < 8) return raw.find('\\') != std::string_view::npos;
  if (raw.size() > kShort) return std::memchr(raw.data(), '\\', raw.size()) != nullptr;
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const auto found = [&](std::size_t at) {
    std::uint64_t word;
    std::memcpy(&word, raw.data() + at, sizeof word);
    word ^= kOnes * '\\';
    return ((word - kOnes) & ~word & kOnes * 0x80) != 0;  // a byte that became zero
  };
  for (std::size_t at = 0; at + 8 <= raw.size(); at += 8) {
    if (found(at)) return true;
  }
  return found(raw.size() - 8);
}

/// Appends the decoded text of a raw string.
void append_decoded(std::string_view raw, std::string& out);

/// The decoded text: a view into `raw` where nothing is escaped, else into `buffer`, which is overwritten.
std::string_view decoded(std::string_view raw, std::string& buffer);

/// Whether the lengths allow that a raw string means this text: an escape makes of six bytes at least one.
inline bool may_decode_to(std::string_view raw, std::string_view text) {
  return raw.size() >= text.size() + 2 && raw.size() <= text.size() * 6 + 2;
}

/// A hash of the decoded text.
inline std::uint64_t hash_string(std::string_view raw, std::uint64_t seed) {
  if (!has_escape(raw)) return hash_bytes(raw.substr(1, raw.size() - 2), seed);
  std::string buffer;
  return hash_bytes(decoded(raw, buffer), seed);
}

/// Whether two raw strings mean the same text.
bool equal_strings(std::string_view raw_a, std::string_view raw_b);

/// Appends `text` as a raw JSON string. Lone surrogates become \u escapes; any other byte sequence that is not UTF-8
/// becomes U+FFFD.
void append_quoted(std::string_view text, std::string& out);

/// The length of the longest beginning of `text` of at most `limit` bytes that does not cut a UTF-8 sequence.
std::size_t whole_characters(std::string_view text, std::size_t limit);

/// How many bytes the UTF-8 sequence at the start of `text` has (RFC 3629); 0 where there is none.
std::size_t utf8_length(std::string_view text);

}  // namespace diffing
