#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "diffing/json_string.h"
#include "diffing/render.h"

namespace diffing {
namespace {

constexpr std::size_t kShownBytes = 120;  // of a value on one line

/// Text that cannot steer a terminal: control characters are shown as escapes.
std::string harmless(std::string_view text) {
  std::string quoted;
  append_quoted(text, quoted);
  std::string out;
  // The quotes were only needed for the escaping, and quotes and backslashes of a raw value stand for themselves.
  for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\' && (quoted[i + 1] == '"' || quoted[i + 1] == '\\')) ++i;
    out.push_back(quoted[i]);
  }
  return out;
}

std::string shown(std::string_view value) {
  const std::size_t size = whole_characters(value, kShownBytes);
  return harmless(value.substr(0, size)) + (size < value.size() ? "…" : "");
}

class TextWriter {
 public:
  explicit TextWriter(const TextStyle& style) : style_(style) {}

  std::string write(const Comparison& comparison) {
    for (const ParseError& error : comparison.errors) write_error(error);
    for (const Difference& difference : comparison.differences) {
      if (difference.kind != Kind::undecodable) write_difference(difference);
    }
    for (const std::string& hint : comparison.hints) line(Colour::dim, "hint: " + harmless(hint));
    write_summary(comparison);
    return std::move(out_);
  }

 private:
  enum class Colour { none, red, green, yellow, dim };

  void line(Colour colour, std::string_view text) {
    constexpr std::string_view kCodes[] = {"", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[2m"};
    const bool coloured = style_.colour && colour != Colour::none;
    if (coloured) out_ += kCodes[static_cast<std::size_t>(colour)];
    out_ += text;
    if (coloured) out_ += "\x1b[0m";
    out_ += '\n';
  }

  void write_error(const ParseError& error) {
    const std::string side = error.on_new ? "new" : "old";
    line(Colour::red, side + " is not JSON: line " + std::to_string(error.line) + ", column " +
                          std::to_string(error.column) + ": " + harmless(error.message));
  }

  void write_difference(const Difference& difference) {
    std::string head =
        std::string(name(difference.kind)) + " " + (difference.path.empty() ? "the root" : harmless(difference.path));
    if (!difference.identity.empty()) head += " (" + harmless(difference.identity) + ")";
    if (difference.kind == Kind::moved) head += " to " + harmless(difference.new_path);
    if (difference.severity != Severity::major) head += " [" + std::string(name(difference.severity)) + "]";
    line(Colour::yellow, head);
    const bool only_order = difference.kind == Kind::moved || difference.kind == Kind::order;
    if (!only_order && !difference.old_value.empty()) line(Colour::red, "  - " + shown(difference.old_value));
    if (!only_order && !difference.new_value.empty()) line(Colour::green, "  + " + shown(difference.new_value));
  }

  void write_summary(const Comparison& comparison) {
    if (comparison.equal()) {
      line(Colour::green, comparison.ruled == 0 ? "equal" : "equal; rules let " + places(comparison.ruled) + " pass");
      return;
    }
    const std::uint64_t total = comparison.total();
    std::string text = std::to_string(total) + (total == 1 ? " difference" : " differences");
    const char* separator = " (";
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      if (comparison.counts[kind] == 0) continue;
      text += separator + std::to_string(comparison.counts[kind]) + " " + std::string(name(static_cast<Kind>(kind)));
      separator = ", ";
    }
    text += "), divergence " + percent(comparison.score);
    if (comparison.truncated) text += "; " + std::to_string(comparison.differences.size()) + " shown";
    if (comparison.ruled != 0) text += "; rules let " + places(comparison.ruled) + " pass";
    if (comparison.approximate) text += "; a step budget ran out: perhaps not the shortest account";
    line(Colour::none, text);
  }

  static std::string places(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " place" : " places"); }

  /// Never rounds to 0 or to all.
  static std::string percent(double score) {
    if (score >= 1) return "100 %";
    const double shown = std::clamp(score * 100, 0.01, 99.99);
    char text[16];
    std::snprintf(text, sizeof text, "%.2f %%", shown);
    return (score * 100 < 0.01 ? "< " : "") + std::string(text);
  }

  TextStyle style_;
  std::string out_;
};

}  // namespace

std::string to_text(const Comparison& comparison, const TextStyle& style) {
  return TextWriter(style).write(comparison);
}

}  // namespace diffing
