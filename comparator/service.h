#pragma once

#include <cstdint>
#include <memory>

#include "comparator/config/config.h"

namespace comparator {

/// The whole program but its arguments and signals: built in the order of the arrows, stopped in reverse.
class Service {
 public:
  /// Opens the store, listens, starts every thread. Throws std::runtime_error (or storage::StoreError) with one
  /// sentence when something cannot be had; then nothing has been started.
  explicit Service(Config config);
  ~Service();  ///< Like stop().
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::uint16_t port() const;  ///< Where clients connect.
  std::uint16_t admin_port() const;
  /// Waits until every outcome counted so far is in the store; for tests.
  void flush();
  /// Stops accepting, lets requests in flight end (until `drain` has passed), compares and writes what has gathered.
  void stop();

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

/// Serves until SIGTERM or SIGINT, then drains. Returns the exit code: 0, or 1 when it could not start.
int serve(const Config& config);

}  // namespace comparator
