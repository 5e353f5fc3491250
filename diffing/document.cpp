#include "diffing/document.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "diffing/json_string.h"
#include "diffing/places.h"

namespace diffing {
namespace {

// Strings in strings in strings: each level is one more pass.
constexpr int kMostEmbeddings = 4;

bool asks_for_embedded(const Graph& graph) {
  return std::any_of(graph.effects.begin(), graph.effects.end(),
                     [](const Effect& effect) { return effect.verb == Verb::embedded_json; });
}

/// The text with embedded documents in place of the strings that hold them; nullopt where there are none.
class Expansion {
 public:
  Expansion(const Tape& tape, const RuleSet& rules, const ParseLimits& limits)
      : tape_(tape), limits_(limits), places_(rules.trie()) {}

  std::optional<std::string> run() {
    std::vector<PlaceIndex> places(tape_.size(), kNoRules);
    places[0] = places_.root();
    for (NodeIndex i = 0; i < tape_.size(); ++i) {
      if (tape_[i].count == kKey || places[i] == kNoRules) continue;
      if (tape_[i].count != 0) {
        place_children(i, places);
      } else if (tape_.type(i) == Type::string && places_.policy(places[i]).embedded_json) {
        expand(i);
      }
    }
    if (copied_ == 0) return std::nullopt;
    out_ += tape_.text().substr(copied_);
    return std::move(out_);
  }

 private:
  void place_children(NodeIndex node, std::vector<PlaceIndex>& places) {
    const PlaceIndex from = places[node];
    const bool conditions = places_.has_conditions(from);
    const bool object = tape_.type(node) == Type::object;
    std::string buffer;
    std::size_t index = 0;
    for (NodeIndex child = node + 1 + object; child < tape_[node].next; child = tape_[child].next + object) {
      const std::uint64_t met = conditions ? places_.conditions_met(from, tape_, child) : 0;
      places[child] = object ? places_.member(from, decoded(tape_.raw(child - 1), buffer), met)
                             : places_.element(from, index++, met);
    }
  }

  void expand(NodeIndex node) {
    std::string text;
    append_decoded(tape_.raw(node), text);
    if (find_error(text, limits_)) return;
    out_ += tape_.text().substr(copied_, tape_[node].begin - copied_);
    out_ += text;
    copied_ = tape_[node].end;
  }

  const Tape& tape_;
  const ParseLimits& limits_;
  Places places_;
  std::string out_;
  std::size_t copied_ = 0;
};

}  // namespace

std::variant<Document, ParseError> Document::parse(std::string_view text, const RuleSet& rules, const Limits& limits) {
  const ParseLimits parse_limits{limits.max_depth, limits.max_bytes, limits.allow_byte_order_mark};
  auto first = Tape::parse(text, parse_limits);
  if (auto* error = std::get_if<ParseError>(&first)) return std::move(*error);
  Document document(nullptr, std::get<Tape>(std::move(first)));
  if (rules.empty() || !asks_for_embedded(*rules.trie().graph)) return document;
  for (int level = 0; level < kMostEmbeddings; ++level) {
    std::optional<std::string> expanded = Expansion(document.tape_, rules, parse_limits).run();
    if (!expanded) break;
    auto owned = std::make_unique<const std::string>(std::move(*expanded));
    auto next = Tape::parse(*owned, parse_limits);
    if (std::holds_alternative<ParseError>(next)) break;  // deeper or larger together than allowed: strings they stay
    document = Document(std::move(owned), std::get<Tape>(std::move(next)));
  }
  return document;
}

}  // namespace diffing
