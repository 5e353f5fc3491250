#include "comparator/gate/statistic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

// The mixtures. E_pass bets that a clean request is worth more than the limit says, E_fail that it is worth less;
// each mixes stakes from bold to careful, because the true rate is unknown. All in logarithms: the factors are raised
// to powers of 10^12.
namespace comparator::gate {
namespace {

constexpr double kLeast = 1e-12;    // limits are taken as at least this and at most 1 less this
constexpr double kNegligible = 45;  // e^-45 is below the precision of a double beside 1
constexpr std::uint64_t kMostRequests = 1'000'000'000'000;

struct Bet {
  double weight;
  double stake;           // share of what may be staked without going below zero
  double log_weight = 0;  // follows from `weight`
};

template <std::size_t N>
void normalize(std::array<Bet, N>& bets, std::size_t from, double total) {
  double sum = 0;
  for (std::size_t i = from; i < N; ++i) sum += bets[i].weight;
  for (std::size_t i = from; i < N; ++i) bets[i].weight *= total / sum;
  for (Bet& bet : bets) bet.log_weight = std::log(bet.weight);
}

// The boldest stake loses everything at the first mismatch and passes soonest without one.
const std::array<Bet, 19>& pass_bets() {
  static const auto kBets = [] {
    std::array<Bet, 19> bets{};
    bets[0] = {.weight = 0.3, .stake = 1};
    for (std::size_t j = 1; j < bets.size(); ++j) {
      const auto rank = static_cast<double>(j);
      bets[j] = {.weight = std::pow(rank, -1.3), .stake = 0.85 * std::pow(0.65, rank - 1)};
    }
    normalize(bets, 1, 0.7);
    return bets;
  }();
  return kBets;
}

template <std::size_t N>
std::array<Bet, N> fail_bets(double boldest, double ratio) {
  std::array<Bet, N> bets{};
  for (std::size_t k = 0; k < N; ++k) {
    const auto rank = static_cast<double>(k);
    bets[k] = {.weight = 1 / ((rank + 1) * (rank + 1)), .stake = boldest * std::pow(ratio, rank)};
  }
  normalize(bets, 0, 1);
  return bets;
}

const std::array<Bet, 24>& fail_bets_without_control() {
  static const auto kBets = fail_bets<24>(0.5, 0.6);
  return kBets;
}

const std::array<Bet, 20>& fail_bets_with_control() {
  static const auto kBets = fail_bets<20>(0.999, std::sqrt(0.5));
  return kBets;
}

// log((1 + x)^times), with 0^0 = 1.
double log_power(double x, std::uint64_t times) { return times == 0 ? 0 : static_cast<double>(times) * std::log1p(x); }

template <std::size_t N>
double log_sum_exp(const std::array<double, N>& terms) {
  const double greatest = *std::max_element(terms.begin(), terms.end());
  if (std::isinf(greatest)) return greatest;
  double sum = 0;
  for (const double term : terms) {
    if (term > greatest - kNegligible) sum += std::exp(term - greatest);
  }
  return greatest + std::log(sum);
}

template <std::size_t N, class LogGain>
double log_mixture(const std::array<Bet, N>& bets, LogGain log_gain) {
  std::array<double, N> terms;
  std::transform(bets.begin(), bets.end(), terms.begin(),
                 [&](const Bet& bet) { return bet.log_weight + log_gain(bet.stake); });
  return log_sum_exp(terms);
}

double within_limits(double delta) { return std::clamp(delta, kLeast, 1 - kLeast); }

std::uint64_t ties(const Counts& counts) {
  const std::uint64_t untied = counts.a + counts.b;
  return counts.n > untied ? counts.n - untied : 0;
}

// The place in (kLeast, 1) where `is_below` turns false, on a logarithmic scale; it is true below and false above.
template <class IsBelow>
double bisect(IsBelow is_below) {
  double low = std::log(kLeast);
  double high = 0;
  while (high - low > 1e-12) {
    const double middle = low + (high - low) / 2;
    (is_below(std::exp(middle)) ? low : high) = middle;
  }
  return std::exp(high);
}

}  // namespace

double log_e_pass(const Counts& counts, double limit) {
  const double delta = within_limits(limit);
  const std::uint64_t c = ties(counts);
  return log_mixture(pass_bets(), [&](double stake) {
    const double scaled = stake / (1 - delta);
    return log_power(-stake, counts.a) + log_power(scaled * (1 + delta), counts.b) + log_power(scaled * delta, c);
  });
}

double log_e_fail(const Counts& counts, double limit, bool with_control) {
  const double delta = within_limits(limit);
  const std::uint64_t c = ties(counts);
  if (with_control || counts.b > 0) {
    return log_mixture(fail_bets_with_control(), [&](double stake) {
      const double scaled = stake / (1 + delta);
      return log_power(scaled * (1 - delta), counts.a) + log_power(-stake, counts.b) + log_power(-scaled * delta, c);
    });
  }
  return log_mixture(fail_bets_without_control(), [&](double stake) {
    return log_power(stake / delta * (1 - delta), counts.a) + log_power(-stake, c);
  });
}

double upper_bound(const Counts& counts, double alpha) {
  const double wanted = -std::log(alpha);
  if (log_e_pass(counts, 1) < wanted) return 1;
  return bisect([&](double delta) { return log_e_pass(counts, delta) < wanted; });
}

double lower_bound(const Counts& counts, double alpha, bool with_control) {
  const double wanted = -std::log(alpha);
  if (log_e_fail(counts, 0, with_control) < wanted) return 0;
  return bisect([&](double delta) { return log_e_fail(counts, delta, with_control) >= wanted; });
}

std::optional<std::uint64_t> clean_requests_to_pass(const Counts& counts, double delta, double alpha) {
  const double wanted = -std::log(alpha);
  const auto passes_after = [&](std::uint64_t more) {
    return log_e_pass({counts.n + more, counts.a, counts.b}, delta) >= wanted;
  };
  if (passes_after(0)) return 0;
  if (!passes_after(kMostRequests)) return std::nullopt;
  std::uint64_t too_few = 0;
  std::uint64_t enough = kMostRequests;
  while (enough - too_few > 1) {
    const std::uint64_t middle = std::midpoint(too_few, enough);
    (passes_after(middle) ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace comparator::gate
