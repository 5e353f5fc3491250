#pragma once

#include <string>
#include <vector>

/// The real binary, run as a shell would run it.
namespace comparator::cli {

struct Outcome {
  int exit_code = -1;  ///< -1: ended by a signal.
  std::string out;
  std::string err;
};

/// Runs twinrun with these arguments in `folder` and waits for its end. `input` is its standard input.
Outcome run_twinrun(const std::string& folder, std::vector<std::string> arguments, const std::string& input = "");

/// The same with a terminal (xterm) as standard output; what it shows is `out`, its line ends are CR LF.
Outcome run_on_terminal(const std::string& folder, std::vector<std::string> arguments);

void write_file(const std::string& path, const std::string& text);

}  // namespace comparator::cli
