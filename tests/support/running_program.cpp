#include "tests/support/running_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/support/socket.h"

namespace support {

RunningProgram::RunningProgram(const Options& options) : log_file_(options.folder + "/log") {
  listener_ = listen_on_loopback(port_);
  notified_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const std::string path = options.folder + "/notify.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(notified_, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) throw std::runtime_error("bind");
  pid_ = fork();
  if (pid_ == 0) run(options, path);
}

RunningProgram::~RunningProgram() {
  if (pid_ > 0) kill(pid_, SIGKILL), wait();
  close(listener_);
  close(notified_);
}

void RunningProgram::run(const Options& options, const std::string& notify) const {
  const int log = open(log_file_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, 2);
  dup2(listener_, 3);  // without close-on-exec
  setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
  setenv("LISTEN_FDS", "1", 1);
  setenv("NOTIFY_SOCKET", notify.c_str(), 1);
  if (options.descriptors > 0) {
    const rlimit limit{.rlim_cur = options.descriptors, .rlim_max = options.descriptors};
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  execl(options.binary.c_str(), "twinrun", "serve", "--config", options.config_file.c_str(), nullptr);
  _exit(127);
}

void RunningProgram::signal(int number) const { kill(pid_, number); }

std::string RunningProgram::state() const {
  pollfd polled{.fd = notified_, .events = POLLIN, .revents = 0};
  char text[256];
  const auto got = poll(&polled, 1, 10'000) == 1 ? recv(notified_, text, sizeof text, 0) : 0;
  const std::string all(text, static_cast<std::size_t>(got));
  return all.substr(0, all.find('\n'));
}

int RunningProgram::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::size_t RunningProgram::sockets() const {
  std::size_t count = 0;
  std::error_code gone;  // what was listed may be closed by now
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/fd")) {
    if (std::filesystem::read_symlink(entry, gone).string().starts_with("socket:")) ++count;
  }
  return count;
}

std::size_t RunningProgram::resident_kb() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  return 0;
}

std::chrono::milliseconds RunningProgram::processor_time() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(stat, line);
  std::istringstream behind_name(line.substr(line.rfind(')') + 2));
  std::string skipped;
  for (int field = 3; field < 14; ++field) behind_name >> skipped;  // proc(5): utime is the 14th
  long user = 0;
  long system = 0;
  behind_name >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / sysconf(_SC_CLK_TCK));
}

std::string RunningProgram::log() const {
  std::ifstream file(log_file_);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace support
