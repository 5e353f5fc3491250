// What a client may send, and how long it and its answer may take; each limit with its status.

#include <chrono>

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

using namespace std::chrono_literals;
using Change = support::RunningService::Change;

Case with(Change change, Case row) {
  row.config = std::move(change);
  return row;
}

Case reaching(std::string limit, Change change, Case row) {
  row.limit = std::move(limit);
  return with(std::move(change), std::move(row));
}

std::string target(std::size_t bytes) { return "GET /" + std::string(bytes - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"; }

TEST_CASE("A head has its limits, each with a status", "[http]") {
  const auto small_target = [](auto& config) { config.limits.target_bytes = 100; };
  const auto three_fields = [](auto& config) { config.limits.header_count = 3; };
  const auto small_head = [](auto& config) { config.limits.head_bytes = 1024; };
  const auto filled = [](std::size_t bytes) {
    return get("X: " + std::string(bytes - get("X: \r\n").size(), 'a') + "\r\n");
  };
  play_all({
      with(small_target, passes("a target at its limit", "RFC 9112 3", target(100))),
      reaching("target_bytes", small_target, refused("a target over its limit", "RFC 9110 15.5.15", target(101), 414)),
      reaching("target_bytes", small_target,
               refused("a target over its limit, asked for by HEAD", "RFC 9110 9.3.2: no content, whoever answers",
                       "HEAD /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 414)),
      reaching("target_bytes", small_target,
               refused("a target without an end", "refused when it is too long, not when it ends",
                       "GET /" + std::string(200, 'a'), 414)),
      with(three_fields, passes("as many fields as allowed", "RFC 6585 5", get("A: 1\r\nB: 2\r\n"))),
      reaching("header_count", three_fields,
               refused("a field too many", "RFC 6585 5", get("A: 1\r\nB: 2\r\nC: 3\r\n"), 431)),
      with(small_head, passes("a head at its limit", "RFC 6585 5", filled(1024))),
      reaching("head_bytes", small_head, refused("a head over its limit", "RFC 6585 5", filled(1025), 431)),
      reaching("head_bytes", small_head,
               refused("a field without an end", "refused when it is too long, not when it ends",
                       "GET /a HTTP/1.1\r\nX: " + std::string(2000, 'a'), 431)),
      with(small_head, refused("a method without an end", "RFC 9112 3", std::string(2000, 'a'), 501)),
  });
}

TEST_CASE("A body has its limit, whatever its framing", "[http]") {
  const auto ten = [](auto& config) { config.limits.body_bytes = 10; };
  const auto chunked = post("Transfer-Encoding: chunked\r\n", "");
  auto too_many = Case{.name = "chunks over it",
                       .why = "RFC 9110 15.5.14: also where no length was told; old must not see an end",
                       .client = {{.sends = chunked + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", .problem = 413}},
                       .old = {{chunked + "5\r\nhello\r\n"}},
                       .fate = Fate::ended,
                       .counts = {{"not_selected/method", 1}}};
  play_all({
      with(ten, passes("a length at it", "RFC 9110 15.5.14", post("Content-Length: 10\r\n", "0123456789"))),
      reaching("body_bytes", ten,
               refused("a length over it", "RFC 9110 15.5.14: before a byte of it is read",
                       post("Content-Length: 11\r\n", ""), 413)),
      reaching("body_bytes", ten,
               refused("a length over it, with an expectation", "RFC 9110 10.1.1: the final status instead of a 100",
                       post("Expect: 100-continue\r\nContent-Length: 11\r\n", ""), 413)),
      with(ten, passes("chunks at it", "RFC 9110 15.5.14", chunked + "a\r\n0123456789\r\n0\r\n\r\n")),
      reaching("body_bytes", ten, too_many),
  });
}

TEST_CASE("Who is slow is told so, or ended", "[http]") {
  const auto fast = [](auto& config) {
    config.limits.head_timeout = 100ms;
    config.limits.body_timeout = 100ms;
  };
  const auto soon_idle = [](auto& config) { config.limits.idle_timeout = 1s; };
  const auto head = post("Content-Length: 9\r\n", "half");
  auto body = Case{.name = "a body that stops",
                   .why = "RFC 9110 15.5.9",
                   .client = {{.sends = head, .problem = 408}},
                   .old = {{head}},
                   .fate = Fate::ended,
                   .counts = {{"not_selected/method", 1}}};
  auto idle = Case{.name = "a connection that brings nothing more",
                   .why = "RFC 9112 9.5: closed without a word, since a 408 could be taken for an answer",
                   .client = {{get(), ok()}},
                   .old = {{get(), ok()}},
                   .fate = Fate::ended};
  play_all({
      reaching("head_timeout", fast,
               refused("a head that stops", "RFC 9110 15.5.9; slowloris", "GET /a HTTP/1.1\r\nHost:", 408)),
      reaching("body_timeout", fast, body),
      reaching("idle_timeout", soon_idle, idle),
  });
}

TEST_CASE("A request and its answer have a time in all, if one is set", "[http]") {
  const auto soon = [](auto& config) { config.limits.request_timeout = 1s; };
  const auto head = post("Content-Length: 9\r\n", "half");
  auto body = Case{.name = "the request",
                   .why = "whatever its parts are given",
                   .client = {{.sends = head, .problem = 408}},
                   .old = {{head}},
                   .fate = Fate::ended,
                   .counts = {{"not_selected/method", 1}}};
  auto silent = bad_answer("the answer's beginning", "RFC 9110 15.6.5", "", 504, "old_failed/timeout");
  silent.old[0].then = SideTurn::Then::hang;
  auto half = silent;
  half.name = "the answer's end";
  half.why = "RFC 9112 8: cut short, and seen to be";
  half.old[0].says = half.client[0].gets = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
  half.client[0].problem = 0;
  play_all({reaching("request_timeout", soon, body), reaching("request_timeout", soon, silent),
            reaching("request_timeout", soon, half)});
}

TEST_CASE("A connection has its number of requests, if one is set", "[http]") {
  const auto two = [](auto& config) { config.limits.requests_per_connection = 2; };
  const auto last = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
  play_all({
      reaching("requests_per_connection", two,
               {.name = "the last is answered and told",
                .why = "RFC 9112 9.6: close, then the end",
                .client = {{get(), ok()}, {get(), last}},
                .old = {{get(), ok()}, {get(), ok()}},
                .fate = Fate::ended,
                .counts = {{"match", 2}}}),
      reaching("requests_per_connection", two,
               {.name = "what is pipelined behind it is not served",
                .why = "RFC 9112 9.6: must not be processed; the client knows which to repeat",
                .client = {{get() + get() + get(), ok() + last}},
                .old = {{get(), ok()}, {get(), ok()}},
                .fate = Fate::ended,
                .counts = {{"match", 2}}}),
      with([](auto& config) { config.limits.requests_per_connection = 0; }, {.name = "none is set",
                                                                             .why = "0 is no limit",
                                                                             .client = {{get(), ok()}, {get(), ok()}},
                                                                             .old = {{get(), ok()}, {get(), ok()}},
                                                                             .counts = {{"match", 2}}}),
  });
}

}  // namespace
}  // namespace http_suite
