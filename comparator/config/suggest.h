#pragma once

#include <span>
#include <string_view>

namespace comparator {

/// The candidate that was probably meant by a misspelt word, or nothing when none is near: at most a third of the
/// word's letters wrong, missing, extra or swapped with their neighbour.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace comparator
