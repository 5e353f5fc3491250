#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "diffing/diff.h"
#include "diffing/difference.h"

/// Comparisons as text: for programs, for people and for patching. What is for people cannot steer a terminal.
namespace diffing {

/// The comparison as one JSON object, stable and documented in docs/differ.md: `equal`, `score`, `counts` (per kind),
/// `ruled`, `leaves` (`old`, `new`), `differences` (each with `path`, `kind`, `old`, `new`, `severity`), `truncated`,
/// `approximate`, `hints`, `errors`.
std::string to_json(const Comparison& comparison);

/// What was compared, and how, for renderings that show more than the differences.
struct Documents {
  std::string_view old_json;
  std::string_view new_json;
  RuleSet rules = {};
  Limits limits = {};
};

struct TextStyle {
  bool colour = false;  ///< ANSI colours; the caller asks whether it writes to a terminal.
};

/// The comparison for people: a few lines per difference, with the element's identity and, where the documents are
/// given, the object or array it lies in; then a summary line.
std::string to_text(const Comparison& comparison, const Documents& documents = {}, const TextStyle& style = {});

/// One sentence with side, line, column and offset.
std::string to_sentence(const ParseError& error);

struct UnifiedStyle {
  bool colour = false;
  std::size_t context = 3;  ///< Lines around each change.
  std::string old_name = "old";
  std::string new_name = "new";
};

/// A unified diff of the documents, each written out with one value a line, without commas; empty where nothing
/// differs, nullopt if a side is not JSON. Each hunk is headed by the places it shows.
///
/// Old is shown with the first `limits.max_differences` differences applied, so members stand in the order of old, and
/// where rules let something pass, both sides are as old has it. Lines are never cut.
std::optional<std::string> to_unified(const Documents& documents, const UnifiedStyle& style = {});

/// A patch, or why there is none.
struct Patch {
  std::string json;     ///< An array of operations (RFC 6902), one a line; empty if there is a problem.
  std::string problem;  ///< One sentence; empty if there is a patch.
};

/// A patch that turns old into new but for what the rules let pass, which stays as old has it.
///
/// It holds all differences, whatever `limits.max_differences`. Values are spelled as in new. Arrays whose elements
/// moved are replaced as a whole; where rules make it unclear which child is which (sets, positions, repeated keys,
/// new names, `only`), so are the containers; and so are strings that a rule calls embedded JSON. There is no patch if
/// a side is not JSON, or repeats a member name: a pointer cannot tell such members apart (RFC 6901 section 4), and
/// most programs lose all but one.
Patch to_patch(const Documents& documents);

}  // namespace diffing
