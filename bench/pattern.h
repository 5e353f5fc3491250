#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

/// Bodies that both ends know without sending them to each other: what stands at a place of the body with this seed.
class Pattern {
 public:
  Pattern() : bytes_(kPeriod + kMostAtOnce, '\0') {
    std::uint64_t state = 1;
    for (std::size_t i = 0; i < kPeriod; ++i) bytes_[i] = static_cast<char>(mix(state++));
    std::copy_n(bytes_.begin(), kMostAtOnce, bytes_.begin() + kPeriod);
  }

  /// At most `length` bytes, as many as lie in one piece.
  std::string_view at(std::uint64_t seed, std::uint64_t place, std::uint64_t length) const {
    const auto from = static_cast<std::size_t>((mix(seed) + place) % kPeriod);
    return std::string_view(bytes_).substr(from,
                                           static_cast<std::size_t>(std::min<std::uint64_t>(length, kMostAtOnce)));
  }
  bool holds(std::uint64_t seed, std::uint64_t place, std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto wanted = at(seed, place, bytes.size());
      if (bytes.substr(0, wanted.size()) != wanted) return false;
      place += wanted.size();
      bytes.remove_prefix(wanted.size());
    }
    return true;
  }
  std::string whole(std::uint64_t seed, std::uint64_t length) const {
    std::string all;
    while (all.size() < length) all += at(seed, all.size(), length - all.size());
    return all;
  }

  /// splitmix64 (Steele, Lea, Flood 2014), one step.
  static std::uint64_t mix(std::uint64_t state) {
    std::uint64_t z = state + 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

 private:
  static constexpr std::size_t kPeriod = 65521;  // a prime, so that a piece in the wrong place shows
  static constexpr std::size_t kMostAtOnce = 32 * 1024;
  std::string bytes_;
};

}  // namespace bench
