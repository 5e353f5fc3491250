// A connection's life: keep-alive, pipelining, half-close, early answers, stale connections. RFC 9112 section 9.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

using Then = SideTurn::Then;

std::string numbered(int i, const std::string& lines = "") {
  return "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n";
}
std::string answer(int i) { return ok("answer " + std::to_string(i)); }

TEST_CASE("A connection goes on as both ends wish", "[http]") {
  auto two = Case{.name = "two requests",
                  .why = "RFC 9112 9.3: persistent unless told otherwise",
                  .client = {{numbered(1), answer(1)}, {numbered(2), answer(2)}},
                  .old = {{numbered(1), answer(1)}, {numbered(2), answer(2)}},
                  .counts = {{"match", 2}},
                  .old_is_kept = true};
  auto client_closes = passes("the client closes", "RFC 9112 9.6: the answer says so, and the end follows",
                              get("Connection: close\r\n"), ok());
  client_closes.client[0].gets = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
  client_closes.old[0].sees = get();
  client_closes.fate = Fate::ended;
  auto in_a_list = client_closes;
  in_a_list.name = "the client closes in a list, in capitals";
  in_a_list.why = "RFC 9110 7.6.1: options have no case";
  in_a_list.client[0].sends = get("Connection: x-a, CLOSE\r\n");
  auto not_close =
      becomes("an option that only begins so", "RFC 9110 7.6.1: whole tokens", get("Connection: close-not\r\n"), get());
  auto old_closes = answer_becomes("old closes", "RFC 9112 9.6: its connection ends, not the client's",
                                   "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", ok());
  old_closes.old[0].then = Then::end;
  auto old_ends = passes("old ends without a word", "RFC 9112 9.3: it may at any time", get(), ok());
  old_ends.old[0].then = Then::end;
  auto an_empty_line = Case{.name = "an empty line between requests",
                            .why = "RFC 9112 2.2: ignore one; old clients send it behind a body",
                            .client = {{get() + "\r\n", ok()}},
                            .old = {{get(), ok()}}};
  auto behind_close = client_closes;
  behind_close.name = "a request behind the last";
  behind_close.why = "RFC 9112 9.6: must not be processed";
  behind_close.client[0].sends = get("Connection: close\r\n") + get();
  play_all({two, client_closes, in_a_list, not_close, old_closes, old_ends, an_empty_line, behind_close});
}

TEST_CASE("Pipelined requests are answered in their order", "[http]") {
  auto three = Case{.name = "three at once",
                    .why = "RFC 9112 9.3.2: answers in the order of requests",
                    .client = {{numbered(1) + numbered(2) + numbered(3), answer(1) + answer(2) + answer(3)}},
                    .old = {{numbered(1), answer(1)}, {numbered(2), answer(2)}, {numbered(3), answer(3)}},
                    .counts = {{"match", 3}}};
  auto with_bodies = Case{.name = "behind bodies",
                          .why = "RFC 9112 9.3.2: each begins where the last body ends",
                          .client = {{post("Content-Length: 2\r\n", "hi") +
                                          post("Transfer-Encoding: chunked\r\n", "2\r\nho\r\n0\r\n\r\n") + numbered(3),
                                      answer(1) + answer(2) + answer(3)}},
                          .old = {{post("Content-Length: 2\r\n", "hi"), answer(1)},
                                  {post("Transfer-Encoding: chunked\r\n", "2\r\nho\r\n0\r\n\r\n"), answer(2)},
                                  {numbered(3), answer(3)}},
                          .counts = {{"match", 1}, {"not_selected/method", 2}},
                          .other = std::vector<SideTurn>{{copy_of(numbered(3)), answer(3)}}};
  auto refused_in_the_middle =
      Case{.name = "a bad one in the middle",
           .why = "the good one in front is answered, the one behind never served",
           .client = {{numbered(1) + "BAD\r\n\r\n" + numbered(3), answer(1)}, {.sends = "", .problem = 400}},
           .old = {{numbered(1), answer(1)}},
           .fate = Fate::ended,
           .refused = 400};
  auto failed_in_the_middle =
      Case{.name = "one that old fails at",
           .why = "RFC 9112 9.3.2: what is behind it is not known to be wanted; the connection ends",
           .client = {{numbered(1) + numbered(2) + numbered(3), answer(1)}, {.sends = "", .problem = 502}},
           .old = {{numbered(1), answer(1)}, {numbered(2), "nonsense\r\n\r\n"}},
           .fate = Fate::ended,
           .counts = {{"match", 1}, {"old_failed/invalid_http", 1}},
           .other = std::vector<SideTurn>{{copy_of(numbered(1)), answer(1)}, {copy_of(numbered(2)), answer(2)}}};
  auto cut_in_pieces = three;
  cut_in_pieces.name = "in odd pieces";
  cut_in_pieces.why = "nothing depends on how bytes arrive";
  const auto all = numbered(1) + numbered(2) + numbered(3);
  cut_in_pieces.client = {{all.substr(0, 5)}, {all.substr(5, 40), answer(1)}, {all.substr(45), answer(2) + answer(3)}};
  play_all({three, with_bodies, refused_in_the_middle, failed_in_the_middle, cut_in_pieces});
  play_all_byte_by_byte({three, with_bodies});
}

