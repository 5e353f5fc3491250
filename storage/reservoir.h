#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

namespace storage {

/// Which requests of a finding keep their report: the first, the latest, and of those between a uniform sample
/// (Vitter's algorithm R, 1985). `Item` names a report.
template <class Item>
struct Reservoir {
  std::optional<Item> first;
  std::optional<Item> latest;
  std::vector<Item> between;

  /// Takes the `seen`-th request, counted from 1. `capacity` bounds `between`; what falls out is forgotten.
  template <class Random>
  void see(Item item, std::uint64_t seen, std::size_t capacity, Random& random) {
    if (seen == 1) {
      first = item;
      return;
    }
    // The latest becomes one between: the (seen - 2)-th.
    if (latest) place(*latest, seen - 2, capacity, random);
    latest = item;
  }

 private:
  template <class Random>
  void place(Item item, std::uint64_t index, std::size_t capacity, Random& random) {
    if (between.size() < capacity) {
      between.push_back(item);
      return;
    }
    const auto slot = std::uniform_int_distribution<std::uint64_t>(0, index - 1)(random);
    if (slot < capacity) between[slot] = item;
  }
};

}  // namespace storage
