#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// Tells a client that moves from one that only seems to: in the time that it has for its next step, it must have moved
/// kBytes of them, or all that there were.
class Stride {
 public:
  static constexpr std::size_t kBytes = 4096;  ///< 140 bytes a second where the time is 30 s.

  /// There is nothing that it would have to move.
  void rest() { since_ = {}; }
  /// Whether too long ago it had moved so many bytes less than the `moved` of now.
  bool late(Clock::time_point now, std::uint64_t moved, std::chrono::milliseconds time) {
    if (since_ != Clock::time_point() && moved - from_ < kBytes) return now - since_ >= time;
    since_ = now;
    from_ = moved;
    return false;
  }

 private:
  Clock::time_point since_;
  std::uint64_t from_ = 0;
};

/// A client's connection as those need it who serve its requests.
struct Client {
  Stream stream;
  OutBuffer out;      ///< Answers the client has not taken yet.
  std::string input;  ///< Bytes that were read but belong to what comes next.
  std::size_t input_at = 0;
  Alarm total;  ///< The most time that the request may take with its answer, however fast its bytes move.

  std::string_view waiting() const { return std::string_view(input).substr(input_at); }
  void consume(std::size_t bytes);
  void keep(std::string_view bytes) { input.assign(bytes), input_at = 0; }
  void keep_more(std::string_view bytes);
};

}  // namespace comparator::front