TEST_CASE("A client that ends its half still gets its answers", "[http]") {
  const auto end = ClientTurn::Then::end_writing;
  play_all({
      {.name = "behind a request",
       .why = "RFC 9112 9.6: half-closed is not gone; netcat and old libraries do it",
       .client = {{.sends = get(), .gets = ok(), .then = end}},
       .old = {{get(), ok()}},
       .fate = Fate::ended},
      {.name = "behind a body",
       .why = "RFC 9112 9.6",
       .client = {{.sends = post("Content-Length: 2\r\n", "hi"), .gets = ok(), .then = end}},
       .old = {{post("Content-Length: 2\r\n", "hi"), ok()}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}}},
      {.name = "behind pipelined requests",
       .why = "RFC 9112 9.3.2: all of them are owed",
       .client = {{.sends = numbered(1) + numbered(2), .gets = answer(1) + answer(2), .then = end}},
       .old = {{numbered(1), answer(1)}, {numbered(2), answer(2)}},
       .fate = Fate::ended,
       .counts = {{"match", 2}}},
      {.name = "within a head",
       .why = "RFC 9112 8: an incomplete request is none",
       .client = {{.sends = "GET /a HTTP/1.1\r\nHost:", .then = end}},
       .old = {},
       .fate = Fate::ended,
       .counts = {}},
      {.name = "within a body",
       .why = "RFC 9112 8: incomplete; old must not take it for whole",
       .client = {{.sends = post("Content-Length: 9\r\n", "half"), .then = end}},
       .old = {{post("Content-Length: 9\r\n", "half")}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}}},
      {.name = "between chunks",
       .why = "RFC 9112 8: without the last chunk; old must not see one",
       .client = {{.sends = post("Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n"), .then = end}},
       .old = {{post("Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n")}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}}},
  });
}

TEST_CASE("A client that goes is counted, and costs the side its connection", "[http]") {
  play_all({
      {.name = "within its body",
       .why = "RFC 9112 8: old sees the end, not a whole request",
       .client = {{.sends = post("Content-Length: 9\r\n", "half"), .then = ClientTurn::Then::leave}},
       .old = {{post("Content-Length: 9\r\n", "half")}},
       .fate = Fate::left,
       .counts = {{"not_selected/method", 1}}},
      {.name = "before anything",
       .why = "connections that are only opened are no requests",
       .client = {{.sends = "", .then = ClientTurn::Then::leave}},
       .old = {},
       .fate = Fate::left,
       .counts = {}},
      {.name = "within its head, by a reset",
       .why = "RFC 9112 8",
       .client = {{.sends = "GET /a HT", .then = ClientTurn::Then::reset}},
       .old = {},
       .fate = Fate::left,
       .counts = {}},
  });
}

