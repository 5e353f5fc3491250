// One side fails in every way, and the client uses its connections in every way: what the client gets, what is counted,
// how often a side is asked, and that nothing stays open.

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "comparator/exchange.h"
#include "tests/service/fault_rows.h"
#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/running_service.h"

namespace fault_suite {
namespace {

using namespace std::chrono_literals;
using Outcomes = std::map<std::string, std::uint64_t>;
using comparator::Side;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;
namespace faults = support::faults;

enum class Mode { keep_alive, new_connection, pipelined };
constexpr std::size_t kRequests = 3;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kLast = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

std::size_t descriptors() {
  const std::filesystem::directory_iterator open("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

// Everything that comes as one answer, and whether the connection goes on behind it.
std::string read_answer(Socket& client) {
  auto bytes = client.receive_until("\r\n\r\n");
  const auto length = bytes.find("Content-Length: ");
  const bool last = length == std::string::npos || bytes.find("Connection: close\r\n") != std::string::npos;
  const auto wanted = last ? 0 : std::stoul(bytes.substr(length + 16));
  const auto body = last ? client.receive_all() : client.receive_exactly(wanted);
  if (last || body.size() < wanted) client.close();
  return bytes + body;
}

// All requests, as this client sends them; what came on each of its connections, or for each request.
std::vector<std::string> talk(const RunningService& running, Mode mode) {
  std::vector<std::string> got;
  if (mode == Mode::pipelined) {
    got.push_back(running.exchange(kGet + kGet + kLast));
    return got;
  }
  Socket client;
  for (std::size_t i = 0; i < kRequests; ++i) {
    if (!client.open()) client = running.connect();
    client.send(mode == Mode::keep_alive ? kGet : kLast);
    got.push_back(read_answer(client));
  }
  return got;
}

// Connection is hop-by-hop: twinrun says close where the client asked for it.
std::string without_connection(std::string bytes) {
  const std::string line = "Connection: close\r\n";
  for (auto at = bytes.find(line); at != std::string::npos; at = bytes.find(line)) bytes.erase(at, line.size());
  return bytes;
}

void check_good(const std::vector<std::string>& got, Mode mode) {
  const auto one = faults::good_answer();
  for (const auto& bytes : got) CHECK(without_connection(bytes) == (mode == Mode::pipelined ? one + one + one : one));
}

void check_bad(const std::string& got, const Row& row) {
  if (row.status != 0) {
    CHECK(got.rfind("HTTP/1.1 ") == 0);  // one answer, nothing of old's in it
    CHECK(got.substr(9, 3) == std::to_string(row.status));
    CHECK(got.find("Connection: close\r\n") != std::string::npos);
    CHECK(got.ends_with("\"}"));
  } else {
    const auto bytes = without_connection(got);
    CHECK(bytes.substr(0, row.part.size()) == row.part);
    CHECK(row.said.substr(0, bytes.size()) == bytes);
  }
}

Outcomes expected(const Row& row, Side failing, std::uint64_t taken) {
  const std::string cause = failing == Side::new_side && row.new_cause != nullptr ? row.new_cause : row.cause;
  if (cause.empty()) return {{"match", taken}};
  return {{(failing == Side::old_side ? "old_failed/" : "new_failed/") + cause, taken}};
}

void play(const Row& row, Side failing, Mode mode) {
  INFO(row.name << ": " << row.why);
  const auto before = descriptors();
  {
    const BadSide bad = row.make();
    const ScriptedSide good(faults::well());
    const bool old_fails = failing == Side::old_side;
    const bool whole = !old_fails || *row.cause == '\0';
    RunningService running(
        old_fails ? bad.port() : good.port(), old_fails ? good.port() : bad.port(),
        [&](auto& config) { hasten(old_fails ? config.old_side : config.new_side, row, !old_fails || !whole); });

    const auto got = talk(running, mode);

    if (whole) check_good(got, mode);
    if (!whole) {
      for (const auto& bytes : got) check_bad(bytes, row);
    }
    // A connection ends with its first failure, so of pipelined requests one is taken up.
    const std::size_t taken = whole ? kRequests : got.size();
    CHECK(support::outcomes_of(running, taken) == expected(row, failing, taken));
    CHECK(bad.requests() <= taken);  // nobody is asked twice
    CHECK(good.requests().size() <= taken);
    if (!old_fails) CHECK(good.requests().size() == taken);
  }
  CHECK(descriptors() == before);
}

void play_all(Side failing, Mode mode) {
  {
    const ScriptedSide good(faults::well());  // what a process opens once, it opens here
    const RunningService running(good.port(), good.port());
    talk(running, mode);
  }
  for (const auto& row : rows()) {
    DYNAMIC_SECTION(row.name) { play(row, failing, mode); }
  }
}

TEST_CASE("Old fails in every way, on a connection that is kept", "[faults]") {
  play_all(Side::old_side, Mode::keep_alive);
}
TEST_CASE("Old fails in every way, with a connection for each request", "[faults]") {
  play_all(Side::old_side, Mode::new_connection);
}
TEST_CASE("Old fails in every way, and the client has sent all its requests at once", "[faults]") {
  play_all(Side::old_side, Mode::pipelined);
}
TEST_CASE("New fails in every way, on a connection that is kept", "[faults]") {
  play_all(Side::new_side, Mode::keep_alive);
}
TEST_CASE("New fails in every way, with a connection for each request", "[faults]") {
  play_all(Side::new_side, Mode::new_connection);
}
TEST_CASE("New fails in every way, and the client has sent all its requests at once", "[faults]") {
  play_all(Side::new_side, Mode::pipelined);
}

std::uint64_t total(const Outcomes& outcomes) {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0},
                         [](auto sum, const auto& entry) { return sum + entry.second; });
}

TEST_CASE("A side that resets each connection behind its answer costs the client nothing", "[faults]") {
  const auto failing = GENERATE(Side::old_side, Side::new_side);
  const auto mode = GENERATE(Mode::keep_alive, Mode::new_connection, Mode::pipelined);
  const ScriptedSide bad(faults::says_and_resets(faults::good_answer()));
  const ScriptedSide good(faults::well());
  const bool old_fails = failing == Side::old_side;
  RunningService running(old_fails ? bad.port() : good.port(), old_fails ? good.port() : bad.port());

  check_good(talk(running, mode), mode);

  const auto outcomes = support::outcomes_of(running, kRequests);
  CHECK(total(outcomes) == kRequests);
  CHECK(bad.requests().size() <= kRequests);
  if (old_fails) {  // a request on a kept connection that has ended is sent once more, where that is safe
    CHECK(outcomes == Outcomes{{"match", kRequests}});
  } else {  // a copy never is: it may meet the end of the connection before it
    for (const auto& [outcome, count] : outcomes) {
      INFO(outcome << ": " << count);
      CHECK((outcome == "match" || outcome == "new_failed/reset" || outcome == "new_failed/closed_early"));
    }
  }
}

TEST_CASE("A side that is restarted between requests costs no more than the copies on their way", "[faults]") {
  const auto restarted = GENERATE(Side::old_side, Side::new_side);
  const auto mode = GENERATE(Mode::keep_alive, Mode::new_connection, Mode::pipelined);
  const support::UnusedPort held;
  const ScriptedSide steady(faults::well());
  auto side = std::make_unique<ScriptedSide>(faults::well(), held);
  const bool old_restarts = restarted == Side::old_side;
  RunningService running(old_restarts ? held.port() : steady.port(), old_restarts ? steady.port() : held.port());

  for (std::uint64_t round = 1; round <= 3; ++round) {
    check_good(talk(running, mode), mode);
    support::outcomes_of(running, round * kRequests);
    side.reset();
    side = std::make_unique<ScriptedSide>(faults::well(), held);
  }

  const auto outcomes = support::outcomes_of(running, 3 * kRequests);
  CHECK(outcomes == Outcomes{{"match", 3 * kRequests}});
}

TEST_CASE("A side whose name is gone is asked under the addresses that were known", "[faults]") {
  const auto nameless = GENERATE(Side::old_side, Side::new_side);
  const auto mode = GENERATE(Mode::keep_alive, Mode::new_connection, Mode::pipelined);
  support::NameServer names({.addresses = {"127.0.0.1"}, .ttl = 1});
  const ScriptedSide good(faults::well());
  RunningService running(good.port(), good.port(), [&](auto& config) {
    config.name_servers = {names.address()};
    (nameless == Side::old_side ? config.old_side : config.new_side).endpoint.host = "side.test";
  });

  names.set({});
  const auto asked = names.questions();
  REQUIRE(support::eventually([&] { return names.questions() > asked; }));

  check_good(talk(running, mode), mode);
  CHECK(support::outcomes_of(running, kRequests) == Outcomes{{"match", kRequests}});
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kHuge = 32 << 20;
#else
constexpr std::uint64_t kHuge = std::uint64_t{1} << 30;
#endif

// Reads a body of huge_byte() without keeping it; how many of its bytes came, up to the first piece with a wrong one.
std::uint64_t read_huge(Socket& client, std::uint64_t bytes) {
  constexpr std::uint64_t kPiece = 1 << 20;
  std::string pattern(kPiece + faults::kHugePeriod, '\0');
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = faults::huge_byte(i);
  std::uint64_t at = 0;
  while (at < bytes) {
    const auto piece = client.receive(std::min(kPiece, bytes - at));
    if (piece.empty() || pattern.compare(at % faults::kHugePeriod, piece.size(), piece) != 0) break;
    at += piece.size();
  }
  return at;
}

TEST_CASE("An answer of a gigabyte goes through whole, and one of new goes nowhere", "[faults]") {
  const auto failing = GENERATE(Side::old_side, Side::new_side);
  const auto mode = GENERATE(Mode::keep_alive, Mode::new_connection, Mode::pipelined);
  const bool old_fails = failing == Side::old_side;
  const auto bytes = mode == Mode::keep_alive ? kHuge : 32 << 20;  // one gigabyte is enough
  const std::uint64_t requests = mode == Mode::keep_alive ? 1 : 2;
  const ScriptedSide huge(faults::sends_bytes(bytes));
  const ScriptedSide good(faults::well());
  RunningService running(old_fails ? huge.port() : good.port(), old_fails ? good.port() : huge.port(),
                         [](auto& config) { config.new_side.timeout = 60s; });
  Socket client = running.connect();

  if (mode == Mode::pipelined) client.send(kGet + kGet);
  for (std::uint64_t i = 0; i < requests; ++i) {
    if (mode == Mode::new_connection) client = running.connect();
    if (mode != Mode::pipelined) client.send(mode == Mode::new_connection ? kLast : kGet);
    const auto head = client.receive_until("\r\n\r\n");
    if (old_fails) {
      CHECK(head.find("Content-Length: " + std::to_string(bytes) + "\r\n") != std::string::npos);
      CHECK(read_huge(client, bytes) == bytes);
    } else {
      CHECK(without_connection(head) + client.receive_exactly(4) == faults::good_answer());
    }
  }

  CHECK(support::outcomes_of(running, requests) == Outcomes{{"not_comparable/body_over_cap", requests}});
}

}  // namespace
}  // namespace fault_suite
