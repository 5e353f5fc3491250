#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "comparator/address.h"

namespace comparator::front {

/// How many connections each client address has, over all loops. One address of IPv6 is a network of 64 bits, since
/// that is what one client has. Thread-safe; asked once per connection.
class ClientCounts {
 public:
  /// Counts one more connection, or says that there are `most` of this address already; 0: no limit, nothing counted.
  bool enter(const Address& client, std::size_t most);
  /// Of a connection that was counted.
  void leave(const Address& client);

 private:
  using Key = std::array<unsigned char, 9>;  // family, then 4 or 8 bytes
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  static Key key_of(const Address& client);

  std::mutex mutex_;
  std::unordered_map<Key, std::size_t, Hash> counts_;
};

}  // namespace comparator::front
