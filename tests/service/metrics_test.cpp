// What Prometheus reads while the program runs.

#include <string>

#include "tests/support/catch.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using support::answer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

std::string scrape(const RunningService& running) {
  running.outcomes();  // hands over what was counted
  Socket client = Socket::connect(running.admin_port());
  client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  return client.receive_all();
}

TEST_CASE("Metrics tell outcomes, and how long each side took to answer on each route", "[service][metrics]") {
  ScriptedSide side(ScriptedSide::answering([](const Received&) { return answer("o"); }));
  RunningService running(side.port(), side.port());
  for (int i = 0; i < 5; ++i) running.exchange("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  REQUIRE(support::outcomes_of(running, 5).at("match") == 5);

  const auto text = scrape(running);

  INFO(text);
  const auto has = [&](const std::string& line) { return text.find("\n" + line) != std::string::npos; };
  CHECK(has("# TYPE twinrun_answer_seconds histogram\n"));
  CHECK(has("twinrun_answer_seconds_count{route=\"default\",side=\"old\"} 5\n"));
  CHECK(has("twinrun_answer_seconds_count{route=\"default\",side=\"new\"} 5\n"));
  CHECK(has("twinrun_answer_seconds_bucket{route=\"default\",side=\"old\",le=\"+Inf\"} 5\n"));
  CHECK_FALSE(has("twinrun_answer_seconds_sum{route=\"default\",side=\"old\"} 0\n"));
  CHECK(has("twinrun_requests_total{route=\"default\",outcome=\"match\",cause=\"\"} 5\n"));
}

}  // namespace
