// Who is copied where, and how the other side is spared: samples, keys, breaker, rate, rewriting, order.

#include <future>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "storage/store.h"
#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using namespace std::chrono_literals;
using Outcomes = std::map<std::string, std::uint64_t>;
using Source = comparator::KeyConfig::Source;
using comparator::Config;
using support::always;
using support::answer;
using support::Peer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

// On a kept connection; the answers of these tests have one byte.
void ask(Socket& client, const std::string& request) {
  client.send(request);
  REQUIRE(client.receive_exactly(answer("x").size()).size() == answer("x").size());
}

TEST_CASE("A sticky sample copies all requests of a key or none", "[service][sample]") {
  struct Row {
    const char* name;
    comparator::KeyConfig key;
    std::function<std::string(const std::string&)> request;
    const char* why;
  };
  const std::vector<Row> rows{
      {"header",
       {Source::header, "x-user"},
       [](const std::string& user) { return get("/a", "X-User: " + user + "\r\n"); },
       "names have no case"},
      {"cookie",
       {Source::cookie, "sid"},
       [](const std::string& user) { return get("/a", "Cookie: other=1; sid=" + user + "; sidx=2\r\n"); },
       "RFC 6265"},
      {"path",
       {Source::path, "id"},
       [](const std::string& user) { return get("/users/" + user + "/x?y=1"); },
       "a parameter of the template"},
      {"whole request",
       {Source::request, {}},
       [](const std::string& user) { return get("/a?" + user); },
       "equal requests share their fate"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      ScriptedSide side(always(answer("o")));
      ScriptedSide new_side(always(answer("o")));
      RunningService running(side.port(), new_side.port(), [&](Config& config) {
        auto& route = config.routes.front();
        route.key = row.key;
        route.path = "/users/{id}/**";
        if (row.key.source != Source::path) route.path.clear();
        route.sample = 0.5;
      });
      Socket client = running.connect();
      constexpr int kUsers = 64;

      for (int i = 0; i < 3 * kUsers; ++i) ask(client, row.request("user-" + std::to_string(i % kUsers)));
      const auto outcomes = support::outcomes_of(running, 3 * kUsers);

      std::map<std::string, int> copies;
      for (const auto& request : new_side.requests()) ++copies[request.head];
      for (const auto& [request, times] : copies) CHECK(times == 3);
      CHECK(copies.size() > kUsers / 4);  // half of them, give or take four deviations
      CHECK(copies.size() < kUsers * 3 / 4);
      CHECK(outcomes.at("match") == 3 * copies.size());
      CHECK(outcomes.at("not_selected/sample") == 3 * (kUsers - copies.size()));
    }
  }
}

TEST_CASE("A side that fails again and again is left alone, and found again", "[service][breaker]") {
  std::atomic<bool> broken{true};
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side([&](Peer& peer) {
    Received request;
    while (peer.read(request) && !broken) peer.send(answer("o"));
  });
  RunningService running(old_side.port(), new_side.port(),
                         [](Config& config) { config.new_side.breaker = {.failures = 3, .pause = 50ms}; });
  Socket client = running.connect();
  std::uint64_t asked = 0;
  const auto ask_once = [&] {
    ask(client, get("/a"));
    return support::outcomes_of(running, ++asked);
  };

  REQUIRE(support::eventually([&] { return ask_once().count("shed/breaker_open") > 0; }));
  broken = false;
  REQUIRE(support::eventually([&] { return ask_once().count("match") > 0; }));

  const auto before = ask_once();
  CHECK(ask_once().at("match") == before.at("match") + 1);
}

TEST_CASE("A rate spares the other side, and what it costs is counted", "[service][rate]") {
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side(always(answer("o")));
  RunningService running(old_side.port(), new_side.port(), [](Config& config) { config.new_side.max_rate = 1; });
  Socket client = running.connect();

  for (int i = 0; i < 20; ++i) ask(client, get("/a"));

  const auto outcomes = support::outcomes_of(running, 20);
  CHECK(outcomes.at("shed/rate") >= 10);
  CHECK(outcomes.at("match") == new_side.requests().size());
}

TEST_CASE("A side that warms up gets few copies at first", "[service][warm-up]") {
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side(always(answer("o")));
  RunningService running(old_side.port(), new_side.port(), [](Config& config) { config.new_side.warm_up = 1h; });
  Socket client = running.connect();

  for (int i = 0; i < 50; ++i) ask(client, get("/a"));

  CHECK(support::outcomes_of(running, 50).at("not_selected/warm_up") >= 45);
}

