#pragma once

#include <nlohmann/json_fwd.hpp>

#include "comparator/config/config.h"
#include "storage/finding.h"
#include "storage/report.h"

/// Rows of the store as the API shows them.
namespace comparator::admin {

nlohmann::json to_json(const storage::Finding& finding);

/// One line of a list of reports.
nlohmann::json report_line(const storage::Report& report);

/// Everything about a report: request, both answers, the differences that were kept and how many there were, and
/// lines for curl that repeat the request against each side.
nlohmann::json report_in_full(const storage::Report& report, const Config& config);

/// Bytes as JSON can carry them: `encoding` is `utf-8` with `text`, or `base64` with `base64`.
nlohmann::json body_json(const std::string& bytes);

}  // namespace comparator::admin
