#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diffing/tape.h"
#include "diffing/trie.h"

namespace diffing {

/// Numbers a place as the rules see it: all places where the same rules hold, here and below, have the same number.
using PlaceIndex = std::uint32_t;
inline constexpr PlaceIndex kNoRules = 0;  ///< No rule holds here or anywhere below.

/// What the rules say about one place.
struct Policy {
  bool ignored = false;     ///< Neither this nor anything below is compared.
  bool unselected = false;  ///< There are `only` rules: this is not compared, but something below may be.
  bool types_only = false;
  bool case_insensitive = false;
  bool extra_ok = false;
  bool embedded_json = false;
  Pairing pairing = Pairing::aligned;
  Numbers numbers = Numbers::decimal;
  Absent absent;
  const Key* key = nullptr;  ///< Set where pairing is keyed.
  const Tolerance* tolerance = nullptr;
  const re2::RE2* pattern = nullptr;
  std::optional<Severity> severity;
  std::vector<const Effect*> renames;
};

/// The places of one walk, found as it goes. Belongs to one comparison; not thread-safe.
class Places {
 public:
  explicit Places(const RuleSet::Trie& trie);

  PlaceIndex root() const { return root_; }
  const Policy& policy(PlaceIndex place) const { return place == kNoRules ? no_rules_ : places_[place - 1]->policy; }
  /// Whether a rule names an element here by its index.
  bool names_positions(PlaceIndex place) const { return place != kNoRules && places_[place - 1]->names_positions; }
  /// Whether rules below depend on what an element holds.
  bool has_conditions(PlaceIndex place) const { return place != kNoRules && places_[place - 1]->conditions != 0; }

  PlaceIndex member(PlaceIndex from, std::string_view name, std::uint64_t conditions_met);
  PlaceIndex element(PlaceIndex from, std::size_t index, std::uint64_t conditions_met);
  /// Which of the conditions that matter at `from` the value meets, as a set of bits.
  std::uint64_t conditions_met(PlaceIndex from, const Tape& tape, NodeIndex value) const;

 private:
  static constexpr std::size_t kUnnamed = static_cast<std::size_t>(-1);  // a name that no rule has here

  struct Place {
    StateSet states;
    Policy policy;
    bool names_positions = false;
    std::uint64_t conditions = 0;         ///< Those that some pattern asks for at the next step.
    std::vector<std::string_view> names;  ///< Those that some pattern has as the next step, in ascending order.
    std::map<std::pair<std::size_t, std::uint64_t>, PlaceIndex> known;  ///< By index of the name, and conditions met.
  };

  PlaceIndex intern(StateSet states);
  Policy resolve(const StateSet& states) const;
  PlaceIndex step(PlaceIndex from, std::string_view name, std::uint64_t conditions_met);
  static std::size_t named(const Place& place, std::string_view name);

  const Graph& graph_;
  Policy no_rules_;                             ///< Of kNoRules.
  std::vector<std::unique_ptr<Place>> places_;  ///< By index less one.
  std::map<StateSet, PlaceIndex> index_;
  PlaceIndex root_ = kNoRules;
};

/// The member of that name, or kNoNode; of several the first.
NodeIndex find_member(const Tape& tape, NodeIndex object, std::string_view name);

}  // namespace diffing
