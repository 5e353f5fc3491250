#include "diffing/tape.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace diffing {
namespace {

// Offsets and node numbers are 32 bits wide, and simdjson reads no more than 4 GiB at once.
constexpr std::size_t kMostBytes = 0xFFFFFF00;

using Scanner = simdjson::internal::dom_parser_implementation;

// A scanner's memory is four bytes for each byte of text; each thread keeps one for texts up to this size.
constexpr std::size_t kLargestKeptScanner = std::size_t{1} << 22;
constexpr std::size_t kSmallestScanner = std::size_t{1} << 14;

std::unique_ptr<Scanner> make_scanner(std::size_t capacity) {
  std::unique_ptr<Scanner> scanner;
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, scanner) !=
      simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
  return scanner;
}

Scanner& kept_scanner(std::size_t capacity) {
  thread_local std::unique_ptr<Scanner> kept;
  if (kept == nullptr || kept->capacity() < capacity) {
    kept = make_scanner(std::bit_ceil(std::max(capacity, kSmallestScanner)));
  }
  return *kept;
}

/// simdjson's first stage: offsets of all structural characters and of the first character of every scalar. Checks
/// UTF-8, that strings end, and that no control character stands in one.
class Structure {
 public:
  explicit Structure(std::string_view text) {
    if (text.size() <= kLargestKeptScanner) {
      scanner_ = &kept_scanner(text.size());
    } else {
      owned_ = make_scanner(text.size());
      scanner_ = owned_.get();
    }
    found_ = scanner_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                              simdjson::stage1_mode::regular) == simdjson::SUCCESS;
  }

  bool found() const { return found_; }
  std::uint32_t size() const { return scanner_->n_structural_indexes; }
  /// size() offsets, then the size of the text.
  const std::uint32_t* offsets() const { return scanner_->structural_indexes.get(); }

 private:
  std::unique_ptr<Scanner> owned_;
  Scanner* scanner_ = nullptr;
  bool found_ = false;
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_hex(char c) { return is_digit(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6; }

/// Checks every backslash; that they stand in strings only, and are not cut short, the grammar has settled.
bool escapes_are_valid(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while ((at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)))) != nullptr) {
    do {
      const char kind = at[1];
      if (kind == 'u') {
        if (end - at < 6 || !is_hex(at[2]) || !is_hex(at[3]) || !is_hex(at[4]) || !is_hex(at[5])) return false;
        at += 6;
      } else {
        if (std::memchr("\"\\/bfnrt", kind, 8) == nullptr) return false;
        at += 2;
      }
    } while (at < end && *at == '\\');
  }
  return true;
}

}  // namespace

bool is_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto digits = [&] {
    const char* const first = at;
    while (at != end && is_digit(*at)) ++at;
    return at != first;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at != end && *at == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at != end && (*at | 0x20) == 'e') {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return false;
  }
  return at == end;
}

namespace {

bool is_bare_scalar(std::string_view text) {
  switch (text[0]) {
    case 't': return text == "true";
    case 'f': return text == "false";
    case 'n': return text == "null";
    default: return is_number(text);
  }
}

/// Whether a short text is a scalar and nothing else, as far as that can be told without the scanner.
bool is_plain_scalar(std::string_view text) {
  constexpr std::size_t kShort = 64;  // for longer texts the scanner is quicker
  if (text.size() > kShort) return false;
  if (text[0] != '"') return is_bare_scalar(text);
  const auto is_plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  return text.size() >= 2 && text.back() == '"' && std::all_of(text.begin() + 1, text.end() - 1, is_plain);
}

}  // namespace

/// The second stage: checks the grammar and writes the tape. While a container is open, its `next` holds the
/// container around it, so that no stack is needed.
class TapeBuilder {
 public:
  TapeBuilder(std::string_view text, const ParseLimits& limits, const Structure& structure)
      : text_(text.data()), limits_(limits), at_(structure.offsets()), end_(at_ + structure.size()) {
    tape_.text_ = text;
    tape_.nodes_ = ScratchArray<Node>(structure.size());
    nodes_ = tape_.nodes_.get();
  }

  /// A text that is one scalar.
  static Tape of_scalar(std::string_view text) {
    Tape tape;
    tape.text_ = text;
    tape.nodes_ = ScratchArray<Node>(1);
    tape.nodes_[0] = {0, static_cast<std::uint32_t>(text.size()), 1, 0};
    tape.size_ = 1;
    tape.leaves_ = 1;
    return tape;
  }

