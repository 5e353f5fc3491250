#include "comparator/cli/check_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "comparator/cli/exit_code.h"
#include "comparator/cli/input.h"
#include "comparator/cli/terminal.h"

namespace comparator::cli {
namespace {

std::string address(const Endpoint& endpoint) {
  const bool ipv6 = endpoint.host.find(':') != std::string::npos;
  return ipv6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
              : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

std::string side(const SideConfig& side) {
  return side.build.empty() ? side.url : fmt::format("{} (build {})", side.url, side.build);
}

std::vector<std::string> row(const RouteConfig& route) {
  const auto rules = std::count_if(route.rules.begin(), route.rules.end(), [](const auto& r) { return !r.expired; });
  return {route.name,
          std::string(name(route.stage)),
          fmt::format("{:g}%", route.sample * 100),
          route.methods.empty() ? "any; GET, HEAD copied" : fmt::format("{}", fmt::join(route.methods, ", ")),
          route.path.empty() ? "any" : route.path,
          fmt::format("{}", rules)};
}

std::string summary(const Config& config) {
  std::string text;
  const auto line = [&](std::string_view what, const std::string& value) {
    text += fmt::format("{:<7} {}\n", what, printable(value));
  };
  line("listen", address(config.listen));
  line("old", side(config.old_side));
  line("new", side(config.new_side));
  line("store", config.store);
  line("admin", fmt::format("{}, {}", address(config.admin.listen),
                            config.admin.tokens.empty() ? "without a token, from this machine only"
                                                        : fmt::format("{} token(s)", config.admin.tokens.size())));
  std::vector<std::vector<std::string>> rows;
  for (const RouteConfig& route : config.routes) rows.push_back(row(route));
  return text + "\n" + table({"ROUTE", "STAGE", "SAMPLE", "METHODS", "PATH", "RULES"}, rows);
}

}  // namespace

int check_command(const CheckArguments& arguments) {
  const auto config = load_config(arguments.file);
  if (!config) return kUsage;
  fmt::print("{}", summary(*config));
  std::fflush(stdout);
  tell_warnings(arguments.file, warnings(*config));
  return kSuccess;
}

}  // namespace comparator::cli
