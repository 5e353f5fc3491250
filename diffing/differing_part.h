#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "diffing/diff.h"
#include "diffing/walk.h"

namespace diffing {

/// The smallest value of old that holds all bytes in which new differs, and what new has in its place.
struct DifferingPart {
  NodeIndex old_node = 0;
  Tape new_tape;              ///< Of that value alone.
  std::vector<Frame> around;  ///< The containers of old that lead to it.
};

/// Finds that part, where new is old with one value replaced: then new need not be parsed as a whole. It is JSON
/// because old is, and because what replaces a value of old is a value. nullopt where there is nothing to gain.
std::optional<DifferingPart> find_difference(const Tape& old_tape, std::string_view new_json, const Limits& limits);

}  // namespace diffing
