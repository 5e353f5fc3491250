#include "comparator/front/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "comparator/address.h"

namespace comparator::front {
namespace {

[[noreturn]] void fail(const Endpoint& endpoint, int error) {
  throw std::runtime_error(
      fmt::format("cannot listen on {}:{}: {}", endpoint.host, endpoint.port, std::strerror(error)));
}

Descriptor bound_socket(const Endpoint& endpoint, const Address& address, bool share) {
  Descriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) fail(endpoint, errno);
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (share) setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(socket.get(), address.get(), address.length) < 0 || ::listen(socket.get(), SOMAXCONN) < 0)
    fail(endpoint, errno);
  return socket;
}

std::uint16_t port_of(const Descriptor& socket, Address& address) {
  address.length = sizeof address.storage;
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address.storage), &address.length);
  if (address.storage.ss_family == AF_UNIX) return 0;
  const bool v6 = address.storage.ss_family == AF_INET6;
  return ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port
                  : reinterpret_cast<sockaddr_in&>(address.storage).sin_port);
}

}  // namespace

Listeners listen(const Endpoint& endpoint, std::size_t count) {
  std::string error;
  const auto addresses = resolve(endpoint, true, error);
  if (addresses.empty()) throw std::runtime_error("cannot listen: " + error);
  Address address = addresses.front();
  if (endpoint.port != 0) bound_socket(endpoint, address, false);  // asks whether the port is free, and lets it go
  Listeners listeners;
  for (std::size_t i = 0; i < count; ++i) {
    listeners.sockets.push_back(bound_socket(endpoint, address, true));
    if (i == 0) listeners.port = port_of(listeners.sockets.front(), address);
  }
  return listeners;
}

Listeners share(Descriptor socket, std::size_t count) {
  Address address;
  address.length = sizeof address.storage;
  Listeners listeners;
  listeners.port = port_of(socket, address);
  const int flags = fcntl(socket.get(), F_GETFL);
  fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK);
  for (std::size_t i = 1; i < count; ++i) {
    listeners.sockets.emplace_back(fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
    if (listeners.sockets.back().get() < 0) {
      throw std::runtime_error(fmt::format("cannot share the inherited socket: {}", std::strerror(errno)));
    }
  }
  listeners.sockets.push_back(std::move(socket));
  return listeners;
}

}  // namespace comparator::front
