#pragma once

#include <string>

namespace comparator::cli {

struct CheckArguments {
  std::string file;
};

/// Says what a configuration would serve, or everything that is wrong with it. Opens no socket, looks up no names.
/// Returns 0, or 2 when there are problems; warnings change nothing.
int check_command(const CheckArguments& arguments);

}  // namespace comparator::cli
