#include "diffing/written_out.h"

#include <utility>
#include <vector>

#include "diffing/harmless.h"

namespace diffing {
namespace {

/// Writes values from a stack of what is still to be written.
class Writer {
 public:
  Writer(const Tape& old_tape, const Tape& new_tape, const Marks& marks, LineSink& sink)
      : old_tape_(old_tape), new_tape_(new_tape), marks_(marks), sink_(sink) {}

  void run() {
    stack_.push_back(task(&old_tape_, 0, ' ', false, 0, nullptr));
    while (!stack_.empty()) {
      if (stack_.back().open) {
        go_on();
      } else {
        begin();
      }
    }
  }

 private:
  struct Task {
    WrittenLine line;
    bool open = false;  ///< The line was written; the children follow.
    NodeIndex next = kNoNode;
    std::vector<Marks::Insertion> insertions;
    std::size_t next_insertion = 0;
  };

  static Task task(const Tape* tape, NodeIndex node, char mark, bool named, std::uint32_t depth,
                   const std::string* label) {
    Task task;
    task.line.mark = mark;
    task.line.named = named;
    task.line.depth = depth;
    task.line.tape = tape;
    task.line.node = node;
    task.line.label = label;
    return task;
  }

  /// Writes the first line of the value on top.
  void begin() {
    Task& top = stack_.back();
    WrittenLine& line = top.line;
    if (line.mark == ' ') {
      if (const std::string* label = marks_.gone(line.node)) {
        line.mark = '-';
        line.label = label;
        replace(line);
        return;
      }
      top.insertions = marks_.insertions(line.node);
    }
    const Node& node = (*line.tape)[line.node];
    if (node.count == 0 && top.insertions.empty()) {
      sink_.add(line);
      stack_.pop_back();
      return;
    }
    line.part = WrittenLine::Part::opening;
    sink_.add(line);
    line.label = nullptr;
    top.open = true;
    top.next = line.node + 1;
  }

  /// The value on top is old's; what comes in its place follows it.
  void replace(const WrittenLine& old_line) {
    const NodeIndex replacement = marks_.replacement(old_line.node);
    if (replacement == kNoNode) return;
    Task after = task(&new_tape_, replacement, '+', old_line.named, old_line.depth, old_line.label);
    stack_.insert(stack_.end() - 1, std::move(after));
  }

  /// Puts the next child on top, or ends the value on top.
  void go_on() {
    Task& top = stack_.back();
    WrittenLine& line = top.line;
    const Tape& tape = *line.tape;
    const bool object = tape.type(line.node) == Type::object;
    const NodeIndex end = tape[line.node].next;
    const NodeIndex child = top.next < end ? top.next + object : end;
    if (top.next_insertion < top.insertions.size() && top.insertions[top.next_insertion].before == child) {
      const NodeIndex inserted = top.insertions[top.next_insertion++].new_node;
      stack_.push_back(task(&new_tape_, inserted, '+', object, line.depth + 1, marks_.come(inserted)));
    } else if (child < end) {
      top.next = tape[child].next;
      stack_.push_back(task(line.tape, child, line.mark, object, line.depth + 1, nullptr));
    } else {
      line.part = WrittenLine::Part::closing;
      sink_.add(line);
      stack_.pop_back();
    }
  }

  const Tape& old_tape_;
  const Tape& new_tape_;
  const Marks& marks_;
  LineSink& sink_;
  std::vector<Task> stack_;
};

}  // namespace

std::string WrittenLine::text() const {
  std::string out(std::size_t{2} * depth, ' ');
  const bool object = tape->type(node) == Type::object;
  if (part == Part::closing) return out + (object ? '}' : ']');
  if (named) out += harmless(tape->raw(node - 1)) + ": ";
  if (part == Part::opening) return out + (object ? '{' : '[');
  if (tape->is_container(node)) return out + (object ? "{}" : "[]");
  return out + harmless(tape->raw(node));
}

void write_out(const Tape& old_tape, const Tape& new_tape, const Marks& marks, LineSink& sink) {
  Writer(old_tape, new_tape, marks, sink).run();
}

}  // namespace diffing
