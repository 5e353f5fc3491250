#pragma once

#include <cstdint>
#include <string>

#include "comparator/cli/admin_client.h"

namespace comparator::cli {

struct ReportsArguments {
  AdminAddress admin;
  std::int64_t id = 0;       ///< One report with its differences; 0 lists them.
  std::int64_t finding = 0;  ///< Of the list: the evidence of one finding; 0: of all.
  std::string route;         ///< Of the list; empty: all.
  int limit = 50;
  bool json = false;  ///< What the API said, instead of a table.
};

/// Shows kept exchanges: a list on the standard output, or one with its differences. Returns an exit code.
int reports_command(const ReportsArguments& arguments);

}  // namespace comparator::cli
