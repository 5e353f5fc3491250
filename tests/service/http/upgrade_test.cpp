// Switching protocols: RFC 9110 section 7.8.

#include "tests/service/http/play.h"
#include "tests/support/catch.h"

namespace http_suite {
namespace {

const Counts kUpgraded{{"not_selected/upgrade", 1}};
const std::string kSwitched = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n";

std::string upgrade(const std::string& lines) { return get(lines); }
const std::string kWebSocket = "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const std::string kAsked = upgrade("Connection: Upgrade\r\n" + kWebSocket);
const std::string kPassed = upgrade(kWebSocket + "Connection: upgrade\r\n");

const std::string kMuch(8 << 20, 'm');  // more than sockets take at once

TEST_CASE("A switched connection is tunnelled to the serving side alone", "[http]") {
  play_all({
      {.name = "bytes both ways",
       .why = "RFC 6455 1.2: nothing of them is HTTP",
       .client = {{kAsked, kSwitched},
                  {std::string("\x81\x00\r\n\r\nGET", 9), std::string("\x00\xff", 2)},
                  {.sends = "bye", .gets = "bye", .then = ClientTurn::Then::end_writing}},
       .old = {{kPassed, kSwitched},
               {std::string("\x81\x00\r\n\r\nGET", 9), std::string("\x00\xff", 2)},
               {"bye", "bye", SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "old speaks first",
       .why = "what comes with the 101 belongs to the new protocol",
       .client = {{kAsked, kSwitched + "hello"}},
       .old = {{kPassed, kSwitched + "hello", SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "the client does not wait",
       .why = "RFC 9110 7.8 wants it to; its bytes must not be read as a request",
       .client = {{kAsked + "GET /evil HTTP/1.1\r\nHost: h\r\n\r\n", kSwitched + "x"}},
       .old = {{kPassed, kSwitched}, {"GET /evil HTTP/1.1\r\nHost: h\r\n\r\n", "x", SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "an interim answer in front",
       .why = "RFC 9110 15.2",
       .client = {{kAsked, "HTTP/1.1 103 Hints\r\n\r\n" + kSwitched}},
       .old = {{kPassed, "HTTP/1.1 103 Hints\r\n\r\n" + kSwitched, SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "the client chooses among several",
       .why = "RFC 9110 7.8: a list, in order of preference; old takes one",
       .client = {{upgrade("Connection: upgrade\r\nUpgrade: chat/2, websocket\r\n"), kSwitched}},
       .old = {{upgrade("Upgrade: chat/2, websocket\r\nConnection: upgrade\r\n"), kSwitched, SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "with a wish for trailers",
       .why = "RFC 9110 7.6.1: one Connection names both",
       .client = {{upgrade("Connection: upgrade, te\r\nTE: trailers\r\nUpgrade: websocket\r\n"), kSwitched}},
       .old = {{upgrade("TE: trailers\r\nUpgrade: websocket\r\nConnection: upgrade, TE\r\n"), kSwitched,
                SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "the client ends its half behind much that old has not taken",
       .why = "half-closed is not gone: old gets all of it, then the end, and may still answer",
       .client = {{kAsked, kSwitched}, {.sends = kMuch, .gets = "x", .then = ClientTurn::Then::end_writing}},
       .old = {{kPassed, kSwitched}, {kMuch, "x"}},
       .fate = Fate::ended,
       .counts = kUpgraded},
      {.name = "old cuts it",
       .why = "a reset is passed on as one: a clean end would say that all is well",
       .client = {{kAsked, kSwitched}, {.sends = "x"}},
       .old = {{kPassed, kSwitched}, {.sees = "x", .then = SideTurn::Then::reset}},
       .fate = Fate::cut,
       .counts = kUpgraded},
      {.name = "old ends behind much that the client has not taken",
       .why = "half-closed is not gone: the client gets all of it, then the end",
       .client = {{kAsked, kSwitched + kMuch}},
       .old = {{.sees = kPassed, .says = kSwitched + kMuch, .then = SideTurn::Then::end}},
       .fate = Fate::ended,
       .counts = kUpgraded},
  });
}

TEST_CASE("Where new serves, a switched connection is tunnelled to new alone", "[http]") {
  const auto tunnel = [](comparator::Stage stage, std::string why, Counts counts) {
    return Case{.name = std::string(comparator::name(stage)),
                .why = std::move(why),
                .client = {{kAsked, kSwitched + "hello"}, {"ping", "pong"}, {.sends = "bye", .gets = "bye"}},
                .old = {},
                .fate = Fate::ended,
                .counts = std::move(counts),
                .other =
                    std::vector<SideTurn>{
                        {kPassed, kSwitched + "hello"}, {"ping", "pong"}, {"bye", "bye", SideTurn::Then::end}},
                .config = [stage](auto& config) { config.routes.back().stage = stage; }};
  };
  play_all({
      tunnel(comparator::Stage::reverse, "old would be the copy's side, and a tunnel has none", kUpgraded),
      tunnel(comparator::Stage::new_, "old is not asked at all", {{"not_selected/stage", 1}}),
  });
}

TEST_CASE("An upgrade that old declines is an answer like any other", "[http]") {
  play_all({
      {.name = "ignored",
       .why = "RFC 9110 7.8: a server may ignore it",
       .client = {{kAsked, ok()}},
       .old = {{kPassed, ok()}},
       .counts = kUpgraded,
       .old_is_kept = true},
      {.name = "426",
       .why = "RFC 9110 15.5.22: without Upgrade it would not say to what",
       .client = {{kAsked,
                   "HTTP/1.1 426 No\r\nUpgrade: websocket\r\nContent-Length: 0\r\nConnection: upgrade\r\n\r\n"}},
       .old = {{kPassed, "HTTP/1.1 426 No\r\nUpgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n"}},
       .counts = kUpgraded},
      {.name = "426 for what is not passed on",
       .why = "RFC 9113 3.1: who asks for h2c here gets none",
       .client = {{kAsked, "HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n"}},
       .old = {{kPassed,
                "HTTP/1.1 426 No\r\nUpgrade: websocket, h2c\r\nConnection: upgrade\r\nContent-Length: 0\r\n\r\n"}},
       .counts = kUpgraded},
  });
}

TEST_CASE("An upgrade that would change the protocol under us is not passed on", "[http]") {
  play_all({
      becomes("h2c", "RFC 9113 3.1; h2c smuggling goes past the proxy's rules",
              upgrade("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"), get()),
      becomes("h2c among others", "RFC 9110 7.8: old would choose",
              upgrade("Connection: upgrade\r\nUpgrade: websocket, h2c\r\n"), get()),
      becomes("h2c in a second line", "RFC 9110 5.3: one list in two lines; who looks at the first alone passes it",
              upgrade("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: H2C\r\n"), get()),
      becomes("h2c in capitals", "RFC 9110 7.8: names have no case", upgrade("Connection: upgrade\r\nUpgrade: H2C\r\n"),
              get()),
      becomes("h2c whose settings are not named", "the field alone tells what is tried",
              upgrade("Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n"), get()),
      becomes("another version of HTTP", "RFC 9110 7.8: HTTP/2.0 as a protocol name",
              upgrade("Connection: upgrade\r\nUpgrade: HTTP/2.0\r\n"), get()),
      becomes("an empty Upgrade", "RFC 9110 7.8: nothing to switch to", upgrade("Connection: upgrade\r\nUpgrade:\r\n"),
              get()),
      becomes("nothing to upgrade to", "RFC 9110 7.6.1: an option without its field",
              upgrade("Connection: upgrade\r\n"), get()),
  });
  auto with_body =
      passes("a request with a body", "RFC 9110 7.8: a server may ignore it; bodies are re-framed, a tunnel is not",
             post("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 2\r\n", "hi"));
  with_body.old[0].sees = post("Content-Length: 2\r\n", "hi");
  play_all({with_body});
}

TEST_CASE("A 101 that nobody asked for is worth nothing", "[http]") {
  auto asked = [](std::string name, std::string why, const std::string& sends, const std::string& sees,
                  const std::string& says) {
    return Case{.name = std::move(name),
                .why = std::move(why),
                .client = {{.sends = sends, .problem = 502}},
                .old = {{sees, says}},
                .fate = Fate::ended,
                .counts = kUpgraded,
                .other = std::vector<SideTurn>{}};
  };
  play_all({
      bad_answer("no upgrade asked", "RFC 9110 7.8: must not switch to what was not indicated", kSwitched),
      asked("to another protocol", "RFC 9110 7.8: must not switch to a protocol that was not indicated", kAsked,
            kPassed, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
      asked("to no protocol", "RFC 9110 15.2.2: must have Upgrade", kAsked, kPassed,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n"),
  });
}

}  // namespace
}  // namespace http_suite
