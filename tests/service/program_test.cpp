// The program itself, as a supervisor starts it: its socket, its signals, what it says of its state.

#include <signal.h>

#include <fstream>
#include <latch>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/running_program.h"
#include "tests/support/scripted_side.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_directory.h"

namespace {

using support::answer;
using support::Received;
using support::RunningProgram;
using support::ScriptedSide;
using support::Socket;

std::string first_line_from(std::uint16_t port) {
  Socket client = Socket::connect(port);
  client.send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto all = client.receive_all();
  return all.substr(all.rfind('\n') + 1);
}

TEST_CASE("Clients that come to the supervisor's socket while it drains disturb nobody", "[service][program]") {
  std::latch asked(1);
  std::latch may_answer(1);
  ScriptedSide old_side([&](support::Peer& peer) {
    Received request;
    if (!peer.read(request)) return;
    asked.count_down();
    may_answer.wait();
    peer.send(answer("whole"));
  });
  support::TemporaryDirectory folder;
  const std::string file = folder / "twinrun.yaml";
  std::ofstream(file) << "old: {url: " << old_side.url() << "}\nnew: {url: " << old_side.url() << "}\nloops: 2\n"
                      << "store: " << (folder / "twinrun.db") << "\nadmin: {listen: 127.0.0.1:0}\nroutes:\n"
                      << "  - {name: default, stage: old}\n";
  RunningProgram program({.binary = TWINRUN_BINARY, .config_file = file, .folder = folder.path().string()});
  REQUIRE(program.state() == "READY=1");
  Socket client = Socket::connect(program.port());
  client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  asked.wait();

  program.signal(SIGTERM);
  CHECK(program.state() == "STOPPING=1");
  std::vector<Socket> late;  // wait in the socket, which lives on with the supervisor
  for (int i = 0; i < 20; ++i) late.push_back(Socket::connect(program.port()));
  may_answer.count_down();

  CHECK(client.receive_all().ends_with("whole"));
  CHECK(program.wait() == 0);
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
  RunningProgram program({.binary = TWINRUN_BINARY, .config_file = file, .folder = folder.path().string()});
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
