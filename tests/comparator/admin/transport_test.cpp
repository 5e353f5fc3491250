#include "comparator/admin/transport.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "tests/comparator/admin/fixture.h"
#include "tests/comparator/admin/raw_server.h"
#include "tests/support/catch.h"

using namespace admin_test;
using comparator::admin::Answer;
using comparator::admin::Request;
using comparator::admin::Transport;
using comparator::admin::TransportLimits;
using namespace std::chrono_literals;

namespace {

Answer echo(const Request& request) {
  return {.content_type = "text/plain", .body = request.method + " " + request.target, .headers = {}};
}

TransportLimits small_limits() {
  TransportLimits limits;
  limits.threads = 1;
  limits.waiting = 2;
  limits.head_bytes = 4096;
  limits.request_time = 200ms;
  return limits;
}

std::chrono::milliseconds time_of(const std::function<void()>& act) {
  const auto start = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace

TEST_CASE("a port that is taken is told in one sentence", "[admin]") {
  Transport first({"127.0.0.1", 0}, echo);

  CHECK_THROWS_WITH(Transport({"127.0.0.1", first.port()}, echo),
                    Catch::Matchers::StartsWith("cannot listen on 127.0.0.1:" + std::to_string(first.port()) +
                                                " for the admin side"));
  CHECK_THROWS_AS(Transport({"no such host.invalid", 0}, echo), std::runtime_error);
}

TEST_CASE("a client that says nothing holds no thread for longer than the request's time", "[admin]") {
  Transport transport({"127.0.0.1", 0}, echo, small_limits());
  RawClient silent(transport.port());
  RawClient half(transport.port());
  half.send("GET / HTTP/1.1\r\nHost: x\r\n");
  RawClient other(transport.port());

  other.send("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");

  CHECK(other.read_to_end().find("GET /x") != std::string::npos);
}

TEST_CASE("a client that drips is ended at the request's time, however it drips", "[admin]") {
  Transport transport({"127.0.0.1", 0}, echo, small_limits());
  RawClient dripping(transport.port());
  dripping.send("GET / HTTP/1.1\r\n");

  const auto took = time_of([&] {
    while (dripping.send("A: b\r\n") && dripping.send("C")) std::this_thread::yield();
  });

  CHECK(took < 10s);
}

TEST_CASE("header fields without end are not read to the end", "[admin]") {
  Transport transport({"127.0.0.1", 0}, echo, small_limits());
  RawClient client(transport.port());
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 500; ++i) head += "X-Field: value\r\n";

  client.send(head + "\r\n");

  CHECK(client.read_to_end().find("200 OK") == std::string::npos);
}

TEST_CASE("one connection carries one request, so that no body is taken for another", "[admin]") {
  Transport transport({"127.0.0.1", 0}, echo);
  RawClient client(transport.port());
  const std::string inner = "GET /inner HTTP/1.1\r\nHost: x\r\n\r\n";

  client.send("POST /outer HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" +
              inner);

  const auto answer = client.read_to_end();
  CHECK(answer.find("POST /outer") != std::string::npos);
  CHECK(answer.find("/inner") == std::string::npos);
  CHECK(answer.find("Connection: close") != std::string::npos);
}

TEST_CASE("malformed requests end their own connection only", "[admin]") {
  const std::string bytes =
      GENERATE(as<std::string>(), "\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9\r\n\r\n", "\xff\xfe\xfd\r\n\r\n",
               "GET / HTTP/1.1\r\nHost x\r\n\r\n", "GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n",
               "GET / HTTP/1.1\r\nHost: x\r\nRange: bytes=" + std::string(3000, '9') + "\r\n\r\n");
  Transport transport({"127.0.0.1", 0}, echo, small_limits());
  RawClient client(transport.port());

  client.send(bytes);
  client.read_to_end();

  RawClient next(transport.port());
  next.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(next.read_to_end().find("GET /next") != std::string::npos);
}

TEST_CASE("a range is answered whole", "[admin]") {
  Transport transport({"127.0.0.1", 0}, echo);
  httplib::Client client("127.0.0.1", transport.port());

  const auto result = client.Get("/0123456789", {httplib::make_range_header({{2, 4}})});

  REQUIRE(result);
  CHECK(result->status == 200);
  CHECK(result->body == "GET /0123456789");
}

TEST_CASE("stopping waits for no client", "[admin]") {
  TransportLimits limits = small_limits();
  limits.request_time = 60s;
  auto transport = std::make_unique<Transport>(comparator::Endpoint{"127.0.0.1", 0}, echo, limits);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 6; ++i) silent.push_back(std::make_unique<RawClient>(transport->port()));

  CHECK(time_of([&] { transport.reset(); }) < 10s);
}

TEST_CASE("many clients at once are all answered", "[admin]") {
  Fixture fixture;
  fixture.write({report_of(fixture.config)});
  const auto port = fixture.port();
  std::vector<std::vector<int>> statuses(8);
  std::vector<std::thread> clients;
  for (auto& mine : statuses) {
    clients.emplace_back([&mine, port] {
      httplib::Client client("127.0.0.1", port);
      for (const auto* target : {"/api/v1/summary", "/api/v1/reports/1", "/api/v1/routes", "/metrics", "/"}) {
        const auto result = client.Get(target);
        mine.push_back(result ? result->status : 0);
      }
    });
  }
  for (auto& client : clients) client.join();

  for (const auto& mine : statuses) CHECK(mine == std::vector<int>(5, 200));
}
