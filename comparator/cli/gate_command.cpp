#include "comparator/cli/gate_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "comparator/cli/admin_client.h"
#include "comparator/cli/answer_text.h"
#include "comparator/cli/exit_code.h"
#include "comparator/cli/terminal.h"

namespace comparator::cli {
namespace {

using nlohmann::json;

// A route's name as one step of a path.
std::string step(const std::string& name) {
  std::string path;
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                          (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_' || byte == '~';
    path += is_plain ? std::string(1, character) : fmt::format("%{:02X}", byte);
  }
  return path;
}

std::vector<json> list(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_array()) return {};
  return {found->begin(), found->end()};
}

std::string percent(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_number()) return "-";
  return fmt::format("{:.3g} %", found->get<double>() * 100);
}

// One line per severity; the route's own cells stand on the first.
void add_rows(const json& route, std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> own{member(route, "route"), member(route, "verdict"), member(route, "selected")};
  for (const json& stratum : list(route, "strata")) {
    rows.push_back(own);
    rows.back().insert(rows.back().end(), {member(stratum, "severity"), member(stratum, "verdict"),
                                           member(stratum, "a"), percent(stratum, "lower"), percent(stratum, "upper"),
                                           percent(stratum, "delta"), member(stratum, "clean_requests_to_pass")});
    own.assign(own.size(), "");
  }
}

std::string reasons_text(const json& route) {
  std::string text;
  for (const json& reason : list(route, "reasons")) {
    text += fmt::format("{}: {}: {}\n", printable(member(route, "route")), printable(member(reason, "code")),
                        printable(member(reason, "message")));
  }
  return text;
}

std::string text_of(const std::vector<json>& routes, const std::string& verdict) {
  std::vector<std::vector<std::string>> rows;
  std::string reasons;
  for (const json& route : routes) {
    add_rows(route, rows);
    reasons += reasons_text(route);
  }
  std::string text;
  if (!rows.empty()) {
    text = table({"ROUTE", "VERDICT", "REQUESTS", "SEVERITY", "SHOWN", "AGAINST", "AT LEAST", "AT MOST", "LIMIT",
                  "CLEAN TO PASS"},
                 rows) +
           "\n";
  }
  if (!reasons.empty()) text += reasons + "\n";
  return text + verdict + "\n";
}

std::optional<int> exit_code_of(const std::string& verdict) {
  if (verdict == "pass") return kSuccess;
  if (verdict == "fail") return kGateFail;
  if (verdict == "hold") return kGateHold;
  return std::nullopt;
}

// The routes that the answer judges: what was asked for and nothing else, or none.
std::vector<json> routes_of(const json& answer, const std::string& asked) {
  if (asked.empty()) return list(answer, "routes");
  return member(answer, "route") == asked ? std::vector<json>{answer} : std::vector<json>{};
}

// A pass of all must be a pass of each, at least one; a verdict on one route must be that of the route asked for.
bool is_plain_verdict(const std::string& verdict, const std::vector<json>& routes, bool is_of_one_route) {
  if (!exit_code_of(verdict)) return false;
  if (routes.empty()) return verdict != "pass" && !is_of_one_route;
  if (verdict != "pass") return true;
  return std::all_of(routes.begin(), routes.end(),
                     [](const json& route) { return member(route, "verdict") == "pass"; });
}

}  // namespace

int gate_command(const GateArguments& arguments) {
  const std::string path = arguments.route.empty() ? "/api/v1/gate" : "/api/v1/gate/" + step(arguments.route);
  const auto asked = ask_admin({arguments.admin_url, arguments.token_file}, path);
  if (const auto* failure = std::get_if<AdminFailure>(&asked)) return tell(*failure);
  const json& answer = std::get<json>(asked);
  const std::string verdict = member(answer, "verdict");
  const std::vector<json> routes = routes_of(answer, arguments.route);
  if (!is_plain_verdict(verdict, routes, !arguments.route.empty())) {
    return tell({kFailure, "the answer is no verdict on what was asked; is it another version of twinrun?"});
  }
  fmt::print("{}", arguments.json ? answer.dump() + "\n" : text_of(routes, verdict));
  return *exit_code_of(verdict);
}

}  // namespace comparator::cli
