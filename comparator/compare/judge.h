#pragma once

#include <optional>
#include <string>

#include "comparator/exchange.h"
#include "diffing/difference.h"
#include "storage/outcome.h"
#include "storage/report.h"

namespace comparator::compare {

/// What a finished exchange came to.
struct Judgement {
  storage::Outcome outcome = storage::Outcome::match;
  Cause cause = Cause::none;
  std::optional<diffing::Severity> severity;  ///< Of a mismatch.
  diffing::Comparison comparison;             ///< Empty unless the answers were compared by structure.
};

/// The outcomes that need no look into the bodies; nullopt when the answers must be compared. Cheap: for the loop.
std::optional<Judgement> judge_without_comparing(const Exchange& exchange);

/// Compares the two answers of an exchange: content codings removed, rules applied. For a worker: may take
/// milliseconds per megabyte.
Judgement judge_by_comparing(const Exchange& exchange);

}  // namespace comparator::compare
