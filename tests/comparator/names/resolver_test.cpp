#include "comparator/names/resolver.h"

#include <algorithm>
#include <mutex>

#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/name_server.h"

namespace {

using comparator::Address;
using comparator::Endpoint;
using comparator::names::look_up;
using comparator::names::Resolver;
using support::NameServer;

const Endpoint kSide{.host = "side.test", .port = 8080};

std::string shown(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const auto& address : addresses) texts.push_back(to_string(address));
  std::sort(texts.begin(), texts.end());
  std::string all;
  for (const auto& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

// What a resolver told, in order.
class Heard {
 public:
  Resolver::Told listener() {
    return [this](const Endpoint& endpoint, const std::vector<Address>& addresses) {
      const std::lock_guard lock(mutex_);
      all_.push_back(endpoint.host + " = " + shown(addresses));
    };
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> all_;
};

TEST_CASE("one lookup gives all addresses with the port, or a sentence", "[names]") {
  NameServer server({.addresses = {"127.0.0.1", "127.0.0.2"}});
  std::string error;

  CHECK(shown(look_up(server.address(), kSide, error)) == "127.0.0.1:8080 127.0.0.2:8080");
  CHECK(error.empty());

  server.set({});
  CHECK(look_up(server.address(), kSide, error).empty());
  CHECK(error.find("cannot resolve host \"side.test\": ") == 0);
}

TEST_CASE("a name is looked up again when its answer expires, and only news are told", "[names]") {
  NameServer server({.addresses = {"127.0.0.1", "127.0.0.2"}, .ttl = 1});
  Heard heard;
  Resolver resolver({.servers = server.address()}, heard.listener());

  resolver.watch({kSide});
  REQUIRE(support::eventually([&] { return heard.all().size() == 1; }));
  server.set({.addresses = {"127.0.0.2", "127.0.0.1"}, .ttl = 1});  // rotated, as servers do
  const auto lookups = resolver.lookups();
  REQUIRE(support::eventually([&] { return resolver.lookups() >= lookups + 2; }));
  server.set({.addresses = {"127.0.0.3"}, .ttl = 1});
  REQUIRE(support::eventually([&] { return heard.all().size() == 2; }));

  CHECK(heard.all() ==
        std::vector<std::string>{"side.test = 127.0.0.1:8080 127.0.0.2:8080", "side.test = 127.0.0.3:8080"});
}

TEST_CASE("a lookup that fails changes nothing and is counted", "[names]") {
  NameServer server({.addresses = {"127.0.0.1"}, .ttl = 1});
  Heard heard;
  Resolver resolver({.servers = server.address()}, heard.listener());
  resolver.watch({kSide});
  REQUIRE(support::eventually([&] { return heard.all().size() == 1; }));

  server.set({});
  REQUIRE(support::eventually([&] { return resolver.failures() >= 1; }));

  CHECK(heard.all().size() == 1);
}

TEST_CASE("addresses and Unix sockets are no names and are not asked for", "[names]") {
  NameServer server({.addresses = {"127.0.0.1"}});
  Heard heard;
  Resolver resolver({.servers = server.address()}, heard.listener());

  resolver.watch({{.host = "127.0.0.9", .port = 1},
                  {.host = "::1", .port = 1},
                  {.host = {}, .port = 0, .path = "/run/x.sock"},
                  kSide});
  REQUIRE(support::eventually([&] { return heard.all().size() == 1; }));

  CHECK(heard.all().front().find("side.test") == 0);
  CHECK(resolver.lookups() == 1);
}

TEST_CASE("what is not watched any more is not asked for", "[names]") {
  NameServer server({.addresses = {"127.0.0.1"}, .ttl = 1});
  Heard heard;
  Resolver resolver({.servers = server.address()}, heard.listener());
  resolver.watch({kSide});
  REQUIRE(support::eventually([&] { return heard.all().size() == 1; }));

  resolver.watch({{.host = "other.test", .port = 80}});

  REQUIRE(support::eventually([&] { return heard.all().size() == 2; }));
  CHECK(heard.all().back() == "other.test = 127.0.0.1:80");
}

TEST_CASE("a resolver ends while a server is silent", "[names]") {
  NameServer server({.addresses = {}, .ttl = 1, .silent = true});
  Heard heard;
  {
    Resolver resolver({.servers = server.address()}, heard.listener());
    resolver.watch({kSide});
    REQUIRE(support::eventually([&] { return server.questions() > 0; }));
  }
  CHECK(heard.all().empty());
}

TEST_CASE("what is no list of name servers is told", "[names]") {
  CHECK_THROWS_WITH(Resolver({.servers = "nonsense"}, {}), "not a list of name servers: \"nonsense\"");
}

}  // namespace
