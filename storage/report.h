#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diffing/difference.h"
#include "storage/outcome.h"

namespace storage {

struct StoredHeader {
  std::string name;
  std::string value;
  bool operator==(const StoredHeader&) const = default;
};

/// What one side did, as kept for review: redacted and capped before it comes here.
struct StoredObservation {
  std::string failure;  ///< Cause when there is no answer; then the rest but `elapsed_us` is empty.
  int status = 0;
  std::vector<StoredHeader> headers;
  std::string body;              ///< As received after content codings were removed; may be binary.
  std::uint64_t body_bytes = 0;  ///< Of the whole body, kept or not.
  bool body_truncated = false;
  std::int64_t elapsed_us = 0;

  bool operator==(const StoredObservation&) const = default;
};

/// A stored exchange with its differences: the evidence behind findings.
struct Report {
  std::int64_t id = 0;              ///< Given by the store.
  std::int64_t recorded_at_us = 0;  ///< Unix time.
  std::string route;
  std::string epoch;
  std::string method;
  std::string target;
  std::vector<StoredHeader> request_headers;
  std::string request_body;
  Outcome outcome = Outcome::mismatch;
  std::string cause;
  std::optional<diffing::Severity> severity;
  double score = 0;
  std::uint64_t difference_count = 0;  ///< All of them; `differences` may hold fewer.
  std::vector<diffing::Difference> differences;
  StoredObservation old_side;
  StoredObservation new_side;

  bool operator==(const Report&) const = default;
};

}  // namespace storage
