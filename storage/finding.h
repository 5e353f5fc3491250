#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diffing/difference.h"

namespace storage {

/// All differences with one signature: route x path template x kind. What people triage.
struct Finding {
  std::int64_t id = 0;
  std::string route;
  std::string signature;  ///< Path template, e.g. `/body/items/*/price`; for failures the cause, e.g. `timeout`;
                          ///< `**` for all that found no room among the findings of their route.
  std::string kind;       ///< A diffing::Kind, or the outcome where there was nothing to compare: `new_failed`, ...
  diffing::Severity severity = diffing::Severity::major;
  std::string state = "open";  ///< open, accepted, fixed, reopened.
  std::string epoch;           ///< The latest in which it was seen.
  std::uint64_t requests = 0;  ///< Requests that showed it, of those whose evidence reached the store.
  std::int64_t first_seen_us = 0;
  std::int64_t last_seen_us = 0;
  std::string example_path;  ///< Of the latest.
  std::string example_old;
  std::string example_new;
  std::vector<std::int64_t> reports;  ///< Ids of kept reports, newest first; only where one finding is read.
};

}  // namespace storage
