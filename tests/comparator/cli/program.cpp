#include "tests/comparator/cli/program.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
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

/// In the child.
[[noreturn]] void become_twinrun(const std::string& folder, std::vector<std::string>& arguments) {
  arguments.insert(arguments.begin(), "twinrun");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::execv(TWINRUN_PROGRAM, argv.data());
  ::_exit(127);
}

int exit_code_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// All that comes until the other end is closed, which on a terminal is an error.
std::string read_to_end(int descriptor) {
  std::string text;
  char buffer[4096];
  for (ssize_t count = 1; count > 0;) {
    count = ::read(descriptor, buffer, sizeof buffer);
    if (count > 0) text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

void write_file(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

Outcome run_twinrun(const std::string& folder, std::vector<std::string> arguments, const std::string& input) {
  const std::string in = folder + "/.stdin", out = folder + "/.stdout", err = folder + "/.stderr";
  write_file(in, input);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child == 0) {
    redirect(0, in, O_RDONLY);
    redirect(1, out, O_WRONLY | O_CREAT | O_TRUNC);
    redirect(2, err, O_WRONLY | O_CREAT | O_TRUNC);
    become_twinrun(folder, arguments);
  }
  const int code = exit_code_of(child);
  return {code, read_file(out), read_file(err)};
}

Outcome run_on_terminal(const std::string& folder, std::vector<std::string> arguments) {
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child < 0) throw std::runtime_error("cannot have a terminal");
  if (child == 0) {
    ::setenv("TERM", "xterm", 1);
    become_twinrun(folder, arguments);
  }
  const std::string text = read_to_end(terminal);
  ::close(terminal);
  return {exit_code_of(child), text, ""};
}

}  // namespace comparator::cli
