#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "comparator/config/config.h"

struct ssl_ctx_st;
struct ssl_st;

/// TLS 1.2 and 1.3 on non-blocking sockets. All of OpenSSL is behind this page.
namespace comparator::tls {

/// Certificates, keys and rules of one kind of connection. Immutable once made; shared by all threads.
class Context {
 public:
  explicit Context(ssl_ctx_st* context) : context_(context) {}
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ssl_ctx_st* get() const { return context_; }

 private:
  ssl_ctx_st* context_;
};

/// For connections from clients; speaks http/1.1 by ALPN (RFC 7301) and ends a handshake that offers only others.
/// Throws std::runtime_error with one sentence that names the file.
std::shared_ptr<const Context> for_clients(const ClientTlsConfig& config);

/// For connections to a side. Verifies its certificate, its time and its name unless told not to. Throws likewise.
std::shared_ptr<const Context> for_side(const SideTlsConfig& config);

/// One connection's TLS over a connected non-blocking socket that somebody else owns. For one thread.
class Session {
 public:
  enum class Status : std::uint8_t { done, blocked, ended, failed };

  /// The server's end of a connection, or with a `server_name` (name or address to be verified) the client's.
  Session(const Context& context, int fd, const std::string& server_name = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Status handshake();
  /// `ended` only where the peer said so (close_notify): a connection that just ends is cut, which is `failed`.
  Status read(char* into, std::size_t size, std::size_t& got);
  /// After `blocked` the same bytes must come first again.
  Status write(const char* from, std::size_t size, std::size_t& sent);
  /// Whether bytes wait to be read: here, or perhaps in the socket.
  bool more() const;
  /// Tells the peer that no more comes, as far as the socket takes it.
  void end();
  /// Why it failed, in a few words; empty when it did not.
  const std::string& problem() const { return problem_; }

 private:
  struct Socket;
  Status status_of(int result);

  std::unique_ptr<Socket> socket_;
  ssl_st* ssl_;
  std::string problem_;
};

}  // namespace comparator::tls