TEST_CASE("A side that has warmed up gets all copies", "[service][warm-up]") {
  constexpr auto kWarmUp = 300ms;
  constexpr std::uint64_t kTimes = 200;
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side(always(answer("o")));
  RunningService running(old_side.port(), new_side.port(), [&](Config& config) { config.new_side.warm_up = kWarmUp; });
  const auto warm_at = std::chrono::steady_clock::now() + kWarmUp;
  Socket client = running.connect();
  std::uint64_t asked = 0;

  REQUIRE(support::eventually([&] {
    ask(client, get("/a"));
    ++asked;
    return std::chrono::steady_clock::now() > warm_at;
  }));
  const auto before = support::outcomes_of(running, asked);
  for (std::uint64_t i = 0; i < kTimes; ++i) ask(client, get("/a"));

  CHECK(support::outcomes_of(running, asked + kTimes)["match"] - before.at("match") == kTimes);
}

TEST_CASE("What a request lacks to be found again is made once, the same for both sides", "[service]") {
  struct Row {
    const char* name;
    const char* sent;
    const char* got;  // behind what was sent
    const char* why;
  };
  const std::string trace = "traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00\r\n";
  const std::string id = "X-Request-Id: [0-9a-f-]{36}\r\n";
  const auto both = trace + id;
  const std::vector<Row> rows{
      {"neither", "", both.c_str(), "made here"},
      {"a trace", "Traceparent: 00-1-2-01\r\n", id.c_str(), "the client's own goes on"},
      {"an id", "x-request-id: mine\r\n", trace.c_str(), "likewise"},
      {"both", "x-request-id: mine\r\ntraceparent: 00-1-2-01\r\n", "", "nothing is added"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      ScriptedSide old_side(always(answer("o")));
      ScriptedSide new_side(always(answer("o")));
      RunningService running(old_side.port(), new_side.port(), [](Config& config) {
        config.forward.instance = "here";
        config.forward.traceparent = config.forward.request_id = true;
      });
      Socket client = running.connect();

      ask(client, get("/a", row.sent));
      REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});

      const auto on_old = old_side.requests().front().head;
      const std::string marks = "X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: here\r\n\r\n";
      INFO(on_old);
      CHECK(std::regex_match(on_old,
                             std::regex("GET /a HTTP/1.1\r\nHost: h\r\n" + std::string(row.sent) + row.got + "\r\n")));
      CHECK(new_side.requests().front().head == on_old.substr(0, on_old.size() - 2) + marks);
    }
  }
}

TEST_CASE("A copy's connection is used again only after an answer that is clean", "[service]") {
  struct Row {
    const char* name;
    std::string says;  // both times; the connection is left open
    const char* outcome;
    int connections;
    const char* why;
  };
  const std::string chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n0\r\n\r\n";
  const std::vector<Row> rows{
      {"a length", answer("o"), "match", 1, "RFC 9112 9.3"},
      {"chunks", chunks, "match", 1, "RFC 9112 9.3"},
      {"a second answer", answer("o") + answer("p"), "match", 2, "RFC 9112 9.2: else it answers the next copy"},
      {"more than the length", answer("o") + "!", "match", 2, "RFC 9112 6.3"},
      {"something behind the last chunk", chunks + "X", "match", 2, "RFC 9112 7.1"},
      {"the last one", answer("o", "Connection: close\r\n"), "match", 2, "RFC 9112 9.6"},
      {"no answer", "nonsense\r\n\r\n", "new_failed/invalid_http", 2, "where the next one begins, nobody knows"},
      {"a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "new_failed/invalid_http", 2,
       "likewise"},
      {"a switch", "HTTP/1.1 101 On\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "new_failed/invalid_http", 2,
       "copies ask for none"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      ScriptedSide old_side(always(answer("o")));
      ScriptedSide new_side(always(row.says));
      RunningService running(old_side.port(), new_side.port());
      Socket client = running.connect();

      ask(client, get("/a"));
      CHECK(support::outcomes_of(running, 1) == Outcomes{{row.outcome, 1}});
      ask(client, get("/b"));
      CHECK(support::outcomes_of(running, 2) == Outcomes{{row.outcome, 2}});

      CHECK(new_side.connections() == row.connections);
      CHECK(new_side.requests().size() == 2);
    }
  }
}

