#pragma once

#include "comparator/compare/judge.h"
#include "comparator/exchange.h"
#include "storage/report.h"

namespace comparator::compare {

/// The exchange as the store keeps it: headers, places, values and query parameters that the configuration names are
/// replaced by "[redacted]", bodies are decoded where possible and capped. Nothing secret leaves this function.
storage::Report evidence(const Exchange& exchange, const Judgement& judgement);

}  // namespace comparator::compare
