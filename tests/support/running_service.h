#pragma once

#include <functional>
#include <map>
#include <string>

#include "comparator/config/config.h"
#include "comparator/service.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_directory.h"

namespace support {

/// The whole program in this process, on free ports, with a store of its own, in front of two sides.
class RunningService {
 public:
  using Change = std::function<void(comparator::Config&)>;

  RunningService(std::uint16_t old_port, std::uint16_t new_port, const Change& change = {});

  std::uint16_t port() const { return service_->port(); }
  std::uint16_t admin_port() const { return service_->admin_port(); }
  Socket connect() const { return Socket::connect(service_->port()); }
  /// Sends on a new connection and returns everything that comes until the end; the requests should ask to close.
  std::string exchange(std::string_view bytes) const;
  /// Every outcome counted so far, from the store, as "outcome" or "outcome/cause" -> requests.
  std::map<std::string, std::uint64_t> outcomes() const;
  std::string store_path() const { return folder_ / "twinrun.db"; }
  comparator::Service& service() { return *service_; }
  /// Reads the configuration again, changed; what it was made with is kept for the next change.
  void reload(const Change& change = {});

 private:
  TemporaryDirectory folder_;
  comparator::Config config_;
  std::unique_ptr<comparator::Service> service_;
};

/// The same of a store whose service has stopped.
std::map<std::string, std::uint64_t> outcomes_in(const std::string& store_path);

/// Waits until `outcomes()` has this many requests in all; returns them.
std::map<std::string, std::uint64_t> outcomes_of(const RunningService& running, std::uint64_t requests);

}  // namespace support
