#include "comparator/front/access_log.h"

#include <arpa/inet.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "comparator/front/client_counts.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace {

using comparator::AccessLogConfig;
using comparator::Address;
using comparator::front::AccessEntry;
using comparator::front::AccessLog;
using comparator::front::append_entry;
using comparator::front::ClientCounts;
using Format = AccessLogConfig::Format;

Address address_of(const char* text) {
  Address address;
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    address.length = sizeof v4;
  } else {
    REQUIRE(inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
    v6.sin6_family = AF_INET6;
    address.length = sizeof v6;
  }
  return address;
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("a line tells who asked for what and what came of it, in either format", "[access_log]") {
  const Address client = address_of("10.1.2.3");
  const std::string head = "GET /a?x=1 HTTP/1.1\r\nHost: h\r\nuser-agent: curl/7 \"q\"\r\nReferer:\thttp://r/\r\n\r\n";
  const AccessEntry entry{.at_us = 1'795'564'800'123'456,
                          .client = &client,
                          .method = "GET",
                          .target = "/a?x=1",
                          .request_head = head,
                          .status = 502,
                          .body_bytes = 7,
                          .elapsed = std::chrono::microseconds(1500),
                          .route = "default",
                          .side = "old",
                          .cause = "reset"};
  std::string json;
  std::string combined;

  append_entry(entry, Format::json, json);
  append_entry(entry, Format::combined, combined);

  CHECK(json ==
        R"({"at":"2026-11-25T00:00:00.123456Z","client":"10.1.2.3","method":"GET","target":"/a?x=1","status":502,)"
        R"("body_bytes":7,"elapsed_us":1500,"route":"default","side":"old","cause":"reset",)"
        R"("user_agent":"curl/7 \"q\"","request_id":"","traceparent":""})"
        "\n");
  CHECK(
      combined ==
      "10.1.2.3 - - [25/Nov/2026:00:00:00 +0000] \"GET /a?x=1 HTTP/1.1\" 502 7 \"http://r/\" \"curl/7 \\x22q\\x22\"\n");
}

TEST_CASE("whatever a client sends, a line is one line and an object is JSON", "[access_log]") {
  const Address client = address_of("::1");
  const std::string hostile = "a\"\\\x01\n\r\x7f\xff\xc3\xa4{}";
  const std::string head = "GET / HTTP/1.1\r\nUser-Agent: " + hostile.substr(0, 2) + "\xff\r\n\r\n";
  for (const Format format : {Format::json, Format::combined}) {
    std::string lines;

    append_entry({.client = &client, .method = "GET", .target = hostile, .request_head = head, .status = 200}, format,
                 lines);

    CHECK(std::count(lines.begin(), lines.end(), '\n') == 1);
    CHECK(std::all_of(lines.begin(), lines.end() - 1, [](char c) { return c >= 0x20 && c < 0x7f; }));
    if (format == Format::json) CHECK(nlohmann::json::accept(lines));
  }
}

TEST_CASE("lines reach the file, also after it was rotated", "[access_log]") {
  support::TemporaryDirectory folder;
  const std::string file = folder / "access.log";
  {
    AccessLog log({.file = file});
    std::string lines = "one\n";
    log.hand_over(lines);
    CHECK(lines.empty());
    while (content_of(file) != "one\n") std::this_thread::yield();
    std::filesystem::rename(file, folder / "access.log.1");
    log.reopen({.file = file});
    lines = "two\n";
    log.hand_over(lines);
  }

  CHECK(content_of(folder / "access.log.1") == "one\n");
  CHECK(content_of(file) == "two\n");
}

TEST_CASE("a log that cannot be written is told at the start and counted later", "[access_log]") {
  CHECK_THROWS_AS(AccessLog({.file = "/nowhere/access.log"}), std::runtime_error);
  std::string lines(100, 'x');
  std::uint64_t lost = 0;
  {
    AccessLog log({.file = "/dev/full"});
    log.hand_over(lines);
    while (log.lost_bytes() == 0) std::this_thread::yield();
    lost = log.lost_bytes();
  }
  CHECK(lost == 100);
}

TEST_CASE("connections are counted by address, those of IPv6 by network", "[client_counts]") {
  ClientCounts counts;
  CHECK(counts.enter(address_of("10.0.0.1"), 2));
  CHECK(counts.enter(address_of("10.0.0.1"), 2));
  CHECK_FALSE(counts.enter(address_of("10.0.0.1"), 2));
  CHECK_FALSE(counts.enter(address_of("::ffff:10.0.0.1"), 1));
  CHECK(counts.enter(address_of("10.0.0.2"), 2));
  CHECK(counts.enter(address_of("2001:db8::1"), 1));
  CHECK_FALSE(counts.enter(address_of("2001:db8::2"), 1));
  CHECK(counts.enter(address_of("2001:db8:0:1::1"), 1));

  counts.leave(address_of("10.0.0.1"));

  CHECK(counts.enter(address_of("10.0.0.1"), 2));
}

}  // namespace
