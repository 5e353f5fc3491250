#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What a comparison found: plain values, no behaviour beyond names.
namespace diffing {

/// In which way a place disagrees. The sides are never swapped: "missing" is what old has and new lacks.
enum class Kind : std::uint8_t { missing, extra, type, value, order, moved, undecodable };
inline constexpr std::size_t kKinds = 7;

/// How much a difference matters; ordered, so that the worst is the greatest.
enum class Severity : std::uint8_t { minor, major, critical };
inline constexpr std::size_t kSeverities = 3;

std::string_view name(Kind kind);          ///< "missing", "extra", ...: what JSON, SQL and people read.
std::string_view name(Severity severity);  ///< "minor", "major", "critical".

/// One place where two documents disagree.
struct Difference {
  std::string path;       ///< RFC 6901 pointer: the place in old; for `extra` the place in new.
  std::string signature;  ///< The same place with `*` for every array index; a literal `*` is written `~2`.
  std::string identity;   ///< What names the array element it lies in, such as `sku=17`; empty where nothing does.
  Kind kind = Kind::value;
  Severity severity = Severity::major;
  std::string old_value;  ///< Raw JSON text (plain text for a header), cut at Limits::max_value_bytes; empty if absent.
  std::string new_value;  ///< Likewise on the other side.
  std::string new_path;   ///< The place in new where it is another one: moved, renamed, or behind an insertion.

  bool operator==(const Difference&) const = default;
};

/// Where a document could not be read, and why.
struct ParseError {
  bool on_new = false;     ///< Which side; old otherwise.
  std::size_t offset = 0;  ///< Bytes from the start.
  std::size_t line = 0;    ///< From 1; columns count bytes.
  std::size_t column = 0;
  std::string message;

  bool operator==(const ParseError&) const = default;
};

/// The outcome of comparing two documents.
struct Comparison {
  std::vector<Difference> differences;         ///< In the order of old; at most Limits::max_differences are kept.
  std::array<std::uint64_t, kKinds> counts{};  ///< By kind; all are counted, kept or not.
  std::uint64_t ruled = 0;                     ///< Places that differ but that a rule lets pass.
  std::uint64_t leaves_old = 0;                ///< Scalars and empty containers.
  std::uint64_t leaves_new = 0;
  double score = 0;                  ///< Divergence, 0 to 1: 0 only without differences, 1 when nothing matches.
  Severity worst = Severity::minor;  ///< Of all differences, kept or not; meaningless when equal.
  bool truncated = false;            ///< More differences were counted than kept.
  bool approximate = false;          ///< A step budget ran out: right, but perhaps not the shortest account.
  std::vector<std::string> hints;    ///< Advice such as "/items: keyed by id would pair the elements".
  std::vector<ParseError> errors;    ///< At most one per side; then `undecodable` is counted.

  std::uint64_t total() const;
  bool equal() const { return total() == 0; }
};

}  // namespace diffing
