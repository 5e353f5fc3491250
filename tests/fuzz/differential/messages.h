#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace differential {

/// Messages near the edge of what is HTTP: seeds with a few mutations. The same seed makes the same ones everywhere.
class Messages {
 public:
  explicit Messages(std::uint64_t seed) : random_(seed) {}

  std::string request();
  std::string answer();

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::string mutated(const std::vector<std::string_view>& seeds);
  void mutate(std::string& bytes, const std::vector<std::string_view>& seeds);

  std::mt19937_64 random_;
};

}  // namespace differential
