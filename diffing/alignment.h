#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace diffing {

/// What is left of the work that all arrays of one comparison may take together.
struct StepBudget {
  std::uint64_t left = 0;
  bool ran_out = false;

  /// Takes steps; false, and nothing taken, where fewer are left.
  bool take(std::uint64_t steps) {
    if (steps > left) {
      ran_out = true;
      return false;
    }
    left -= steps;
    return true;
  }
};

inline constexpr std::uint32_t kUnmatched = 0xFFFFFFFF;

/// Pairs equal elements of two sequences so that the pairs keep their order and are as many as possible.
///
/// `match` has an entry for each element of `a` and receives the index in `b`, or kUnmatched. Hunt-Szymanski where
/// equal pairs are few, else Myers in linear space, else, where the budget ends, by position: then pairs are right but
/// may not be the most.
void align(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b, StepBudget& budget,
           std::span<std::uint32_t> match);

}  // namespace diffing
