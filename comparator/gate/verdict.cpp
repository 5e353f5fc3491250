#include "comparator/gate/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "comparator/gate/timestamp.h"

namespace comparator::gate {
namespace {

using diffing::Severity;
using storage::Outcome;

constexpr std::array kStrata{Severity::critical, Severity::major, Severity::minor};
constexpr std::int64_t kMinuteUs = std::int64_t{60} * 1'000'000;
// Below it a ratio says more about the machine's scheduling than about new: 0.24 against 0.36 ms is a factor of 1.5.
constexpr std::chrono::microseconds kLatencyNoise{2000};
constexpr double kGuarded = 0.99;  // the quantile whose latency is guarded

// What the evidence of one route adds up to.
struct Sums {
  std::uint64_t selected = 0;
  std::uint64_t old_failed = 0;
  std::uint64_t accepted = 0;
  std::uint64_t uncompared = 0;
  std::array<std::uint64_t, diffing::kSeverities> mismatches{};  // by severity of the worst difference
  std::map<std::string, std::uint64_t> causes;                   // of what was not compared
  std::int64_t first_minute = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_minute = std::numeric_limits<std::int64_t>::min();
  storage::Tally tally;

  std::int64_t starts_us() const { return first_minute * kMinuteUs; }
  std::int64_t ends_us() const { return (last_minute + 1) * kMinuteUs; }
};

void add_selected(Sums& sums, const storage::OutcomeCount& count) {
  const std::uint64_t times = count.tally.count;
  sums.selected += times;
  sums.tally.add(count.tally);
  sums.first_minute = std::min(sums.first_minute, count.first_minute);
  sums.last_minute = std::max(sums.last_minute, count.last_minute);
  if (count.outcome == Outcome::accepted) sums.accepted += times;
  if (count.outcome == Outcome::mismatch) {
    // One that nobody graded could be of any severity.
    sums.mismatches[static_cast<std::size_t>(count.severity.value_or(Severity::critical))] += times;
  } else if (storage::counts_against_new(count.outcome)) {
    sums.uncompared += times;
    sums.causes[fmt::format("{}{}{}", storage::name(count.outcome), count.cause.empty() ? "" : " ", count.cause)] +=
        times;
  }
}

Sums sums_of(const RouteConfig& route, std::string_view epoch, const Evidence& evidence) {
  Sums sums;
  for (const storage::OutcomeCount& count : evidence.counts) {
    if (count.route != route.name || count.epoch != epoch || count.tally.count == 0) continue;
    if (count.outcome == Outcome::old_failed) sums.old_failed += count.tally.count;
    if (storage::selected(count.outcome)) add_selected(sums, count);
  }
  return sums;
}

double limit_of(const GateConfig& gate, Severity severity) {
  switch (severity) {
    case Severity::critical: return gate.critical;
    case Severity::major: return gate.major;
    case Severity::minor: return gate.minor;
  }
  return 0;
}

Stratum stratum_of(const GateConfig& gate, Severity severity, const Sums& sums) {
  constexpr bool kWithControl = false;  // no control is asked yet, so N is 0 throughout
  const double alpha_fail = gate.alpha_fail / static_cast<double>(kStrata.size());
  Stratum stratum;
  stratum.severity = severity;
  stratum.delta = limit_of(gate, severity);
  stratum.counts.n = sums.selected;
  stratum.counts.a = sums.uncompared;
  for (auto worse = static_cast<std::size_t>(severity); worse < diffing::kSeverities; ++worse) {
    stratum.counts.a += sums.mismatches[worse];
  }
  stratum.log_e_pass = log_e_pass(stratum.counts, stratum.delta);
  stratum.log_e_fail = log_e_fail(stratum.counts, stratum.delta, kWithControl);
  stratum.upper = upper_bound(stratum.counts, gate.alpha_pass);
  stratum.lower = lower_bound(stratum.counts, alpha_fail, kWithControl);
  stratum.clean_requests_to_pass = clean_requests_to_pass(stratum.counts, stratum.delta, gate.alpha_pass);
  if (stratum.log_e_fail >= -std::log(alpha_fail)) {
    stratum.verdict = Verdict::fail;
  } else if (stratum.log_e_pass >= -std::log(gate.alpha_pass)) {
    stratum.verdict = Verdict::pass;
  }
  return stratum;
}

std::string percent(double share) { return fmt::format("{:.3g} %", share * 100); }

std::string duration(std::chrono::seconds time) {
  if (time >= std::chrono::hours(1)) return fmt::format("{:.3g} h", static_cast<double>(time.count()) / 3600);
  return fmt::format("{:.3g} min", static_cast<double>(time.count()) / 60);
}

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Collects what stands against a pass, each with what would lift it.
class Conditions {
 public:
  Conditions(const RouteConfig& route, std::string_view epoch, const Sums& sums, std::int64_t now_us)
      : route_(route), gate_(route.gate), epoch_(epoch), sums_(sums), now_us_(now_us) {}

