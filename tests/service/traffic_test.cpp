// What a client sees, and what each side sees: bytes in, bytes out.

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/running_service.h"
#include "tests/support/scripted_side.h"

namespace {

using namespace std::chrono_literals;
using Outcomes = std::map<std::string, std::uint64_t>;
using support::always;
using support::answer;
using support::Peer;
using support::Received;
using support::RunningService;
using support::ScriptedSide;
using support::Socket;

ScriptedSide::Script once(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    Received request;
    if (peer.read(request)) peer.send(bytes);
  };
}

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kGetAndClose = "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

TEST_CASE("Bytes in, bytes out: an answer reaches the client as old wrote it", "[service][promise]") {
  struct Row {
    const char* name;
    std::string request;
    std::string answer;
    const char* why;
  };
  const std::string close = "Connection: close\r\n\r\n";
  const std::vector<Row> rows{
      {"odd headers", kGet,
       "HTTP/1.1 200 Fine by me\r\nB: 2\r\na: 1\r\nB: 3\r\nSet-Cookie: s=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT\r\n"
       "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\nX-Obs: \xe4\r\nContent-Length: 2\r\n\r\nok",
       "order, case, repetition and commas are old's business"},
      {"binary body", kGet, answer(std::string("\0\xff\r\n\r\n\x80", 7)), "bodies are not text"},
      {"chunked", kGet, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
       "framing stays"},
      {"chunked with a trailer", kGet,
       "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n",
       "trailers pass"},
      {"204", kGet, "HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n", "no body, no length"},
      {"304", kGet, "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 10\r\n\r\n",
       "a length without a body"},
      {"HEAD", "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
       "RFC 9112 6.3"},
      {"1xx in front", kGet,
       "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
       "interim answers pass"},
      {"status without a reason", kGet, "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "often forgotten"},
      {"500", kGet, answer("oops", "", 500), "old's errors are old's"},
      {"large", kGet, answer(std::string(3 << 20, 'x')), "streamed"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      INFO(row.why);
      ScriptedSide old_side(always(row.answer));
      ScriptedSide new_side(always(row.answer));
      RunningService running(old_side.port(), new_side.port());
      Socket client = running.connect();

      client.send(row.request);
      const auto got = client.receive_exactly(row.answer.size());

      const bool same = got == row.answer;  // a message may be megabytes
      CHECK(same);
      CHECK(client.receive(1, 20ms).empty());
      CHECK(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});
    }
  }
}

TEST_CASE("Bytes in, bytes out: a request reaches both sides as the client wrote it", "[service][promise]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port(), [](auto& config) {
    config.routes.front().methods = {"GET", "POST"};
    config.forward.instance = "here";
  });
  const std::string head =
      "POST /a%20b?x=1&y=%2F HTTP/1.1\r\nHost: shop.example\r\nCookie: a=1; b=2\r\nX-b: 2\r\nX-A: 1\r\nX-b: 3\r\n"
      "Content-Length: 4\r\n";
  const std::string body("\0\1\r\n", 4);

  running.exchange(head + "Connection: close, x-hop\r\nX-Hop: 1\r\nX-Twinrun-Role: forged\r\nKeep-Alive: 5\r\n\r\n" +
                   body);
  REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});

  REQUIRE(old_side.requests().size() == 1);
  CHECK(old_side.requests().front().head == head + "\r\n");
  CHECK(old_side.requests().front().body == body);
  REQUIRE(new_side.requests().size() == 1);
  CHECK(new_side.requests().front().head == head + "X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: here\r\n\r\n");
  CHECK(new_side.requests().front().body == body);
}

TEST_CASE("A request without a body leaves without one", "[service]") {
  const auto method = GENERATE("DELETE", "MKCOL", "POST");
  ScriptedSide old_side(always(answer("")));
  ScriptedSide new_side(always(answer("")));
  RunningService running(old_side.port(), new_side.port());

  running.exchange(std::string(method) + " /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");

  REQUIRE(old_side.requests().size() == 1);
  CHECK_FALSE(old_side.requests().front().has("Transfer-Encoding"));
  CHECK_FALSE(old_side.requests().front().has("Content-Length"));
}

