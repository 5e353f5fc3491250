#pragma once

#include <functional>
#include <optional>
#include <string>

#include "comparator/config/config.h"

namespace comparator::cli {

struct ServeArguments {
  std::string config_file;  ///< Empty: `overrides` name both sides.
  Overrides overrides;
};

/// Serves a configuration; the function reads it once more, as the same arguments say.
using Serve = std::function<int(const Config&, const std::function<std::optional<Config>()>& read_again)>;

/// Hands the configuration to `serve` and returns its code; 2 when there is none to hand over.
int serve_command(const ServeArguments& arguments, const Serve& serve);

}  // namespace comparator::cli