TEST_CASE("An answer may come before the request is whole", "[http]") {
  const auto head = post("Content-Length: 9\r\n", "half");
  play_all({
      {.name = "a refusal",
       .why = "RFC 9112 9.3 and 9.5: the rest cannot be told from a request, so the connection ends",
       .client = {{head, "HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}},
       .old = {{.sees = head, .says = "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", .then = Then::end}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}}},
      {.name = "the rest that comes all the same",
       .why = "RFC 9112 9.6: read for a while, so that the answer is not lost; never served",
       .client = {{head, "HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}, {"12345" + get()}},
       .old = {{.sees = head, .says = "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", .then = Then::end}},
       .fate = Fate::ended,
       .counts = {{"not_selected/method", 1}}},
  });
}

// The first request of a connection is answered; old ends it when it has read the second.
Case stale(std::string name, std::string why, std::string second, bool again, Then how = Then::end) {
  Case row{.name = std::move(name),
           .why = std::move(why),
           .client = {{get(), ok()}, {.sends = second}},
           .old = {{get(), ok()}, {.sees = second, .says = "", .then = how}}};
  const bool copied = second.starts_with("GET ") || second.starts_with("HEAD ");
  const bool to_head = second.starts_with("HEAD ");
  const auto last = to_head ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : ok();
  row.other = std::vector<SideTurn>{{copy_of(get()), ok()}};
  if (copied) row.other->push_back({copy_of(second), last});
  row.counts = copied ? Counts{{"match", 2}} : Counts{{"match", 1}, {"not_selected/method", 1}};
  if (again) {
    row.old.push_back({second, last});
    row.client[1].gets = last;
  } else {
    row.client[1].problem = 502;
    row.fate = Fate::ended;
  }
  return row;
}

TEST_CASE("A stale connection to old is replaced once, where that is safe", "[http]") {
  const auto line = [](const std::string& method) { return method + " /a HTTP/1.1\r\nHost: h\r\n\r\n"; };
  auto answered = stale("a GET that was half answered", "RFC 9112 9.3.1: not when something came back", get(), false);
  answered.old[1].says = "HTTP/1.1 2";
  answered.counts = {{"match", 1}, {"old_failed/closed_early", 1}};
  auto interim = stale("a GET with an interim answer", "RFC 9112 9.3.1: not when something came back", get(), false);
  interim.old[1].says = "HTTP/1.1 103 Hints\r\n\r\n";
  interim.client[1] = {.sends = get(), .gets = "HTTP/1.1 103 Hints\r\n\r\n"};
  interim.client.push_back({.sends = "", .problem = 502});
  interim.counts = {{"match", 1}, {"old_failed/closed_early", 1}};
  auto twice = stale("a GET, and the new connection fails too", "RFC 9112 9.3.1: once", get(), true);
  twice.old[2] = {.sees = get(), .says = "", .then = Then::end};
  twice.client[1] = {.sends = get(), .problem = 502};
  twice.fate = Fate::ended;
  twice.counts = {{"match", 1}, {"old_failed/closed_early", 1}};
  auto fresh = bad_answer("a GET on a new connection", "RFC 9112 9.3.1 speaks of reused ones: it is old that fails", "",
                          502, "old_failed/closed_early");
  fresh.old[0].then = Then::end;
  play_all({
      stale("a GET", "RFC 9110 9.2.2: idempotent", get(), true),
      stale("a GET, by a reset", "RFC 9110 9.2.2: idempotent", get(), true, Then::reset),
      stale("a HEAD", "RFC 9110 9.2.2: idempotent", line("HEAD"), true),
      stale("a DELETE without a body", "RFC 9110 9.2.2: idempotent", line("DELETE"), true),
      stale("OPTIONS", "RFC 9110 9.2.2: idempotent", line("OPTIONS"), true),
      stale("a POST", "RFC 9110 9.2.2: a proxy must not retry what is not idempotent", line("POST"), false),
      stale("a PATCH", "RFC 9110 9.2.2: not idempotent", line("PATCH"), false),
      stale("a method nobody knows", "RFC 9110 9.2.2: not known to be idempotent", line("BREW"), false),
      stale("a PUT with a body", "its bytes are not kept, so it cannot be repeated whole",
            "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", false),
      answered,
      interim,
      twice,
      fresh,
  });
}

}  // namespace
}  // namespace http_suite
