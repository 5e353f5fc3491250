#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace comparator::http {

/// Reads the chunked transfer coding (RFC 9112 section 7.1) from bytes as they come; holds no data, only its place.
///
/// Strict: sizes are 1 to 15 hex digits, every line ends with CRLF, extensions are tokens
/// and closed quoted strings and are dropped, the trailer section must be well formed.
class ChunkReader {
 public:
  static constexpr std::size_t kMaxExtensionBytes = 4096;  ///< Of all chunks together; nobody uses them honestly.
  static constexpr std::size_t kMaxTrailerBytes = 8192;

  enum class Status : std::uint8_t { data, more, last, done, bad };

  /// Takes the next piece of `bytes`: on `data`, `piece` is a view into it. `consumed` bytes are done with, always.
  /// `more`: everything was taken. `last`: the line of the last chunk was; the trailer follows. `done`: the body is
  /// whole; what is left in `bytes` belongs to the next message.
  Status next(std::string_view bytes, std::size_t& consumed, std::string_view& piece);

  /// From `last` on: what is taken is the trailer, which is written on anew.
  bool in_trailer() const { return state_ == State::trailer || state_ == State::done; }

  /// After `done`: the trailer's lines, each with its CRLF, without those that RFC 9110 section 6.5.1 forbids.
  const std::string& trailer() const { return trailer_; }

 private:
  enum class State : std::uint8_t {
    size_start,
    size,
    size_space,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer,
    done,
    bad
  };

  Status fail() {
    state_ = State::bad;
    return Status::bad;
  }
  bool step(char c);
  bool step_extension(char c);
  bool end_trailer();

  State state_ = State::size_start;
  int digits_ = 0;
  std::uint64_t left_ = 0;
  std::size_t extension_bytes_ = 0;
  bool quoted_ = false;   // within a quoted string of an extension
  bool escaped_ = false;  // behind its backslash
  std::string trailer_;
};

/// Writes `size` as a chunk's first line into `line` and returns it as a view.
struct ChunkLine {
  char text[20];
  std::size_t length = 0;
  explicit ChunkLine(std::uint64_t size);
  std::string_view view() const { return {text, length}; }
};

}  // namespace comparator::http
