#include "comparator/cli/findings_command.h"

#include <fmt/format.h>

#include "comparator/cli/answer_text.h"
#include "comparator/cli/exit_code.h"
#include "comparator/cli/terminal.h"

namespace comparator::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxValue = 200;  // of an example; the report has the rest

std::string list_text(const json& page) {
  std::vector<std::vector<std::string>> rows;
  for (const json& finding : items(page)) {
    rows.push_back({member(finding, "id"), member(finding, "severity"), member(finding, "state"),
                    member(finding, "requests"), member(finding, "route"), member(finding, "kind"),
                    time_member(finding, "last_seen_us"), member(finding, "signature")});
  }
  if (rows.empty()) return {};
  return table({"ID", "SEVERITY", "STATE", "REQUESTS", "ROUTE", "KIND", "LAST SEEN", "PLACE"}, rows);
}

std::string finding_text(const json& finding) {
  std::string text = facts({{"finding", member(finding, "id")},
                            {"route", member(finding, "route")},
                            {"place", member(finding, "signature")},
                            {"kind", member(finding, "kind")},
                            {"severity", member(finding, "severity")},
                            {"state", member(finding, "state")},
                            {"requests", member(finding, "requests")},
                            {"first seen", time_member(finding, "first_seen_us")},
                            {"last seen", time_member(finding, "last_seen_us")},
                            {"example", member(finding, "example", "path")},
                            {"  old", shortened(member(finding, "example", "old"), kMaxValue)},
                            {"  new", shortened(member(finding, "example", "new"), kMaxValue)}});
  const auto reports =
      finding.is_object() && finding.contains("reports") ? items(finding["reports"]) : std::vector<json>();
  if (!reports.empty()) text += "\n" + reports_table(reports);
  return text;
}

int list(const FindingsArguments& arguments) {
  const auto asked = ask_admin(arguments.admin, "/api/v1/findings",
                               {{"route", arguments.route},
                                {"kind", arguments.kind},
                                {"state", arguments.state},
                                {"limit", std::to_string(arguments.limit)}});
  if (const auto* failure = std::get_if<AdminFailure>(&asked)) return tell(*failure);
  const auto& page = std::get<json>(asked);
  if (arguments.json) {
    fmt::print("{}\n", page.dump());
    return kSuccess;
  }
  fmt::print("{}", list_text(page));
  std::fflush(stdout);
  if (items(page).empty()) fmt::print(stderr, "No findings.\n");
  tell_more(page);
  return kSuccess;
}

}  // namespace

int findings_command(const FindingsArguments& arguments) {
  if (arguments.id == 0) return list(arguments);
  const auto asked = ask_admin(arguments.admin, fmt::format("/api/v1/findings/{}", arguments.id));
  if (const auto* failure = std::get_if<AdminFailure>(&asked)) return tell(*failure);
  const auto& finding = std::get<json>(asked);
  fmt::print("{}", arguments.json ? finding.dump() + "\n" : finding_text(finding));
  return kSuccess;
}

}  // namespace comparator::cli
