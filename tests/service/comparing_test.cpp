// From two answers to an outcome, a finding and a report.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "storage/store.h"
#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using Outcomes = std::map<std::string, std::uint64_t>;
using support::always;
using support::answer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;

constexpr const char* kJson = "Content-Type: application/json\r\n";

const std::string kGetAndClose =
    "GET /a?token=hunter2&x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer hunter2\r\nConnection: close\r\n\r\n";

std::string gzipped() {
  return std::string(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\xaf\xac\x1b\x56\x07\x00\x00\x00",
      27);  // {"a":1}
}

TEST_CASE("Every request ends in exactly one outcome", "[service][promise]") {
  struct Row {
    const char* name;
    std::string on_old;
    std::string on_new;
    const char* outcome;
  };
  const std::vector<Row> rows{
      {"the same bytes", answer("{}", kJson), answer("{}", kJson), "match"},
      {"another spelling", answer(R"({"a":1,"b":2})", kJson), answer(R"({ "b": 2.0, "a": 1 })", kJson), "match"},
      {"a value", answer(R"({"a":1})", kJson), answer(R"({"a":2})", kJson), "mismatch"},
      {"a status", answer("{}", kJson), answer("{}", kJson, 201), "mismatch"},
      {"a compared header", answer("{}", kJson), answer("{}", "Content-Type: text/json\r\n"), "mismatch"},
      {"another header", answer("{}", kJson), answer("{}", "Content-Type: application/json\r\nX: 1\r\n"), "match"},
      {"text", answer("a\n"), answer("b\n"), "mismatch"},
      {"not JSON on new", answer("{}", kJson), answer("{", kJson), "mismatch"},
      {"gzip against plain", answer(gzipped(), "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"),
       answer(R"({"a":1})", kJson), "match"},
      {"a coding nobody knows", answer("x", "Content-Encoding: zap\r\n"), answer("y", "Content-Encoding: zap\r\n"),
       "not_comparable/content_coding"},
      {"broken gzip", answer("x", "Content-Encoding: gzip\r\n"), answer("y", "Content-Encoding: gzip\r\n"),
       "not_comparable/undecodable"},
      {"an empty answer against none", answer(""), "HTTP/1.1 204 No Content\r\n\r\n", "mismatch"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      ScriptedSide old_side(always(row.on_old));
      ScriptedSide new_side(always(row.on_new));
      RunningService running(old_side.port(), new_side.port());

      running.exchange(kGetAndClose);

      CHECK(support::outcomes_of(running, 1) == Outcomes{{row.outcome, 1}});
    }
  }
}

TEST_CASE("A stage decides who answers and who is asked", "[service]") {
  struct Row {
    comparator::Stage stage;
    const char* answered_by;
    int old_asked;
    int new_asked;
    const char* outcome;
  };
  const auto row = GENERATE(values<Row>({
      {comparator::Stage::old, "old", 1, 0, "not_selected/stage"},
      {comparator::Stage::shadow, "old", 1, 1, "mismatch"},
      {comparator::Stage::reverse, "new", 1, 1, "mismatch"},
      {comparator::Stage::new_, "new", 0, 1, "not_selected/stage"},
  }));
  ScriptedSide old_side(always(answer("old")));
  ScriptedSide new_side(always(answer("new")));
  RunningService running(old_side.port(), new_side.port(),
                         [&](auto& config) { config.routes.back().stage = row.stage; });

  const auto got = running.exchange(kGetAndClose);

  CHECK(got.ends_with(row.answered_by));
  CHECK(support::outcomes_of(running, 1) == Outcomes{{row.outcome, 1}});
  CHECK(old_side.requests().size() == static_cast<std::size_t>(row.old_asked));
  CHECK(new_side.requests().size() == static_cast<std::size_t>(row.new_asked));
}

TEST_CASE("A serving side that is not there is what counts, though the other was never asked", "[service]") {
  const support::UnusedPort nobody;
  ScriptedSide old_side(always(answer("old")));
  RunningService running(old_side.port(), nobody.port(),
                         [&](auto& config) { config.routes.back().stage = comparator::Stage::reverse; });

  CHECK(running.exchange(kGetAndClose).find("502 Bad Gateway") != std::string::npos);
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"new_failed/refused", 1}});
}

TEST_CASE("A new side that never stops sending is ended at its deadline, and old's clients see nothing", "[service]") {
  ScriptedSide old_side(always(answer("old")));
  ScriptedSide new_side([](support::Peer& peer) {
    Received request;
    if (!peer.read(request)) return;
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string flood(1 << 20, 'x');
    while (!peer.stopping() && peer.send(flood)) {
    }
  });
  RunningService running(old_side.port(), new_side.port(),
                         [&](auto& config) { config.new_side.timeout = std::chrono::milliseconds(300); });

  CHECK(running.exchange(kGetAndClose).ends_with("old"));
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"new_failed/timeout", 1}});
}

