// What happens when the machine has no more to give, descriptors or ports, and when its network loses packets. Ports
// and packets need a network of their own, which takes root; without it those cases say that they were skipped.

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/faults.h"
#include "tests/support/own_network.h"
#include "tests/support/running_program.h"
#include "tests/support/running_service.h"

namespace {

using namespace std::chrono_literals;
using Outcomes = std::map<std::string, std::uint64_t>;
using support::Peer;
using support::Received;
using support::RunningProgram;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;
namespace faults = support::faults;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

std::string ask(Socket& client) {
  client.send(kGet);
  const auto head = client.receive_until("\r\n\r\n");
  return head.substr(0, 12) + " " + client.receive_exactly(4);
}

const std::string kGood = "HTTP/1.1 200 fine";

std::ptrdiff_t lines(const std::string& log) { return std::count(log.begin(), log.end(), '\n'); }

std::string write_config(const support::TemporaryDirectory& folder, const std::string& old_url,
                         const std::string& new_url, const std::string& setting) {
  std::string file = folder / "twinrun.yaml";
  std::ofstream(file) << "old: {url: '" << old_url << "', " << setting << "}\nloops: 1\n"
                      << "new: {url: '" << new_url << "', " << setting << "}\n"
                      << "store: " << (folder / "twinrun.db") << "\nadmin: {listen: 127.0.0.1:0}\n";
  return file;
}

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitizerTakesDescriptors = true;
#else
constexpr bool kSanitizerTakesDescriptors = false;
#endif

TEST_CASE("Without descriptors clients are told 503, nothing spins, and it passes", "[exhaustion]") {
  if (kSanitizerTakesDescriptors) {
    WARN("skipped: the check of virtual tables opens a pipe, and without one takes an object for bad");
    return;
  }
  const ScriptedSide side(faults::well());
  const support::TemporaryDirectory folder;
  RunningProgram program({.binary = TWINRUN_BINARY,
                          .config_file = write_config(folder, side.url(), side.url(), "idle_connections: 0"),
                          .folder = folder.path().string(),
                          .descriptors = 64});
  REQUIRE(program.state() == "READY=1");
  const auto at_rest = program.sockets();
  const auto told_at_start = lines(program.log());

  // Idle clients take what there is, and those behind them are told.
  std::vector<Socket> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(Socket::connect(program.port()));
  REQUIRE(support::eventually([&] { return lines(program.log()) > told_at_start; }));

  std::string refused;
  REQUIRE(support::eventually([&] {
    clients.front().send(kGet);  // for which a connection to old would be needed
    refused = clients.front().receive_until("\r\n\r\n");
    if (refused.starts_with("HTTP/1.1 503 ")) return true;
    clients.front().receive_exactly(4);
    clients.push_back(Socket::connect(program.port()));  // takes what a thread had held only for a moment
    return false;
  }));
  CHECK(refused.find("Connection: close\r\n") != std::string::npos);
  const auto turned_away = clients[99].receive_all();  // it has not even asked
  CHECK(turned_away.substr(0, 13) == "HTTP/1.1 503 ");
  CHECK(turned_away.find("Connection: close\r\n") != std::string::npos);
  const auto before = program.processor_time();
  CHECK(clients[1].receive(1, 1000ms).empty());
  CHECK(program.processor_time() - before < 300ms);
  const auto log = program.log();
  INFO(log);
  CHECK(log.find("no_descriptor ") != std::string::npos);       // it accepts no more
  CHECK(log.find("no_connection_left ") != std::string::npos);  // to old, and perhaps to new
  CHECK(lines(log) - told_at_start <= 3);

  clients.clear();
  CHECK(support::eventually([&] {
    Socket another = Socket::connect(program.port());
    return ask(another) == kGood;
  }));
  CHECK(support::eventually([&] { return program.sockets() <= at_rest; }));
}

// Answers only when told, so that the connections to it stay in use.
class HoldingSide {
 public:
  HoldingSide()
      : side_([this](Peer& peer) {
          Received request;
          while (peer.read(request)) {
            released_.wait();
            if (!peer.send(faults::good_answer())) return;
          }
        }) {}
  ~HoldingSide() { release(); }
  HoldingSide(const HoldingSide&) = delete;
  HoldingSide& operator=(const HoldingSide&) = delete;

