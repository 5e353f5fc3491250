// What stands against starting is told in one sentence, and nothing is left behind.

#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/running_service.h"
#include "tests/support/socket.h"

namespace {

using support::RunningService;

std::string refusal(const RunningService::Change& change) {
  try {
    RunningService running(1, 2, change);
    return "started";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

TEST_CASE("A taken port is told in one sentence", "[service]") {
  std::uint16_t taken = 0;
  const support::Socket holder(support::listen_on_loopback(taken));
  const auto port = std::to_string(taken);

  CHECK(refusal([&](auto& config) { config.listen.port = taken; }) ==
        "cannot listen on 127.0.0.1:" + port + ": Address already in use");
  CHECK(refusal([&](auto& config) { config.admin.listen.port = taken; }).find(port) != std::string::npos);
}

TEST_CASE("A port that another twinrun shares among its loops is taken", "[service]") {
  RunningService first(1, 2, [](auto& config) { config.loops = 2; });

  const auto said = refusal([&](auto& config) { config.listen.port = first.port(); });

  CHECK(said.find("Address already in use") != std::string::npos);
}

TEST_CASE("A store that cannot be written is told in one sentence", "[service]") {
  const auto said = refusal([](auto& config) { config.store = "/proc/nowhere/twinrun.db"; });

  CHECK(said.find("/proc/nowhere/twinrun.db") != std::string::npos);
  CHECK(said.find('\n') == std::string::npos);
}

TEST_CASE("An unknown host is told in one sentence", "[service]") {
  const auto said = refusal([](auto& config) { config.new_side.endpoint.host = "no-such-host.invalid"; });

  CHECK(said.find("new: cannot resolve host \"no-such-host.invalid\"") == 0);
}

}  // namespace
