#include "comparator/admin/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace comparator::admin {

bool OpenSockets::add(int socket) {
  const std::lock_guard lock(mutex_);
  if (!stopping_) sockets_.insert(socket);
  return !stopping_;
}

void OpenSockets::remove(int socket) {
  const std::lock_guard lock(mutex_);
  sockets_.erase(socket);
}

void OpenSockets::end_all() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

Connection::Connection(int socket, Limits limits)
    : socket_(socket), limits_(limits), deadline_(Clock::now() + limits.request_time) {}

bool Connection::wait_for(short events) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now());
    if (left.count() <= 0) return false;
    pollfd entry{.fd = socket_, .events = events, .revents = 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return (entry.revents & (POLLERR | POLLNVAL)) == 0;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Connection::is_readable() const { return begin_ < end_ || wait_for(POLLIN); }

bool Connection::is_writable() const { return wait_for(POLLOUT); }

bool Connection::fill() {
  if (received_ >= limits_.head_bytes || !wait_for(POLLIN)) return false;
  const auto room = std::min(buffer_.size(), limits_.head_bytes - received_);
  const auto got = ::recv(socket_, buffer_.data(), room, MSG_DONTWAIT);
  if (got <= 0) return false;
  received_ += static_cast<std::size_t>(got);
  begin_ = 0;
  end_ = static_cast<std::size_t>(got);
  return true;
}

ssize_t Connection::read(char* to, std::size_t size) {
  if (begin_ == end_ && !fill()) return -1;
  const auto taken = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, taken);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t Connection::write(const char* from, std::size_t size) {
  if (!answering_) {
    answering_ = true;
    deadline_ = Clock::now() + limits_.response_time;
  }
  if (!wait_for(POLLOUT)) return -1;
  const auto sent = ::send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return sent;
  return errno == EINTR || errno == EAGAIN ? 0 : -1;
}

// Who asks is of no interest here, and nothing is logged about it.
void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const { get_remote_ip_and_port(ip, port); }

}  // namespace comparator::admin
