#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/scripted_side.h"

/// A side that fails in one way for every request, as a script of ScriptedSide. Where nothing else is said it reads the
/// request first and its connection ends with the fault.
namespace support::faults {

/// The answer of a side that is well; what the others spoil.
std::string good_answer();

ScriptedSide::Script well();
ScriptedSide::Script hangs();  ///< Accepts and reads nothing.
ScriptedSide::Script drips(
    std::chrono::milliseconds pause);                     ///< The good answer, byte by byte; the connection goes on.
ScriptedSide::Script says(std::string bytes);             ///< These bytes, then the end.
ScriptedSide::Script says_and_resets(std::string bytes);  ///< These bytes, then a reset.
ScriptedSide::Script says_at_once(std::string bytes);     ///< Without waiting for a request, then the end.
ScriptedSide::Script has_headers(int count);              ///< So many header lines in a good answer.
ScriptedSide::Script sends_bytes(std::uint64_t bytes);    ///< So many of huge_byte() in one body.

/// What stands at this place of the body that sends_bytes() sends, so that its reader can check it without a copy.
inline constexpr std::uint64_t kHugePeriod = 4099;  // a prime, so that a piece in the wrong place shows
inline char huge_byte(std::uint64_t at) { return static_cast<char>('a' + (at % kHugePeriod) % 26); }

/// A port of 127.0.0.1 that gives no answer, like an address to which no route leads: its backlog is full, and the
/// kernel drops what else comes.
class SilentPort {
 public:
  SilentPort();
  ~SilentPort();
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  int listener_;
  std::vector<int> waiting_;
};

}  // namespace support::faults
