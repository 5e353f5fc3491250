#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <variant>

#include "diffing/document.h"
#include "diffing/excerpt.h"
#include "diffing/harmless.h"
#include "diffing/render.h"

namespace diffing {
namespace {

constexpr std::size_t kShownBytes = 120;  // of a value on one line

/// The two documents as trees, as far as they are given.
class Surroundings {
 public:
  explicit Surroundings(const Documents& documents)
      : old_side_(parse(documents.old_json, documents)), new_side_(parse(documents.new_json, documents)) {}

  /// What stands around a difference, on one line; empty where nothing does.
  std::string around(const Difference& difference) const {
    const auto& side = difference.kind == Kind::extra ? new_side_ : old_side_;
    const auto* document = std::get_if<Document>(&side);
    return document == nullptr ? std::string() : excerpt_around(document->tape(), difference.path);
  }

 private:
  static std::variant<Document, ParseError> parse(std::string_view json, const Documents& documents) {
    if (json.empty()) return ParseError{};
    return Document::parse(json, documents.rules, documents.limits);
  }

  std::variant<Document, ParseError> old_side_;
  std::variant<Document, ParseError> new_side_;
};

class TextWriter {
 public:
  TextWriter(const Documents& documents, const TextStyle& style) : surroundings_(documents), style_(style) {}

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

  void write_error(const ParseError& error) { line(Colour::red, harmless(to_sentence(error))); }

  void write_difference(const Difference& difference) {
    std::string head =
        std::string(name(difference.kind)) + " " + (difference.path.empty() ? "the root" : harmless(difference.path));
    if (!difference.identity.empty()) head += " (" + harmless(difference.identity) + ")";
    if (difference.kind == Kind::moved) head += " to " + harmless(difference.new_path);
    if (difference.severity != Severity::major) head += " [" + std::string(name(difference.severity)) + "]";
    line(Colour::yellow, head);
    const std::string around = surroundings_.around(difference);
    if (!around.empty()) line(Colour::dim, "  in " + around);
    const bool moved = difference.kind == Kind::moved;
    if (!moved && !difference.old_value.empty()) line(Colour::red, "  - " + shown(difference.old_value));
    if (!difference.new_value.empty()) line(Colour::green, (moved ? "  = " : "  + ") + shown(difference.new_value));
  }

  static std::string shown(std::string_view value) { return harmless_beginning(value, kShownBytes); }

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
    if (comparison.truncated) {
      text +=
          "; the first " + std::to_string(comparison.differences.size()) + " of " + std::to_string(total) + " shown";
    }
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

  Surroundings surroundings_;
  TextStyle style_;
  std::string out_;
};

}  // namespace

std::string to_sentence(const ParseError& error) {
  return std::string(error.on_new ? "new" : "old") + " is not JSON: line " + std::to_string(error.line) + ", column " +
         std::to_string(error.column) + " (offset " + std::to_string(error.offset) + "): " + error.message;
}

std::string to_text(const Comparison& comparison, const Documents& documents, const TextStyle& style) {
  return TextWriter(documents, style).write(comparison);
}

}  // namespace diffing
