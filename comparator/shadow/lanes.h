#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "comparator/exchange.h"

namespace comparator::front {
class Front;
}

namespace comparator::shadow {

/// Copies that go out one at a time for each key, in the order in which they were added. For one loop: a key belongs
/// to one of them, whichever loop served its requests.
class Lanes {
 public:
  /// Sends the copy, now or when those of its key before it have ended. As many may wait as may be on their way
  /// (max_in_flight); more are shed.
  void add(front::Front& front, Exchange* exchange);
  /// The copy that this lane waited for has ended.
  void next(front::Front& front, std::uint64_t lane);
  /// Sheds what waits and whatever is added from here on.
  void close(front::Front& front);

 private:
  std::unordered_map<std::uint64_t, std::deque<Exchange*>>
      lanes_;  // those with a copy on its way; what waits behind it
  std::size_t waiting_ = 0;
  bool closed_ = false;
};

}  // namespace comparator::shadow
