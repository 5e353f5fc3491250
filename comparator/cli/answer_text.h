#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "comparator/cli/admin_client.h"

/// Reading the API's answers leniently: what is missing or of another type is shown as `-`, so that an older command
/// line can read a newer server.
namespace comparator::cli {

/// The member as text; `at("old", "status")` reads nested ones.
std::string member(const nlohmann::json& object, std::string_view name);
std::string member(const nlohmann::json& object, std::string_view outer, std::string_view inner);
/// A member in microseconds of Unix time, as a date and time.
std::string time_member(const nlohmann::json& object, std::string_view name);
/// What one side did: its status, or why there is no answer.
std::string side_text(const nlohmann::json& report, std::string_view side);
/// The array at `items`, or nothing.
std::vector<nlohmann::json> items(const nlohmann::json& page);

/// `name value` lines with the values under each other.
std::string facts(const std::vector<std::pair<std::string, std::string>>& lines);

/// The kept exchanges as a table.
std::string reports_table(const std::vector<nlohmann::json>& reports);

/// Says on the standard error that a list goes on.
void tell_more(const nlohmann::json& page);

/// Tells a failure and returns its exit code.
int tell(const AdminFailure& failure);

}  // namespace comparator::cli
