#include "tests/comparator/cli/program.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace comparator::cli {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// In the child: files cannot fill up as pipes do, so nobody has to read while the program runs.
void redirect(int descriptor, const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags, 0600);
  if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(126);
}

}  // namespace

void write_file(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

Outcome run_twinrun(const std::string& folder, std::vector<std::string> arguments, const std::string& input) {
  const std::string in = folder + "/.stdin", out = folder + "/.stdout", err = folder + "/.stderr";
  write_file(in, input);
  arguments.insert(arguments.begin(), "twinrun");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    redirect(0, in, O_RDONLY);
    redirect(1, out, O_WRONLY | O_CREAT | O_TRUNC);
    redirect(2, err, O_WRONLY | O_CREAT | O_TRUNC);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::execv(TWINRUN_PROGRAM, argv.data());
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
}

}  // namespace comparator::cli
