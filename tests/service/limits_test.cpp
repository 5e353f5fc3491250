// What many clients may take together, and what is written about each request.

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using Outcomes = std::map<std::string, std::uint64_t>;
using comparator::Config;
using support::always;
using support::answer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

bool has_reached(const RunningService& running, const std::string& limit) {
  Socket admin = Socket::connect(running.admin_port());
  admin.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  const auto metrics = admin.receive_all();
  const auto line = "\ntwinrun_limit_reached_total{limit=\"" + limit + "\"} ";
  REQUIRE(metrics.find(line) != std::string::npos);
  return metrics.find(line + "0\n") == std::string::npos;
}

TEST_CASE("Connections beyond the limit are told 503, and there is room again when one has gone", "[service][limits]") {
  const bool by_address = GENERATE(true, false);
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port(), [&](Config& config) {
    (by_address ? config.limits.connections_per_address : config.limits.connections) = 2;
  });
  std::vector<Socket> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(running.connect());
    clients.back().send(kGet);
    REQUIRE(clients.back().receive_until("\r\n\r\no").find("200 OK") != std::string::npos);
  }

  Socket third = running.connect();
  const auto told = third.receive_all();
  CHECK(told.find("HTTP/1.1 503 Service Unavailable\r\n") == 0);
  CHECK(told.find("too many connections are open") != std::string::npos);
  CHECK(has_reached(running, by_address ? "connections_per_address" : "connections"));
  clients.pop_back();

  CHECK(support::eventually([&] {
    Socket next = running.connect();
    next.send(kGet);
    return next.receive_until("\r\n\r\no").find("200 OK") != std::string::npos;
  }));
}

TEST_CASE("What slow readers hold together is bounded", "[service][limits]") {
  const std::string body(16 << 20, 'x');  // more than the kernel takes for a client that does not read
  ScriptedSide side(always(answer(body)));
  RunningService running(side.port(), side.port(), [](Config& config) {
    config.limits.buffered = 1 << 20;
    config.limits.buffered_in_all = 1 << 20;
    config.routes.front().stage = comparator::Stage::old;
  });
  std::vector<Socket> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(running.connect());
    slow.back().send(kGet);
  }

  CHECK(support::eventually([&] { return has_reached(running, "buffered_in_all"); }));
  // Each of them still gets all of it, byte for byte.
  for (auto& client : slow) {
    const auto got = client.receive_exactly(answer(body).size());
    const bool same = got == answer(body);
    CHECK(same);
  }
}

TEST_CASE("A client that takes nothing more is ended", "[service][limits]") {
  const std::string body(16 << 20, 'x');
  ScriptedSide side(always(answer(body)));
  RunningService running(side.port(), side.port(), [](Config& config) {
    config.limits.write_timeout = std::chrono::milliseconds(200);
    config.routes.front().stage = comparator::Stage::old;
  });
  Socket client = running.connect();
  client.send(kGet);

  CHECK(support::eventually([&] { return has_reached(running, "write_timeout"); }));
  CHECK(has_reached(running, "buffered"));
  CHECK(client.receive_all().size() < body.size());
}

