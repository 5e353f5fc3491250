#pragma once

#include <cstdint>
#include <string>

#include "storage/database.h"
#include "storage/report.h"

namespace storage {

/// Writes reports: `report` has what lists show, `report_content` the rest, compressed.
class ReportRows {
 public:
  explicit ReportRows(Database& database);
  std::int64_t insert(const Report& report);  ///< Returns the new id; ids grow and are never used again.

 private:
  void insert_content(std::int64_t id, const Report& report);

  Database& database_;
  Statement insert_;
  Statement insert_content_;
};

/// From all columns of `report`, in the order of its table.
Report report_from(const Cursor& row);

/// Fills in what `report_content` holds, from columns in the order of its table, without `report_id`.
void read_content(const Cursor& row, Report& report);

}  // namespace storage
