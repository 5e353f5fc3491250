#include "comparator/front/client_counts.h"

#include <netinet/in.h>

#include <cstring>
#include <string_view>

namespace comparator::front {

std::size_t ClientCounts::Hash::operator()(const Key& key) const {
  return std::hash<std::string_view>()({reinterpret_cast<const char*>(key.data()), key.size()});
}

ClientCounts::Key ClientCounts::key_of(const Address& client) {
  Key key{};
  key[0] = static_cast<unsigned char>(client.storage.ss_family);
  if (client.storage.ss_family == AF_INET) {
    std::memcpy(&key[1], &reinterpret_cast<const sockaddr_in&>(client.storage).sin_addr, 4);
  } else if (client.storage.ss_family == AF_INET6) {
    const auto& address = reinterpret_cast<const sockaddr_in6&>(client.storage).sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);  // a client of IPv4 on a socket for both
    if (mapped) key[0] = AF_INET;
    std::memcpy(&key[1], &address.s6_addr[mapped ? 12 : 0], mapped ? 4 : 8);
  }
  return key;
}

bool ClientCounts::enter(const Address& client, std::size_t most) {
  if (most == 0) return true;
  const std::lock_guard lock(mutex_);
  auto& count = counts_[key_of(client)];
  if (count >= most) return false;
  ++count;
  return true;
}

void ClientCounts::leave(const Address& client) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key_of(client));
  if (found != counts_.end() && --found->second == 0) counts_.erase(found);
}

}  // namespace comparator::front
