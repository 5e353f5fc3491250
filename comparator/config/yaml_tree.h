#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "comparator/config/config.h"

/// YAML text as a tree of plain values with places. The only file that knows the YAML library.
namespace comparator {

/// A value in the file. Numbers and booleans are scalars: who reads them decides what they mean.
struct Node {
  enum class Type : std::uint8_t { null, scalar, sequence, mapping };
  Type type = Type::null;
  int line = 1;             ///< From 1.
  int column = 1;           ///< From 1, in bytes.
  std::string text;         ///< scalar: without quotes, escapes resolved, `${NAME}` as it stands.
  std::vector<Node> keys;   ///< mapping: scalars, in the order of the text, repeated ones included.
  std::vector<Node> items;  ///< sequence: the elements; mapping: the values, one per key.
};

/// Reads one YAML document; an empty text is `null`. Stops at the first problem.
///
/// Refused, so that hostile text costs little: more than 1 MiB, nesting deeper than 32, NUL and other control
/// characters, invalid UTF-8, tabs as indentation, anchors and aliases, tags, a second document, keys that are not
/// scalars. Throws nothing but std::bad_alloc.
std::variant<Node, Problem> read_tree(std::string_view yaml);

}  // namespace comparator
