#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <variant>
#include <vector>

#include "diffing/document.h"
#include "diffing/harmless.h"
#include "diffing/marks.h"
#include "diffing/render.h"
#include "diffing/written_out.h"

namespace diffing {
namespace {

/// Groups lines into hunks: changes and the unchanged lines near them.
class Hunks : public LineSink {
 public:
  explicit Hunks(const UnifiedStyle& style) : style_(style) {}

  void add(const WrittenLine& line) override {
    const bool changed = line.mark != ' ';
    if (changed && hunk_.empty()) {
      hunk_.assign(before_.begin(), before_.end());
      old_start_ = old_lines_ - before_.size() + 1;
      new_start_ = new_lines_ - before_.size() + 1;
      before_.clear();
    }
    if (changed || !hunk_.empty()) {
      hunk_.push_back(line);
      unchanged_ = changed ? 0 : unchanged_ + 1;
      if (unchanged_ > 2 * style_.context) end_hunk();
    } else {
      remember(line);
    }
    old_lines_ += line.mark != '+';
    new_lines_ += line.mark != '-';
  }

  std::string take() {
    if (!hunk_.empty()) end_hunk();
    return std::move(out_);
  }

 private:
  void remember(const WrittenLine& line) {
    before_.push_back(line);
    if (before_.size() > style_.context) before_.pop_front();
  }

  /// Writes the hunk but for unchanged lines at its end that are not near.
  void end_hunk() {
    const std::size_t far = unchanged_ - std::min(unchanged_, style_.context);
    const std::vector<WrittenLine> rest(hunk_.end() - static_cast<std::ptrdiff_t>(far), hunk_.end());
    hunk_.resize(hunk_.size() - far);
    write_head();
    for (const WrittenLine& line : hunk_) write_line(line);
    hunk_.clear();
    unchanged_ = 0;
    for (const WrittenLine& line : rest) remember(line);
  }

  void write_head() {
    if (out_.empty()) out_ = "--- " + harmless(style_.old_name) + "\n+++ " + harmless(style_.new_name) + "\n";
    const auto lines_of = [this](char mark) {
      return static_cast<std::size_t>(
          std::count_if(hunk_.begin(), hunk_.end(), [mark](const auto& line) { return line.mark != mark; }));
    };
    std::string head = "@@ -" + range(old_start_, lines_of('+')) + " +" + range(new_start_, lines_of('-')) + " @@";
    append_labels(head);
    append_line(head, style_.colour ? "\x1b[36m" : "");
  }

  /// START,COUNT as diff -u writes it: of no lines, START is the one before.
  static std::string range(std::size_t start, std::size_t count) {
    if (count == 1) return std::to_string(start);
    return std::to_string(count == 0 ? start - 1 : start) + "," + std::to_string(count);
  }

  void append_labels(std::string& head) const {
    constexpr std::size_t kMostNamed = 3;
    std::vector<const std::string*> labels;
    std::unordered_set<const std::string*> known;  // what moved within the hunk has two lines
    for (const WrittenLine& line : hunk_) {
      if (line.label != nullptr && known.insert(line.label).second) labels.push_back(line.label);
    }
    for (std::size_t i = 0; i < std::min(labels.size(), kMostNamed); ++i) {
      head += (i == 0 ? " " : ", ") + harmless(*labels[i]);
    }
    if (labels.size() > kMostNamed) head += ", and " + std::to_string(labels.size() - kMostNamed) + " more";
  }

  void write_line(const WrittenLine& line) {
    std::string_view colour;
    if (style_.colour && line.mark == '-') colour = "\x1b[31m";
    if (style_.colour && line.mark == '+') colour = "\x1b[32m";
    append_line(line.mark + line.text(), colour);
  }

  void append_line(std::string_view text, std::string_view colour) {
    out_.append(colour).append(text).append(colour.empty() ? "" : "\x1b[0m").push_back('\n');
  }

  const UnifiedStyle& style_;
  std::string out_;
  std::deque<WrittenLine> before_;  ///< Unchanged lines that may be the next hunk's first.
  std::vector<WrittenLine> hunk_;
  std::size_t unchanged_ = 0;  ///< Lines at the end of the hunk.
  std::size_t old_start_ = 0;  ///< Of the hunk; lines count from 1.
  std::size_t new_start_ = 0;
  std::size_t old_lines_ = 0;  ///< So far.
  std::size_t new_lines_ = 0;
};

}  // namespace

std::optional<std::string> to_unified(const Documents& documents, const UnifiedStyle& style) {
  const auto old_side = Document::parse(documents.old_json, documents.rules, documents.limits);
  const auto new_side = Document::parse(documents.new_json, documents.rules, documents.limits);
  const auto* old_document = std::get_if<Document>(&old_side);
  const auto* new_document = std::get_if<Document>(&new_side);
  if (old_document == nullptr || new_document == nullptr) return std::nullopt;
  const Tape& old_tape = old_document->tape();
  const Tape& new_tape = new_document->tape();
  Places places(documents.rules.trie());
  StepBudget budget{alignment_budget(documents.old_json.size() + documents.new_json.size(), documents.limits), false};
  Walk walk(old_tape, new_tape, places, budget);
  Marks marks(walk.sides(), documents.limits);
  walk.run(marks);
  Hunks hunks(style);
  write_out(old_tape, new_tape, marks, hunks);
  return hunks.take();
}

}  // namespace diffing
