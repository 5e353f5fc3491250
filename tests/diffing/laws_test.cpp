// What holds for every pair of documents. The fuzz target (tests/fuzz/diff_fuzz.cpp) has the same laws as its oracle.
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "diffing/render.h"
#include "tests/diffing/support.h"
#include "tests/support/catch.h"

using diffing::Comparison;
using diffing::diff;
using diffing::Kind;
using nlohmann::ordered_json;

namespace {

constexpr int kPairs = 400;

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) { return random() % limit; }

ordered_json random_value(Random& random, int depth) {
  switch (below(random, depth > 0 ? 8 : 5)) {
    case 0: return nullptr;
    case 1: return below(random, 2) == 0;
    case 2: return below(random, 5);
    case 3: return std::string(1, static_cast<char>('a' + below(random, 4)));
    case 4: return 0.5 * static_cast<double>(below(random, 7));
    case 5: {
      ordered_json object = ordered_json::object();
      for (std::size_t i = below(random, 4); i > 0; --i) {
        object[std::string(1, static_cast<char>('a' + below(random, 5)))] = random_value(random, depth - 1);
      }
      return object;
    }
    default: {
      ordered_json array = ordered_json::array();
      for (std::size_t i = below(random, 6); i > 0; --i) array.push_back(random_value(random, depth - 1));
      return array;
    }
  }
}

/// Changes something somewhere, often enough nothing.
void mutate(ordered_json& value, Random& random) {
  if (value.is_structured() && !value.empty() && below(random, 5) != 0) {
    auto at = value.begin();
    std::advance(at, below(random, value.size()));
    return mutate(*at, random);
  }
  if (value.is_array() && below(random, 2) == 0) {
    value.insert(value.begin() + static_cast<std::ptrdiff_t>(below(random, value.size() + 1)), random_value(random, 1));
  } else if (value.is_array() && !value.empty()) {
    value.erase(below(random, value.size()));
  } else {
    value = random_value(random, 2);
  }
}

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

struct Pair {
  ordered_json old_value;
  ordered_json new_value;
};

Pair random_pair(std::uint32_t seed) {
  Random random(seed);
  Pair pair;
  pair.old_value = random_value(random, 4);
  pair.new_value = pair.old_value;
  for (std::size_t i = below(random, 4); i > 0; --i) mutate(pair.new_value, random);
  return pair;
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

TEST_CASE("The patch applied to old gives new") {
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto [old_value, new_value] = random_pair(seed);
    const auto patch = diffing::to_patch(old_value.dump(), new_value.dump());
    REQUIRE(patch);
    INFO(old_value.dump() << " and " << new_value.dump() << " by " << *patch);

    const ordered_json patched = old_value.patch(ordered_json::parse(*patch));

    REQUIRE(diff(patched.dump(), new_value.dump()).equal());
  }
}

TEST_CASE("With rules for order, the patch leaves nothing that the rules would not let pass") {
  const diffing::RuleSet rules =
      compiled({rule(diffing::Verb::unordered, "/**"), rule(diffing::Verb::ignore, "/**/a")});
  for (std::uint32_t seed = 0; seed < kPairs; ++seed) {
    const auto [old_value, new_value] = random_pair(seed);
    const auto patch = diffing::to_patch(old_value.dump(), new_value.dump(), rules);
    REQUIRE(patch);
    INFO(old_value.dump() << " and " << new_value.dump() << " by " << *patch);

    const ordered_json patched = old_value.patch(ordered_json::parse(*patch));

    REQUIRE(diff(patched.dump(), new_value.dump(), rules).equal());
  }
}
