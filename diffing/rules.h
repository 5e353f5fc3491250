#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "diffing/difference.h"

/// Declared ways to compare a place, and the compiled form that travels with the walk.
namespace diffing {

/// What a rule does. The names are those of the YAML keys.
enum class Verb : std::uint8_t {
  ignore,
  only,
  unordered,
  keyed,
  set,
  tolerance,
  pattern,
  case_insensitive,
  equal_if_absent,
  extra_ok,
  types_only,
  numbers,
  embedded_json,
  rename,
  severity
};

std::string_view name(Verb verb);
std::optional<Verb> verb_named(std::string_view name);

/// A rule as somebody wrote it; which fields count depends on the verb. Nothing is checked before compile().
struct Rule {
  Verb verb = Verb::ignore;
  std::string path;                     ///< Pointer pattern: `*` one step, `**` any number, `[type=draft]` a condition.
  std::vector<std::string> by;          ///< keyed: the members that identify an element (`a/b` is a nested member).
  std::optional<std::string> absolute;  ///< tolerance: decimal text, so that no digit is lost.
  std::optional<std::string> relative;  ///< tolerance: decimal text, a share of the greater magnitude.
  std::optional<int> decimals;          ///< tolerance: equal when they print alike with so many decimals.
  std::optional<std::int64_t> time_ms;  ///< tolerance: for RFC 3339 timestamps and epoch numbers.
  std::string argument;  ///< pattern: RE2; numbers: decimal|binary64|text; rename: name in new; severity: its name.
  std::vector<std::string>
      absent;  ///< equal_if_absent: which of null, missing, empty count as absent; empty: null, missing.
};

/// What is wrong with a rule, found when compiling.
struct RuleError {
  std::size_t rule = 0;  ///< Index in the list that was compiled.
  std::string field;     ///< "path", "by", "absolute", ...
  std::string message;   ///< What was found and what would be right.
};

/// An immutable compiled set. Copies are cheap and share; safe to use from many threads.
class RuleSet {
 public:
  RuleSet();  ///< No rules: exact comparison.
  static std::variant<RuleSet, std::vector<RuleError>> compile(std::span<const Rule> rules);

  bool empty() const;
  /// The rules as they hold below one literal step, e.g. `under("body")` for a document that hangs there.
  RuleSet under(std::string_view step) const;

  struct Trie;
  const Trie& trie() const { return *trie_; }

 private:
  std::shared_ptr<const Trie> trie_;
};

/// Places named by pointer patterns, for what must be hidden rather than compared.
class PlaceSet {
 public:
  static std::variant<PlaceSet, std::vector<RuleError>> compile(std::span<const std::string> patterns);
  /// Whether the place itself or one above it is named.
  bool covers(std::string_view pointer) const;
  bool empty() const;
  /// Copies JSON text with every covered value replaced by "[redacted]"; nullopt if it is not JSON.
  /// `at` is the pointer under which the document hangs, such as "/body".
  std::optional<std::string> redact(std::string_view json, std::string_view at = "") const;

  struct Trie;

 private:
  std::shared_ptr<const Trie> trie_;
};

}  // namespace diffing
