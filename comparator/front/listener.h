#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "comparator/config/config.h"

namespace comparator::front {

/// A descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// Listening sockets on one port, one per loop: the kernel spreads connections over them (SO_REUSEPORT).
struct Listeners {
  std::vector<Descriptor> sockets;
  std::uint16_t port = 0;
};

/// Throws std::runtime_error with one sentence when the address is not to be had; also when another program that
/// shares ports has it, which the kernel alone would let pass.
Listeners listen(const Endpoint& endpoint, std::size_t count);

/// The same socket for every loop: one that is listening already, given by whoever started this program. Throws
/// likewise.
Listeners share(Descriptor socket, std::size_t count);

}  // namespace comparator::front
