#include "comparator/cli/reports_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "comparator/cli/answer_text.h"
#include "comparator/cli/exit_code.h"
#include "comparator/cli/terminal.h"

namespace comparator::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxValue = 200;  // --json has all of it

std::string differences_text(const json& report) {
  if (!report.is_object() || !report.contains("differences") || !report["differences"].is_array()) return {};
  std::string text;
  for (const json& difference : report["differences"]) {
    text += fmt::format("\n{} {} at {}\n", member(difference, "severity"), member(difference, "kind"),
                        printable(member(difference, "path")));
    text += facts({{"  old", shortened(member(difference, "old"), kMaxValue)},
                   {"  new", shortened(member(difference, "new"), kMaxValue)}});
  }
  return text;
}

// A command of several lines, as it is to be copied.
std::string command_text(std::string_view command) {
  std::string text;
  while (!command.empty()) {
    const auto end = std::min(command.find('\n'), command.size());
    text += printable(command.substr(0, end)) + "\n";
    command.remove_prefix(std::min(end + 1, command.size()));
  }
  return text;
}

std::string report_text(const json& report) {
  std::string text = facts({{"report", member(report, "id")},
                            {"recorded", time_member(report, "recorded_at_us")},
                            {"route", member(report, "route")},
                            {"request", member(report, "method") + " " + member(report, "target")},
                            {"outcome", member(report, "outcome")},
                            {"cause", member(report, "cause")},
                            {"old", side_text(report, "old") + ", " + member(report, "old", "elapsed_us") + " us"},
                            {"new", side_text(report, "new") + ", " + member(report, "new", "elapsed_us") + " us"},
                            {"differences", member(report, "difference_count")}});
  text += differences_text(report);
  const std::string curl = report.is_object() && report.contains("curl") ? member(report["curl"], "old") : "-";
  if (curl != "-") text += "\nTo repeat it on old:\n" + command_text(curl);
  if (curl != "-") text += "\nand on new:\n" + command_text(member(report["curl"], "new"));
  return text;
}

int list(const ReportsArguments& arguments) {
  const auto asked = ask_admin(arguments.admin, "/api/v1/reports",
                               {{"finding", arguments.finding == 0 ? "" : std::to_string(arguments.finding)},
                                {"route", arguments.route},
                                {"limit", std::to_string(arguments.limit)}});
  if (const auto* failure = std::get_if<AdminFailure>(&asked)) return tell(*failure);
  const auto& page = std::get<json>(asked);
  if (arguments.json) {
    fmt::print("{}\n", page.dump());
    return kSuccess;
  }
  const auto reports = items(page);
  fmt::print("{}", reports.empty() ? "" : reports_table(reports));
  std::fflush(stdout);
  if (reports.empty()) fmt::print(stderr, "No reports.\n");
  tell_more(page);
  return kSuccess;
}

}  // namespace

int reports_command(const ReportsArguments& arguments) {
  if (arguments.id == 0) return list(arguments);
  const auto asked = ask_admin(arguments.admin, fmt::format("/api/v1/reports/{}", arguments.id));
  if (const auto* failure = std::get_if<AdminFailure>(&asked)) return tell(*failure);
  const auto& report = std::get<json>(asked);
  fmt::print("{}", arguments.json ? report.dump() + "\n" : report_text(report));
  return kSuccess;
}

}  // namespace comparator::cli
