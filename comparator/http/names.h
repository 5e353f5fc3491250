#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Names are compared without regard to the case of ASCII letters (RFC 9110 section 5.1): for every header line of
/// every message, so eight characters at a time.
namespace comparator::http {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// ASCII letters of eight characters in lower case; all else stays.
inline std::uint64_t lower8(std::uint64_t word) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  const std::uint64_t low = word & 0x7f * kEach;
  const std::uint64_t from_a = low + (0x80 - 'A') * kEach;      // top bit: 'A' or above
  const std::uint64_t past_z = low + (0x80 - 'Z' - 1) * kEach;  // top bit: above 'Z'
  return word | (from_a & ~past_z & ~word & 0x80 * kEach) >> 2;
}

/// ASCII case-insensitive equality, as RFC 9110 section 5.1 wants for names.
inline bool same_name(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size != b.size()) return false;
  const auto same_at = [&](std::size_t at, std::size_t bytes) {
    std::uint64_t x = 0;
    std::uint64_t y = 0;
    std::memcpy(&x, a.data() + at, bytes);
    std::memcpy(&y, b.data() + at, bytes);
    return lower8(x) == lower8(y);
  };
  if (size < 4) return std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
  if (size < 8) return same_at(0, 4) && same_at(size - 4, 4);
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    if (!same_at(at, 8)) return false;
  }
  return same_at(size - 8, 8);
}

}  // namespace comparator::http
