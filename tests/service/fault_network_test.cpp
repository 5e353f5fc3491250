// The network misbehaves between the parts: what it delays, slices, cuts and loses reaches the client as late, as whole
// or as cut as it would without twinrun, and new's network is none of the client's business.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "comparator/http/chunks.h"
#include "tests/support/catch.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/faults.h"
#include "tests/support/running_service.h"

namespace {

using namespace std::chrono_literals;
using Outcomes = std::map<std::string, std::uint64_t>;
using support::FaultProxy;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;
namespace faults = support::faults;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kLast = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

void copy_writes_too(comparator::Config& config) { config.routes.front().methods = {"GET", "POST"}; }

std::string chunked(const std::string& body) {
  return "3\r\n" + body.substr(0, 3) + "\r\n" + std::string(comparator::http::ChunkLine(body.size() - 3).view()) +
         body.substr(3) + "\r\n0\r\n\r\n";
}

TEST_CASE("Segments of one byte, everywhere, change no byte", "[faults]") {
  std::string body;
  for (int i = 0; i < 500; ++i) body += std::to_string(i);
  const auto side = ScriptedSide::answering([](const Received& request) {
    return "HTTP/1.1 200 OK\r\nX-Got: " + std::to_string(request.body.size()) +
           "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(request.body);
  });
  const FaultProxy::Faults sliced{.to_server = {.slice = 1}, .to_client = {.slice = 1}};
  const ScriptedSide old_side(side);
  const ScriptedSide new_side(side);
  const FaultProxy to_old(old_side.port(), sliced);
  const FaultProxy to_new(new_side.port(), sliced);
  RunningService running(to_old.port(), to_new.port(), copy_writes_too);
  const FaultProxy to_front(running.port(), sliced);
  Socket client = Socket::connect(to_front.port());

  client.send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunked(body));
  const auto got = client.receive_all();

  CHECK(got == "HTTP/1.1 200 OK\r\nX-Got: " + std::to_string(body.size()) +
                   "\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunked(body));
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});
  REQUIRE(old_side.requests().size() == 1);
  CHECK(old_side.requests().front().body == body);
  REQUIRE(new_side.requests().size() == 1);
  CHECK(new_side.requests().front().body == body);
}

// How many bytes of a good answer a network lets through: around each of its parts' ends.
std::vector<std::size_t> cuts() {
  const auto all = faults::good_answer();
  const auto head = all.find("\r\n\r\n") + 4;
  return {0, 1, 8, 12, 17, head - 4, head - 1, head, head + 1, all.size() - 1};
}

// What the client got of old's answer, of which so many bytes came.
void check_cut(const std::string& got, std::size_t passed, const char* status) {
  const auto all = faults::good_answer();
  if (passed < all.find("\r\n\r\n") + 4) {
    CHECK(got.substr(0, 13) == std::string("HTTP/1.1 ") + status + " ");
    CHECK(got.rfind("HTTP/1.1 ") == 0);
  } else {
    CHECK(got == all.substr(0, passed));
  }
}

TEST_CASE("Old's answer is cut short wherever the network resets", "[faults]") {
  for (const auto passed : cuts()) {
    DYNAMIC_SECTION("after " << passed << " bytes") {
      const ScriptedSide side(faults::well());
      const FaultProxy to_old(side.port(), {.to_client = {.reset_after = passed}});
      RunningService running(to_old.port(), side.port());
      Socket client = running.connect();

      client.send(kGet);

      check_cut(client.receive_all(), passed, "502");
      CHECK(support::outcomes_of(running, 1) == Outcomes{{"old_failed/reset", 1}});
    }
  }
}

TEST_CASE("Old's answer is cut short wherever the network goes silent", "[faults]") {
  for (const auto passed : cuts()) {
    DYNAMIC_SECTION("after " << passed << " bytes") {
      const ScriptedSide side(faults::well());
      const FaultProxy to_old(side.port(), {.to_client = {.vanish_after = passed}});
      RunningService running(to_old.port(), side.port(), [](auto& config) { config.old_side.timeout = 150ms; });
      Socket client = running.connect();

      client.send(kGet);

      check_cut(client.receive_all(), passed, "504");
      CHECK(support::outcomes_of(running, 1) == Outcomes{{"old_failed/timeout", 1}});
    }
  }
}

TEST_CASE("Wherever new's answer is cut or lost, the client has old's", "[faults]") {
  const bool reset = GENERATE(true, false);
  for (const auto passed : cuts()) {
    DYNAMIC_SECTION((reset ? "reset after " : "silent after ") << passed << " bytes") {
      const ScriptedSide side(faults::well());
      FaultProxy::Faults network;
      (reset ? network.to_client.reset_after : network.to_client.vanish_after) = passed;
      const FaultProxy to_new(side.port(), network);
      RunningService running(side.port(), to_new.port(), [&](auto& config) {
        if (!reset) config.new_side.timeout = 150ms;
      });
      Socket client = running.connect();

      client.send(kGet);

      CHECK(client.receive_exactly(faults::good_answer().size()) == faults::good_answer());
      CHECK(support::outcomes_of(running, 1) == Outcomes{{reset ? "new_failed/reset" : "new_failed/timeout", 1}});
    }
  }
}

TEST_CASE("A request that vanishes on its way to old is a timeout", "[faults]") {
  const std::size_t passed = GENERATE(std::size_t{0}, std::size_t{10});
  const ScriptedSide side(faults::well());
  const FaultProxy to_old(side.port(), {.to_server = {.vanish_after = passed}});
  RunningService running(to_old.port(), side.port(), [](auto& config) { config.old_side.timeout = 150ms; });

  CHECK(running.exchange(kLast).substr(0, 13) == "HTTP/1.1 504 ");
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"old_failed/timeout", 1}});
}

TEST_CASE("New's distance costs the client nothing", "[faults]") {
  constexpr auto kFar = 400ms;
  constexpr int kRequests = 5;
  const ScriptedSide side(faults::well());
  const FaultProxy to_new(side.port(), {.to_server = {.latency = kFar}});
  RunningService running(side.port(), to_new.port());
  Socket client = running.connect();

  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < kRequests; ++i) {
    client.send(kGet);
    CHECK(client.receive_exactly(faults::good_answer().size()) == faults::good_answer());
  }

  CHECK(std::chrono::steady_clock::now() - begun < kRequests * kFar);  // one after the other they would take longer
  CHECK(support::outcomes_of(running, kRequests) == Outcomes{{"match", kRequests}});
}

TEST_CASE("A client behind a narrow line keeps nobody else waiting", "[faults]") {
  constexpr std::uint64_t kBytes = 1 << 20;
  const ScriptedSide large(faults::sends_bytes(kBytes));
  const ScriptedSide side(faults::well());
  RunningService running(large.port(), side.port(), [](auto& config) {
    config.new_side.timeout = 60s;
    config.routes.front().stage = comparator::Stage::old;
  });
  const FaultProxy narrow(running.port(), {.to_client = {.bytes_per_second = 32 << 10}});  // half a minute for it all
  Socket slow = Socket::connect(narrow.port());
  slow.send(kLast);
  REQUIRE(slow.receive_until("\r\n\r\n").find("200 OK") != std::string::npos);
  const auto begun = std::chrono::steady_clock::now();

  CHECK(running.exchange(kLast).size() > kBytes);

  CHECK(std::chrono::steady_clock::now() - begun < 15s);
  CHECK_FALSE(slow.receive(1).empty());  // it goes on
}

}  // namespace
