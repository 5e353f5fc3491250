#include "comparator/gate/statistic.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/support/catch.h"

using namespace comparator::gate;

namespace {

double wanted(double alpha) { return -std::log(alpha); }

// The formulas as they are printed in the design, with powers instead of logarithms; good for small counts.
double plain_e_pass(double delta, int a, int b, int c) {
  double weights = 0;
  for (int j = 1; j <= 18; ++j) weights += std::pow(j, -1.3);
  double sum = 0;
  for (int k = 0; k <= 18; ++k) {
    const double w = k == 0 ? 0.3 : 0.7 * std::pow(k, -1.3) / weights;
    const double bet = (k == 0 ? 1 : 0.85 * std::pow(0.65, k - 1)) / (1 - delta);
    // Written as 1 - l_k, since 1 - (l_k / (1 - delta)) (1 - delta) is not quite 0 for l_0.
    const double loss = k == 0 ? 0 : 1 - bet * (1 - delta);
    sum += w * std::pow(loss, a) * std::pow(1 + bet * (1 + delta), b) * std::pow(1 + bet * delta, c);
  }
  return sum;
}

double plain_e_fail(double delta, int a, int b, int c, bool with_control) {
  const int bets = with_control ? 20 : 24;
  double weights = 0;
  for (int k = 0; k < bets; ++k) weights += 1.0 / ((k + 1) * (k + 1));
  double sum = 0;
  for (int k = 0; k < bets; ++k) {
    const double bet = with_control ? 0.999 * std::pow(2, -k / 2.0) / (1 + delta) : 0.5 / delta * std::pow(0.6, k);
    sum += 1 / weights / ((k + 1) * (k + 1)) * std::pow(1 + bet * (1 - delta), a) * std::pow(1 - bet * (1 + delta), b) *
           std::pow(1 - bet * delta, c);
  }
  return sum;
}

// The requests until the next mismatch, it included, at a rate.
class Gaps {
 public:
  Gaps(double rate, std::uint64_t seed) : random_(seed), gap_(rate) {}
  std::uint64_t next() { return gap_(random_) + 1; }

 private:
  std::mt19937_64 random_;
  std::geometric_distribution<std::uint64_t> gap_;
};

constexpr std::uint64_t kLooks = 8;  // mismatches between two looks whether a run is hopeless

// Whether a run ever passes, looking after each request. The evidence rises between mismatches, so it is enough to
// look before each of them. A run whose evidence has fallen to a ten thousandth passes later with at most 20 times
// that chance (Ville), and is given up.
bool ever_passes(Gaps& gaps, double delta, double alpha, std::uint64_t horizon) {
  Counts counts;
  for (;;) {
    const std::uint64_t gap = gaps.next();
    counts.n += gap - 1;
    if (counts.n > horizon) return log_e_pass({horizon, counts.a, 0}, delta) >= wanted(alpha);
    if (log_e_pass(counts, delta) >= wanted(alpha)) return true;
    ++counts.n;
    ++counts.a;
    if (counts.a % kLooks == 0 && log_e_pass(counts, delta) < std::log(1e-4)) return false;
  }
}

// Whether it ever fails, and after how many requests. This evidence rises at mismatches only.
std::optional<std::uint64_t> fails_after(Gaps& gaps, double delta, double alpha, std::uint64_t horizon) {
  Counts counts;
  for (;;) {
    counts.n += gaps.next();
    ++counts.a;
    if (counts.n > horizon) return std::nullopt;
    const double evidence = log_e_fail(counts, delta, false);
    if (evidence >= wanted(alpha)) return counts.n;
    if (evidence < std::log(1e-5)) return std::nullopt;
  }
}

double three_errors(double share, int runs) { return 3 * std::sqrt(share * (1 - share) / runs); }

}  // namespace

