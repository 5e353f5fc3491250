#pragma once

#include <cstdint>
#include <string>

#include "comparator/cli/admin_client.h"

namespace comparator::cli {

struct FindingsArguments {
  AdminAddress admin;
  std::int64_t id = 0;  ///< One finding with its reports; 0 lists them.
  std::string route;    ///< Filters of the list; empty: all.
  std::string kind;
  std::string state;
  int limit = 50;
  bool json = false;  ///< What the API said, instead of a table.
};

/// Shows what people triage: a list on the standard output, or one finding. Returns an exit code.
int findings_command(const FindingsArguments& arguments);

}  // namespace comparator::cli
