// Promise 1, "the serving side is sacred": whatever new does, the client gets the bytes it gets without twinrun, and
// every request is counted once.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using namespace std::chrono_literals;
using support::answer;
using support::Peer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

// How new misbehaves, and what that counts as. A connection that is never answered counts as a timeout.
struct Behaviour {
  const char* name;
  ScriptedSide::Script script;
  const char* outcome;
};

ScriptedSide::Script after_request(std::function<void(Peer&)> then) {
  return [then = std::move(then)](Peer& peer) {
    Received request;
    while (peer.read(request) && peer.socket().open()) then(peer);
  };
}

std::vector<Behaviour> behaviours() {
  const auto send_and_end = [](std::string bytes) {
    return after_request([bytes = std::move(bytes)](Peer& peer) {
      peer.send(bytes);
      peer.socket().close();
    });
  };
  return {
      {"slow", after_request([](Peer& peer) { peer.hang(); }), "new_failed/timeout"},
      {"hanging before it reads", [](Peer& peer) { peer.hang(); }, "new_failed/timeout"},
      {"dripping", after_request([](Peer& peer) { peer.drip(answer("slowly"), 50ms); }), "new_failed/timeout"},
      {"reset mid-body", after_request([](Peer& peer) {
         peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
         peer.socket().close_with_reset();
       }),
       "new_failed/reset"},
      {"ended mid-body", send_and_end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "new_failed/closed_early"},
      {"ended without a word", send_and_end(""), "new_failed/closed_early"},
      {"garbage", send_and_end("\x01\x02 this is not HTTP \xff\r\n\r\n"), "new_failed/invalid_http"},
      {"bad framing", send_and_end("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"),
       "new_failed/invalid_http"},
      {"bad chunk", send_and_end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
       "new_failed/invalid_http"},
      {"huge", after_request([](Peer& peer) {
         const std::string block(1 << 16, 'x');
         peer.send("HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
         for (int i = 0; i < 128; ++i) peer.send(block);
       }),
       "not_comparable/body_over_cap"},
      {"huge head", after_request([](Peer& peer) {
         std::string head = "HTTP/1.1 200 OK\r\n";
         for (int i = 0; i < 100'000; ++i) head += "X-Padding: 1\r\n";
         peer.send(head + "\r\n");
         peer.socket().close();
       }),
       "new_failed/invalid_http"},
  };
}

struct Traffic {
  const char* name;
  std::string bytes;
  int requests;
  int copied;
};

std::vector<Traffic> traffic() {
  const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string last = "GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  const std::string post = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
  return {{"GET", last, 1, 1}, {"POST", post, 1, 1}, {"pipelined", get + get + last, 3, 3}};
}

ScriptedSide::Script old_script() {
  return ScriptedSide::answering([](const Received& request) {
    return answer("old says " + request.method() + " " + request.target() + " " + request.body,
                  "Content-Type: text/plain\r\nX-One: 1\r\nx-one: 2\r\n");
  });
}

// The same bytes to old directly; old keeps the connection, so the end of writing tells it that no more comes.
std::string without_twinrun(const ScriptedSide& old_side, const Traffic& sent) {
  Socket client = Socket::connect(old_side.port());
  client.send(sent.bytes);
  std::string all;
  for (int i = 0; i < sent.requests; ++i) {
    const auto head = client.receive_until("\r\n\r\n");
    const auto length = std::stoul(head.substr(head.find("Content-Length: ") + 16));
    all += head + client.receive_exactly(length);
  }
  return all;
}

// Connection is hop-by-hop: twinrun says close where the client asked for it.
std::string without_connection(std::string bytes) {
  const std::string line = "Connection: close\r\n";
  for (auto at = bytes.find(line); at != std::string::npos; at = bytes.find(line)) bytes.erase(at, line.size());
  return bytes;
}

void copy_writes_too(comparator::Config& config) {
  config.compare.max_body_bytes = 1 << 20;
  config.routes.front().methods = {"GET", "POST"};
}

TEST_CASE("The serving side is sacred: new fails in every way, the client's bytes are old's", "[service][promise]") {
  for (const auto& behaviour : behaviours()) {
    for (const auto& sent : traffic()) {
      DYNAMIC_SECTION("new " << behaviour.name << ", " << sent.name) {
        ScriptedSide old_side(old_script());
        ScriptedSide new_side(behaviour.script);
        RunningService running(old_side.port(), new_side.port(), [&](auto& config) {
          copy_writes_too(config);
          if (std::string_view(behaviour.outcome).ends_with("timeout")) config.new_side.timeout = 300ms;
        });
        const auto expected = without_twinrun(old_side, sent);

        const auto got = running.exchange(sent.bytes);

        CHECK(without_connection(got) == expected);
        const auto outcomes = support::outcomes_of(running, static_cast<std::uint64_t>(sent.requests));
        CHECK(outcomes == std::map<std::string, std::uint64_t>{{behaviour.outcome, sent.requests}});
      }
    }
  }
}

TEST_CASE("The serving side is sacred: new is down", "[service][promise]") {
  for (const auto& sent : traffic()) {
    DYNAMIC_SECTION(sent.name) {
      ScriptedSide old_side(old_script());
      support::UnusedPort nobody;
      RunningService running(old_side.port(), nobody.port(), copy_writes_too);
      const auto expected = without_twinrun(old_side, sent);

      const auto got = running.exchange(sent.bytes);

      CHECK(without_connection(got) == expected);
      const auto outcomes = support::outcomes_of(running, static_cast<std::uint64_t>(sent.requests));
      CHECK(outcomes == std::map<std::string, std::uint64_t>{{"new_failed/refused", sent.requests}});
    }
  }
}

TEST_CASE("A hanging new keeps no answer back", "[service][promise]") {
  ScriptedSide old_side(old_script());
  ScriptedSide new_side([](Peer& peer) { peer.hang(); });
  RunningService running(old_side.port(), new_side.port(), [](auto& config) {
    config.new_side.max_in_flight = 4;
    config.new_side.timeout = 3000ms;  // longer than fifty answers take, so that no place becomes free
  });
  Socket client = running.connect();

  // Far more on one connection than new has places for: nginx's mirror would stop after the first.
  for (int i = 0; i < 50; ++i) {
    client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto head = client.receive_until("\r\n\r\n");
    REQUIRE(head.starts_with("HTTP/1.1 200"));
    client.receive_exactly(std::stoul(head.substr(head.find("Content-Length: ") + 16)));
  }

  const auto outcomes = support::outcomes_of(running, 50);
  CHECK(outcomes.at("new_failed/timeout") == 4);
  CHECK(outcomes.at("shed/in_flight") == 46);
}

}  // namespace
