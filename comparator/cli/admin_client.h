#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <variant>

namespace comparator::cli {

/// Where the admin side of a running twinrun is, and what it wants to see.
struct AdminAddress {
  std::string url = "http://127.0.0.1:9400";
  std::string token_file;  ///< Holds the token and perhaps a line break; empty: no token.
};

/// Why there is no answer, with the exit code that says so.
struct AdminFailure {
  int exit_code = 0;
  std::string message;  ///< One sentence.
};

/// Asks the admin API of a running twinrun for `path` with query parameters; empty ones are left out.
///
/// Waits at most 5 s for a connection, 30 s in each silence of the head, and 30 s for the body, of which at most
/// 64 MiB are read. Never retries.
std::variant<nlohmann::json, AdminFailure> ask_admin(const AdminAddress& address, const std::string& path,
                                                     const std::map<std::string, std::string>& parameters = {});

}  // namespace comparator::cli
