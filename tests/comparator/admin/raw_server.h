#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace admin_test {

/// Listens on 127.0.0.1, keeps the bytes of the latest request, answers each with an empty 200 and closes.
class RawServer {
 public:
  RawServer();
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string take();  ///< The latest request as received; empty when there was none since.

 private:
  void serve();

  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::string latest_;
  std::thread thread_;
};

/// A connection to 127.0.0.1 for bytes that no client library would send.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(const std::string& bytes);  ///< False once the other end is gone.
  std::string read_to_end();            ///< Waits at most 20 s.

 private:
  int socket_ = -1;
};

}  // namespace admin_test
