#pragma once

#include <string>
#include <string_view>

#include "comparator/config/config.h"

namespace comparator::shadow {

/// Writes a request's head (start line, fields, empty line) as a side with this rewriting gets it. What the
/// configuration does not name stays as it is, in its place; headers that are set come last.
std::string rewritten(std::string_view head, const RewriteConfig& rewrite);

}  // namespace comparator::shadow
