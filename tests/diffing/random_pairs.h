#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

/// Documents made up from a seed: the same seed, the same documents.
namespace random_pairs {

struct Pair {
  nlohmann::ordered_json old_value;
  nlohmann::ordered_json new_value;
};

/// Values of all types, and the same after a few changes, often enough none.
Pair random_pair(std::uint32_t seed);

/// Rows with an `id`, edited, moved, inserted and deleted; names that a pointer must escape; numbers that no machine
/// type holds. Numbers are written as strings that begin with `#`, see spelled().
Pair random_rows(std::uint32_t seed);

/// The text of such a document, with real numbers.
std::string spelled(const nlohmann::ordered_json& tagged);

/// The document of such a text: no number is read, so none is rounded.
nlohmann::ordered_json tagged(const std::string& json);

}  // namespace random_pairs
