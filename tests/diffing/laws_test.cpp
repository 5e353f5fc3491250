// What holds for every pair of documents. The fuzz target (tests/fuzz/diff_fuzz.cpp) has the same laws as its oracle.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "tests/diffing/random_pairs.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::Comparison;
using diffing::diff;
using diffing::Kind;
using nlohmann::ordered_json;
using random_pairs::random_pair;

namespace {

constexpr std::uint32_t kPairs = 400;

ordered_json with_keys_reversed(const ordered_json& value) {
  if (value.is_array()) {
    ordered_json out = ordered_json::array();
    for (const auto& element : value) out.push_back(with_keys_reversed(element));
    return out;
  }
  if (!value.is_object()) return value;
  std::vector<std::string> keys;
  for (const auto& [key, member] : value.items()) keys.push_back(key);
  ordered_json out = ordered_json::object();
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) out[*key] = with_keys_reversed(value[*key]);
  return out;
}

std::uint64_t count(const Comparison& comparison, Kind kind) {
  return comparison.counts[static_cast<std::size_t>(kind)];
}

}  // namespace

TEST_CASE("A document is equal to itself, to its respelling and to itself with keys in another order") {
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const ordered_json value = random_pair(seed).old_value;
    INFO(value.dump());

    REQUIRE(diff(value.dump(), value.dump(2)).equal());
    REQUIRE(diff(value.dump(), with_keys_reversed(value).dump()).equal());
  }
}

TEST_CASE("The verdict is that of plain equality, and the score is 0 exactly then") {
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto [old_value, new_value] = random_pair(seed);
    INFO(old_value.dump() << " and " << new_value.dump());

    const Comparison comparison = diff(old_value.dump(), new_value.dump(1));

    // nlohmann::json keeps the order of keys only in ordered_json, where it counts
    REQUIRE(comparison.equal() == (nlohmann::json(old_value) == nlohmann::json(new_value)));
    REQUIRE((comparison.score == 0) == comparison.equal());
    REQUIRE(comparison.score <= 1);
  }
}

TEST_CASE("Swapping the sides swaps missing and extra, and nothing else") {
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto [old_value, new_value] = random_pair(seed);
    INFO(old_value.dump() << " and " << new_value.dump());

    const Comparison forth = diff(old_value.dump(), new_value.dump());
    const Comparison back = diff(new_value.dump(), old_value.dump());

    REQUIRE(count(forth, Kind::missing) == count(back, Kind::extra));
    REQUIRE(count(forth, Kind::extra) == count(back, Kind::missing));
    for (const Kind kind : {Kind::type, Kind::value, Kind::order, Kind::moved}) {
      REQUIRE(count(forth, kind) == count(back, kind));
    }
    REQUIRE(forth.score == Approx(back.score));
  }
}

TEST_CASE("Respelling one side changes no difference") {
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto [old_value, new_value] = random_pair(seed);
    INFO(old_value.dump() << " and " << new_value.dump());

    const Comparison plain = diff(old_value.dump(), new_value.dump());

    REQUIRE(places(diff(old_value.dump(2), new_value.dump())) == places(plain));
    REQUIRE(places(diff(old_value.dump(), new_value.dump(3))) == places(plain));
  }
}
