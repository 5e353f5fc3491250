#pragma once

#include <cstdint>

#include "diffing/places.h"
#include "diffing/tape.h"

/// Scalars compared as the rules of their place want it.
namespace diffing {

enum class Verdict : std::uint8_t {
  equal,    ///< The same value.
  allowed,  ///< Another value, but a rule lets it pass.
  different
};

/// Two scalars of the same type.
Verdict compare_scalars(const Tape& old_tape, NodeIndex a, const Tape& new_tape, NodeIndex b, const Policy& policy);

/// Whether a value of this place counts as absent.
bool counts_as_absent(const Tape& tape, NodeIndex node, const Absent& absent);

/// A hash that is equal for scalars that compare_scalars() does not call different. `loose` is set where it may also be
/// equal for scalars that are.
std::uint64_t hash_scalar(const Tape& tape, NodeIndex node, const Policy& policy, std::uint64_t seed, bool& loose);

/// The same without rules.
std::uint64_t hash_scalar(const Tape& tape, NodeIndex node, std::uint64_t seed);

/// Whether two scalars, of any types, have the same value; no rules.
bool same_scalar(const Tape& old_tape, NodeIndex a, const Tape& new_tape, NodeIndex b);

}  // namespace diffing
