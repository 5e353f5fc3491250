// What Prometheus reads while the program runs.

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using support::always;
using support::answer;
using support::Peer;
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

// Names with their labels, without values.
std::set<std::string> series(const std::string& text) {
  std::istringstream lines(text.substr(text.find("\r\n\r\n") + 4));
  std::set<std::string> all;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() != '#') all.insert(line.substr(0, line.rfind(' ')));
  }
  return all;
}

std::size_t count(const std::set<std::string>& all, const std::string& beginning) {
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& name) { return name.starts_with(beginning); }));
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

TEST_CASE("No client can add to the series of the metrics", "[service][metrics]") {
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port());
  const auto ask = [&](const std::string& method, const std::string& target, const std::string& host) {
    running.exchange(method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  ask("GET", "/", "h");
  ask("POST", "/", "h");
  REQUIRE(support::outcomes_of(running, 2) ==
          std::map<std::string, std::uint64_t>{{"match", 1}, {"not_selected/method", 1}});
  const auto before = series(scrape(running));
  const std::vector<std::string> methods{"GET", "POST", "DELETE", "PROPFIND", "BREW"};

  for (std::size_t i = 0; i < 200; ++i) {
    const auto n = std::to_string(i);
    ask(methods[i % methods.size()], "/items/" + n + "?id=" + n, "host-" + n);
  }
  REQUIRE(support::outcomes_of(running, 202) ==
          std::map<std::string, std::uint64_t>{{"match", 41}, {"not_selected/method", 161}});

  CHECK(series(scrape(running)) == before);
}

TEST_CASE("Beyond a hundred routes their latencies are told together", "[service][metrics]") {
  constexpr int kRoutes = 120;
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port(), [](auto& config) {
    auto route = config.routes.front();
    for (int i = 0; i < kRoutes; ++i) {
      route.name = "route-" + std::to_string(i);
      route.path = "/" + std::to_string(i);
      config.routes.insert(config.routes.begin(), route);
    }
  });

  for (int i = 0; i < kRoutes; ++i) {
    running.exchange("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  }
  REQUIRE(support::outcomes_of(running, kRoutes).at("match") == kRoutes);

  const auto text = scrape(running);
  CHECK(count(series(text), "twinrun_answer_seconds_count{") == 2 * (100 + 1));
  for (const std::string name : {"old", "new"}) {
    CHECK(text.find("\ntwinrun_answer_seconds_count{route=\"(other)\",side=\"" + name + "\"} 20\n") !=
          std::string::npos);
  }
  CHECK(count(series(text), "twinrun_requests_total{") == kRoutes);
}

TEST_CASE("A failure is told by its side and cause, and with its request's outcome", "[service][metrics]") {
  struct Row {
    const char* name;
    const char* side;
    std::string says;  // then it ends the connection
    const char* cause;
    const char* outcome;
  };
  const std::vector<Row> rows{
      {"old says nothing", "old", "", "closed_early", "old_failed"},
      {"old talks nonsense", "old", "nonsense\r\n\r\n", "invalid_http", "old_failed"},
      {"new says nothing", "new", "", "closed_early", "new_failed"},
      {"new talks nonsense", "new", "nonsense\r\n\r\n", "invalid_http", "new_failed"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      ScriptedSide good(always(answer("o")));
      ScriptedSide bad([&](Peer& peer) {
        Received request;
        if (peer.read(request)) peer.send(row.says);
      });
      const bool old_fails = row.side == std::string("old");
      RunningService running((old_fails ? bad : good).port(), (old_fails ? good : bad).port());
      running.exchange("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
      support::outcomes_of(running, 1);

      const auto text = scrape(running);

      INFO(text);
      const auto has = [&](const std::string& line) { return text.find("\n" + line) != std::string::npos; };
      const auto cause = "cause=\"" + std::string(row.cause) + "\"} 1\n";
      CHECK(has("twinrun_side_failures_total{side=\"" + std::string(row.side) + "\"," + cause));
      CHECK(has("twinrun_requests_total{route=\"default\",outcome=\"" + std::string(row.outcome) + "\"," + cause));
      CHECK(count(series(text), "twinrun_side_failures_total{") == 1);
      CHECK(count(series(text), "twinrun_requests_total{") == 1);
    }
  }
}

}  // namespace
