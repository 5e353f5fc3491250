#include "tests/support/faults.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace support::faults {
namespace {

constexpr std::size_t kBlock = kHugePeriod * 64;

ScriptedSide::Script for_each_request(std::function<void(Peer&)> then) {
  return [then = std::move(then)](Peer& peer) {
    Received request;
    while (peer.socket().open() && peer.read(request)) then(peer);
  };
}

// Whether the kernel has taken this connection up, which it does at once while there is room.
bool taken(int fd) {
  pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&wait, 1, 20) > 0;
}

}  // namespace

std::string good_answer() { return answer("fine", "Content-Type: text/plain\r\n"); }

ScriptedSide::Script well() {
  return ScriptedSide::answering([](const Received&) { return good_answer(); });
}

ScriptedSide::Script hangs() {
  return [](Peer& peer) { peer.hang(); };
}

ScriptedSide::Script drips(std::chrono::milliseconds pause) {
  return for_each_request([pause](Peer& peer) { peer.drip(good_answer(), pause); });
}

ScriptedSide::Script says(std::string bytes) {
  return for_each_request([bytes = std::move(bytes)](Peer& peer) {
    peer.send(bytes);
    peer.socket().close();
  });
}

ScriptedSide::Script says_and_resets(std::string bytes) {
  return for_each_request([bytes = std::move(bytes)](Peer& peer) {
    peer.send(bytes);
    peer.socket().close_with_reset();
  });
}

ScriptedSide::Script says_at_once(std::string bytes) {
  return [bytes = std::move(bytes)](Peer& peer) {
    peer.send(bytes);
    peer.socket().shut_down_writing();
    peer.hang();
  };
}

ScriptedSide::Script has_headers(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "X-Padding: 1\r\n";
  return says(answer("fine", lines));
}

ScriptedSide::Script sends_bytes(std::uint64_t bytes) {
  return for_each_request([bytes](Peer& peer) {
    std::string block(kBlock, '\0');
    for (std::size_t i = 0; i < block.size(); ++i) block[i] = huge_byte(i);
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
    for (std::uint64_t left = bytes; left > 0 && !peer.stopping();) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
      if (!peer.send(std::string_view(block).substr(0, piece))) break;
      left -= piece;
    }
  });
}

SilentPort::SilentPort() : listener_(listen_on_loopback(port_)) {
  if (listen(listener_, 0) < 0) throw std::runtime_error("listen");  // the backlog, anew
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (int i = 0; i < 16; ++i) {
    waiting_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int made = connect(waiting_.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (made < 0 && errno != EINPROGRESS) throw std::runtime_error("connect");
    if (!taken(waiting_.back())) return;
  }
  throw std::runtime_error("a backlog that never fills");
}

SilentPort::~SilentPort() {
  for (const int fd : waiting_) close(fd);
  close(listener_);
}

}  // namespace support::faults
