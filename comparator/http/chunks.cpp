#include "comparator/http/chunks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "comparator/http/head.h"
#include "comparator/http/lines.h"

namespace comparator::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Fields that frame, route or authenticate a message have no place behind it (RFC 9110 section 6.5.1).
bool forbidden_in_trailer(std::string_view name) {
  constexpr std::array<std::string_view, 8> kMore{"authorization", "cache-control",       "content-range", "set-cookie",
                                                  "cookie",        "proxy-authorization", "max-forwards",  "range"};
  if (known(name) != Known::other) return true;
  return std::any_of(kMore.begin(), kMore.end(), [&](auto other) { return same_name(name, other); });
}

}  // namespace

ChunkReader::Status ChunkReader::next(std::string_view bytes, std::size_t& consumed, std::string_view& piece) {
  consumed = 0;
  while (state_ != State::done && state_ != State::bad) {
    if (consumed == bytes.size()) return Status::more;
    if (state_ == State::data) {
      const auto take = std::min<std::uint64_t>(left_, bytes.size() - consumed);
      piece = bytes.substr(consumed, static_cast<std::size_t>(take));
      consumed += piece.size();
      left_ -= take;
      if (left_ == 0) state_ = State::data_cr;
      return Status::data;
    }
    const bool line_of_last = state_ == State::size_lf && left_ == 0;
    if (!step(bytes[consumed++])) return fail();
    if (line_of_last) return Status::last;
  }
  return state_ == State::done ? Status::done : Status::bad;
}

// One character of anything but data; false when it cannot stand there.
bool ChunkReader::step(char c) {
  switch (state_) {
    case State::size_start:
      digits_ = 0;
      left_ = 0;
      state_ = State::size;
      [[fallthrough]];
    case State::size:
      if (const int value = hex_value(c); value >= 0) {
        left_ = left_ * 16 + static_cast<std::uint64_t>(value);
        return ++digits_ <= 15;
      }
      if (digits_ == 0) return false;
      if (c == '\r') return state_ = State::size_lf, true;
      state_ = State::size_space;
      [[fallthrough]];
    case State::size_space:  // nothing but an extension's semicolon behind it: "5 5" must not be read as a size
      if (c == '\r') return state_ = State::size_lf, true;
      if (c == ';') state_ = State::extension;
      return ++extension_bytes_ <= kMaxExtensionBytes && (c == ';' || c == ' ' || c == '\t');
    case State::extension: return ++extension_bytes_ <= kMaxExtensionBytes && step_extension(c);
    case State::size_lf: state_ = left_ > 0 ? State::data : State::trailer; return c == '\n';
    case State::data_cr: state_ = State::data_lf; return c == '\r';
    case State::data_lf: state_ = State::size_start; return c == '\n';
    case State::trailer:
      trailer_.push_back(c);
      if (trailer_.size() > kMaxTrailerBytes) return false;
      if (trailer_ == "\r\n" || trailer_.ends_with("\r\n\r\n")) return end_trailer();
      return true;
    default: return false;
  }
}

// A quote that is open at the line's end is refused: who reads on behind it takes the data for the extension's.
bool ChunkReader::step_extension(char c) {
  if (quoted_) {
    const bool closing = c == '"' && !escaped_;
    escaped_ = c == '\\' && !escaped_;
    quoted_ = !closing;
    return !control(c);
  }
  if (c == '\r') return state_ = State::size_lf, true;
  if (c == '"') return quoted_ = true;
  return token_char(c) || c == ';' || c == '=' || c == ' ' || c == '\t';
}

bool ChunkReader::end_trailer() {
  std::vector<Field> fields;
  if (!parse_fields(trailer_, fields)) return false;
  std::string kept;
  for (const auto& field : fields) {
    if (!forbidden_in_trailer(field.name)) kept += field.line;
  }
  trailer_ = std::move(kept);
  state_ = State::done;
  return true;
}

ChunkLine::ChunkLine(std::uint64_t size) {
  char* end = std::to_chars(text, text + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  length = static_cast<std::size_t>(end - text);
}

}  // namespace comparator::http
