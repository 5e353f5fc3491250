#include "storage/outcome.h"

#include <array>

namespace storage {
namespace {

constexpr std::array<std::string_view, kOutcomes> kNames{"match",      "accepted",    "noise",          "transient",
                                                         "mismatch",   "new_failed",  "not_comparable", "shed",
                                                         "old_failed", "not_selected"};

}  // namespace

std::string_view name(Outcome outcome) { return kNames[static_cast<std::size_t>(outcome)]; }

std::optional<Outcome> outcome_named(std::string_view name) {
  for (std::size_t i = 0; i < kOutcomes; ++i) {
    if (kNames[i] == name) return static_cast<Outcome>(i);
  }
  return std::nullopt;
}

bool counts_against_new(Outcome outcome) {
  return outcome == Outcome::mismatch || outcome == Outcome::new_failed || outcome == Outcome::not_comparable ||
         outcome == Outcome::shed;
}

bool selected(Outcome outcome) { return outcome != Outcome::not_selected && outcome != Outcome::old_failed; }

}  // namespace storage