TEST_CASE("Each side gets requests as it wants them, and the other does not", "[service][rewrite]") {
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side(always(answer("o")));
  RunningService running(old_side.port(), new_side.port(), [](Config& config) {
    config.forward.instance = "here";
    config.old_side.rewrite.remove_headers = {"x-trial"};
    config.new_side.rewrite.prefix_from = "/shop";
    config.new_side.rewrite.prefix_to = "/v2";
    config.new_side.rewrite.host = "new.internal";
    config.new_side.rewrite.set_headers = {{"Authorization", "Bearer other"}};
  });
  Socket client = running.connect();

  ask(client, get("/shop/1", "Authorization: mine\r\nX-Trial: 1\r\n"));
  REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});

  CHECK(old_side.requests().front().head == "GET /shop/1 HTTP/1.1\r\nHost: h\r\nAuthorization: mine\r\n\r\n");
  CHECK(new_side.requests().front().head ==
        "GET /v2/1 HTTP/1.1\r\nHost: new.internal\r\nX-Trial: 1\r\nAuthorization: Bearer other\r\n"
        "X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: here\r\n\r\n");
}

void in_order_of_items(Config& config) {
  auto& route = config.routes.front();
  route.methods = {"PUT"};
  route.path = "/items/{id}";
  route.key = {Source::path, "id"};
  route.order_per_key = true;
}

