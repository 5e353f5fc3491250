// A configuration that is taken up while the program runs: nothing is dropped, nothing is half done.

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <stdexcept>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using namespace std::chrono_literals;
using Outcomes = std::map<std::string, std::uint64_t>;
using comparator::Stage;
using support::always;
using support::answer;
using support::Peer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kGetAndClose = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

// The last byte of what a kept connection says next; the scripted answers below have one byte.
char ask(Socket& client) {
  client.send(kGet);
  const auto got = client.receive_exactly(answer("x").size());
  return got.empty() ? '-' : got.back();
}

TEST_CASE("A stage that moves sends the next request of a kept connection to the other side", "[service][reload]") {
  ScriptedSide old_side(always(answer("o")));
  ScriptedSide new_side(always(answer("n")));
  RunningService running(old_side.port(), new_side.port());
  Socket client = running.connect();
  CHECK(ask(client) == 'o');

  running.reload([](auto& config) { config.routes.front().stage = Stage::new_; });
  CHECK(support::eventually([&] { return ask(client) == 'n'; }));
  running.reload([](auto& config) { config.routes.front().stage = Stage::old; });
  CHECK(support::eventually([&] { return ask(client) == 'o'; }));
}

TEST_CASE("Rules that change hold for what begins afterwards, in an epoch of their own", "[service][reload]") {
  ScriptedSide old_side(always(answer(R"({"a":1})", "Content-Type: application/json\r\n")));
  ScriptedSide new_side(always(answer(R"({"a":2})", "Content-Type: application/json\r\n")));
  RunningService running(old_side.port(), new_side.port());
  running.exchange(kGetAndClose);
  REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"mismatch", 1}});

  running.reload([](auto& config) {
    comparator::RouteRule ignore;
    ignore.rule.verb = diffing::Verb::ignore;
    ignore.rule.path = "/body/a";
    config.routes.front().rules.push_back(ignore);
  });

  CHECK(support::eventually([&] {
    running.exchange(kGetAndClose);
    return running.outcomes()["accepted"] > 0;
  }));
}

TEST_CASE("Limits that change hold on connections that are open", "[service][reload]") {
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port());
  Socket client = running.connect();
  CHECK(ask(client) == 'o');

  running.reload([](auto& config) { config.limits.target_bytes = 64; });

  CHECK(support::eventually([&] {
    Socket other = running.connect();
    other.send("GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    return other.receive_all().find(" 414 ") != std::string::npos;
  }));
  client.send("GET /" + std::string(100, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.receive_all().find(" 414 ") != std::string::npos);
}

TEST_CASE("A request on its way ends with the side that it began with", "[service][reload]") {
  std::promise<void> release;
  const auto released = release.get_future().share();
  ScriptedSide slow([&](Peer& peer) {
    Received request;
    while (peer.read(request)) {
      released.wait();
      peer.send(answer("s"));
    }
  });
  ScriptedSide quick(always(answer("q")));
  RunningService running(slow.port(), slow.port(), [](auto& config) { config.routes.front().stage = Stage::old; });
  Socket waiting = running.connect();
  waiting.send(kGet);
  REQUIRE(support::eventually([&] { return slow.requests().size() == 1; }));

  running.reload([&](auto& config) {
    config.old_side.endpoint.port = quick.port();
    config.new_side.endpoint.port = quick.port();
  });
  REQUIRE(support::eventually([&] {
    Socket other = running.connect();
    return ask(other) == 'q';
  }));
  release.set_value();

  CHECK(waiting.receive_exactly(answer("s").size()).back() == 's');
  CHECK(ask(waiting) == 'q');
}

TEST_CASE("A configuration that cannot be had is refused, and the old one goes on", "[service][reload]") {
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port());
  Socket client = running.connect();
  CHECK(ask(client) == 'o');

  CHECK_THROWS_AS(running.reload([](auto& config) { config.old_side.endpoint.host = "no-such-host.invalid"; }),
                  std::runtime_error);

  CHECK(ask(client) == 'o');
}

TEST_CASE("Where it listens and where it writes stay as they are", "[service][reload]") {
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port());
  const auto port = running.port();

  running.reload([](auto& config) {
    config.listen.port = 1;
    config.store = "/proc/nowhere.db";
    config.loops = 7;
  });
  running.exchange(kGetAndClose);

  CHECK(running.port() == port);
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});
}