  std::vector<Reason> all(const std::vector<Stratum>& strata, std::uint64_t unreviewed) {
    for (const Stratum& stratum : strata) failed(stratum);
    if (sums_.selected == 0) {
      no_data();
    } else {
      enough();
      fresh();
      uncompared();
      accepted();
      latency();
    }
    old_failed();
    reviewed(unreviewed);
    if (sums_.selected > 0) {
      for (const Stratum& stratum : strata) unproven(stratum);
    }
    return std::move(reasons_);
  }

 private:
  template <class... Values>
  void add(const char* code, fmt::format_string<Values...> message, Values&&... values) {
    reasons_.push_back({code, fmt::format(message, std::forward<Values>(values)...)});
  }

  void failed(const Stratum& stratum) {
    if (stratum.verdict != Verdict::fail) return;
    add("rate_above_limit",
        "{} of {} requests count against new as {} or worse, which shows a rate of at least {}, above the limit of {}; "
        "a new build or new rules start a new epoch",
        stratum.counts.a, stratum.counts.n, diffing::name(stratum.severity), percent(stratum.lower),
        percent(stratum.delta));
  }

  void no_data() {
    if (route_.stage == Stage::old || route_.stage == Stage::new_) {
      add("no_data",
          "nothing was compared in epoch {}: in stage {} the other side is not asked; move the route to shadow", epoch_,
          name(route_.stage));
    } else {
      add("no_data", "nothing was compared in epoch {}: the route needs traffic that its methods and sample select",
          epoch_);
    }
  }

  void enough() {
    if (sums_.selected < gate_.min_samples) {
      add("too_few_samples", "{} requests were selected and at least {} are needed: {} more", sums_.selected,
          gate_.min_samples, gate_.min_samples - sums_.selected);
    }
    const auto span = std::chrono::seconds((sums_.ends_us() - sums_.starts_us()) / 1'000'000);
    if (span < gate_.min_span) {
      const auto until = sums_.starts_us() + std::chrono::microseconds(gate_.min_span).count();
      add("short_span", "the evidence spans {} and must span {}: traffic until {}", duration(span),
          duration(gate_.min_span), timestamp(until));
    }
  }

  void fresh() {
    if (now_us_ - sums_.ends_us() <= std::chrono::microseconds(gate_.max_age).count()) return;
    add("stale", "the newest evidence is of {}, older than {}: the route needs new traffic", timestamp(sums_.ends_us()),
        duration(gate_.max_age));
  }

  void uncompared() {
    const double share = share_of(sums_.uncompared, sums_.selected);
    if (share <= gate_.max_uncompared) return;
    const auto most = std::max_element(sums_.causes.begin(), sums_.causes.end(),
                                       [](const auto& one, const auto& other) { return one.second < other.second; });
    add("uncompared", "{} of the selected requests were not compared, most often for {} ({} times); at most {} may be",
        percent(share), most->first, most->second, percent(gate_.max_uncompared));
  }

  void accepted() {
    const double share = share_of(sums_.accepted, sums_.selected);
    if (share <= gate_.max_accepted) return;
    add("accepted_over_budget",
        "{} of the selected requests differ in ways that rules or people accept and at most {} may: narrow the rules, "
        "or raise the budget",
        percent(share), percent(gate_.max_accepted));
  }

