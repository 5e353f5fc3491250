#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "comparator/gate/verdict.h"

namespace comparator::gate {

/// `{route, epoch, verdict, reasons: [{code, message}], strata: [{severity, delta, n, a, b, log10_e_pass,
/// log10_e_fail, upper, lower, verdict, clean_requests_to_pass}], selected, computed_at, valid_until}`; times are
/// RFC 3339 in UTC, rates are shares, `clean_requests_to_pass` is null where no number would do.
nlohmann::json to_json(const RouteVerdict& verdict);

/// `{verdict, reasons, routes: [as above]}`: all routes together.
nlohmann::json to_json(const std::vector<RouteVerdict>& routes);

}  // namespace comparator::gate