// Writes n requests of each key, each on its own connection and from threads, so that all loops take part.
void write_all(const RunningService& running, int keys, int times) {
  std::vector<std::future<void>> writers;
  for (int key = 0; key < keys; ++key) {
    writers.push_back(std::async(std::launch::async, [&running, key, times] {
      for (int i = 0; i < times; ++i) {
        const std::string body = std::to_string(i);
        running.exchange("PUT /items/" + std::to_string(key) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" +
                         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
      }
    }));
  }
  for (auto& writer : writers) writer.get();
}

TEST_CASE("A large write reaches the other side whole, when that side gets to it", "[service]") {
  const bool chunked = GENERATE(true, false);
  std::string body;  // more than the kernel takes for a side that does not read, and no two places alike
  while (body.size() < 16U << 20) body += std::to_string(body.size()) + ' ';
  std::promise<void> served;
  const auto may_read = served.get_future().share();
  ScriptedSide old_side(always(answer("x")));
  ScriptedSide new_side([&](Peer& peer) {
    may_read.wait();
    Received request;
    while (peer.read(request)) peer.send(answer("x"));
  });
  RunningService running(old_side.port(), new_side.port(), [](Config& config) {
    config.compare.max_body_bytes = 32 << 20;
    config.routes.front().methods = {"POST"};
  });
  Socket client = running.connect();

  client.send(std::string("POST /a HTTP/1.1\r\nHost: h\r\n") +
              (chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: " + std::to_string(body.size())));
  client.send(chunked ? "" : "\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 1 << 20) {
    const auto piece = body.substr(at, 1 << 20);
    std::ostringstream line;
    line << std::hex << piece.size();
    client.send(chunked ? line.str() + "\r\n" + piece + "\r\n" : piece);
  }
  if (chunked) client.send("0\r\n\r\n");
  CHECK(client.receive_exactly(answer("x").size()) == answer("x"));
  served.set_value();

  CHECK(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});
  REQUIRE(new_side.requests().size() == 1);
  const bool same = new_side.requests().front().body == body;
  CHECK(same);
}

TEST_CASE("Writes of one key reach the other side in the order in which old answered them", "[service][order]") {
  constexpr int kKeys = 4;
  constexpr int kTimes = 25;
  ScriptedSide old_side(always(answer("o")));
  std::mutex mutex;
  std::set<std::string> busy;
  bool overlapped = false;
  ScriptedSide new_side([&](Peer& peer) {
    Received request;
    while (peer.read(request)) {
      const auto target = request.target();
      {
        const std::lock_guard lock(mutex);
        overlapped |= !busy.insert(target).second;
      }
      std::this_thread::yield();
      {
        const std::lock_guard lock(mutex);
        busy.erase(target);
      }
      peer.send(answer("o"));
    }
  });
  RunningService running(old_side.port(), new_side.port(), [](Config& config) {
    config.loops = 2;
    in_order_of_items(config);
  });

  write_all(running, kKeys, kTimes);
  CHECK(support::outcomes_of(running, kKeys * kTimes) == Outcomes{{"match", kKeys * kTimes}});

  std::map<std::string, std::vector<std::string>> old_order;
  std::map<std::string, std::vector<std::string>> new_order;
  for (const auto& request : old_side.requests()) old_order[request.target()].push_back(request.body);
  for (const auto& request : new_side.requests()) new_order[request.target()].push_back(request.body);
  CHECK(new_order == old_order);
  CHECK_FALSE(overlapped);
}

TEST_CASE("A write that old answers later reaches the other side later, though it came first", "[service][order]") {
  const std::size_t loops = GENERATE(1, 2);
  constexpr int kTimes = 100;  // with two loops a different pair of them each time
  std::atomic<int> may_answer{0};
  ScriptedSide old_side([&](Peer& peer) {
    Received request;
    while (peer.read(request)) {
      const auto time = std::stoi(request.target().substr(7));
      if (request.body == "1") support::eventually([&] { return may_answer > time || peer.stopping(); });
      peer.send(answer("x"));
    }
  });
  ScriptedSide new_side(always(answer("x")));
  RunningService running(old_side.port(), new_side.port(), [&](Config& config) {
    config.loops = loops;
    in_order_of_items(config);
  });
  const auto put = [](int time, const std::string& body) {
    return "PUT /items/" + std::to_string(time) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n" + body;
  };

  for (int time = 0; time < kTimes; ++time) {
    Socket first = running.connect();
    Socket second = running.connect();
    first.send(put(time, "1"));
    const bool came_first = support::eventually([&] { return old_side.requests().size() == 2U * time + 1; });
    second.send(put(time, "2"));
    const auto answered_first = second.receive_exactly(answer("x").size());
    may_answer = time + 1;
    const auto answered_second = first.receive_exactly(answer("x").size());
    REQUIRE(came_first);
    REQUIRE(answered_first == answer("x"));
    REQUIRE(answered_second == answer("x"));
  }
  CHECK(support::outcomes_of(running, 2 * kTimes) == Outcomes{{"match", 2 * kTimes}});

  std::map<std::string, std::string> order;
  for (const auto& request : new_side.requests()) order[request.target()] += request.body;
  CHECK(order.size() == kTimes);
  for (const auto& [target, bodies] : order) {
    INFO(target);
    CHECK(bodies == "21");
  }
}

TEST_CASE("What old answers after it was told to stop still reaches the other side", "[service][order]") {
  constexpr int kKeys = 16;  // of both loops, and asked over both
  std::atomic<int> may_answer{0};
  ScriptedSide old_side([&](Peer& peer) {
    Received request;
    if (!peer.read(request)) return;
    support::eventually([&] { return may_answer > std::stoi(request.target().substr(7)) || peer.stopping(); });
    peer.send(answer("x"));
  });
  ScriptedSide new_side(always(answer("x")));
  RunningService running(old_side.port(), new_side.port(), [&](Config& config) {
    config.loops = 2;
    in_order_of_items(config);
  });
  std::vector<Socket> clients;
  for (int key = 0; key < kKeys; ++key) {
    clients.push_back(running.connect());
    clients.back().send("PUT /items/" + std::to_string(key) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
  }
  REQUIRE(support::eventually([&] { return old_side.requests().size() == kKeys; }));

  std::thread stopper([&] { running.service().stop(); });
  CHECK(support::eventually([&] { return !running.connect().open(); }));
  // One after the other, so that a loop has nothing of its own to wait for while the other still has.
  for (auto& client : clients) {
    ++may_answer;
    CHECK(client.receive_all().ends_with("x"));
    client.close();
  }
  stopper.join();

  CHECK(support::outcomes_in(running.store_path()) == Outcomes{{"match", kKeys}});
  CHECK(new_side.requests().size() == kKeys);
}

TEST_CASE("What waits for its turn is bounded, shed when told to stop, and counted", "[service][order]") {
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side([](Peer& peer) {
    Received request;
    if (peer.read(request)) peer.hang();
  });
  RunningService running(old_side.port(), new_side.port(), [](Config& config) {
    config.new_side.max_in_flight = 3;
    config.drain = 50ms;
    auto& route = config.routes.front();
    route.key = {Source::header, "x-user"};
    route.order_per_key = true;
  });
  Socket client = running.connect();

  for (int i = 0; i < 10; ++i) ask(client, get("/a", "X-User: u\r\n"));
  CHECK(support::outcomes_of(running, 6) == Outcomes{{"shed/in_flight", 6}});
  const auto store = running.store_path();
  running.service().stop();

  const storage::Reader reader(store);
  std::uint64_t all = 0;
  for (const auto& row : reader.outcome_counts({})) all += row.tally.count;
  CHECK(all == 10);
}

TEST_CASE("What old did not answer is not sent on in order", "[service][order]") {
  ScriptedSide old_side([](Peer& peer) {
    Received request;
    peer.read(request);
  });
  ScriptedSide new_side(always(answer("o")));
  RunningService running(old_side.port(), new_side.port(), [](Config& config) {
    auto& route = config.routes.front();
    route.methods = {"PUT"};
    route.key = {Source::header, "x-user"};
    route.order_per_key = true;
  });

  running.exchange("PUT /a HTTP/1.1\r\nHost: h\r\nX-User: u\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");

  CHECK(support::outcomes_of(running, 1).begin()->first.find("old_failed") == 0);
  CHECK(new_side.requests().empty());
}

}  // namespace
