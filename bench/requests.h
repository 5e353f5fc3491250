#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/pattern.h"

namespace bench {

/// The one of this process.
const Pattern& pattern();

/// When a client leaves.
enum class Leaves : std::uint8_t { never, in_request, before_answer, in_answer };

struct Request {
  std::chrono::steady_clock::time_point due{};  ///< When it should begin.
  std::uint64_t seed = 0;
  std::uint64_t size = 0;
  std::string method = "GET";
  std::uint64_t body = 0;  ///< Bytes.
  bool chunked_body = false;
  bool chunked_answer = false;
  bool close = false;
  bool slow = false;
  Leaves leaves = Leaves::never;

  /// As it is sent.
  std::string bytes() const;
};

/// What a load consists of.
struct Mix {
  bool soak = false;          ///< All kinds of requests, else only GETs of `size` on kept connections.
  std::uint64_t size = 2048;  ///< Bytes of an answer.
  std::uint64_t from = 0;     ///< The first request's seed; each has the next one.
};

/// The same number of the same mix is the same request.
Request make_request(const Mix& mix, std::uint64_t number, std::chrono::steady_clock::time_point due);

}  // namespace bench
