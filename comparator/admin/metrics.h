#pragma once

#include <cstdint>
#include <string>

#include "comparator/admin/live.h"

namespace comparator::admin {

/// The metrics of `live`, the writer's health and the build in Prometheus' text format (version 0.0.4). The one place
/// that knows prometheus-cpp.
std::string metrics_text(const Live& live, std::int64_t started_at_us);

}  // namespace comparator::admin
