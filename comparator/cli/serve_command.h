#pragma once

#include <functional>
#include <string>

#include "comparator/config/config.h"

namespace comparator::cli {

struct ServeArguments {
  std::string config_file;  ///< Empty: `overrides` name both sides.
  Overrides overrides;
};

/// Hands the configuration to `serve` and returns its code; 2 when there is none to hand over.
int serve_command(const ServeArguments& arguments, const std::function<int(const Config&)>& serve);

}  // namespace comparator::cli
