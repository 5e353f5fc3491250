#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "comparator/config/config.h"
#include "comparator/gate/statistic.h"
#include "diffing/difference.h"
#include "storage/store.h"

namespace comparator::gate {

enum class Verdict : std::uint8_t { pass, fail, hold };
std::string_view name(Verdict verdict);

/// Why a route is held or has failed: a stable word and a sentence that says what would lift it.
struct Reason {
  std::string code;  ///< `no_data`, `too_few_samples`, `short_span`, `stale`, `unreviewed_findings`, `uncompared`, ...
  std::string message;
};

struct Stratum {
  diffing::Severity severity = diffing::Severity::minor;
  double delta = 0;  ///< The limit.
  Counts counts;
  double log_e_pass = 0;
  double log_e_fail = 0;
  double upper = 1;  ///< Bounds of the rate, each at its own alpha.
  double lower = 0;
  Verdict verdict = Verdict::hold;  ///< Of the statistic alone.
  std::optional<std::uint64_t> clean_requests_to_pass;
};

struct RouteVerdict {
  std::string route;
  std::string epoch;
  Verdict verdict = Verdict::hold;
  std::vector<Reason> reasons;  ///< Empty only for `pass`.
  std::vector<Stratum> strata;  ///< critical, major, minor.
  std::uint64_t selected = 0;
  std::int64_t computed_at_us = 0;
  std::int64_t valid_until_us = 0;
};

/// What the store knows about one route in its present epoch.
struct Evidence {
  std::vector<storage::OutcomeCount> counts;
  std::uint64_t unreviewed = 0;  ///< Findings of `major` or above, seen in this epoch, that nobody has judged.
};

/// Pure: the same evidence, configuration and time give the same verdict.
/// A mismatch counts in the stratum of its severity and in those below it; what was not compared (new_failed,
/// not_comparable, shed) counts in every stratum, because nobody knows how bad it was.
RouteVerdict judge(const RouteConfig& route, std::string_view epoch, const Evidence& evidence, std::int64_t now_us);

/// `pass` when every route passes, `fail` when any fails, else `hold`; `hold` without routes.
Verdict overall(const std::vector<RouteVerdict>& routes);

/// Reads the evidence of one route from the store and judges it.
RouteVerdict judge_from(const storage::Reader& reader, const Config& config, const RouteConfig& route,
                        std::int64_t now_us);

}  // namespace comparator::gate