TEST_CASE("A rule on a route lets a difference pass, and the request counts as accepted", "[service]") {
  ScriptedSide old_side(always(answer(R"({"at":1,"a":1})", kJson)));
  ScriptedSide new_side(always(answer(R"({"at":2,"a":1})", kJson)));
  RunningService running(old_side.port(), new_side.port(), [](auto& config) {
    comparator::RouteRule rule;
    rule.rule.verb = diffing::Verb::ignore;
    rule.rule.path = "/body/at";
    rule.reason = "stamped";
    config.routes.back().rules.push_back(rule);
  });

  running.exchange(kGetAndClose);

  CHECK(support::outcomes_of(running, 1) == Outcomes{{"accepted", 1}});
}

TEST_CASE("A mismatch becomes a finding and a report with both sides unswapped", "[service]") {
  ScriptedSide old_side(always(answer(R"({"items":[{"id":1},{"id":2}]})", kJson)));
  ScriptedSide new_side(always(answer(R"({"items":[{"id":"1"},{"id":2}]})", kJson)));
  RunningService running(old_side.port(), new_side.port());

  running.exchange(kGetAndClose);
  REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"mismatch", 1}});

  const storage::Reader reader(running.store_path());
  const auto findings = reader.findings({}).rows;
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().signature == "/body/items/*/id");
  CHECK(findings.front().kind == "type");
  CHECK(findings.front().example_old == "1");
  CHECK(findings.front().example_new == "\"1\"");
  const auto reports = reader.reports({}).rows;
  REQUIRE(reports.size() == 1);
  const auto report = reader.report(reports.front().id);
  REQUIRE(report);
  CHECK(report->method == "GET");
  CHECK(report->old_side.body == R"({"items":[{"id":1},{"id":2}]})");
  CHECK(report->new_side.body == R"({"items":[{"id":"1"},{"id":2}]})");
}

TEST_CASE("Nothing secret reaches the disk", "[service][promise]") {
  const auto secretive = [](int n) {
    return answer(R"({"user":{"password":"hunter2"},"n":)" + std::to_string(n) + "}",
                  "Content-Type: application/json\r\nSet-Cookie: s=hunter2\r\nLocation: /x?token=hunter2\r\n");
  };
  ScriptedSide old_side(always(secretive(1)));
  ScriptedSide new_side(always(secretive(2)));
  std::string path;
  support::TemporaryDirectory folder;
  {
    RunningService running(old_side.port(), new_side.port(),
                           [&](auto& config) { config.store = path = folder / "kept.db"; });
    running.exchange(kGetAndClose);
    std::vector<storage::Report> rows;
    support::eventually([&] {  // the client has its answer before new has answered
      running.service().flush();
      rows = storage::Reader(path).reports({}).rows;
      return !rows.empty();
    });
    const storage::Reader reader(path);
    REQUIRE(rows.size() == 1);
    const auto report = reader.report(rows.front().id);
    REQUIRE(report);
    // Bodies may be compressed on disk, so they are looked at as they are read back.
    for (const auto* side : {&report->old_side, &report->new_side}) {
      CHECK(side->body.find("hunter2") == std::string::npos);
      CHECK(side->body.find("[redacted]") != std::string::npos);
    }
    CHECK(report->target == "/a?token=[redacted]&x=1");
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), {}};
      CAPTURE(entry.path().string());
      CHECK(bytes.find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE("Memory is bounded: what is too large to keep is compared by its hash", "[service][promise]") {
  const std::string body(1 << 20, 'x');
  std::string other = body;
  other.back() = 'y';
  struct Row {
    const char* name;
    std::string on_new;
    std::size_t max_body;
    std::size_t max_held;
    const char* outcome;
  };
  const std::vector<Row> rows{
      {"equal, over the cap", body, 1000, 1 << 28, "match"},
      {"different at the end, over the cap", other, 1000, 1 << 28, "not_comparable/body_over_cap"},
      {"shorter, over the cap", body.substr(1), 1000, 1 << 28, "not_comparable/body_over_cap"},
      {"one under the cap, one over", "x", 1000, 1 << 28, "not_comparable/body_over_cap"},
      {"equal, over the budget", body, 4 << 20, 1000, "match"},
      {"different, over the budget", other, 4 << 20, 1000, "shed/held_bytes"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      ScriptedSide old_side(always(answer(body)));
      ScriptedSide new_side(always(answer(row.on_new)));
      RunningService running(old_side.port(), new_side.port(), [&](auto& config) {
        config.compare.max_body_bytes = row.max_body;
        config.compare.max_held_bytes = row.max_held;
      });

      const auto got = running.exchange(kGetAndClose);

      CHECK(got.size() > body.size());
      CHECK(support::outcomes_of(running, 1) == Outcomes{{row.outcome, 1}});
    }
  }
}

TEST_CASE("A share of the requests is sampled, and the rest is counted", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port(), [](auto& config) { config.routes.back().sample = 0.5; });
  support::Socket client = running.connect();
  const auto ok = answer("a");

  for (int i = 0; i < 400; ++i) {
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    REQUIRE(client.receive_exactly(ok.size()) == ok);
  }

  auto outcomes = support::outcomes_of(running, 400);
  CHECK(outcomes["match"] + outcomes["not_selected/sample"] == 400);
  CHECK(outcomes["match"] > 100);
  CHECK(outcomes["match"] < 300);
  CHECK(new_side.requests().size() == outcomes["match"]);
}

}  // namespace
