// What the fault suites rely on: that the tools which spoil traffic spoil it as they say, and nothing else.

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/faults.h"

namespace {

using namespace std::chrono_literals;
using support::FaultProxy;
using support::ScriptedSide;
using support::Socket;
namespace faults = support::faults;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// What a side says through a proxy with this fault on the way back, and how long that took.
struct Seen {
  std::string bytes;
  std::chrono::steady_clock::duration time;
  bool reset;
};

Seen see(std::string said, const FaultProxy::Fault& fault) {
  ScriptedSide side(faults::says(std::move(said)));
  FaultProxy proxy(side.port(), {.to_client = fault});
  Socket client = Socket::connect(proxy.port());
  const auto begun = std::chrono::steady_clock::now();
  client.send(kGet);
  auto bytes = client.receive_all();
  return {std::move(bytes), std::chrono::steady_clock::now() - begun, client.was_reset()};
}

std::string many_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 31 + (i >> 8));
  return bytes;
}

TEST_CASE("A fault proxy without a fault passes every byte and the end, both ways", "[tools]") {
  ScriptedSide echo([](support::Peer& peer) { peer.send(peer.socket().receive_all()); });
  FaultProxy proxy(echo.port(), {});
  Socket client = Socket::connect(proxy.port());
  const auto bytes = many_bytes(1 << 20);

  client.send(bytes);
  client.shut_down_writing();

  CHECK((client.receive_all() == bytes));
  CHECK(proxy.connections() == 1);
}

TEST_CASE("A fault proxy's latency delays, and changes no byte", "[tools]") {
  const auto seen = see("hello", {.latency = 60ms});

  CHECK(seen.bytes == "hello");
  CHECK(seen.time >= 60ms);
}

TEST_CASE("A fault proxy's bandwidth is kept to", "[tools]") {
  const auto bytes = many_bytes(10'000);

  const auto seen = see(bytes, {.bytes_per_second = 100'000});

  CHECK((seen.bytes == bytes));
  CHECK(seen.time >= 90ms);  // ten pieces with nine pauses between them
}

TEST_CASE("A fault proxy's slices change no byte, and come apart", "[tools]") {
  ScriptedSide side(faults::says("0123456789"));
  FaultProxy proxy(side.port(), {.to_client = {.bytes_per_second = 1000, .slice = 3}});
  Socket client = Socket::connect(proxy.port());
  client.send(kGet);

  std::string all;
  for (auto piece = client.receive(); !piece.empty(); piece = client.receive()) {
    all += piece;
    if (all.size() == piece.size()) CHECK(piece.size() <= 3);  // later ones may have met in the socket
  }

  CHECK(all == "0123456789");
}

TEST_CASE("A fault proxy resets after as many bytes as it was told, also after none", "[tools]") {
  const auto some = see("0123456789", {.reset_after = 4});
  const auto none = see("0123456789", {.reset_after = 0});

  CHECK(some.bytes == "0123");
  CHECK(some.reset);
  CHECK(none.bytes.empty());
  CHECK(none.reset);
}

TEST_CASE("A fault proxy's black hole swallows bytes and the end, and leaves the connection open", "[tools]") {
  ScriptedSide side(faults::says("0123456789"));
  FaultProxy proxy(side.port(), {.to_client = {.vanish_after = 4}});
  Socket client = Socket::connect(proxy.port());
  client.send(kGet);

  CHECK(client.receive_exactly(4) == "0123");
  CHECK(client.receive(1, 100ms).empty());
  CHECK(client.send("still there?"));
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("A silent port neither accepts nor refuses", "[tools]") {
  const faults::SilentPort silent;
  const Socket client(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(silent.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  const int made = connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);

  CHECK((made < 0 && errno == EINPROGRESS));
  pollfd wait{.fd = client.fd(), .events = POLLOUT, .revents = 0};
  CHECK(poll(&wait, 1, 100) == 0);
}

TEST_CASE("A side that sends many bytes sends them as its reader expects", "[tools]") {
  constexpr std::uint64_t kBytes = 1'000'003;
  ScriptedSide side(faults::sends_bytes(kBytes));
  Socket client = Socket::connect(side.port());
  client.send(kGet);
  CHECK(client.receive_until("\r\n\r\n").find("Content-Length: 1000003") != std::string::npos);

  std::uint64_t at = 0;
  bool same = true;
  while (at < kBytes) {
    const auto piece = client.receive();
    if (piece.empty()) break;
    for (const char byte : piece) same &= byte == faults::huge_byte(at++);
  }

  CHECK(at == kBytes);
  CHECK(same);
}

}  // namespace
