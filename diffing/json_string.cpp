#include "diffing/json_string.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace diffing {
namespace {

constexpr std::uint32_t kHighSurrogate = 0xD800;
constexpr std::uint32_t kLowSurrogate = 0xDC00;
constexpr std::uint32_t kAfterSurrogates = 0xE000;

std::uint32_t hex4(const char* at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const auto c = static_cast<unsigned char>(at[i]);
    value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return value;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// Decodes the \u escape at `at` (after the u) and what belongs to it; returns where reading goes on.
const char* append_unicode_escape(const char* at, const char* end, std::string& out) {
  const std::uint32_t first = hex4(at);
  at += 4;
  const bool pair_possible = first >= kHighSurrogate && first < kLowSurrogate && end - at >= 6;
  if (pair_possible && at[0] == '\\' && at[1] == 'u') {
    const std::uint32_t second = hex4(at + 2);
    if (second >= kLowSurrogate && second < kAfterSurrogates) {
      append_utf8(0x10000 + ((first - kHighSurrogate) << 10) + (second - kLowSurrogate), out);
      return at + 6;
    }
  }
  append_utf8(first, out);
  return at;
}

char simple_escape(char c) {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;  // quote, backslash, slash
  }
}

std::string_view inside(std::string_view raw) { return raw.substr(1, raw.size() - 2); }

/// A surrogate in its three-byte form, ED A0..BF 80..BF, which is not UTF-8 but what decoding makes of a lone one.
bool is_surrogate(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  return text.size() >= 3 && byte(0) == 0xED && byte(1) >= 0xA0 && byte(1) <= 0xBF && (byte(2) & 0xC0) == 0x80;
}

void append_u_escape(std::uint32_t unit, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kDigits[unit >> shift & 0xF]);
}

void append_quoted_ascii(char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
    append_u_escape(static_cast<unsigned char>(c), out);
  } else {
    out.push_back(c);
  }
}

}  // namespace

void append_decoded(std::string_view raw, std::string& out) {
  const std::string_view text = inside(raw);
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const auto* escape = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (escape == nullptr) {
      out.append(at, end);
      return;
    }
    out.append(at, escape);
    if (escape[1] == 'u') {
      at = append_unicode_escape(escape + 2, end, out);
    } else {
      out.push_back(simple_escape(escape[1]));
      at = escape + 2;
    }
  }
}

std::string_view decoded(std::string_view raw, std::string& buffer) {
  if (!has_escape(raw)) return inside(raw);
  buffer.clear();
  append_decoded(raw, buffer);
  return buffer;
}

bool equal_strings(std::string_view raw_a, std::string_view raw_b) {
  if (raw_a == raw_b) return true;
  const bool escaped_a = has_escape(raw_a);
  const bool escaped_b = has_escape(raw_b);
  if (!escaped_a && !escaped_b) return false;
  std::string buffer_a;
  std::string buffer_b;
  return decoded(raw_a, buffer_a) == decoded(raw_b, buffer_b);
}

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (text.empty()) return 0;
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return follows(1) ? 2 : 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  const bool outside = first > 0xF4 || (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) >= 0x90);
  return follows(1) && follows(2) && follows(3) && !outside ? 4 : 0;
}

std::size_t whole_characters(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  std::size_t size = limit;
  const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; };
  for (int steps = 0; steps < 3 && size > 0 && continues(size); ++steps) --size;
  return continues(size) ? limit : size;  // not UTF-8 at all: cut where asked
}

void append_quoted(std::string_view text, std::string& out) {
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 1) {
      append_quoted_ascii(text[0], out);
      text.remove_prefix(1);
    } else if (length > 1) {
      out += text.substr(0, length);
      text.remove_prefix(length);
    } else if (is_surrogate(text)) {
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
      append_u_escape((byte(0) & 0xFu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu), out);
      text.remove_prefix(3);
    } else {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
  }
  out.push_back('"');
}

}  // namespace diffing