TEST_CASE("the number of requests needed to pass is that of the design's table") {
  struct Row {
    double delta;
    double alpha;
    std::vector<std::uint64_t> needed;  // with 0, 1, 2, 5 and 10 mismatches
  };
  const auto row = GENERATE(values<Row>({
      {0.01, 0.05, {369, 702, 915, 1'516, 2'331}},
      {0.005, 0.05, {739, 1'407, 1'833, 3'037, 4'669}},
      {0.001, 0.05, {3'699, 7'047, 9'176, 15'201, 23'371}},
      {0.001, 0.01, {5'434, 9'050, 11'226, 17'536, 26'411}},
      {0.0001, 0.05, {37'000, 70'497, 91'789, 152'045, 233'764}},
  }));
  const std::vector<std::uint64_t> mismatches{0, 1, 2, 5, 10};
  for (std::size_t i = 0; i < mismatches.size(); ++i) {
    const std::uint64_t a = mismatches[i];
    INFO("delta " << row.delta << ", alpha " << row.alpha << ", " << a << " mismatches");

    const auto clean = clean_requests_to_pass({a, a, 0}, row.delta, row.alpha);

    REQUIRE(clean);
    CHECK(*clean + a == row.needed[i]);
    CHECK(log_e_pass({row.needed[i], a, 0}, row.delta) >= wanted(row.alpha));
    CHECK(log_e_pass({row.needed[i] - 1, a, 0}, row.delta) < wanted(row.alpha));
  }
}

TEST_CASE("the evidence is that of the printed formulas") {
  const double delta = GENERATE(0.2, 0.01, 0.001);
  const int a = GENERATE(0, 1, 7);
  const int b = GENERATE(0, 3);
  const int c = GENERATE(0, 1, 500);
  INFO("delta " << delta << ", a " << a << ", b " << b << ", c " << c);
  const Counts counts{static_cast<std::uint64_t>(a + b + c), static_cast<std::uint64_t>(a),
                      static_cast<std::uint64_t>(b)};

  CHECK(log_e_pass(counts, delta) == Approx(std::log(plain_e_pass(delta, a, b, c))).margin(1e-9));
  CHECK(log_e_fail(counts, delta, true) == Approx(std::log(plain_e_fail(delta, a, b, c, true))).margin(1e-9));
  if (b == 0) {
    CHECK(log_e_fail(counts, delta, false) == Approx(std::log(plain_e_fail(delta, a, b, c, false))).margin(1e-9));
  }
}

TEST_CASE("evidence is worth nothing before there is any, and a fair bet in the mean") {
  for (const double delta : {0.5, 0.01, 0.0001}) {
    CHECK(log_e_pass({}, delta) == Approx(0).margin(1e-12));
    CHECK(log_e_fail({}, delta, false) == Approx(0).margin(1e-12));
    CHECK(log_e_fail({}, delta, true) == Approx(0).margin(1e-12));
    // One request at the boundary: a with chance delta, else clean.
    CHECK(delta * std::exp(log_e_pass({1, 1, 0}, delta)) + (1 - delta) * std::exp(log_e_pass({1, 0, 0}, delta)) ==
          Approx(1));
    CHECK(delta * std::exp(log_e_fail({1, 1, 0}, delta, false)) +
              (1 - delta) * std::exp(log_e_fail({1, 0, 0}, delta, false)) ==
          Approx(1));
  }
}

TEST_CASE("at the limit a route ever passes in no more than one run of twenty") {
  constexpr int kRuns = 2000;
  constexpr double kAlpha = 0.05;
  const double delta = GENERATE(0.01, 0.001);
  const auto horizon = static_cast<std::uint64_t>(1000 / delta);
  Gaps gaps(delta, 20'260'301);

  int passed = 0;
  for (int run = 0; run < kRuns; ++run) passed += ever_passes(gaps, delta, kAlpha, horizon) ? 1 : 0;

  const double share = passed / double{kRuns};
  INFO("delta " << delta << ": " << share);
  CHECK(share <= kAlpha + three_errors(kAlpha, kRuns));
  CHECK(share >= 0.02);  // else the test would be needlessly careful, or the simulation wrong
}

TEST_CASE("above the limit a route passes more rarely still") {
  constexpr int kRuns = 1000;
  Gaps gaps(0.002, 1);

  int passed = 0;
  for (int run = 0; run < kRuns; ++run) passed += ever_passes(gaps, 0.001, 0.05, 1'000'000) ? 1 : 0;

  CHECK(passed / double{kRuns} < 0.01);
}

TEST_CASE("at the limit a route ever fails in no more than one run of a hundred") {
  constexpr int kRuns = 2000;
  constexpr double kAlpha = 0.01;
  Gaps gaps(0.001, 7);

  int failed = 0;
  for (int run = 0; run < kRuns; ++run) failed += fails_after(gaps, 0.001, kAlpha, 1'000'000) ? 1 : 0;

  CHECK(failed / double{kRuns} <= kAlpha + three_errors(kAlpha, kRuns));
}

TEST_CASE("the median number of requests to fail is that of the design") {
  struct Row {
    double rate;
    double median;
  };
  const auto row = GENERATE(values<Row>({{0.002, 22'000}, {0.005, 2'000}, {0.02, 170}}));
  constexpr std::size_t kRuns = 2001;
  Gaps gaps(row.rate, 11);
  std::vector<std::uint64_t> needed;
  for (std::size_t run = 0; run < kRuns; ++run) {
    needed.push_back(fails_after(gaps, 0.001, 0.01, 10'000'000).value_or(10'000'000));
  }
  std::nth_element(needed.begin(), needed.begin() + kRuns / 2, needed.end());

  CHECK(static_cast<double>(needed[kRuns / 2]) == Approx(row.median).epsilon(0.2));
}

TEST_CASE("noise of the control that new shares is no evidence against new") {
  // One request of fifty differs, on both sides alike: the excess is nothing, and is shown to be.
  Counts counts{100'000, 1'000, 1'000};

  CHECK(upper_bound(counts, 0.05) < 0.01);
  CHECK(lower_bound(counts, 0.01, true) == 0);
  counts.b = 0;
  CHECK(lower_bound(counts, 0.01, false) > 0.005);
}

TEST_CASE("the bounds enclose the rate and are where the evidence crosses") {
  const std::uint64_t n = GENERATE(200u, 10'000u, 5'000'000u);
  const std::uint64_t per_mille = GENERATE(0u, 1u, 50u, 900u);
  const Counts counts{n, n * per_mille / 1000, 0};
  const double rate = static_cast<double>(counts.a) / static_cast<double>(n);
  INFO(n << " requests, " << counts.a << " mismatches");

  const double upper = upper_bound(counts, 0.05);
  const double lower = lower_bound(counts, 0.01, false);

  CHECK(lower <= rate);
  CHECK(rate < upper);
  CHECK(log_e_pass(counts, upper * 1.0001) >= wanted(0.05));
  CHECK(log_e_pass(counts, upper * 0.9999) < wanted(0.05));
  if (lower > 0) {
    CHECK(log_e_fail(counts, lower * 0.9999, false) >= wanted(0.01));
    CHECK(log_e_fail(counts, lower * 1.0001, false) < wanted(0.01));
  }
}

TEST_CASE("the upper bound falls with clean requests and rises with mismatches, the lower one likewise") {
  double before = 1;
  for (std::uint64_t n = 10; n < 10'000'000; n = n * 3 / 2) {
    const double bound = upper_bound({n, 2, 0}, 0.05);
    CHECK(bound <= before);
    before = bound;
  }
  double upper = 0;
  double lower = 0;
  for (std::uint64_t a = 0; a <= 5000; a += 100) {
    CHECK(upper_bound({5000, a, 0}, 0.05) >= upper);
    CHECK(lower_bound({5000, a, 0}, 0.01, false) >= lower);
    upper = upper_bound({5000, a, 0}, 0.05);
    lower = lower_bound({5000, a, 0}, 0.01, false);
  }
  CHECK(upper == 1);
}

TEST_CASE("without data anything is possible") {
  CHECK(upper_bound({}, 0.05) == 1);
  CHECK(lower_bound({}, 0.01, false) == 0);
  CHECK(lower_bound({}, 0.01, true) == 0);
}

TEST_CASE("a trillion requests cost no more than one, and stay finite") {
  constexpr std::uint64_t kMany = 1'000'000'000'000;
  for (const Counts& counts : {Counts{kMany, 0, 0}, Counts{kMany, kMany, 0}, Counts{kMany, kMany / 2, 0},
                               Counts{kMany, kMany / 3, kMany / 3}, Counts{1, kMany, kMany}}) {
    for (const double delta : {-1.0, 0.0, 1e-9, 0.001, 0.5, 1.0, 2.0}) {
      INFO(counts.n << ' ' << counts.a << ' ' << counts.b << ' ' << delta);
      CHECK(std::isfinite(log_e_pass(counts, delta)));
      CHECK(std::isfinite(log_e_fail(counts, delta, counts.b > 0)));
      clean_requests_to_pass(counts, delta, 0.05);
    }
    CHECK(upper_bound(counts, 0.05) >= lower_bound(counts, 0.01, counts.b > 0));
  }
  CHECK(upper_bound({kMany, 0, 0}, 0.05) < 1e-10);
}

TEST_CASE("what has passed needs no further request, and a hopeless case none that anyone could send") {
  CHECK(clean_requests_to_pass({1'000'000, 0, 0}, 0.001, 0.05) == 0);
  CHECK(!clean_requests_to_pass({1'000'000'000, 1'000'000'000, 0}, 0.0001, 0.05));
  CHECK(!clean_requests_to_pass({}, 0, 0.05));
}
