#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <thread>

namespace support {

/// A TCP proxy on loopback, in front of a server on loopback, that treats bytes as bad networks do. Real sockets, one
/// thread per connection; what it delays it keeps in memory, at most 256 KB each way.
class FaultProxy {
 public:
  /// What happens to the bytes of one direction of every connection.
  struct Fault {
    static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

    std::chrono::milliseconds latency{0};   ///< Each byte comes so much later.
    std::size_t bytes_per_second = kNever;  ///< At least 1.
    std::size_t slice = kNever;             ///< At most so many in one segment.
    std::size_t reset_after = kNever;       ///< Passes so many, then resets both connections.
    std::size_t vanish_after = kNever;      ///< Passes so many, then no more, nor the end: a black hole.
  };
  struct Faults {
    Fault to_server{};
    Fault to_client{};
  };

  FaultProxy(std::uint16_t server_port, const Faults& faults);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_.load(); }

 private:
  void accept_all();
  void serve(int client) const;

  const std::uint16_t server_port_;
  const Faults faults_;
  std::uint16_t port_ = 0;
  int listener_;  // sets the port, so after it
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace support
