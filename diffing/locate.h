#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diffing/walk.h"

namespace diffing {

/// The place that frames lead to, as text.
struct Location {
  std::string old_path;
  std::string signature;
  std::optional<std::string> new_path;  ///< Where it is not the same as old's.
};

/// `prefix` is the pointer under which the documents hang; in signatures it stands as a pattern.
Location locate(const Sides& sides, const std::vector<Frame>& frames, const std::string& prefix);

/// The pointer of the container that the last frame compares, in old.
std::string container_path(const Sides& sides, const std::vector<Frame>& frames, const std::string& prefix);

}  // namespace diffing
