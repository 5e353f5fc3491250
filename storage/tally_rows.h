#pragma once

#include <optional>

#include "storage/database.h"
#include "storage/tally.h"

namespace storage {

/// Adds tallies to `tally` and to `tally_total`, which holds the same without the minute.
class TallyRows {
 public:
  explicit TallyRows(Database& database);
  void add(const TallyKey& key, const Tally& tally);  ///< Within the caller's transaction.

 private:
  void add_minute(const TallyKey& key, const Tally& tally);
  void add_total(const TallyKey& key, const Tally& tally);

  Statement find_minute_;
  Statement put_minute_;
  Statement find_total_;
  Statement put_total_;
};

/// A severity as its column holds it: -1 for none.
std::int64_t severity_number(std::optional<diffing::Severity> severity);
std::optional<diffing::Severity> severity_from(std::int64_t number);

/// The three columns from `column` on: count, old_latency, new_latency.
Tally tally_from(const Cursor& row, int column);

}  // namespace storage