  void latency() {
    const auto before = sums_.tally.old_latency.quantile(kGuarded);
    const auto after = sums_.tally.new_latency.quantile(kGuarded);
    if (before.count() == 0 || after.count() == 0) return;
    const double ratio = static_cast<double>(after.count()) / static_cast<double>(before.count());
    if (ratio <= gate_.max_latency_ratio || after - before < kLatencyNoise) return;
    add("latency", "new's p99 is {:.3g} ms, {:.3g} times old's {:.3g} ms; at most {:.3g} times is allowed",
        static_cast<double>(after.count()) / 1000, ratio, static_cast<double>(before.count()) / 1000,
        gate_.max_latency_ratio);
  }

  void old_failed() {
    const double share = share_of(sums_.old_failed, sums_.selected + sums_.old_failed);
    if (share <= gate_.max_old_failed) return;
    add("old_failed", "old failed on {} of the requests, so that there was nothing to compare with; at most {} may be",
        percent(share), percent(gate_.max_old_failed));
  }

  void reviewed(std::uint64_t unreviewed) {
    if (unreviewed == 0) return;
    add("unreviewed_findings", "{} of major or above {} not reviewed: accept or fix {}",
        unreviewed == 1 ? "1 finding" : fmt::format("{} findings", unreviewed), unreviewed == 1 ? "is" : "are",
        unreviewed == 1 ? "it" : "them");
  }

  void unproven(const Stratum& stratum) {
    if (stratum.verdict != Verdict::hold) return;
    const auto severity = diffing::name(stratum.severity);
    if (stratum.clean_requests_to_pass) {
      add("not_proven", "a rate below {} is not shown yet for {} (at most {} so far): {} further clean requests would",
          percent(stratum.delta), severity, percent(stratum.upper), *stratum.clean_requests_to_pass);
    } else {
      add("not_proven",
          "a rate below {} is not shown for {} (at most {} so far), nor would any number of requests: "
          "a new build or new rules start a new epoch",
          percent(stratum.delta), severity, percent(stratum.upper));
    }
  }

  const RouteConfig& route_;
  const GateConfig& gate_;
  std::string_view epoch_;
  const Sums& sums_;
  std::int64_t now_us_;
  std::vector<Reason> reasons_;
};

Verdict verdict_of(const std::vector<Stratum>& strata, const std::vector<Reason>& reasons) {
  const auto is_fail = [](const Stratum& stratum) { return stratum.verdict == Verdict::fail; };
  if (std::any_of(strata.begin(), strata.end(), is_fail)) return Verdict::fail;
  return reasons.empty() ? Verdict::pass : Verdict::hold;
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::fail: return "fail";
    case Verdict::hold: return "hold";
  }
  return "";
}

RouteVerdict judge(const RouteConfig& route, std::string_view epoch, const Evidence& evidence, std::int64_t now_us) {
  const Sums sums = sums_of(route, epoch, evidence);
  RouteVerdict verdict;
  verdict.route = route.name;
  verdict.epoch = epoch;
  verdict.selected = sums.selected;
  verdict.computed_at_us = now_us;
  for (const Severity severity : kStrata) verdict.strata.push_back(stratum_of(route.gate, severity, sums));
  verdict.reasons = Conditions(route, epoch, sums, now_us).all(verdict.strata, evidence.unreviewed);
  verdict.verdict = verdict_of(verdict.strata, verdict.reasons);
  verdict.valid_until_us = now_us;
  if (sums.selected > 0) {
    const auto stale_at = sums.ends_us() + std::chrono::microseconds(route.gate.max_age).count();
    verdict.valid_until_us = std::max(now_us, stale_at);
  }
  return verdict;
}

Verdict overall(const std::vector<RouteVerdict>& routes) {
  const auto any = [&](Verdict wanted) {
    return std::any_of(routes.begin(), routes.end(), [&](const RouteVerdict& each) { return each.verdict == wanted; });
  };
  if (any(Verdict::fail)) return Verdict::fail;
  return routes.empty() || any(Verdict::hold) ? Verdict::hold : Verdict::pass;
}

RouteVerdict judge_from(const storage::Reader& reader, const Config& config, const RouteConfig& route,
                        std::int64_t now_us) {
  storage::Filter filter;
  filter.route = route.name;
  filter.epoch = config.epoch(route);
  const Evidence evidence{reader.outcome_counts(filter), reader.unreviewed(route.name, Severity::major, filter.epoch)};
  return judge(route, filter.epoch, evidence, now_us);
}

}  // namespace comparator::gate
