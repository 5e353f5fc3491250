#pragma once

#include "comparator/cli/serve_command.h"

namespace comparator::cli {

/// Reads the arguments, runs the command they name and returns the exit code (see exit_code.h; a verdict and a
/// difference have codes of their own). `serve` runs until it is told to stop.
///
/// Data goes to the standard output, talk to the standard error. Throws nothing: what nobody foresaw is one sentence
/// and exit code 1.
int run(int argc, const char* const* argv, const Serve& serve);

}  // namespace comparator::cli
