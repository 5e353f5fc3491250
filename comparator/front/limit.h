#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace comparator::front {

/// The limits of LimitsConfig, by their keys: counted whenever one of them holds, refuses or ends somebody.
enum class Limit : std::uint8_t {
  head_bytes,
  header_count,
  target_bytes,
  body_bytes,
  head_timeout,
  body_timeout,
  idle_timeout,
  write_timeout,
  request_timeout,
  requests_per_connection,
  connections,
  connections_per_address,
  buffered,
  buffered_in_all
};

inline constexpr std::array<std::string_view, 14> kLimitNames{"head_bytes",      "header_count",
                                                              "target_bytes",    "body_bytes",
                                                              "head_timeout",    "body_timeout",
                                                              "idle_timeout",    "write_timeout",
                                                              "request_timeout", "requests_per_connection",
                                                              "connections",     "connections_per_address",
                                                              "buffered",        "buffered_in_all"};

}  // namespace comparator::front
