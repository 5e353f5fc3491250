#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "comparator/admin/live.h"
#include "comparator/config/config.h"

namespace comparator::admin {

/// The admin side: API, dashboard, metrics and health on a port of its own, with its own threads and its own
/// read-only connection to the store. Answers only; changes nothing.
class Server {
 public:
  /// Binds; throws std::runtime_error with one sentence when the port cannot be had. Port 0 takes a free one.
  Server(const Config& config, const Live& live);
  ~Server();  ///< Stops and joins.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace comparator::admin
