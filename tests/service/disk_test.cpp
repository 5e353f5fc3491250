// A full disk: the service goes on serving, health says so, the loss is counted, and the counts catch up.

#include <numeric>
#include <optional>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using support::answer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

std::string admin_answer(const RunningService& running, const std::string& path) {
  Socket client = Socket::connect(running.admin_port());
  client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.receive_all();
}

TEST_CASE("A full disk costs evidence, never an answer or a count", "[service]") {
  const auto numbered = [](const char* side) {
    return ScriptedSide::answering([side](const Received& request) {
      return answer("{\"side\":\"" + std::string(side) + "\",\"target\":\"" + request.target() + "\"}",
                    "Content-Type: application/json\r\n");
    });
  };
  ScriptedSide old_side(numbered("old"));
  ScriptedSide new_side(numbered("new"));
  RunningService running(old_side.port(), new_side.port());
  const auto ask = [&](int i) {
    const auto got =
        running.exchange("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return got.find("\"side\":\"old\"") != std::string::npos;
  };
  constexpr int kRequests = 20;

  std::optional<support::FileSizeLimit> full(std::in_place, 4096);
  for (int i = 0; i < kRequests; ++i) CHECK(ask(i));
  CHECK(support::eventually([&] { return admin_answer(running, "/readyz").find("degraded") != std::string::npos; }));
  CHECK(admin_answer(running, "/readyz").starts_with("HTTP/1.1 200"));
  CHECK(ask(kRequests));
  CHECK(support::eventually([&] {
    const auto metrics = admin_answer(running, "/metrics");
    const auto at = metrics.find("\ntwinrun_store_evidence_lost_total ");
    return at != std::string::npos && std::stod(metrics.substr(at + 35)) > 0;
  }));
  full.reset();

  CHECK(support::outcomes_of(running, kRequests + 1).at("mismatch") == kRequests + 1);
  CHECK(support::eventually([&] { return admin_answer(running, "/readyz").find("degraded") == std::string::npos; }));
}

}  // namespace
