#include "comparator/gate/verdict.h"

#include <functional>
#include <set>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using comparator::Config;
using comparator::RouteConfig;
using comparator::Stage;
using diffing::Severity;
using storage::Outcome;
using namespace comparator::gate;

namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kFirst = 29'000'000;
constexpr std::int64_t kLast = kFirst + 2 * 1440;
constexpr std::int64_t kNowUs = (kLast + 10) * kMinuteUs;

RouteConfig invoices() {
  RouteConfig route;
  route.name = "invoices";
  return route;
}

storage::OutcomeCount count(Outcome outcome, std::uint64_t times, std::optional<Severity> severity = {}) {
  storage::OutcomeCount made;
  made.route = "invoices";
  made.epoch = "e1";
  made.outcome = outcome;
  made.severity = severity;
  made.first_minute = kFirst;
  made.last_minute = kLast;
  made.tally.count = times;
  made.tally.old_latency.add(std::chrono::milliseconds(10), times);
  made.tally.new_latency.add(std::chrono::milliseconds(10), times);
  return made;
}

// Two days of a hundred thousand matches: enough for every limit.
Evidence good() { return {{count(Outcome::match, 100'000)}, 0}; }

std::set<std::string> codes(const RouteVerdict& verdict) {
  std::set<std::string> all;
  for (const Reason& reason : verdict.reasons) all.insert(reason.code);
  return all;
}

std::string message(const RouteVerdict& verdict, const std::string& code) {
  for (const Reason& reason : verdict.reasons) {
    if (reason.code == code) return reason.message;
  }
  return "";
}

RouteVerdict judged(const Evidence& evidence) { return judge(invoices(), "e1", evidence, kNowUs); }

}  // namespace

TEST_CASE("enough clean, fresh and long evidence passes, without a reason") {
  const RouteVerdict verdict = judged(good());

  CHECK(verdict.verdict == Verdict::pass);
  CHECK(verdict.reasons.empty());
  CHECK(verdict.selected == 100'000);
  CHECK(verdict.computed_at_us == kNowUs);
  CHECK(verdict.valid_until_us == (kLast + 1 + 1440) * kMinuteUs);
  REQUIRE(verdict.strata.size() == 3);
  CHECK(verdict.strata[0].severity == Severity::critical);
  CHECK(verdict.strata[0].delta == 0.0001);
  CHECK(verdict.strata[2].severity == Severity::minor);
  for (const Stratum& stratum : verdict.strata) {
    CHECK(stratum.verdict == Verdict::pass);
    CHECK(stratum.clean_requests_to_pass == 0);
    CHECK(stratum.upper < stratum.delta);
    CHECK(stratum.lower == 0);
  }
}

TEST_CASE("no data is hold, never pass") {
  auto stage = invoices();
  stage.stage = GENERATE(Stage::old, Stage::shadow, Stage::canary, Stage::reverse, Stage::new_);
  const Evidence evidence = GENERATE(values<Evidence>({
      {{}, 0},
      {{count(Outcome::not_selected, 1'000'000)}, 0},
      {{count(Outcome::match, 0)}, 0},
  }));

  const RouteVerdict verdict = judge(stage, "e1", evidence, kNowUs);

  CHECK(verdict.verdict == Verdict::hold);
  CHECK(codes(verdict) == std::set<std::string>{"no_data"});
  CHECK(verdict.valid_until_us == kNowUs);
  for (const Stratum& stratum : verdict.strata) {
    CHECK(stratum.verdict == Verdict::hold);
    CHECK(stratum.upper == 1);
  }
}

TEST_CASE("evidence of another epoch or route is never counted") {
  Evidence evidence = good();
  const auto member = GENERATE(&storage::OutcomeCount::epoch, &storage::OutcomeCount::route);
  evidence.counts[0].*member = "other";

  CHECK(codes(judged(evidence)) == std::set<std::string>{"no_data"});
}

TEST_CASE("each condition holds what would pass without it, and says what would lift it") {
  struct Row {
    std::string code;
    std::string says;
    Evidence evidence;
    std::function<void(comparator::GateConfig&)> configure = [](auto&) {};
    std::int64_t now_us = kNowUs;
  };
  const auto with = [](storage::OutcomeCount more) {
    Evidence evidence = good();
    evidence.counts.push_back(std::move(more));
    return evidence;
  };
  auto short_span = good();
  short_span.counts[0].last_minute = kFirst + 59;
  auto slow = good();
  slow.counts[0].tally.new_latency.add(std::chrono::milliseconds(20), 2'000);
  auto unreviewed = good();
  unreviewed.unreviewed = 2;
  auto failures = count(Outcome::new_failed, 2'000);
  failures.cause = "timeout";
  const auto anything = [](auto& gate) { gate.critical = gate.major = gate.minor = 0.5; };
  const auto row = GENERATE_REF(values<Row>({
      {"too_few_samples", "900000 more", good(), [](auto& gate) { gate.min_samples = 1'000'000; }},
      {"short_span", "spans 1 h and must span 24 h: traffic until 2025-02-20T21:20:00Z", short_span, [](auto&) {},
       (kFirst + 70) * kMinuteUs},
      {"stale", "of 2025-02-21T21:21:00Z, older than 24 h", good(), {[](auto&) {}}, kNowUs + 1440 * kMinuteUs},
      {"unreviewed_findings", "2 findings", unreviewed},
      {"uncompared", "new_failed timeout (2000 times)", with(failures), anything},
      {"uncompared", "shed", with(count(Outcome::shed, 2'000)), anything},
      {"uncompared", "not_comparable", with(count(Outcome::not_comparable, 2'000)), anything},
      {"accepted_over_budget", "9.09 %", with(count(Outcome::accepted, 10'000))},
      {"old_failed", "1.96 %", with(count(Outcome::old_failed, 2'000))},
      {"latency", "times old's", slow},
      {"not_proven", "further clean requests", with(count(Outcome::mismatch, 9, Severity::critical))},
  }));
  DYNAMIC_SECTION(row.code << ", " << row.says) {
    RouteConfig route = invoices();
    row.configure(route.gate);

    const RouteVerdict verdict = judge(route, "e1", row.evidence, row.now_us);

    CHECK(verdict.verdict == Verdict::hold);
    CHECK(codes(verdict) == std::set<std::string>{row.code});
    INFO(message(verdict, row.code));
    CHECK(message(verdict, row.code).find(row.says) != std::string::npos);
  }
}

TEST_CASE("a ratio of latencies below the noise of a machine holds no route") {
  auto quick = good();
  quick.counts[0].tally.old_latency = {};
  quick.counts[0].tally.new_latency = {};
  quick.counts[0].tally.old_latency.add(std::chrono::microseconds(240), 1'000);
  quick.counts[0].tally.new_latency.add(std::chrono::microseconds(1'900), 1'000);

  CHECK(judged(quick).verdict == Verdict::pass);
}

TEST_CASE("just within every budget passes") {
  Evidence evidence;
  evidence.counts = {count(Outcome::match, 939'000), count(Outcome::accepted, 50'000), count(Outcome::noise, 1'000),
                     count(Outcome::transient, 10'000), count(Outcome::old_failed, 10'000)};
  evidence.counts[0].tally.new_latency.add(std::chrono::milliseconds(100), 8'000);

  CHECK(judged(evidence).verdict == Verdict::pass);
}

TEST_CASE("a mismatch counts in the stratum of its severity and in those below it") {
  Evidence evidence = good();
  evidence.counts.push_back(count(Outcome::mismatch, 1, Severity::critical));
  evidence.counts.push_back(count(Outcome::mismatch, 10, Severity::major));
  evidence.counts.push_back(count(Outcome::mismatch, 100, Severity::minor));

  const auto strata = judged(evidence).strata;

  CHECK(strata[0].counts.a == 1);
  CHECK(strata[1].counts.a == 11);
  CHECK(strata[2].counts.a == 111);
  for (const Stratum& stratum : strata) CHECK(stratum.counts.n == 100'111);
}

TEST_CASE("what was not compared, or not graded, counts in every stratum") {
  Evidence evidence = good();
  evidence.counts.push_back(count(Outcome::new_failed, 1));
  evidence.counts.push_back(count(Outcome::not_comparable, 2));
  evidence.counts.push_back(count(Outcome::shed, 4));
  evidence.counts.push_back(count(Outcome::mismatch, 8));

  for (const Stratum& stratum : judged(evidence).strata) CHECK(stratum.counts.a == 15);
}

TEST_CASE("what was not selected counts nowhere") {
  Evidence evidence = good();
  evidence.counts.push_back(count(Outcome::not_selected, 5'000));
  evidence.counts.push_back(count(Outcome::old_failed, 5));
  evidence.counts[1].first_minute = 1;  // nor does it make the evidence older or longer

  const RouteVerdict verdict = judged(evidence);

  CHECK(verdict.selected == 100'000);
  CHECK(verdict.verdict == Verdict::pass);
}

TEST_CASE("a rate shown to be above the limit fails, whatever else holds") {
  Evidence evidence{{count(Outcome::match, 500), count(Outcome::mismatch, 100, Severity::major)}, 3};

  const RouteVerdict verdict = judged(evidence);

  CHECK(verdict.verdict == Verdict::fail);
  CHECK(verdict.reasons.front().code == "rate_above_limit");
  CHECK(codes(verdict).count("unreviewed_findings") == 1);
  CHECK(codes(verdict).count("too_few_samples") == 1);
  CHECK(verdict.strata[0].verdict == Verdict::hold);
  CHECK(verdict.strata[1].verdict == Verdict::fail);
  CHECK(verdict.strata[1].lower > 0.001);
  CHECK(verdict.strata[2].verdict == Verdict::fail);
}

TEST_CASE("a limit of nothing is never proven, and broken by the first mismatch") {
  RouteConfig route = invoices();
  route.gate.critical = 0;
  CHECK(codes(judge(route, "e1", good(), kNowUs)) == std::set<std::string>{"not_proven"});

  Evidence evidence = good();
  evidence.counts.push_back(count(Outcome::mismatch, 1, Severity::critical));
  CHECK(judge(route, "e1", evidence, kNowUs).verdict == Verdict::fail);
}

TEST_CASE("the same evidence gives the same verdict however it is split over rows") {
  Evidence split;
  for (int i = 0; i < 10; ++i) {
    split.counts.push_back(count(Outcome::match, 10'000));
    split.counts.back().cause = std::to_string(i);
    if (i != 0) split.counts.back().first_minute = kLast;
    if (i != 1) split.counts.back().last_minute = kLast - 1;
  }

  const RouteVerdict one = judged(good());
  const RouteVerdict other = judged(split);

  CHECK(other.verdict == one.verdict);
  CHECK(other.valid_until_us == one.valid_until_us);
  CHECK(other.strata[0].log_e_pass == one.strata[0].log_e_pass);
}

TEST_CASE("all routes together pass when each does, and fail when one does") {
  const auto of = [](std::vector<Verdict> verdicts) {
    std::vector<RouteVerdict> routes(verdicts.size());
    for (std::size_t i = 0; i < verdicts.size(); ++i) routes[i].verdict = verdicts[i];
    return overall(routes);
  };
  CHECK(of({}) == Verdict::hold);
  CHECK(of({Verdict::pass, Verdict::pass}) == Verdict::pass);
  CHECK(of({Verdict::pass, Verdict::hold}) == Verdict::hold);
  CHECK(of({Verdict::hold, Verdict::fail, Verdict::pass}) == Verdict::fail);
}

TEST_CASE("a verdict is read from the store for the present epoch alone") {
  const support::TemporaryDirectory folder;
  Config config;
  config.routes = {invoices()};
  const std::string epoch = config.epoch(config.routes[0]);
  storage::Store store(folder / "s.db");
  storage::Batch batch;
  for (const std::string& each : {epoch, std::string("older")}) {
    for (const std::int64_t minute : {kFirst, kLast}) {
      storage::TallyKey key;
      key.route = "invoices";
      key.epoch = each;
      key.minute = minute;
      batch.tallies[key].count = 50'000;
    }
  }
  storage::Report finding;
  finding.route = "invoices";
  finding.epoch = "older";
  finding.cause = "timeout";
  finding.outcome = Outcome::new_failed;
  batch.evidence.push_back(finding);
  store.write(batch);
  const storage::Reader reader(folder / "s.db");

  const RouteVerdict verdict = judge_from(reader, config, config.routes[0], kNowUs);

  CHECK(verdict.verdict == Verdict::pass);
  CHECK(verdict.selected == 100'000);
  CHECK(verdict.epoch == epoch);

  finding.epoch = epoch;
  store.write({{}, {finding}});
  CHECK(codes(judge_from(reader, config, config.routes[0], kNowUs)) == std::set<std::string>{"unreviewed_findings"});
}