TEST_CASE("Writes are shadowed only where a route says so", "[service][promise]") {
  ScriptedSide old_side(always(answer("done")));
  ScriptedSide new_side(always(answer("done")));
  RunningService running(old_side.port(), new_side.port());
  const std::vector<std::string> writes{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"};

  for (const auto& method : writes) {
    const auto got =
        running.exchange(method + " /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
    CHECK(got.ends_with("done"));
  }

  CHECK(support::outcomes_of(running, writes.size()) == Outcomes{{"not_selected/method", writes.size()}});
  CHECK(old_side.requests().size() == writes.size());
  CHECK(new_side.connections() == 0);
}

TEST_CASE("Chunked requests are re-framed and arrive whole", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port(),
                         [](auto& config) { config.routes.front().methods = {"POST"}; });
  Socket client = running.connect();

  const std::string request =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: "
      "close\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n\r\n";
  for (const char c : request) client.send({&c, 1});
  CHECK(client.receive_all().ends_with("\r\n\r\na"));
  REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});

  CHECK(old_side.requests().front().body == "hello!");
  CHECK(new_side.requests().front().body == "hello!");
  CHECK(new_side.requests().front().has("Transfer-Encoding: chunked\r\n"));
}

TEST_CASE("Expect: 100-continue goes to old and back, the copy does not wait", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port(),
                         [](auto& config) { config.routes.front().methods = {"PUT"}; });
  Socket client = running.connect();

  client.send("PUT /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
  REQUIRE(client.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  CHECK(client.receive_all().ends_with("\r\n\r\na"));

  REQUIRE(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});
  CHECK(old_side.requests().front().has("Expect: 100-continue\r\n"));
  CHECK_FALSE(new_side.requests().front().has("Expect"));
  CHECK(new_side.requests().front().body == "hello");
}

TEST_CASE("Pipelined requests are answered in order", "[service]") {
  ScriptedSide old_side(ScriptedSide::answering([](const Received& request) { return answer(request.target()); }));
  ScriptedSide new_side(ScriptedSide::answering([](const Received& request) { return answer(request.target()); }));
  RunningService running(old_side.port(), new_side.port());
  std::string requests;
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const auto target = "/" + std::to_string(i);
    requests += "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n";
    expected += answer(target);
  }
  Socket client = running.connect();

  client.send(requests);

  CHECK(client.receive_exactly(expected.size()) == expected);
  CHECK(support::outcomes_of(running, 40) == Outcomes{{"match", 40}});
  CHECK(old_side.connections() == 1);
}

TEST_CASE("An answer that ends with its connection reaches the client so", "[service]") {
  const std::string bytes = "HTTP/1.1 200 OK\r\nX: 1\r\n\r\nuntil the end";
  ScriptedSide old_side(once(bytes));
  ScriptedSide new_side(once(bytes));
  RunningService running(old_side.port(), new_side.port());

  const auto got = running.exchange(kGet);

  CHECK(got == "HTTP/1.1 200 OK\r\nX: 1\r\nConnection: close\r\n\r\nuntil the end");
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"match", 1}});
}

TEST_CASE("An HTTP/1.0 client gets no chunks, no interim answers, and keeps its connection if it asks", "[service]") {
  const std::string chunked =
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  ScriptedSide old_side(always(chunked));
  ScriptedSide new_side(always(chunked));
  RunningService running(old_side.port(), new_side.port());

  CHECK(running.exchange("GET /a HTTP/1.0\r\n\r\n") == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde");

  ScriptedSide plain_old(always(answer("a")));
  ScriptedSide plain_new(always(answer("a")));
  RunningService plain(plain_old.port(), plain_new.port());
  Socket client = plain.connect();
  for (int i = 0; i < 2; ++i) {
    client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto expected = answer("a", "Connection: keep-alive\r\n");
    CHECK(client.receive_exactly(expected.size()).ends_with("Connection: keep-alive\r\n\r\na"));
  }
}

TEST_CASE("Malformed requests are answered 400 and closed, and reach no side", "[service]") {
  const auto bytes = GENERATE(values<std::string>({
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\nHost: a\n\n",
      "\x16\x03\x01",
  }));
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());

  const auto got = running.exchange(bytes);

  CHECK(got.starts_with("HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"));
  CHECK(got.find("Connection: close\r\n") != std::string::npos);
  CHECK(old_side.connections() == 0);
  CHECK(running.outcomes().empty());
}

TEST_CASE("A smuggled second request is never forwarded", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());

  const auto got = running.exchange(
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1x\r\na\r\n0\r\n\r\nGET /evil "
      "HTTP/1.1\r\nHost: h\r\n\r\n");

  CHECK(got.starts_with("HTTP/1.1 400"));
  for (const auto& request : old_side.requests()) CHECK(request.target() != "/evil");
}

