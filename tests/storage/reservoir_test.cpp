#include "storage/reservoir.h"

#include <cmath>

#include "tests/support/catch.h"

using storage::Reservoir;

TEST_CASE("the first and the latest are always kept") {
  std::mt19937_64 random(1);
  Reservoir<int> reservoir;
  for (int i = 1; i <= 1000; ++i) {
    reservoir.see(i, static_cast<std::uint64_t>(i), 4, random);
    REQUIRE(reservoir.first == 1);
    if (i > 1) REQUIRE(reservoir.latest == i);
    REQUIRE(reservoir.between.size() <= 4);
  }
  CHECK(reservoir.between.size() == 4);
}

TEST_CASE("few enough are all kept, and no place for more keeps two") {
  std::mt19937_64 random(1);
  Reservoir<int> all;
  Reservoir<int> two;
  for (int i = 1; i <= 5; ++i) {
    all.see(i, static_cast<std::uint64_t>(i), 3, random);
    two.see(i, static_cast<std::uint64_t>(i), 0, random);
  }
  CHECK(all.between == std::vector<int>{2, 3, 4});
  CHECK(two.between.empty());
  CHECK(two.latest == 5);
}

TEST_CASE("those between are kept with equal chance") {
  constexpr int kRuns = 20'000;
  constexpr int kSeen = 42;  // 40 between
  constexpr std::size_t kKept = 8;
  std::mt19937_64 random(1);
  std::vector<int> times(kSeen + 1);
  for (int run = 0; run < kRuns; ++run) {
    Reservoir<int> reservoir;
    for (int i = 1; i <= kSeen; ++i) reservoir.see(i, static_cast<std::uint64_t>(i), kKept, random);
    for (const int item : reservoir.between) ++times[static_cast<std::size_t>(item)];
  }

  const double share = static_cast<double>(kKept) / (kSeen - 2);
  const double error = std::sqrt(share * (1 - share) / kRuns);
  for (std::size_t i = 2; i < kSeen; ++i) {
    INFO("item " << i);
    CHECK(std::abs(times[i] / double{kRuns} - share) < 5 * error);
  }
}
