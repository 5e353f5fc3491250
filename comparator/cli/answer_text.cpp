#include "comparator/cli/answer_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "comparator/cli/terminal.h"

namespace comparator::cli {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxTarget = 60;  // a target may be 8 KB; the row should stay on one line

const json& find(const json& object, std::string_view name) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(std::string(name));
  return found == object.end() ? nothing : *found;
}

std::string text_of(const json& value) {
  if (value.is_null() || value.is_structured()) return "-";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::string member(const json& object, std::string_view name) { return text_of(find(object, name)); }

std::string member(const json& object, std::string_view outer, std::string_view inner) {
  return text_of(find(find(object, outer), inner));
}

std::string time_member(const json& object, std::string_view name) {
  const json& value = find(object, name);
  return value.is_number_integer() ? time_text(value.get<std::int64_t>()) : "-";
}

std::string side_text(const json& report, std::string_view side) {
  const json& observation = find(report, side);
  const json& failure = find(observation, "failure");
  return failure.is_string() ? failure.get<std::string>() : member(observation, "status");
}

std::vector<json> items(const json& page) {
  const json& items = find(page, "items");
  return items.is_array() ? std::vector<json>(items.begin(), items.end()) : std::vector<json>();
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& lines) {
  std::size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : lines) text += fmt::format("{:<{}}  {}\n", name, width, printable(value));
  return text;
}

std::string reports_table(const std::vector<json>& reports) {
  std::vector<std::vector<std::string>> rows;
  for (const json& report : reports) {
    rows.push_back({member(report, "id"), time_member(report, "recorded_at_us"), member(report, "route"),
                    member(report, "outcome"), member(report, "difference_count"), side_text(report, "old"),
                    side_text(report, "new"), member(report, "method"),
                    shortened(member(report, "target"), kMaxTarget)});
  }
  return table({"ID", "RECORDED", "ROUTE", "OUTCOME", "DIFFERENCES", "OLD", "NEW", "METHOD", "TARGET"}, rows);
}

void tell_more(const json& page) {
  if (find(page, "next").is_string())
    fmt::print(stderr, "There are more; --limit shows up to 500, filters narrow them.\n");
}

int tell(const AdminFailure& failure) {
  fmt::print(stderr, "twinrun: {}\n", failure.message);
  return failure.exit_code;
}

}  // namespace comparator::cli
