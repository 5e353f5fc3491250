#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Places as text: RFC 6901 pointers, and the patterns of rules.
namespace diffing {

/// Appends `/` and the member name with `~` and `/` escaped (RFC 6901 section 3).
void append_step(std::string_view member, std::string& pointer);

/// The same for patterns and signatures, where `*` is written `~2` and a leading `[` is written `~3`.
void append_pattern_step(std::string_view member, std::string& pattern);

/// The steps of an RFC 6901 pointer, unescaped; a wrong escape stands for itself.
std::vector<std::string> pointer_steps(std::string_view pointer);

/// One step of a pattern.
struct PatternStep {
  enum class Kind : std::uint8_t { literal, any, deep, condition };
  Kind kind = Kind::literal;
  std::string name;   ///< literal: the member or index; condition: the member asked for.
  std::string value;  ///< condition: what that member must be.
};

/// The steps of a pattern: `*` one step, `**` any number of them (none too), `[type=draft]` an element whose member
/// `type` is "draft". Or what is wrong with it, and what would be right.
std::variant<std::vector<PatternStep>, std::string> parse_pattern(std::string_view pattern);

}  // namespace diffing
