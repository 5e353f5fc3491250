#include "comparator/cli/serve_command.h"

#include <fmt/format.h>

#include "comparator/cli/exit_code.h"
#include "comparator/cli/input.h"

namespace comparator::cli {
namespace {

std::optional<Config> config_of_arguments(const Overrides& overrides) {
  if (!overrides.old_url || !overrides.new_url) {
    fmt::print(stderr, "twinrun: serve needs `--old URL --new URL` or `--config FILE`; try `twinrun serve --help`\n");
    return std::nullopt;
  }
  auto made = config_for(overrides);
  if (auto* config = std::get_if<Config>(&made)) return std::move(*config);
  tell_problems("twinrun", std::get<std::vector<Problem>>(made));
  return std::nullopt;
}

std::optional<Config> config_of(const ServeArguments& arguments) {
  const bool from_file = !arguments.config_file.empty();
  auto config =
      from_file ? load_config(arguments.config_file, arguments.overrides) : config_of_arguments(arguments.overrides);
  if (config) tell_warnings(from_file ? arguments.config_file : "twinrun", warnings(*config));
  return config;
}

}  // namespace

int serve_command(const ServeArguments& arguments, const Serve& serve) {
  const auto config = config_of(arguments);
  return config ? serve(*config, [&] { return config_of(arguments); }) : kUsage;
}

}  // namespace comparator::cli
