#include "comparator/config/characters.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace comparator {
namespace {

constexpr std::size_t kMaxQuoted = 60;  // a message stays on one line of a terminal

struct Utf8Form {
  unsigned char first_least, first_most;  // range of the first byte
  unsigned char second_least, second_most;
  std::size_t length;
};

// The table of RFC 3629 section 4.
constexpr Utf8Form kForms[] = {
    {0x00, 0x7f, 0x80, 0xbf, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

unsigned char byte(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool fits(std::string_view text, const Utf8Form& form) {
  if (text.size() < form.length || byte(text, 0) < form.first_least || byte(text, 0) > form.first_most) return false;
  for (std::size_t i = 1; i < form.length; ++i) {
    const unsigned char least = i == 1 ? form.second_least : 0x80;
    const unsigned char most = i == 1 ? form.second_most : 0xbf;
    if (byte(text, i) < least || byte(text, i) > most) return false;
  }
  return true;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return lowered;
}

std::size_t utf8_length(std::string_view text) {
  const auto form = std::find_if(std::begin(kForms), std::end(kForms), [&](const auto& f) { return fits(text, f); });
  return form == std::end(kForms) ? 0 : form->length;
}

std::string quote(std::string_view text) {
  std::string shown = "`";
  while (!text.empty() && shown.size() < kMaxQuoted) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text.front())) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else {
      shown += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown + (text.empty() ? "`" : "...`");
}

}  // namespace comparator
