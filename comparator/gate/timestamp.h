#pragma once

#include <cstdint>
#include <string>

namespace comparator::gate {

/// Microseconds since 1970 as RFC 3339 in UTC, to the second: `2026-03-01T12:00:00Z`.
std::string timestamp(std::int64_t time_us);

}  // namespace comparator::gate
