// The program itself, in front of a side that fails again and again: no connection stays open, and its memory does not
// grow with the number of failures.

#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "comparator/exchange.h"
#include "tests/service/fault_rows.h"
#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_directory.h"

namespace fault_suite {
namespace {

using comparator::Side;
using support::RunningProgram;
using support::ScriptedSide;
using support::Socket;
namespace faults = support::faults;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)  // whose own memory grows
constexpr bool kMemoryIsOurs = false;
#else
constexpr bool kMemoryIsOurs = true;
#endif
// What a debug build on a busy machine takes more or less of; one answer of the largest fault is 1.4 MB.
constexpr std::size_t kToleratedKb = 8 * 1024;
constexpr int kRounds = 40;
constexpr int kSlowRounds = 4;
constexpr int kAtOnce = 10;

void write_config(const std::string& file, const std::string& store, const std::string& old_url,
                  const std::string& new_url) {
  std::ofstream(file) << "old: {url: '" << old_url
                      << "', timeout: 100ms, connect_timeout: 100ms, idle_timeout: 100ms}\n"
                      << "new: {url: '" << new_url
                      << "', timeout: 100ms, connect_timeout: 100ms, idle_timeout: 100ms}\n"
                      << "loops: 1\nstore: " << store << "\nadmin: {listen: 127.0.0.1:0}\n";
}

// Requests on many connections at once, each waited for until its answer, or what there is of it, has come.
void trouble(const RunningProgram& program, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    std::vector<Socket> clients;
    for (int i = 0; i < kAtOnce; ++i) {
      clients.push_back(Socket::connect(program.port()));
      clients.back().send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    for (auto& client : clients) client.wait_for_end();
  }
}

void play(const Row& row, Side failing) {
  INFO(row.name << ": " << row.why);
  const BadSide bad = row.make();
  const ScriptedSide good(faults::well());
  const support::TemporaryDirectory folder;
  const std::string scheme = row.change ? "https" : "http";  // the one change there is
  const auto bad_url = scheme + "://127.0.0.1:" + std::to_string(bad.port());
  const auto file = folder / "twinrun.yaml";
  const bool old_fails = failing == Side::old_side;
  write_config(file, folder / "twinrun.db", old_fails ? bad_url : good.url(), old_fails ? good.url() : bad_url);
  RunningProgram program({.binary = TWINRUN_BINARY, .config_file = file, .folder = folder.path().string()});
  REQUIRE(program.state() == "READY=1");
  const auto sockets = program.sockets();
  const auto nothing_open = [&] { return program.sockets() <= sockets; };
  const int rounds = row.slow ? kSlowRounds : kRounds;

  trouble(program, rounds);
  REQUIRE(support::eventually(nothing_open));
  const auto resident = program.resident_kb();
  trouble(program, rounds);

  CHECK(support::eventually(nothing_open));
  if (kMemoryIsOurs) CHECK(program.resident_kb() < resident + kToleratedKb);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);  // a leak checker has its say
}

TEST_CASE("Old fails again and again, and neither connections nor memory are left behind", "[faults]") {
  for (const auto& row : rows()) {
    DYNAMIC_SECTION(row.name) { play(row, Side::old_side); }
  }
}

TEST_CASE("New fails again and again, and neither connections nor memory are left behind", "[faults]") {
  for (const auto& row : rows()) {
    DYNAMIC_SECTION(row.name) { play(row, Side::new_side); }
  }
}

}  // namespace
}  // namespace fault_suite
