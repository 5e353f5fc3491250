// The laws of the differ as an oracle. Input: old, a byte FF (which no JSON holds), new.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "diffing/diff.h"
#include "diffing/render.h"
#include "diffing/tape.h"

namespace {

using diffing::Comparison;
using diffing::Kind;
using diffing::Tape;

void expect(bool law) {
  if (!law) std::abort();
}

std::uint64_t count(const Comparison& comparison, Kind kind) {
  return comparison.counts[static_cast<std::size_t>(kind)];
}

/// The same document with white space around everything, which is not inside of strings.
std::string respaced(const Tape& tape) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < tape.text().size(); ++i) {
    const char c = tape.text()[i];
    if (in_string && c == '\\') {
      out += tape.text().substr(i++, 2);
      continue;
    }
    in_string = in_string != (c == '"');
    const bool structural = !in_string && std::string_view("{}[]:,").find(c) != std::string_view::npos;
    out += structural ? std::string(" ") + c + "\n" : std::string(1, c);
  }
  return out;
}

const diffing::RuleSet& some_rules() {
  static const diffing::RuleSet rules = [] {
    std::vector<diffing::Rule> list(5);
    list[0].verb = diffing::Verb::ignore;
    list[0].path = "/**/i";
    list[1].verb = diffing::Verb::unordered;
    list[1].path = "/**/u";
    list[2].verb = diffing::Verb::keyed;
    list[2].path = "/**/k";
    list[2].by = {"id"};
    list[3].verb = diffing::Verb::tolerance;
    list[3].path = "/**/t";
    list[3].absolute = "0.5";
    list[4].verb = diffing::Verb::embedded_json;
    list[4].path = "/**/e";
    return std::get<diffing::RuleSet>(diffing::RuleSet::compile(list));
  }();
  return rules;
}

void check_pair(const Tape& old_tape, const Tape& new_tape) {
  const std::string_view old_json = old_tape.text();
  const std::string_view new_json = new_tape.text();
  const Comparison forth = diffing::diff(old_json, new_json);
  const Comparison back = diffing::diff(new_json, old_json);
  expect((forth.score == 0) == forth.equal());
  expect(forth.score >= 0 && forth.score <= 1);
  expect(forth.equal() == back.equal());
  if (!forth.approximate && !back.approximate) {
    expect(count(forth, Kind::missing) == count(back, Kind::extra));
    expect(count(forth, Kind::extra) == count(back, Kind::missing));
    for (const Kind kind : {Kind::type, Kind::value, Kind::order, Kind::moved}) {
      expect(count(forth, kind) == count(back, kind));
    }
  }
  const std::string spaced = respaced(new_tape);
  expect(diffing::diff(new_json, spaced).equal());
  const Comparison same = diffing::diff(old_json, spaced);
  expect(same.equal() == forth.equal() && same.counts == forth.counts);
  const Comparison ruled = diffing::diff(old_json, new_json, some_rules());
  expect(!forth.equal() || ruled.equal());
  const diffing::Documents documents{old_json, new_json, some_rules(), {}};
  (void)diffing::to_text(ruled, documents);
  expect(diffing::to_unified(documents)->empty() == ruled.equal());
  expect(std::holds_alternative<Tape>(Tape::parse(diffing::to_json(ruled))));
  for (const diffing::RuleSet& rules : {diffing::RuleSet(), some_rules()}) {
    const diffing::Patch patch = diffing::to_patch({old_json, new_json, rules, {}});
    expect(!patch.problem.empty() || std::holds_alternative<Tape>(Tape::parse(patch.json, {1100})));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\xFF');
  const std::string old_json(input.substr(0, split));
  const std::string new_json(split == std::string_view::npos ? std::string_view{} : input.substr(split + 1));
  const auto old_side = Tape::parse(old_json);
  const auto new_side = Tape::parse(new_json);
  expect(std::holds_alternative<Tape>(old_side) == !diffing::find_error(old_json).has_value());
  expect(std::holds_alternative<Tape>(new_side) == !diffing::find_error(new_json).has_value());
  if (std::holds_alternative<Tape>(old_side) && std::holds_alternative<Tape>(new_side)) {
    check_pair(std::get<Tape>(old_side), std::get<Tape>(new_side));
  } else if (old_json != new_json) {
    expect(!diffing::diff(old_json, new_json).equal());
  }
  return 0;
}
