#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace storage {

/// How a request ended. Every request has exactly one; the names are those of SQL, JSON and metrics.
enum class Outcome : std::uint8_t {
  match,           ///< No difference.
  accepted,        ///< Only differences that a rule or a person lets pass.
  noise,           ///< Only differences that the control shows too.
  transient,       ///< Differed, and agreed when asked again.
  mismatch,        ///< Anything else that was compared.
  new_failed,      ///< New gave no answer; the cause says why.
  not_comparable,  ///< There were answers, but no verdict; the cause says why.
  shed,            ///< Not asked or not compared, to protect the serving side.
  old_failed,      ///< No reference to compare with.
  not_selected,    ///< Stage, method or sample: decided before anything was sent.
};
inline constexpr std::size_t kOutcomes = 10;

std::string_view name(Outcome outcome);
std::optional<Outcome> outcome_named(std::string_view name);

/// Whether the gate counts it against new (X = 1).
bool counts_against_new(Outcome outcome);
/// Whether the gate counts it at all.
bool selected(Outcome outcome);

}  // namespace storage
