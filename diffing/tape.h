#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "diffing/difference.h"
#include "diffing/scratch.h"

/// JSON texts as a tape of raw spans: nothing converted, nothing unescaped, nothing lost.
namespace diffing {

/// The type of a value, told by its first byte.
enum class Type : std::uint8_t { null, boolean, number, string, array, object };

/// One value or key of a document. Children follow their parent; in an object each key is followed by its value.
struct Node {
  std::uint32_t begin;  ///< Offset of the first byte.
  std::uint32_t end;    ///< Offset after the last byte.
  std::uint32_t next;   ///< Index of the node after this one and all below it.
  std::uint32_t count;  ///< Elements or members; 0 for scalars and empty containers; kKey for keys.
};
inline constexpr std::uint32_t kKey = 0xFFFFFFFF;

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = 0xFFFFFFFF;

struct ParseLimits {
  std::size_t max_depth = 1024;
  std::size_t max_bytes = std::size_t{1} << 30;
  bool allow_byte_order_mark = false;
};

/// A parsed document; it views the text, which must outlive it. Node 0 is the root.
class Tape {
 public:
  /// Accepts what RFC 8259 calls a JSON text, in UTF-8, and nothing else. Cost: linear; no recursion; at most 20
  /// bytes of memory for each byte of text.
  static std::variant<Tape, ParseError> parse(std::string_view text, const ParseLimits& limits = {});

  std::string_view text() const { return text_; }
  const Node& operator[](NodeIndex index) const { return nodes_[index]; }
  NodeIndex size() const { return size_; }
  std::uint64_t leaves() const { return leaves_; }

  /// The bytes of a node, quotes and brackets included.
  std::string_view raw(NodeIndex index) const {
    return text_.substr(nodes_[index].begin, nodes_[index].end - nodes_[index].begin);
  }
  Type type(NodeIndex index) const;
  bool is_container(NodeIndex index) const { return type(index) >= Type::array; }
  /// Scalars and empty containers at or below a node.
  std::uint64_t leaves_below(NodeIndex index) const;

 private:
  friend class TapeBuilder;

  std::string_view text_;
  ScratchArray<Node> nodes_;
  NodeIndex size_ = 0;
  std::uint64_t leaves_ = 0;
};

inline Type Tape::type(NodeIndex index) const {
  switch (text_[nodes_[index].begin]) {
    case '{': return Type::object;
    case '[': return Type::array;
    case '"': return Type::string;
    case 't':
    case 'f': return Type::boolean;
    case 'n': return Type::null;
    default: return Type::number;
  }
}

/// Where and why a text is not JSON within the limits; nullopt if it is. Slower than Tape::parse and independent of
/// it: it gives the place that parse() does not know.
std::optional<ParseError> find_error(std::string_view text, const ParseLimits& limits = {});

/// Whether a number is spelled as RFC 8259 section 6 wants.
bool is_number(std::string_view text);

}  // namespace diffing