TEST_CASE("Reloading again and again under traffic loses nothing", "[service][reload]") {
  ScriptedSide side(always(answer("o")));
  RunningService running(side.port(), side.port(), [](auto& config) { config.loops = 2; });
  constexpr int kRequests = 300;
  auto traffic = std::async(std::launch::async, [&] {
    int good = 0;
    Socket client = running.connect();
    for (int i = 0; i < kRequests; ++i) good += ask(client) == 'o' ? 1 : 0;
    return good;
  });

  for (int i = 0; i < 30; ++i) {
    running.reload([&](auto& config) {
      config.routes.front().name = i % 2 == 0 ? "even" : "odd";
      config.new_side.idle_connections = static_cast<std::size_t>(i + 1);
    });
  }

  CHECK(traffic.get() == kRequests);
  CHECK(support::outcomes_of(running, kRequests) == Outcomes{{"match", kRequests}});
}

// Old is asked for by name, alone, and each time over a new connection.
void old_by_name(comparator::Config& config, const support::NameServer& server) {
  config.name_servers = {server.address()};
  config.old_side.endpoint.host = "old.test";
  config.old_side.idle_connections = 0;
  config.routes.front().stage = Stage::old;
}

TEST_CASE("A name's addresses take turns, one that fails is left out, and new ones are used", "[service][names]") {
  ScriptedSide side(always(answer("o")));
  support::NameServer server({.addresses = {"127.0.0.1", "127.0.0.2"}, .ttl = 1});  // on .2 nobody listens
  RunningService running(side.port(), side.port(), [&](auto& config) { old_by_name(config, server); });

  Socket client = running.connect();
  for (int i = 0; i < 10; ++i) CHECK(ask(client) == 'o');
  server.set({.addresses = {"127.0.0.2"}, .ttl = 1});

  CHECK(support::eventually([&] {
    Socket other = running.connect();
    other.send(kGetAndClose);
    return other.receive_all().find(" 502 ") != std::string::npos;
  }));
  server.set({.addresses = {}, .ttl = 1});
  server.set({.addresses = {"127.0.0.1"}, .ttl = 1});
  CHECK(support::eventually([&] {
    Socket other = running.connect();
    return ask(other) == 'o';
  }));
}

TEST_CASE("The addresses of a name share its requests", "[service][names]") {
  ScriptedSide first(always(answer("1")));
  ScriptedSide second(always(answer("2")), "127.0.0.2", first.port());
  support::NameServer server({.addresses = {"127.0.0.1", "127.0.0.2"}, .ttl = 60});
  RunningService running(first.port(), first.port(), [&](auto& config) { old_by_name(config, server); });
  Socket client = running.connect();

  std::string answered;
  for (int i = 0; i < 10; ++i) answered += ask(client);

  CHECK(std::count(answered.begin(), answered.end(), '1') == 5);
  CHECK(std::count(answered.begin(), answered.end(), '2') == 5);
}

TEST_CASE("A name server that is silent keeps no request waiting", "[service][names]") {
  ScriptedSide side(always(answer("o")));
  support::NameServer server({.addresses = {"127.0.0.1"}, .ttl = 1});
  RunningService running(side.port(), side.port(), [&](auto& config) { old_by_name(config, server); });
  Socket client = running.connect();
  server.set({.addresses = {}, .ttl = 1, .silent = true});
  const auto asked = server.questions();
  REQUIRE(support::eventually([&] { return server.questions() > asked; }));

  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 10; ++i) CHECK(ask(client) == 'o');

  CHECK(std::chrono::steady_clock::now() - began < 1500ms);  // a lookup is given up after some seconds
  CHECK(side.connections() == 10);
}

TEST_CASE("A name that is gone goes on with the addresses that were known", "[service][names]") {
  ScriptedSide side(always(answer("o")));
  support::NameServer server({.addresses = {"127.0.0.1"}, .ttl = 1});
  RunningService running(side.port(), side.port(), [&](auto& config) {
    config.name_servers = {server.address()};
    config.old_side.endpoint.host = "old.test";
    config.routes.front().stage = Stage::old;
  });

  server.set({});
  const auto asked = server.questions();
  REQUIRE(support::eventually([&] { return server.questions() > asked; }));
  Socket client = running.connect();

  CHECK(ask(client) == 'o');
}

TEST_CASE("A side may be a Unix socket", "[service]") {
  ScriptedSide behind(always(answer("o")));
  support::TemporaryDirectory folder;
  const std::string path = folder / "side.sock";
  // A second twinrun cannot listen there, so a scripted side does.
  ScriptedSide side(always(answer("u")), path);
  RunningService running(behind.port(), behind.port(),
                         [&](auto& config) { config.old_side.endpoint = {.host = {}, .port = 0, .path = path}; });
  Socket client = running.connect();

  CHECK(ask(client) == 'u');
  CHECK(ask(client) == 'u');
  CHECK(side.connections() == 1);
}

}  // namespace