TEST_CASE("Limits have statuses", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port(), [](auto& config) {
    config.limits.head_bytes = 500;
    config.limits.target_bytes = 100;
    config.limits.body_bytes = 10;
    config.limits.head_timeout = 100ms;
    config.limits.body_timeout = 100ms;
  });
  struct Row {
    const char* name;
    std::string bytes;
    const char* status;
  };
  const std::vector<Row> rows{
      {"long target", "GET /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", "414"},
      {"large head", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(600, 'a') + "\r\n\r\n", "431"},
      {"large body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n", "413"},
      {"large chunked body",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n", "413"},
      {"head that does not come", "GET / HTTP/1.1\r\nHost:", "408"},
      {"body that does not come", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel", "408"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) { CHECK(running.exchange(row.bytes).substr(9, 3) == row.status); }
  }
}

TEST_CASE("Old down is 502 with a problem body, and counted", "[service]") {
  support::UnusedPort nobody;
  ScriptedSide new_side(always(answer("a")));
  RunningService running(nobody.port(), new_side.port());

  const auto got = running.exchange(kGet);

  CHECK(got.starts_with("HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/problem+json\r\n"));
  CHECK(got.find(R"("status":502)") != std::string::npos);
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"old_failed/refused", 1}});
}

TEST_CASE("Old's failures are told by status, or cut short where the answer has begun", "[service]") {
  struct Row {
    const char* name;
    ScriptedSide::Script script;
    std::string starts;
    const char* outcome;
  };
  const std::vector<Row> rows{
      {"hangs", [](Peer& peer) { peer.hang(); }, "HTTP/1.1 504", "old_failed/timeout"},
      {"garbage", once("not http\r\n\r\n"), "HTTP/1.1 502", "old_failed/invalid_http"},
      {"two lengths", once("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "HTTP/1.1 502",
       "old_failed/invalid_http"},
      {"unasked 101", once("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "HTTP/1.1 502",
       "old_failed/invalid_http"},
      {"ends at once", once(""), "HTTP/1.1 502", "old_failed/closed_early"},
      {"ends in its head", once("HTTP/1.1 200 OK\r\nConte"), "HTTP/1.1 502", "old_failed/closed_early"},
      {"ends in its body", once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "old_failed/closed_early"},
      {"ends between chunks", once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "old_failed/closed_early"},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      ScriptedSide old_side(row.script);
      ScriptedSide new_side(always(answer("a")));
      RunningService running(old_side.port(), new_side.port(), [](auto& config) { config.old_side.timeout = 200ms; });

      const auto got = running.exchange(kGet);

      CHECK(got.substr(0, row.starts.size()) == row.starts);
      CHECK_FALSE(got.ends_with("0\r\n\r\n"));
      CHECK(support::outcomes_of(running, 1) == Outcomes{{row.outcome, 1}});
    }
  }
}

TEST_CASE("A stale kept connection is retried once where that is safe", "[service]") {
  // Answers the first request of a connection and ends it when the second has been read.
  ScriptedSide old_side([](Peer& peer) {
    Received request;
    if (peer.read(request)) peer.send(answer("a"));
    peer.read(request);
  });
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());
  Socket client = running.connect();
  const auto ok = answer("a");

  client.send(kGet);
  REQUIRE(client.receive_exactly(ok.size()) == ok);
  SECTION("a GET goes again") {
    client.send(kGet);
    CHECK(client.receive_exactly(ok.size()) == ok);
    CHECK(old_side.requests().size() == 3);
  }
  SECTION("a POST does not") {
    client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    CHECK(client.receive_all().starts_with("HTTP/1.1 502"));
    CHECK(old_side.requests().size() == 2);
  }
}

TEST_CASE("The other side gets a request at most once", "[service][promise]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side([](Peer& peer) {
    Received request;
    if (peer.read(request)) peer.send(answer("a"));
    peer.read(request);
  });
  RunningService running(old_side.port(), new_side.port());
  Socket client = running.connect();
  const auto ok = answer("a");

  for (std::uint64_t i = 1; i <= 2; ++i) {
    client.send(kGet);
    REQUIRE(client.receive_exactly(ok.size()) == ok);
    support::outcomes_of(running, i);
  }

  CHECK(running.outcomes() == Outcomes{{"match", 1}, {"new_failed/closed_early", 1}});
  CHECK(new_side.requests().size() == 2);
}

TEST_CASE("A client that leaves is counted and disturbs no one", "[service]") {
  ScriptedSide old_side([](Peer& peer) {
    Received request;
    while (peer.read(request)) {
      if (request.target() == "/slow") {
        peer.hang();
      } else {
        peer.send(answer("a"));
      }
    }
  });
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());
  Socket other = running.connect();

  Socket leaver = running.connect();
  leaver.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  REQUIRE(support::eventually([&] { return old_side.requests().size() == 1; }));
  leaver.close_with_reset();

  CHECK(support::outcomes_of(running, 1) == Outcomes{{"not_comparable/client_left", 1}});
  other.send(kGet);
  CHECK(other.receive_exactly(answer("a").size()) == answer("a"));
}

