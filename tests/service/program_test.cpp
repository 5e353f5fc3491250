// The program itself, as a supervisor starts it: its socket, its signals, what it says of its state.

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/scripted_side.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_directory.h"

namespace {

using support::answer;
using support::Received;
using support::ScriptedSide;
using support::Socket;

// twinrun as a child process, with a listening socket and a place to tell its state, as systemd gives them.
class Program {
 public:
  Program(const std::string& config_file, const std::string& folder) {
    listener_ = support::listen_on_loopback(port_);
    notified_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const std::string path = folder + "/notify.sock";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(bind(notified_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    pid_ = fork();
    if (pid_ == 0) run(config_file, path);
  }
  ~Program() {
    if (pid_ > 0) kill(pid_, SIGKILL), wait();
    close(listener_);
    close(notified_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::uint16_t port() const { return port_; }
  void signal(int number) const { kill(pid_, number); }
  // The next state that it tells, without what follows the first line; empty after ten seconds.
  std::string state() const {
    pollfd polled{notified_, POLLIN, 0};
    char text[256];
    const auto got = poll(&polled, 1, 10'000) == 1 ? recv(notified_, text, sizeof text, 0) : 0;
    const std::string all(text, static_cast<std::size_t>(got));
    return all.substr(0, all.find('\n'));
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  [[noreturn]] void run(const std::string& config_file, const std::string& notify) const {
    dup2(listener_, 3);  // without close-on-exec
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("NOTIFY_SOCKET", notify.c_str(), 1);
    execl(TWINRUN_BINARY, "twinrun", "serve", "--config", config_file.c_str(), nullptr);
    _exit(127);
  }

  std::uint16_t port_ = 0;
  int listener_ = -1;
  int notified_ = -1;
  pid_t pid_ = -1;
};

std::string first_line_from(std::uint16_t port) {
  Socket client = Socket::connect(port);
  client.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto all = client.receive_all();
  return all.substr(all.rfind('\n') + 1);
}

TEST_CASE("A supervisor gives the socket, is told each state, and SIGHUP takes up another configuration",
          "[service][program]") {
  const auto saying = [](const char* text) {
    return ScriptedSide::answering([text](const Received&) { return answer(text); });
  };
  ScriptedSide old_side(saying("old"));
  ScriptedSide new_side(saying("new"));
  support::TemporaryDirectory folder;
  const std::string file = folder / "twinrun.yaml";
  const auto configure = [&](const std::string& stage) {
    std::ofstream(file) << "old: {url: " << old_side.url() << "}\nnew: {url: " << new_side.url() << "}\nloops: 2\n"
                        << "store: " << (folder / "twinrun.db") << "\nadmin: {listen: 127.0.0.1:0}\nroutes:\n"
                        << "  - {name: default, stage: " << stage << "}\n";
  };
  configure("old");
  Program program(file, folder.path().string());
  REQUIRE(program.state() == "READY=1");
  CHECK(first_line_from(program.port()) == "old");

  configure("new");
  program.signal(SIGHUP);
  CHECK(program.state() == "RELOADING=1");
  CHECK(program.state() == "READY=1");
  CHECK(support::eventually([&] { return first_line_from(program.port()) == "new"; }));

  configure("sideways");
  program.signal(SIGHUP);
  CHECK(program.state() == "RELOADING=1");
  CHECK(program.state() == "READY=1");
  CHECK(first_line_from(program.port()) == "new");

  program.signal(SIGTERM);
  CHECK(program.state() == "STOPPING=1");
  CHECK(program.wait() == 0);
}

}  // namespace
