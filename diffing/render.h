#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "diffing/diff.h"
#include "diffing/difference.h"

namespace diffing {

/// The comparison as one JSON object, stable and documented in docs/differ.md: `equal`, `score`, `counts` (per kind),
/// `leaves` (`old`, `new`), `differences` (each with `path`, `kind`, `old`, `new`, `severity`), `truncated`,
/// `approximate`, `hints`, `errors`.
std::string to_json(const Comparison& comparison);

struct TextStyle {
  bool colour = false;  ///< ANSI colours; the caller asks whether it writes to a terminal.
};

/// The comparison for people: a line or two per difference, with the element's identity, then a summary line.
std::string to_text(const Comparison& comparison, const TextStyle& style = {});

/// The comparison in the look of a unified diff: a hunk per difference, headed by its place.
std::string to_unified(const Comparison& comparison, const TextStyle& style = {});

/// A patch (RFC 6902) that turns old into new, up to what the rules let pass; nullopt if a side is not JSON. Strings
/// of embedded JSON are replaced as a whole, and so are arrays whose elements moved and objects that repeat a name,
/// which pointers cannot tell apart.
std::optional<std::string> to_patch(std::string_view old_json, std::string_view new_json, const RuleSet& rules = {},
                                    const Limits& limits = {});

}  // namespace diffing
