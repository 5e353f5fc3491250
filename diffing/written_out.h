#pragma once

#include <cstdint>
#include <string>

#include "diffing/marks.h"
#include "diffing/tape.h"

namespace diffing {

/// One line of a document that is written out: a scalar or empty container, or a bracket. Views what it was made of.
struct WrittenLine {
  enum class Part : std::uint8_t { whole, opening, closing };

  char mark = ' ';  ///< ' ' of both, '-' of old, '+' of new.
  Part part = Part::whole;
  bool named = false;  ///< A member, whose name precedes the value.
  std::uint32_t depth = 0;
  const Tape* tape = nullptr;
  NodeIndex node = kNoNode;
  const std::string* label = nullptr;  ///< The difference that begins here; of marked lines only.

  /// Indented by two spaces for each level, harmless to a terminal, without the mark.
  std::string text() const;
};

/// Receives lines from the first to the last.
class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void add(const WrittenLine& line) = 0;
};

/// Writes two documents as one, as the marks say. Without recursion; cost: linear.
void write_out(const Tape& old_tape, const Tape& new_tape, const Marks& marks, LineSink& sink);

}  // namespace diffing
