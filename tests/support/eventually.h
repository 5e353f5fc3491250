#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace support {

/// Looks again until the condition holds or the limit has passed: for what another thread will have done soon.
inline bool eventually(const std::function<bool()>& condition,
                       std::chrono::milliseconds limit = std::chrono::milliseconds(10'000)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace support
