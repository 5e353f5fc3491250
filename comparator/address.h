#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "comparator/config/config.h"

namespace comparator {

/// A socket address of any family, Unix sockets too.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  bool operator==(const Address& other) const;
};

/// Looks up all addresses of an endpoint; blocks, so only before the loops start. Empty, with `error` set, when there
/// is none. `passive` is for listening: an empty host is then every interface.
std::vector<Address> resolve(const Endpoint& endpoint, bool passive, std::string& error);

/// The address without its port: "127.0.0.1", "::1"; empty for a Unix socket.
std::string host_of(const Address& address);

/// "127.0.0.1:8080" or "[::1]:8080".
std::string to_string(const Address& address);

}  // namespace comparator
