#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

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

  /// Follows another configuration from now on: stages, rules, sides, limits. What is on its way ends as it began, and
  /// no connection is dropped. Throws like the constructor, and then nothing has changed. What cannot change while it
  /// runs (where it listens, the store, its threads) stays and is told in the log. For one thread.
  void reload(Config config);

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

/// Reads the configuration again; nothing after every problem was told.
using ReadAgain = std::function<std::optional<Config>()>;

/// Serves until SIGTERM or SIGINT, then drains. SIGHUP reads the configuration again; one that is wrong is refused, and
/// the old one stays. Returns the exit code: 0, or 1 when it could not start.
int serve(const Config& config, const ReadAgain& read_again);

}  // namespace comparator
