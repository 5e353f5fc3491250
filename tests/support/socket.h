#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace support {

/// A blocking TCP connection for scripts: every wait ends after `kPatience` with what has come so far, so that a
/// missing byte fails a test instead of hanging it.
class Socket {
 public:
  static constexpr std::chrono::milliseconds kPatience{5000};

  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  static Socket connect(std::uint16_t port);

  bool open() const { return fd_ >= 0; }
  /// False when the peer is gone.
  bool send(std::string_view bytes);
  /// At least one byte, or nothing at the end, at a reset or after `patience`.
  std::string receive(std::size_t at_most = 65536, std::chrono::milliseconds patience = kPatience);
  /// Until the text has come; what came, whole, also when it did not.
  std::string receive_until(std::string_view text);
  std::string receive_exactly(std::size_t bytes);
  /// Received, but part of what comes next: the next receive() begins with it.
  void give_back(std::string_view bytes);
  /// Until the peer's end or a reset.
  std::string receive_all();
  /// Whether the peer has ended or reset the connection within `patience`; bytes before that are dropped.
  bool wait_for_end();
  bool was_reset() const { return reset_; }
  void shut_down_writing();
  void close();
  void close_with_reset();
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  bool reset_ = false;
  std::string ahead_;
};

/// A listening socket on 127.0.0.1, port 0.
int listen_on_loopback(std::uint16_t& port);
/// On another address of loopback (127.0.0.2, ...), on this port.
int listen_on_loopback(const std::string& address, std::uint16_t port);
/// A listening Unix socket.
int listen_on_unix(const std::string& path);
/// A port of 127.0.0.1 on which nobody listens, held so that nobody else takes it but listen_beside().
class UnusedPort {
 public:
  UnusedPort();
  ~UnusedPort();
  UnusedPort(const UnusedPort&) = delete;
  UnusedPort& operator=(const UnusedPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

/// A listening socket on that port.
int listen_beside(const UnusedPort& held);

}  // namespace support
