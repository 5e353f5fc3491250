#include "tests/support/fault_proxy.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <string>
#include <utility>

#include "tests/support/socket.h"

namespace support {
namespace {

using Clock = std::chrono::steady_clock;
using Fault = FaultProxy::Fault;

constexpr std::size_t kMostKept = 256 * 1024;
constexpr std::size_t kRead = 16 * 1024;
constexpr int kLook = 20;  // ms: how soon a connection sees that the proxy stops

// One direction of one connection.
class Lane {
 public:
  Lane(Socket& from, Socket& to, const Fault& fault) : from_(from), to_(to), fault_(fault) {}

  short wants_to_read() const { return !ended_ && kept_bytes_ < kMostKept ? POLLIN : 0; }
  short wants_to_write(Clock::time_point now) const { return !kept_.empty() && due() <= now ? POLLOUT : 0; }
  /// When something is to be done that no event tells.
  Clock::time_point due() const {
    return kept_.empty() ? Clock::time_point::max() : std::max(kept_.front().due, next_);
  }
  bool over() const { return passed_end_; }
  bool reset() const { return reset_; }

  void read(Clock::time_point now) {
    std::string bytes(kRead, '\0');
    const auto got = recv(from_.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) reset_ = true;
    if (got <= 0) ended_ = true;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    kept_bytes_ += bytes.size();
    if (!bytes.empty()) kept_.push_back({now + fault_.latency, std::move(bytes)});
  }

  // One segment of what is due.
  void write(Clock::time_point now) {
    auto& bytes = kept_.front().bytes;
    const auto may_pass = std::min(fault_.reset_after, fault_.vanish_after) - passed_;
    auto size = std::min({bytes.size(), fault_.slice, may_pass});
    if (fault_.bytes_per_second != Fault::kNever)
      size = std::min(size, std::max<std::size_t>(fault_.bytes_per_second / 100, 1));
    const auto sent = size > 0 ? send(to_.fd(), bytes.data(), size, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) reset_ = true;
    const auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    passed_ += done;
    if (passed_ == fault_.reset_after) reset_ = true;
    // What falls into the hole is taken all the same, so that its sender notices nothing.
    drop(passed_ == fault_.vanish_after ? bytes.size() : done);
    if (fault_.bytes_per_second != Fault::kNever) {
      next_ = now + std::chrono::nanoseconds(std::chrono::seconds(1)) * static_cast<std::int64_t>(done) /
                        static_cast<std::int64_t>(fault_.bytes_per_second);
    }
  }

  void pass_end() {
    if (!ended_ || passed_end_ || !kept_.empty() || passed_ == fault_.vanish_after) return;
    to_.shut_down_writing();
    passed_end_ = true;
  }

 private:
  struct Kept {
    Clock::time_point due;
    std::string bytes;
  };

  void drop(std::size_t size) {
    kept_bytes_ -= size;
    auto& bytes = kept_.front().bytes;
    bytes.erase(0, size);
    if (bytes.empty()) kept_.pop_front();
  }

  Socket& from_;
  Socket& to_;
  const Fault& fault_;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
  std::size_t passed_ = 0;
  Clock::time_point next_{};
  bool ended_ = false;
  bool passed_end_ = false;
  bool reset_ = false;
};

int wait_ms(Clock::time_point due, Clock::time_point now) {
  if (due == Clock::time_point::max()) return kLook;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, kLook));
}

void send_at_once(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

FaultProxy::FaultProxy(std::uint16_t server_port, const Faults& faults)
    : server_port_(server_port), faults_(faults), listener_(listen_on_loopback(port_)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

FaultProxy::~FaultProxy() {
  stopping_ = true;
  acceptor_.join();
  for (auto& thread : threads_) thread.join();
  close(listener_);
}

void FaultProxy::accept_all() {
  while (!stopping_) {
    pollfd wait{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kLook) <= 0) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void FaultProxy::serve(int fd) const {
  Socket client(fd);
  Socket server = Socket::connect(server_port_);
  if (!server.open()) return client.close_with_reset();
  send_at_once(fd);
  Lane up(client, server, faults_.to_server);
  Lane down(server, client, faults_.to_client);
  while (!stopping_ && !(up.over() && down.over())) {
    auto now = Clock::now();
    const auto at_client = static_cast<short>(up.wants_to_read() | down.wants_to_write(now));
    const auto at_server = static_cast<short>(down.wants_to_read() | up.wants_to_write(now));
    // One that is waited for in no way is left out, or its end would wake us again and again.
    pollfd wait[] = {{.fd = at_client != 0 ? client.fd() : -1, .events = at_client, .revents = 0},
                     {.fd = at_server != 0 ? server.fd() : -1, .events = at_server, .revents = 0}};
    poll(wait, 2, wait_ms(std::min(up.due(), down.due()), now));
    now = Clock::now();
    constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
    if ((wait[0].revents & kReadable) != 0 && up.wants_to_read() != 0) up.read(now);
    if ((wait[1].revents & kReadable) != 0 && down.wants_to_read() != 0) down.read(now);
    if (up.wants_to_write(now) != 0 && (wait[1].revents & POLLOUT) != 0) up.write(now);
    if (down.wants_to_write(now) != 0 && (wait[0].revents & POLLOUT) != 0) down.write(now);
    up.pass_end();
    down.pass_end();
    if (up.reset() || down.reset()) {
      client.close_with_reset();
      server.close_with_reset();
      return;
    }
  }
}

}  // namespace support
