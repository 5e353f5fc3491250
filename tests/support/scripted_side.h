#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/socket.h"

namespace support {

/// A request as a side received it.
struct Received {
  std::string head;  ///< Start line, fields, empty line.
  std::string body;  ///< Without transfer coding.
  std::string method() const { return head.substr(0, head.find(' ')); }
  std::string target() const;
  bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
};

/// What a script gets for each connection.
class Peer {
 public:
  Peer(Socket& socket, const std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}
  /// The next request, read whole; false at the end of the connection.
  bool read(Received& request);
  bool send(std::string_view bytes) { return socket_.send(bytes); }
  /// `send()` byte by byte with a pause after each, until done or the side stops.
  void drip(std::string_view bytes, std::chrono::milliseconds pause);
  /// Holds the connection, silent, until the peer ends it or the side stops.
  void hang();
  Socket& socket() { return socket_; }
  bool stopping() const { return stopping_; }

 private:
  Socket& socket_;
  const std::atomic<bool>& stopping_;
};

/// A side whose behaviour is a function of the connection: real sockets, one thread per connection.
class ScriptedSide {
 public:
  using Script = std::function<void(Peer&)>;
  /// Answers every request of every connection by this function.
  using Answer = std::function<std::string(const Received&)>;

  explicit ScriptedSide(Script script);
  ScriptedSide(Script script, const std::string& unix_path);
  /// On a port that somebody holds: one side after another can be there.
  ScriptedSide(Script script, const UnusedPort& held);
  /// On this port of another address of loopback.
  ScriptedSide(Script script, const std::string& address, std::uint16_t port);
  static Script answering(Answer answer);
  ~ScriptedSide();
  ScriptedSide(const ScriptedSide&) = delete;
  ScriptedSide& operator=(const ScriptedSide&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_.load(); }
  /// What was read by read() on any connection, in the order of arrival.
  std::vector<Received> requests() const;
  void note(const Received& request);

 private:
  struct Open {
    Socket socket;
    std::thread thread;
  };
  void accept_all();

  Script script_;
  std::uint16_t port_ = 0;
  int listener_;  // sets the port, so after it
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::list<Open> open_;
  std::vector<Received> requests_;
  std::thread acceptor_;
};

/// The same bytes for every request.
ScriptedSide::Script always(std::string bytes);

/// "HTTP/1.1 200 OK" with these header lines (each with its CRLF) and a body with Content-Length.
std::string answer(std::string_view body, std::string_view headers = "", int status = 200);

}  // namespace support