  /// nullopt: not JSON, or deeper than allowed.
  std::optional<Tape> build() {
    if (at_ == end_ || !run()) return std::nullopt;
    tape_.size_ = size_;
    tape_.leaves_ = leaves_;
    return std::move(tape_);
  }

 private:
  bool run() {
    while (at_ != end_) {
      const std::uint32_t offset = *at_++;
      const char c = text_[offset];
      if (c == '{' || c == '[') {
        if (!open(offset)) return false;
        if (at_ == end_) return false;
        if (text_[*at_] != (in_object_ ? '}' : ']')) {
          if (in_object_ && !key()) return false;
          continue;
        }
        close(*at_++);
      } else if (!scalar(offset, c)) {
        return false;
      }
      if (!after_value()) return false;
      if (open_ == kNoNode) return at_ == end_;
    }
    return false;
  }

  /// Takes what follows a value, up to the next value or the end of the outermost one.
  bool after_value() {
    while (open_ != kNoNode) {
      if (at_ == end_) return false;
      const std::uint32_t offset = *at_++;
      const char c = text_[offset];
      if (c == ',') return !in_object_ || key();
      if (c != (in_object_ ? '}' : ']')) return false;
      close(offset);
    }
    return true;
  }

  bool open(std::uint32_t offset) {
    if (++depth_ > limits_.max_depth) return false;
    nodes_[size_] = {offset, 0, open_, 0};
    count_child();
    open_ = size_++;
    in_object_ = text_[offset] == '{';
    return true;
  }

  void close(std::uint32_t offset) {
    Node& node = nodes_[open_];
    open_ = node.next;
    node.end = offset + 1;
    node.next = size_;
    leaves_ += node.count == 0;
    --depth_;
    in_object_ = open_ != kNoNode && text_[nodes_[open_].begin] == '{';
  }

  void count_child() {
    if (open_ != kNoNode) ++nodes_[open_].count;
  }

  /// The end of the scalar that began at the offset before `at_`: all between scalars and structure is white space.
  std::uint32_t scalar_end() const {
    std::uint32_t end = *at_;
    while (is_space(text_[end - 1])) --end;
    return end;
  }

  bool scalar(std::uint32_t offset, char first) {
    const std::uint32_t end = scalar_end();
    if (first != '"' && !is_bare_scalar({text_ + offset, end - offset})) return false;
    count_child();
    nodes_[size_] = {offset, end, size_ + 1, 0};
    ++size_;
    ++leaves_;
    return true;
  }

  /// A member's name and the colon behind it.
  bool key() {
    if (end_ - at_ < 2) return false;
    const std::uint32_t offset = *at_++;
    if (text_[offset] != '"' || text_[*at_] != ':') return false;
    nodes_[size_] = {offset, scalar_end(), size_ + 1, kKey};
    ++size_;
    ++at_;
    return true;
  }

  const char* text_;
  const ParseLimits& limits_;
  const std::uint32_t* at_;
  const std::uint32_t* end_;
  Tape tape_;
  Node* nodes_ = nullptr;
  NodeIndex size_ = 0;
  NodeIndex open_ = kNoNode;
  bool in_object_ = false;
  std::size_t depth_ = 0;
  std::uint64_t leaves_ = 0;
};

std::variant<Tape, ParseError> Tape::parse(std::string_view text, const ParseLimits& limits) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (limits.allow_byte_order_mark && text.starts_with(kMark)) text.remove_prefix(kMark.size());
  const ParseLimits bounded{limits.max_depth, std::min(limits.max_bytes, kMostBytes)};
  if (!text.empty() && text.size() <= bounded.max_bytes) {
    if (is_plain_scalar(text)) return TapeBuilder::of_scalar(text);
    const Structure structure(text);
    if (structure.found()) {
      std::optional<Tape> tape = TapeBuilder(text, bounded, structure).build();
      if (tape && escapes_are_valid(text)) return std::move(*tape);
    }
  }
  std::optional<ParseError> error = find_error(text, bounded);
  assert(error);  // the two readers agree about what is JSON
  if (!error) error = ParseError{false, 0, 1, 1, "not JSON"};
  return std::move(*error);
}

std::uint64_t Tape::leaves_below(NodeIndex index) const {
  std::uint64_t leaves = 0;
  for (NodeIndex i = index; i < nodes_[index].next; ++i) leaves += nodes_[i].count == 0;
  return leaves;
}

}  // namespace diffing
