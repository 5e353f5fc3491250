#include "tests/support/socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace support {
namespace {

sockaddr_in loopback(std::uint16_t port, const char* host = "127.0.0.1") {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

std::uint16_t bind_to_loopback(int fd, std::uint16_t port = 0, const char* host = "127.0.0.1") {
  auto address = loopback(port, host);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) < 0) throw std::runtime_error("bind");
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int shared_socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  return fd;
}

}  // namespace

Socket::Socket(Socket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), reset_(other.reset_), ahead_(std::move(other.ahead_)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    reset_ = other.reset_;
    ahead_ = std::move(other.ahead_);
  }
  return *this;
}

Socket Socket::connect(std::uint16_t port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto address = loopback(port);
  if (::connect(socket.fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) socket.close();
  if (socket.open()) {
    const int on = 1;
    setsockopt(socket.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return socket;
}

bool Socket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string Socket::receive(std::size_t at_most, std::chrono::milliseconds patience) {
  if (!ahead_.empty()) {
    std::string bytes = ahead_.substr(0, at_most);
    ahead_.erase(0, bytes.size());
    return bytes;
  }
  pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
  if (poll(&wait, 1, static_cast<int>(patience.count())) <= 0) return {};
  std::string bytes(std::min<std::size_t>(at_most, 256 << 10), '\0');
  const auto got = recv(fd_, bytes.data(), bytes.size(), 0);
  if (got < 0) reset_ = true;
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

std::string Socket::receive_until(std::string_view text) {
  std::string bytes;
  for (;;) {
    const auto at = bytes.find(text);
    if (at != std::string::npos) {
      ahead_.insert(0, bytes.substr(at + text.size()));
      bytes.resize(at + text.size());
      return bytes;
    }
    const auto more = receive();
    if (more.empty()) return bytes;
    bytes += more;
  }
}

void Socket::give_back(std::string_view bytes) { ahead_.insert(0, bytes); }

std::string Socket::receive_exactly(std::size_t bytes) {
  std::string got;
  while (got.size() < bytes) {
    const auto more = receive(bytes - got.size());
    if (more.empty()) break;
    got += more;
  }
  return got;
}

std::string Socket::receive_all() {
  std::string got;
  for (auto more = receive(); !more.empty(); more = receive()) got += more;
  return got;
}

bool Socket::wait_for_end() {
  pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
  char dropped[4096];
  while (poll(&wait, 1, static_cast<int>(kPatience.count())) > 0) {
    const auto got = recv(fd_, dropped, sizeof dropped, 0);
    if (got < 0) reset_ = true;
    if (got <= 0) return true;
  }
  return false;
}

void Socket::shut_down_writing() { shutdown(fd_, SHUT_WR); }

void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Socket::close_with_reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

int listen_on_loopback(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  port = bind_to_loopback(fd);
  if (listen(fd, 512) < 0) throw std::runtime_error("listen");
  return fd;
}

int listen_on_loopback(const std::string& address, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bind_to_loopback(fd, port, address.c_str());
  if (listen(fd, 512) < 0) throw std::runtime_error("listen");
  return fd;
}

int listen_on_unix(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 || listen(fd, 512) < 0)
    throw std::runtime_error("listen on " + path);
  return fd;
}

UnusedPort::UnusedPort() : fd_(shared_socket()), port_(bind_to_loopback(fd_)) {}
UnusedPort::~UnusedPort() { ::close(fd_); }

int listen_beside(const UnusedPort& held) {
  const int fd = shared_socket();
  bind_to_loopback(fd, held.port());
  if (listen(fd, 512) < 0) throw std::runtime_error("listen");
  return fd;
}

}  // namespace support
