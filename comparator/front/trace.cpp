#include "comparator/front/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <random>

namespace comparator::front {
namespace {

bool has(const http::RequestHead& head, std::string_view name) {
  return std::any_of(head.fields.begin(), head.fields.end(),
                     [&](const auto& field) { return http::same_name(field.name, name); });
}

// xoshiro256** (Blackman, Vigna 2018), seeded from the system: names must not collide, they are no secrets.
class Random {
 public:
  Random() {
    std::random_device system;
    for (auto& word : state_) word = (std::uint64_t{system()} << 32) | system();
  }
  std::uint64_t next() {
    const auto rotated = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const auto result = rotated(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotated(state_[3], 45);
    return result | 1;  // no id of all zeros (W3C Trace Context section 3.2.2.3)
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

std::uint64_t random_number() {
  thread_local Random random;
  return random.next();
}

}  // namespace

void add_trace(const http::RequestHead& head, const ForwardConfig& forward, std::string& out) {
  if (forward.traceparent && !has(head, "traceparent")) {
    fmt::format_to(std::back_inserter(out), "traceparent: 00-{:016x}{:016x}-{:016x}-00\r\n", random_number(),
                   random_number(), random_number());
  }
  if (forward.request_id && !has(head, "x-request-id")) {
    const auto high = (random_number() & 0xffffffffffff0fffU) | 0x4000U;
    const auto low = (random_number() & 0x3fffffffffffffffU) | 0x8000000000000000U;
    fmt::format_to(std::back_inserter(out), "X-Request-Id: {:08x}-{:04x}-{:04x}-{:04x}-{:012x}\r\n", high >> 32,
                   (high >> 16) & 0xffffU, high & 0xffffU, low >> 48, low & 0xffffffffffffU);
  }
}

}  // namespace comparator::front
