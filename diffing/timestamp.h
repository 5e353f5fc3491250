#pragma once

#include <cstdint>
#include <string_view>

#include "diffing/number.h"

/// Points in time as they stand in documents.
namespace diffing {

/// Whether both are RFC 3339 timestamps at most so far apart; fractions count to the nanosecond.
bool within_time(std::string_view a, std::string_view b, std::int64_t milliseconds);

/// Whether two numbers, read as time since 1970, are at most so far apart. The unit is told by the magnitude: seconds
/// below 10^11, then milliseconds below 10^14, microseconds below 10^17, nanoseconds; both must have the same.
bool within_time(const Decimal& a, const Decimal& b, std::int64_t milliseconds);

}  // namespace diffing
