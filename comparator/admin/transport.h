#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "comparator/admin/message.h"
#include "comparator/config/config.h"

namespace comparator::admin {

/// Bounds on what a client of the admin side can hold.
struct TransportLimits {
  std::size_t threads = 4;
  std::size_t waiting = 64;                         ///< Accepted connections without a thread; then none is accepted.
  std::size_t head_bytes = 64 * 1024;               ///< Of one request, request line and header fields together.
  std::chrono::milliseconds request_time{5'000};    ///< From accepting to the end of the head, however it drips.
  std::chrono::milliseconds response_time{30'000};  ///< From there to the last byte of the answer.
};

/// Carries requests to a function and its answers back: the one file that serves HTTP for the admin side.
///
/// One request per connection: idle browsers would otherwise hold every thread, and a body that nobody reads would
/// be taken for the next request. Range requests are answered whole.
class Transport {
 public:
  using Handler = std::function<Answer(const Request&)>;  ///< Called from several threads at once; must not throw.

  /// Listens and answers at once. Throws std::runtime_error with one sentence when the port cannot be had.
  Transport(const Endpoint& listen, Handler handler, TransportLimits limits = {});
  ~Transport();  ///< Ends all connections, then the threads; waits for no client.
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  std::uint16_t port() const;

 private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace comparator::admin
