#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "diffing/diff.h"
#include "diffing/tape.h"

namespace diffing {

/// A parsed text, and the text itself where it had to be rewritten: strings that a rule calls embedded JSON are
/// replaced by what they hold, so that all else sees one tree.
class Document {
 public:
  static std::variant<Document, ParseError> parse(std::string_view text, const RuleSet& rules, const Limits& limits);

  const Tape& tape() const { return tape_; }

 private:
  Document(std::unique_ptr<const std::string> rewritten, Tape tape)
      : rewritten_(std::move(rewritten)), tape_(std::move(tape)) {}

  std::unique_ptr<const std::string> rewritten_;
  Tape tape_;
};

/// Whether a Content-Type says JSON: application/json or *+json.
bool is_json(std::string_view media_type);

/// Compares documents that hang under `prefix`, adds what differs to a comparison and returns what it costs.
double compare_documents(std::string_view old_json, std::string_view new_json, const RuleSet& rules,
                         const Limits& limits, const std::string& prefix, Comparison& comparison);

/// Counts a difference of any kind, kept or not.
void count_difference(Kind kind, Severity severity, Comparison& comparison);

/// Sets the score from the cost of all differences and the leaves counted so far.
void set_score(double cost, Comparison& comparison);

/// So many steps that no pair, however hostile, is compared at less than 2 MB/s; never more than the limit. `bytes`
/// are those of both sides.
std::uint64_t alignment_budget(std::size_t bytes, const Limits& limits);

/// The beginning of a value that a difference shows.
std::string cut_value(std::string_view raw, const Limits& limits);

}  // namespace diffing
