#pragma once

/// What the shell is told. A verdict and a difference have codes of their own (see the commands), so that a pipeline
/// can tell "no" from "broken".
namespace comparator::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;      ///< Something went wrong that the arguments are not to blame for.
inline constexpr int kUsage = 2;        ///< Wrong arguments, or a wrong configuration.
inline constexpr int kUnreachable = 5;  ///< No twinrun answers at the address.

}  // namespace comparator::cli