TEST_CASE("A half-closed client still gets its answer", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());
  Socket client = running.connect();

  client.send(kGet);
  client.shut_down_writing();

  CHECK(client.receive_all() == answer("a"));
}

TEST_CASE("An upgrade is tunnelled to the serving side and counted not selected", "[service]") {
  ScriptedSide old_side([](Peer& peer) {
    Received request;
    if (!peer.read(request)) return;
    peer.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nhi ");
    for (auto bytes = peer.socket().receive(); !bytes.empty(); bytes = peer.socket().receive()) peer.send(bytes);
  });
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());
  Socket client = running.connect();

  client.send("GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  CHECK(client.receive_until("\r\n\r\n") ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n");
  client.send(std::string("\0\xff raw", 6));
  CHECK(client.receive_exactly(9) == std::string("hi \0\xff raw", 9));
  client.shut_down_writing();

  CHECK(client.receive_all().empty());
  CHECK(support::outcomes_of(running, 1) == Outcomes{{"not_selected/upgrade", 1}});
  CHECK(new_side.connections() == 0);
}

TEST_CASE("A slow reader holds back only itself", "[service]") {
  const std::string big = answer(std::string(16 << 20, 'x'));
  ScriptedSide old_side(
      ScriptedSide::answering([&](const Received& request) { return request.target() == "/big" ? big : answer("a"); }));
  ScriptedSide new_side(always(answer("a")));
  RunningService running(old_side.port(), new_side.port());
  Socket slow = running.connect();
  slow.send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");

  for (int i = 0; i < 20; ++i) {
    Socket quick = running.connect();
    quick.send(kGet);
    REQUIRE(quick.receive_exactly(answer("a").size()) == answer("a"));
  }

  const bool whole = slow.receive_exactly(big.size()) == big;  // not 16 MB of message
  CHECK(whole);
}

TEST_CASE("Told to stop, it lets requests in flight end and takes no new ones", "[service]") {
  std::atomic<bool> go{false};
  ScriptedSide old_side([&](Peer& peer) {
    Received request;
    while (peer.read(request)) {
      support::eventually([&] { return go.load() || peer.stopping(); });
      peer.send(answer("late"));
    }
  });
  ScriptedSide new_side(always(answer("late")));
  RunningService running(old_side.port(), new_side.port(), [](auto& config) { config.drain = 5000ms; });
  const auto port = running.port();
  Socket client = running.connect();
  Socket idle = running.connect();
  client.send(kGet);
  REQUIRE(support::eventually([&] { return old_side.requests().size() == 1; }));

  std::thread stopper([&] { running.service().stop(); });
  CHECK(idle.wait_for_end());
  REQUIRE(support::eventually([&] { return !Socket::connect(port).open(); }));
  go = true;

  CHECK(client.receive_all().ends_with("Connection: close\r\n\r\nlate"));
  stopper.join();
}

TEST_CASE("Told to stop, it waits no longer than `drain` for a side that hangs", "[service]") {
  const auto hangs = [](Peer& peer) {
    Received request;
    if (peer.read(request)) peer.hang();
  };
  const bool new_hangs = GENERATE(false, true);
  ScriptedSide old_side(hangs);
  ScriptedSide new_side(new_hangs ? ScriptedSide::Script(hangs) : always(answer("a")));
  RunningService running(old_side.port(), new_side.port(), [](auto& config) { config.drain = 100ms; });
  Socket client = running.connect();
  client.send(kGet);
  REQUIRE(support::eventually([&] { return old_side.requests().size() == 1 && new_side.requests().size() == 1; }));

  const auto told = std::chrono::steady_clock::now();
  running.service().stop();

  CHECK(std::chrono::steady_clock::now() - told < 5s);
  CHECK(client.receive_all().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(support::outcomes_in(running.store_path()) == Outcomes{{"shed/draining", 1}});
}

TEST_CASE("Descriptors return to where they were", "[service]") {
  ScriptedSide old_side(always(answer("a")));
  ScriptedSide new_side(always(answer("a")));
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = descriptors();
  {
    RunningService running(old_side.port(), new_side.port());
    for (int i = 0; i < 30; ++i) running.exchange(kGetAndClose);
    support::outcomes_of(running, 30);
  }

  // Each side holds its end until its thread has seen the other one go; those are the test's own.
  CHECK(descriptors() <= before + old_side.connections() + new_side.connections());
}

}  // namespace
