#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Seeded hashing of what is compared. Hostile documents choose their own keys, so the seed differs per process;
/// no result depends on it, because every match by hash is looked at again.
namespace diffing {

/// Drawn once per process.
std::uint64_t process_seed();

/// Folds two words by a 128-bit product (the step of wyhash).
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline constexpr std::uint64_t kOdd1 = 0xa0761d6478bd642f;  // the constants of wyhash
inline constexpr std::uint64_t kOdd2 = 0xe7037ed1a0b428db;

/// One to three bytes, each of them read at least once.
inline std::uint64_t read_1_to_3(const char* from, std::size_t size) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(from[i])); };
  return byte(0) << 16 | byte(size >> 1) << 8 | byte(size - 1);
}

inline std::uint64_t read_8(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline std::uint64_t read_4(const char* from) {
  std::uint32_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  const char* at = bytes.data();
  const std::size_t size = bytes.size();
  if (size <= 16) {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (size >= 8) {
      low = read_8(at);
      high = read_8(at + size - 8);
    } else if (size >= 4) {
      low = read_4(at);
      high = read_4(at + size - 4);
    } else if (size > 0) {
      low = read_1_to_3(at, size);
    }
    return mix(kOdd1 ^ size, mix(low ^ kOdd2, high ^ seed));
  }
  std::uint64_t state = seed;
  std::size_t left = size;
  for (; left > 16; left -= 16, at += 16) state = mix(read_8(at) ^ kOdd2, read_8(at + 8) ^ state);
  // The last 16 bytes may overlap the ones before; every byte counts at least once.
  return mix(kOdd1 ^ size, mix(read_8(at + left - 16) ^ kOdd2, read_8(at + left - 8) ^ state));
}

}  // namespace diffing