  std::string url() const { return side_.url(); }
  std::size_t requests() const { return side_.requests().size(); }
  void release() {
    if (!std::exchange(done_, true)) release_.set_value();
  }

 private:
  bool done_ = false;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  ScriptedSide side_;
};

struct Ports {
  bool limited = false;
  bool both_in_use = false;
  std::vector<std::string> refused;
  std::string told;
  std::chrono::milliseconds processor_time{};
  std::vector<std::string> answered;
  std::string afterwards;
  Outcomes outcomes;
};

// Two local ports, six clients: two requests are on their way to old, for four there is no port.
void use_up_ports(Ports& seen) {
  HoldingSide old_side;
  const ScriptedSide new_side(faults::well());
  const support::TemporaryDirectory folder;
  RunningProgram program({.binary = TWINRUN_BINARY,
                          .config_file = write_config(folder, old_side.url(), new_side.url(), "idle_timeout: 1m"),
                          .folder = folder.path().string()});
  if (program.state() != "READY=1") return;
  const auto told_at_start = program.log().size();
  std::vector<Socket> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(Socket::connect(program.port()));
  seen.limited = support::limit_local_ports(20'000, 20'001);
  if (!seen.limited) return;

  clients[0].send(kGet);
  clients[1].send(kGet);
  seen.both_in_use = support::eventually([&] { return old_side.requests() == 2; });
  for (int i = 2; i < 6; ++i) {
    clients[static_cast<std::size_t>(i)].send(kGet);
    seen.refused.push_back(clients[static_cast<std::size_t>(i)].receive_all().substr(0, 12));
  }
  seen.told = program.log().substr(told_at_start);
  const auto before = program.processor_time();
  clients[0].receive(1, 500ms);
  seen.processor_time = program.processor_time() - before;
  old_side.release();
  for (int i = 0; i < 2; ++i) {
    const auto head = clients[static_cast<std::size_t>(i)].receive_until("\r\n\r\n");
    seen.answered.push_back(head.substr(0, 12) + " " + clients[static_cast<std::size_t>(i)].receive_exactly(4));
  }
  seen.afterwards = ask(clients[0]);
  clients.clear();
  program.signal(SIGTERM);
  if (program.wait() == 0) seen.outcomes = support::outcomes_in(folder / "twinrun.db");
}

TEST_CASE("Without local ports a client gets 503, nothing spins, and it passes", "[exhaustion][root]") {
  Ports seen;
  const bool run = support::in_own_network([&] { use_up_ports(seen); });
  if (!run || !seen.limited) {
    WARN("skipped: a network of its own with few ports takes root");
    return;
  }

  CHECK(seen.both_in_use);
  CHECK(seen.refused == std::vector<std::string>(4, "HTTP/1.1 503"));
  INFO(seen.told);
  CHECK(seen.told.find("no_connection_left ") != std::string::npos);
  CHECK(lines(seen.told) == 1);
  CHECK(seen.processor_time < 250ms);
  CHECK(seen.answered == std::vector<std::string>(2, kGood));
  CHECK(seen.afterwards == kGood);
  CHECK(seen.outcomes == Outcomes{{"match", 3}, {"old_failed/no_descriptor", 4}});
}

struct Unreachable {
  bool possible = false;
  std::string status;
  Outcomes outcomes;
};

TEST_CASE("A side that no packet reaches is unreachable, and only old's client hears of it", "[exhaustion][root]") {
  struct Row {
    const char* name;
    const char* host;
    const char* rejected;  // as iptables calls it; nothing: there is no route
    const char* why;
  };
  const std::vector<Row> rows{
      {"no route", "192.0.2.1", "", "connect() fails at once"},
      {"no host", "127.0.0.1", "icmp-host-unreachable", "a router answers the first packet: RFC 792"},
      {"no network", "127.0.0.1", "icmp-net-unreachable", "likewise"},
  };
  for (const auto& row : rows) {
    for (const bool is_old : {true, false}) {
      DYNAMIC_SECTION(row.name << (is_old ? " to old" : " to new")) {
        INFO(row.why);
        Unreachable seen;
        const bool run = support::in_own_network([&] {
          const ScriptedSide well(faults::well());
          const ScriptedSide gone(faults::well());
          seen.possible =
              *row.rejected == '\0' || support::add_input_rule("-p tcp --dport " + std::to_string(gone.port()) +
                                                               " -j REJECT --reject-with " + row.rejected);
          if (!seen.possible) return;
          RunningService running(well.port(), well.port(), [&](auto& config) {
            (is_old ? config.old_side : config.new_side).endpoint = {.host = row.host, .port = gone.port()};
          });
          Socket client = running.connect();
          client.send(kGet);
          seen.status = client.receive_until("\r\n\r\n").substr(0, 12);
          seen.outcomes = support::outcomes_of(running, 1);
        });
        if (!run || !seen.possible) {
          WARN("skipped: a network that rejects packets takes root and iptables");
          return;
        }

        CHECK(seen.status == (is_old ? "HTTP/1.1 502" : "HTTP/1.1 200"));
        CHECK(seen.outcomes == Outcomes{{is_old ? "old_failed/unreachable" : "new_failed/unreachable", 1}});
      }
    }
  }
}

struct Lossy {
  bool lossy = false;
  int good = 0;
  Outcomes outcomes;
};

TEST_CASE("Lost packets cost time, and neither bytes nor counts", "[exhaustion][root]") {
  constexpr int kRequests = 20;
  Lossy seen;
  const bool run = support::in_own_network([&] {
    const ScriptedSide side(faults::well());
    RunningService running(side.port(), side.port());
    seen.lossy = support::add_input_rule("-m statistic --mode nth --every 15 --packet 7 -j DROP");
    if (!seen.lossy) return;
    Socket client = running.connect();
    for (int i = 0; i < kRequests; ++i) seen.good += ask(client) == kGood ? 1 : 0;
    seen.outcomes = support::outcomes_of(running, kRequests);
  });
  if (!run || !seen.lossy) {
    WARN("skipped: a network that loses packets takes root and iptables");
    return;
  }

  CHECK(seen.good == kRequests);
  CHECK(seen.outcomes == Outcomes{{"match", kRequests}});
}

TEST_CASE("A side whose every packet is lost from here on is a timeout, on kept connections too",
          "[exhaustion][root]") {
  const bool old_is_lost = GENERATE(true, false);
  Lossy seen;
  std::string before;
  std::string behind;
  const bool run = support::in_own_network([&] {
    const ScriptedSide old_side(faults::well());
    const ScriptedSide new_side(faults::well());
    RunningService running(old_side.port(), new_side.port(), [](auto& config) {
      config.old_side.timeout = 300ms;
      config.new_side.timeout = 300ms;
    });
    Socket client = running.connect();
    before = ask(client);
    support::outcomes_of(running, 1);
    const auto port = std::to_string(old_is_lost ? old_side.port() : new_side.port());
    seen.lossy = support::add_input_rule("-p tcp --dport " + port + " -j DROP") &&
                 support::add_input_rule("-p tcp --sport " + port + " -j DROP");
    if (!seen.lossy) return;
    behind = ask(client);
    seen.outcomes = support::outcomes_of(running, 2);
  });
  if (!run || !seen.lossy) {
    WARN("skipped: a network that loses packets takes root and iptables");
    return;
  }

  CHECK(before == kGood);
  if (old_is_lost) CHECK(behind.substr(0, 12) == "HTTP/1.1 504");
  if (!old_is_lost) CHECK(behind == kGood);
  CHECK(seen.outcomes == Outcomes{{"match", 1}, {old_is_lost ? "old_failed/timeout" : "new_failed/timeout", 1}});
}

}  // namespace
