#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "diffing/diff.h"
#include "diffing/document.h"
#include "diffing/json_string.h"
#include "diffing/places.h"
#include "diffing/recorder.h"

namespace diffing {
namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

/// Header values are bytes: each byte becomes the character of the same number, so that none is lost.
std::string as_text(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else {
      out.push_back(static_cast<char>(0xC0 | byte >> 6));
      out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
    }
  }
  return out;
}

/// Status and headers as a document, so that rules hold for them as for bodies: {"status":200,"headers":{NAME:[...]}}.
std::string head_document(const AnswerView& answer) {
  std::vector<std::pair<std::string, std::vector<std::string_view>>> fields;  // in the order received
  std::map<std::string, std::size_t> index;
  for (const HeaderLine& line : answer.headers) {
    const auto [known, is_new] = index.try_emplace(lower_case(line.name), fields.size());
    if (is_new) fields.push_back({known->first, {}});
    fields[known->second].second.push_back(line.value);
  }
  std::string out = "{\"status\":" + std::to_string(answer.status) + ",\"headers\":{";
  const char* separator = "";
  for (const auto& [name, values] : fields) {
    out += separator;
    append_quoted(as_text(name), out);
    out += ":[";
    const char* comma = "";
    for (const std::string_view value : values) {
      out += comma;
      append_quoted(as_text(value), out);
      comma = ",";
    }
    out += "]";
    separator = ",";
  }
  return out + "}}";
}

bool same_head(const AnswerView& a, const AnswerView& b) {
  return a.status == b.status &&
         std::equal(a.headers.begin(), a.headers.end(), b.headers.begin(), b.headers.end(),
                    [](const HeaderLine& x, const HeaderLine& y) { return x.name == y.name && x.value == y.value; });
}

/// The header's own bytes for a value that was compared as a JSON string.
std::string plain(const std::string& value) {
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
  std::string text;
  append_decoded(value, text);
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0xC2 && byte <= 0xC3 && i + 1 < text.size()) {
      bytes.push_back(static_cast<char>((byte & 3) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F)));
    } else {
      bytes.push_back(text[i]);
    }
  }
  return bytes;
}

/// Gives status and headers the severity of their own where no rule has spoken.
class HeadRecorder : public Findings {
 public:
  HeadRecorder(const Sides& sides, const Limits& limits, Severity status, Comparison& comparison)
      : sides_(sides), recorder_(sides, limits, "", comparison), status_(status), comparison_(comparison) {}

  void found(const Found& found, const std::vector<Frame>& frames) override {
    const bool is_status = frames.size() == 1 && frames[0].child.a_index == 0;
    const Severity severity =
        sides_.places.policy(found.place).severity.value_or(is_status ? status_ : Severity::minor);
    const std::size_t kept = comparison_.differences.size();
    recorder_.found_with(found, severity, frames);
    if (is_status || comparison_.differences.size() == kept) return;
    Difference& difference = comparison_.differences.back();
    difference.old_value = plain(difference.old_value);
    difference.new_value = plain(difference.new_value);
  }
  void ruled() override { recorder_.ruled(); }
  double cost() const { return recorder_.cost(); }

 private:
  const Sides& sides_;
  Recorder recorder_;
  Severity status_;
  Comparison& comparison_;
};

double compare_heads(const AnswerView& old_answer, const AnswerView& new_answer, const RuleSet& rules,
                     const Limits& limits, Comparison& comparison) {
  if (same_head(old_answer, new_answer)) return 0;
  const std::string old_head = head_document(old_answer);
  const std::string new_head = head_document(new_answer);
  const auto old_tape = Tape::parse(old_head);
  const auto new_tape = Tape::parse(new_head);
  Places places(rules.trie());
  StepBudget budget{limits.alignment_steps, false};
  Walk walk(std::get<Tape>(old_tape), std::get<Tape>(new_tape), places, budget);
  const bool same_class = old_answer.status / 100 == new_answer.status / 100;
  HeadRecorder recorder(walk.sides(), limits, same_class ? Severity::major : Severity::critical, comparison);
  walk.run(recorder);
  comparison.leaves_old += std::get<Tape>(old_tape).leaves();
  comparison.leaves_new += std::get<Tape>(new_tape).leaves();
  comparison.approximate = comparison.approximate || budget.ran_out;
  return recorder.cost();
}

/// How two bodies differ that are not both JSON documents.
Kind body_kind(const AnswerView& old_answer, const AnswerView& new_answer) {
  if (new_answer.body.empty()) return Kind::missing;
  if (old_answer.body.empty()) return Kind::extra;
  return is_json(old_answer.media_type) == is_json(new_answer.media_type) ? Kind::value : Kind::type;
}

/// A body that is no JSON is one value, compared by its bytes.
double compare_bytes(const AnswerView& old_answer, const AnswerView& new_answer, const RuleSet& rules,
                     const Limits& limits, Comparison& comparison) {
  const Kind kind = body_kind(old_answer, new_answer);
  comparison.leaves_old += kind != Kind::extra;
  comparison.leaves_new += kind != Kind::missing;
  Places places(rules.trie());
  const Policy& policy = places.policy(places.root());
  const bool value_passes = kind == Kind::value && policy.types_only;
  if (policy.ignored || value_passes || (kind == Kind::extra && policy.extra_ok)) {
    ++comparison.ruled;
    return 0;
  }
  const Severity severity = policy.severity.value_or(Severity::major);
  count_difference(kind, severity, comparison);
  if (comparison.differences.size() >= limits.max_differences) {
    comparison.truncated = true;
  } else {
    Difference difference;
    difference.path = difference.signature = "/body";
    difference.kind = kind;
    difference.severity = severity;
    difference.old_value = cut_value(old_answer.body, limits);
    difference.new_value = cut_value(new_answer.body, limits);
    comparison.differences.push_back(std::move(difference));
  }
  return kind == Kind::missing || kind == Kind::extra ? 1 : 2;
}

double compare_bodies(const AnswerView& old_answer, const AnswerView& new_answer, const RuleSet& rules,
                      const Limits& limits, Comparison& comparison) {
  if (old_answer.body == new_answer.body) return 0;
  const bool both_json = is_json(old_answer.media_type) && is_json(new_answer.media_type);
  if (both_json && !old_answer.body.empty() && !new_answer.body.empty()) {
    return compare_documents(old_answer.body, new_answer.body, rules, limits, "/body", comparison);
  }
  return compare_bytes(old_answer, new_answer, rules, limits, comparison);
}

}  // namespace

bool is_json(std::string_view media_type) {
  std::string type = lower_case(media_type.substr(0, media_type.find(';')));
  type.erase(0, type.find_first_not_of(" \t"));
  type.erase(type.find_last_not_of(" \t") + 1);
  return type == "application/json" || type.ends_with("+json");
}

Comparison diff_answers(const AnswerView& old_answer, const AnswerView& new_answer, const RuleSet& rules,
                        const Limits& limits) {
  Comparison comparison;
  double cost = compare_heads(old_answer, new_answer, rules, limits, comparison);
  cost += compare_bodies(old_answer, new_answer, rules.under("body"), limits, comparison);
  set_score(cost, comparison);
  return comparison;
}

}  // namespace diffing
