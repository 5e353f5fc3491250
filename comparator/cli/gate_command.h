#pragma once

#include <string>

namespace comparator::cli {

struct GateArguments {
  std::string admin_url = "http://127.0.0.1:9400";
  std::string token_file;  ///< Holds the token and perhaps a line break; empty: no token.
  std::string route;       ///< Only this route; empty: every route must pass.
  bool json = false;       ///< What the API said, instead of a table.
};

inline constexpr int kGateFail = 3;
inline constexpr int kGateHold = 4;

/// Asks a running twinrun whether a route, or every route, may move on, and prints the verdict with its reasons.
/// Returns 0 for pass, 3 fail, 4 hold, 5 when no twinrun answers, 2 for wrong arguments (an unknown route, a wrong
/// token), 1 for anything else. An answer that is not plainly a verdict on what was asked is never a pass.
int gate_command(const GateArguments& arguments);

}  // namespace comparator::cli
