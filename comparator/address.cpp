#include "comparator/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <memory>

namespace comparator {
namespace {

// The configuration has seen to it that the path fits.
Address unix_address(const std::string& path) {
  Address address;
  auto& name = reinterpret_cast<sockaddr_un&>(address.storage);
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

}  // namespace

std::vector<Address> resolve(const Endpoint& endpoint, bool passive, std::string& error) {
  if (!endpoint.path.empty()) return {unix_address(endpoint.path)};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
  addrinfo* found = nullptr;
  const char* host = endpoint.host.empty() ? nullptr : endpoint.host.c_str();
  const int result = getaddrinfo(host, std::to_string(endpoint.port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<Address> addresses;
  if (result != 0) {
    error = fmt::format("cannot resolve host \"{}\": {}", endpoint.host, gai_strerror(result));
    return addresses;
  }
  for (const auto* info = found; info != nullptr; info = info->ai_next) {
    Address address;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
    address.length = info->ai_addrlen;
    addresses.push_back(address);
  }
  return addresses;
}

bool Address::operator==(const Address& other) const {
  return length == other.length && std::memcmp(&storage, &other.storage, length) == 0;
}

std::string host_of(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr, text, sizeof text);
  } else if (address.storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6);  // an IPv4 client of a socket that listens to both
    inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? v6.s6_addr + 12 : v6.s6_addr, text, sizeof text);
  }
  return text;
}

std::string to_string(const Address& address) {
  if (address.storage.ss_family == AF_UNIX) {
    return fmt::format("unix:{}", reinterpret_cast<const sockaddr_un&>(address.storage).sun_path);
  }
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  const int result =
      getnameinfo(address.get(), address.length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  if (result != 0) return "unknown";
  return address.storage.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace comparator
