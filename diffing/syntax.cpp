#include <algorithm>
#include <string>
#include <vector>

#include "diffing/json_string.h"
#include "diffing/tape.h"

namespace diffing {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_plain(char c) { return c > ' ' && c < 0x7F; }

std::string shown(char c) {
  if (is_plain(c)) return {'\'', c, '\''};
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'b', 'y', 't', 'e', ' ', '0', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

/// Reads a text from left to right until the first thing that JSON does not allow.
class SyntaxReader {
 public:
  SyntaxReader(std::string_view text, const ParseLimits& limits) : text_(text), limits_(limits) {}

  std::optional<ParseError> read() {
    if (text_.size() > limits_.max_bytes)
      return error_at(0, "larger than " + std::to_string(limits_.max_bytes) + " bytes");
    if (text_.starts_with("\xEF\xBB\xBF")) return error_at(0, "a byte order mark before the value");
    bool more = value();
    while (more && (inside_ || !open_.empty())) more = inside_ ? first_inside() : after_value();
    skip_space();
    if (!error_ && at_ < text_.size()) fail("expected the end after the value, found " + found());
    return error_;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool ended() const { return at_ >= text_.size(); }
  std::string found() const { return ended() ? "the end" : shown(text_[at_]); }

  void skip_space() {
    while (!ended() && is_space(text_[at_])) ++at_;
  }

  bool fail(std::string message) {
    error_ = error_at(at_, std::move(message));
    return false;
  }

  std::optional<ParseError> error_at(std::size_t offset, std::string message) const {
    ParseError error;
    error.offset = offset;
    const std::string_view before = text_.substr(0, offset);
    error.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t line_end = before.rfind('\n');
    error.column = offset - (line_end == std::string_view::npos ? 0 : line_end + 1) + 1;
    error.message = std::move(message);
    return error;
  }

  bool value() {
    skip_space();
    if (ended()) return fail("expected a value, found the end");
    switch (peek()) {
      case '{': return container('}');
      case '[': return container(']');
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool container(char closing) {
    if (open_.size() >= limits_.max_depth) return fail("nested deeper than " + std::to_string(limits_.max_depth));
    ++at_;
    skip_space();
    if (peek() == closing && !ended()) {
      ++at_;
      return true;
    }
    open_.push_back(closing);
    inside_ = true;
    return true;
  }

  /// Reads what comes first in the container opened last; called by read() and never by value(), so nothing recurses.
  bool first_inside() {
    inside_ = false;
    return open_.back() == '}' ? member() : value();
  }

  bool member() {
    skip_space();
    if (peek() != '"') return fail("expected a member name in quotes, found " + found());
    if (!string()) return false;
    skip_space();
    if (peek() != ':') return fail("expected ':' after a member name, found " + found());
    ++at_;
    return value();
  }

  bool after_value() {
    skip_space();
    const char closing = open_.back();
    if (!ended() && peek() == closing) {
      ++at_;
      open_.pop_back();
      return true;
    }
    if (peek() != ',') return fail(std::string("expected ',' or '") + closing + "', found " + found());
    ++at_;
    return closing == '}' ? member() : value();
  }

  bool string() {
    const std::size_t start = at_++;
    while (!ended()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!escape()) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string: " + shown(c));
      const std::size_t length = utf8_length(text_.substr(at_, 4));
      if (length == 0) return fail("not UTF-8: " + shown(c));
      at_ += length;
    }
    at_ = start;
    return fail("a string without its end");
  }

  bool escape() {
    const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (kind == 'u') {
      for (std::size_t i = 2; i < 6; ++i) {
        if (at_ + i >= text_.size() || !is_hex(text_[at_ + i]))
          return fail("expected four hexadecimal digits after \\u");
      }
      at_ += 6;
      return true;
    }
    if (kind == '\0' || std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) {
      return fail("an escape that JSON does not know");
    }
    at_ += 2;
    return true;
  }

  /// What stands here up to white space or structure.
  std::string_view bare_text() const {
    const std::size_t end = text_.find_first_of(" \n\r\t,:[]{}\"", at_);
    return text_.substr(at_, end == std::string_view::npos ? end : end - at_);
  }

  bool word(std::string_view expected) {
    if (bare_text() != expected) return fail("expected a value, found " + found());
    at_ += expected.size();
    return true;
  }

  bool number() {
    const std::string_view text = bare_text();
    const char first = peek();
    if (first != '-' && (first < '0' || first > '9')) return fail("expected a value, found " + found());
    if (!is_number(text)) return fail("a number that JSON does not allow");
    at_ += text.size();
    return true;
  }

  std::string_view text_;
  const ParseLimits& limits_;
  std::size_t at_ = 0;
  std::vector<char> open_;  ///< The closing brackets awaited.
  bool inside_ = false;     ///< The last of them belongs to a container of which nothing was read yet.
  std::optional<ParseError> error_;
};

}  // namespace

std::optional<ParseError> find_error(std::string_view text, const ParseLimits& limits) {
  return SyntaxReader(text, limits).read();
}

}  // namespace diffing
