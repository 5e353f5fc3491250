#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace comparator {

/// A running 128-bit hash of bytes that come in pieces, for bodies too large to be kept. Seeded per process, so that
/// nobody outside can choose two bodies that collide; equal bytes have equal hashes however they were cut.
///
/// Two independent lanes of folded 64 x 64 bit multiplication (as in wyhash); about as fast as memory.
class BodyHash {
 public:
  BodyHash();
  void update(std::string_view bytes);
  std::array<std::uint64_t, 2> digest() const;

 private:
  void block(const char* bytes);

  std::array<std::uint64_t, 2> lanes_;
  std::array<char, 16> rest_{};
  std::size_t rest_bytes_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace comparator
