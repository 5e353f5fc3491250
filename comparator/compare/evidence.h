#pragma once

#include "comparator/compare/judge.h"
#include "comparator/exchange.h"
#include "storage/report.h"

namespace comparator::compare {

/// The exchange as the store keeps it: headers, places, values and query parameters that the configuration names are
/// replaced by "[redacted]", bodies are decoded where possible and capped. Nothing secret leaves this function.
storage::Report evidence(const Exchange& exchange, const Judgement& judgement);

/// Replaces the values of the named parameters (names in lower case) in the query and the fragment of a request target
/// or a URL.
std::string redact_query(std::string_view target, const std::vector<std::string>& names);

}  // namespace comparator::compare