TEST_CASE("A client that never is silent, but hardly moves, is ended", "[service][limits]") {
  struct Row {
    const char* name;
    std::string begin;
    const char* drop;  // sent again and again
    const char* limit;
    const char* told;
  };
  const auto row = GENERATE(values<Row>({
      {"a head", "GET /a HTTP/1.1\r\n", "A: b\r\n", "head_timeout", "408"},
      {"a head without line ends", "GET /a", "a", "head_timeout", "408"},
      {"a body", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", "x", "body_timeout", "408"},
      {"chunks", "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "body_timeout",
       "408"},
      {"a body, against the time in all", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", "x",
       "request_timeout", "408"},
  }));
  INFO(row.name);
  ScriptedSide side(always(answer("x")));
  RunningService running(side.port(), side.port(), [&](Config& config) {
    auto& limits = config.limits;
    const std::string_view limit = row.limit;
    (limit == "head_timeout"   ? limits.head_timeout
     : limit == "body_timeout" ? limits.body_timeout
                               : limits.request_timeout) = std::chrono::milliseconds(300);
    limits.header_count = 1'000'000;
    config.routes.front().stage = comparator::Stage::old;
  });
  Socket client = running.connect();

  client.send(row.begin);
  std::string got;
  CHECK(support::eventually([&] {
    client.send(row.drop);
    got += client.receive(65536, std::chrono::milliseconds(5));
    return !got.empty();
  }));
  CHECK(got.substr(9, 3) == row.told);
  CHECK(has_reached(running, row.limit));
}

TEST_CASE("A client that takes a drop now and then is ended", "[service][limits]") {
  const bool in_all = GENERATE(false, true);
  ScriptedSide side([](support::Peer& peer) {
    Received request;
    if (!peer.read(request)) return;
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    while (peer.send(std::string(1 << 20, 'x'))) {
    }
  });
  RunningService running(side.port(), side.port(), [&](Config& config) {
    (in_all ? config.limits.request_timeout : config.limits.write_timeout) = std::chrono::milliseconds(300);
    config.routes.front().stage = comparator::Stage::old;
  });
  Socket client = running.connect();
  client.send(kGet);

  const auto* limit = in_all ? "request_timeout" : "write_timeout";
  CHECK(support::eventually([&] {
    client.receive(1, std::chrono::milliseconds(5));
    return has_reached(running, limit);
  }));
}

TEST_CASE("An answer that ends with its connection is cut by a reset, or it would look whole", "[service][limits]") {
  const std::size_t buffered = GENERATE(256U << 10, 32U << 20);  // what is missing waits with old, or with twinrun
  const std::string body(16 << 20, 'x');
  ScriptedSide side([&](support::Peer& peer) {
    Received request;
    if (peer.read(request)) peer.send("HTTP/1.0 200 OK\r\n\r\n" + body);
  });
  RunningService running(side.port(), side.port(), [&](Config& config) {
    config.limits.write_timeout = std::chrono::milliseconds(200);
    config.limits.buffered = buffered;
    config.routes.front().stage = comparator::Stage::old;
  });
  Socket client = running.connect();
  client.send("GET /a HTTP/1.0\r\n\r\n");

  CHECK(support::eventually([&] { return has_reached(running, "write_timeout"); }));
  CHECK(client.receive_all().size() < body.size());
  CHECK(client.was_reset());
}

TEST_CASE("Every request is a line of the access log, without its secrets", "[service][access_log]") {
  support::TemporaryDirectory folder;
  const std::string file = folder / "access.log";
  ScriptedSide old_side([](support::Peer& peer) {
    Received request;
    while (peer.read(request)) {
      if (request.has("/broken")) return;
      peer.send(answer("four"));
    }
  });
  ScriptedSide new_side(always(answer("four")));
  {
    RunningService running(old_side.port(), new_side.port(), [&](Config& config) { config.access_log.file = file; });
    running.exchange("GET /a?token=hunter2&x=1 HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\nConnection: close\r\n\r\n");
    running.exchange("GET /broken HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    running.exchange("GET / HTTP/9.9\r\n\r\n");
  }

  std::ifstream in(file);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  INFO(all);
  CHECK(std::count(all.begin(), all.end(), '\n') == 3);
  CHECK(all.find("hunter2") == std::string::npos);
  CHECK(all.find(R"("method":"GET","target":"/a?token=[redacted]&x=1","status":200,"body_bytes":4,)") !=
        std::string::npos);
  CHECK(all.find(R"("target":"/broken","status":502,)") != std::string::npos);
  CHECK(all.find(R"("cause":"closed_early")") != std::string::npos);
  CHECK(all.find(R"("method":"","target":"","status":505,)") != std::string::npos);
}

}  // namespace
