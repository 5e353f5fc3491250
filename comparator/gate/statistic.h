#pragma once

#include <cstdint>
#include <optional>

/// The gate's statistic: tests by betting (mixture e-processes), valid at every look, from counts alone.
/// Sources: Howard, Ramdas, McAuliffe, Sekhon, arXiv:1810.08240; Waudby-Smith and Ramdas, arXiv:2010.09686.
namespace comparator::gate {

/// Per stratum. X = 1 where the outcome counts against new, N = 1 where the control differed from old.
struct Counts {
  std::uint64_t n = 0;  ///< Requests.
  std::uint64_t a = 0;  ///< X = 1, N = 0.
  std::uint64_t b = 0;  ///< X = 0, N = 1.
};

/// Natural logarithm of the evidence that the excess rate is below `delta`; pass at >= -log(alpha).
double log_e_pass(const Counts& counts, double delta);
/// Natural logarithm of the evidence that it is above `delta`; fail at >= -log(alpha).
double log_e_fail(const Counts& counts, double delta, bool with_control);
/// The greatest rate the evidence does not exclude: sup{delta : E_pass < 1/alpha}; 1 without data.
double upper_bound(const Counts& counts, double alpha);
/// The least rate the evidence does not exclude; 0 without data.
double lower_bound(const Counts& counts, double alpha, bool with_control);
/// How many further clean requests would pass; nullopt above 10^12.
std::optional<std::uint64_t> clean_requests_to_pass(const Counts& counts, double delta, double alpha);

}  // namespace comparator::gate
