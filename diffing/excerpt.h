#pragma once

#include <string>
#include <string_view>

#include "diffing/tape.h"

namespace diffing {

/// The object or array that a place lies directly in, on one line: the place and its nearest neighbours, values cut
/// short and containers closed up. Empty for the root and for a pointer that leads nowhere.
///
/// Of members that share a name the first is shown. Cost: the children of each container on the way.
std::string excerpt_around(const Tape& tape, std::string_view pointer);

}  // namespace diffing
