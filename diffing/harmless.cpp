#include "diffing/harmless.h"

#include "diffing/json_string.h"

namespace diffing {
namespace {

/// The code point of a well-formed sequence of up to three bytes; longer ones are never harmful.
std::uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])); };
  switch (sequence.size()) {
    case 1: return byte(0);
    case 2: return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    case 3: return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    default: return 0xFFFF;
  }
}

bool is_harmful(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool direction = code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
                         (code >= 0x2066 && code <= 0x2069) || code == 0x061C;
  return control || separator || direction;
}

void append_escape(std::uint32_t code, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kDigits[code >> shift & 0xF]);
}

}  // namespace

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, length);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (const std::uint32_t code = code_point(sequence); is_harmful(code)) {
      append_escape(code, out);
    } else {
      out += sequence;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string harmless_beginning(std::string_view text, std::size_t most) {
  const std::size_t size = whole_characters(text, most);
  return harmless(text.substr(0, size)) + (size < text.size() ? "…" : "");
}

}  // namespace diffing
