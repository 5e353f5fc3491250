#pragma once

#include <string>

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

}  // namespace diffing
