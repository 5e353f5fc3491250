#include <algorithm>
#include <string>
#include <string_view>

#include "diffing/render.h"

namespace diffing {
namespace {

/// Control characters other than line ends are shown as '?', so that no value steers a terminal.
void append_lines(std::string_view value, char mark, std::string_view colour, std::string& out) {
  const std::string_view end_colour = colour.empty() ? "" : "\x1b[0m";
  while (!value.empty()) {
    const std::string_view line = value.substr(0, value.find('\n'));
    out.append(colour).push_back(mark);
    for (const char c : line) out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c);
    out.append(end_colour).push_back('\n');
    value.remove_prefix(std::min(line.size() + 1, value.size()));
  }
}

}  // namespace

std::string to_unified(const Comparison& comparison, const TextStyle& style) {
  const std::string_view red = style.colour ? "\x1b[31m" : "";
  const std::string_view green = style.colour ? "\x1b[32m" : "";
  if (comparison.equal()) return {};
  std::string out = "--- old\n+++ new\n";
  for (const Difference& difference : comparison.differences) {
    std::string place = difference.path;
    if (!difference.new_path.empty()) place += " -> " + difference.new_path;
    if (!difference.identity.empty()) place += " (" + difference.identity + ")";
    append_lines("@ " + std::string(name(difference.kind)) + " " + place + " @@", '@', "", out);
    append_lines(difference.old_value, '-', red, out);
    append_lines(difference.new_value, '+', green, out);
  }
  return out;
}

}  // namespace diffing
