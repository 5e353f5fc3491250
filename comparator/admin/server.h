#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "comparator/admin/live.h"
#include "comparator/config/config.h"

namespace comparator::admin {

/// Tells the time that answers are stamped with; called from several threads at once.
using Clock = std::function<std::chrono::system_clock::time_point()>;

/// The admin side: API, dashboard, metrics and health on a port of its own, with its own threads and its own
/// read-only connections to the store. Answers only; changes nothing.
class Server {
 public:
  /// Listens and answers from here on. Both references must outlive the server. Throws std::runtime_error with one
  /// sentence when the port cannot be had, or when others than this machine could reach it without a token. Port 0
  /// takes a free one. The store need not be readable yet.
  Server(const Config& config, const Live& live, Clock clock = std::chrono::system_clock::now);
  ~Server();  ///< Stops and joins; waits for no client.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace comparator::admin
