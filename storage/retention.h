#pragma once

#include <cstdint>

#include "storage/database.h"
#include "storage/store.h"

namespace storage {

/// Deletes what is too old or too much, a step at a time, so that no write waits long for it.
class Sweeper {
 public:
  Sweeper(Database& database, Retention retention);

  /// One step, in a transaction of its own; returns whether there may be more.
  ///
  /// By age go reports, minutes of tallies, totals of epochs and findings last seen before it (accepted ones stay:
  /// they are a person's word). By bytes go the oldest reports, then the free pages to the file system.
  bool step(std::int64_t now_us);

 private:
  std::int64_t delete_old(std::int64_t now_us);
  std::int64_t delete_oldest_reports();
  bool shrink();
  std::int64_t bytes_over(std::int64_t pages);

  Database& database_;
  Retention retention_;
  Statement old_reports_;
  Statement old_minutes_;
  Statement old_totals_;
  Statement old_findings_;
  Statement oldest_reports_;
};

}  // namespace storage
