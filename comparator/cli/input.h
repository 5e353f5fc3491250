#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "comparator/config/config.h"

/// Reading what the arguments name, and telling what is wrong with it.
namespace comparator::cli {

/// A whole file, or the standard input for `-`; or one sentence that says why not.
struct Input {
  std::string bytes;
  std::string problem;  ///< Empty when it was read.
};
Input read_input(const std::string& file);

/// Today in UTC, as YYYY-MM-DD: what decides which rules have expired.
std::string today();

/// One line each on the standard error: `FILE:LINE:COL: message`, without the places that a problem does not have.
void tell_problems(const std::string& file, const std::vector<Problem>& problems);

/// What is no problem but perhaps not meant: expired rules, routes that copy nothing, two sides that are one.
std::vector<Problem> warnings(const Config& config);
std::vector<Problem> warnings(const std::vector<RouteRule>& rules);
void tell_warnings(const std::string& file, const std::vector<Problem>& warnings);

/// The configuration in a file, with the command line before it; nothing after every problem has been told.
std::optional<Config> load_config(const std::string& file, const Overrides& overrides = {});

}  // namespace comparator::cli
