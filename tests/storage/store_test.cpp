#include "storage/store.h"

#include <algorithm>
#include <set>

#include "samples.h"
#include "storage/finding_rows.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using diffing::Kind;
using diffing::Severity;
using samples::mismatch;
using storage::Outcome;
using storage::Reader;
using storage::Report;
using storage::Store;

namespace {

struct Fixture {
  support::TemporaryDirectory folder;
  std::string path = folder / "s.db";
  Store store{path};
  Reader reader{path};
};

Report full_report() {
  Report report = mismatch("invoices", "/body/items/*/price");
  report.target = std::string("/invoices/7?q=\xff\0x", 17);
  report.request_headers = {{"Accept", "*/*"}, {"X-Odd", std::string("\x80\0\"", 3)}, {"", ""}};
  report.request_body = std::string(3000, 'q');
  report.cause = "because";
  report.score = 0.1 + 0.2;
  report.difference_count = 12;
  report.differences.push_back(samples::difference("/status", Kind::type, Severity::critical));
  report.differences.back().identity = "sku=17";
  report.differences.back().new_path = "/status/0";
  report.old_side = {"",
                     200,
                     {{"Content-Type", "application/json"}, {"Set-Cookie", "a"}, {"Set-Cookie", "b"}},
                     std::string("{\"a\":\0}", 7),
                     9'000'000'000,
                     true,
                     1234};
  report.new_side = {"timeout", 0, {}, "", 0, false, 2'000'000};
  return report;
}

std::set<std::string> targets(const std::vector<Report>& reports) {
  std::set<std::string> all;
  for (const Report& report : reports) all.insert(report.target);
  return all;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a report comes back as it was written") {
  const Report written = full_report();

  store.write({{}, {written}});

  const auto page = reader.reports({});
  REQUIRE(page.rows.size() == 1);
  const auto read = reader.report(page.rows[0].id);
  REQUIRE(read);
  Report expected = written;
  expected.id = read->id;
  CHECK(*read == expected);
}

TEST_CASE_METHOD(Fixture, "a list of reports has no bodies, headers and differences") {
  store.write({{}, {full_report()}});

  Report expected = full_report();
  expected.id = 1;
  expected.request_headers.clear();
  expected.request_body.clear();
  expected.differences.clear();
  for (auto* side : {&expected.old_side, &expected.new_side}) {
    side->headers.clear();
    side->body.clear();
  }
  CHECK(reader.reports({}).rows == std::vector<Report>{expected});
}

TEST_CASE_METHOD(Fixture, "tallies of one key add up over batches, latencies too") {
  auto key = samples::key("a", samples::kMinute, Outcome::mismatch);
  key.severity = Severity::minor;
  store.write({{{key, samples::tally(2)}, {samples::key("a", samples::kMinute), samples::tally(7)}}, {}});
  store.write({{{key, samples::tally(3)}}, {}});
  key.minute += 5;
  store.write({{{key, samples::tally(4)}}, {}});

  storage::Filter since;
  since.since_minute = 1;
  for (const auto& counts : {reader.outcome_counts({}), reader.outcome_counts(since)}) {
    REQUIRE(counts.size() == 2);
    const auto& sum = counts[1];
    CHECK(sum.outcome == Outcome::mismatch);
    CHECK(sum.severity == Severity::minor);
    CHECK(sum.first_minute == samples::kMinute);
    CHECK(sum.last_minute == samples::kMinute + 5);
    CHECK(sum.tally == samples::tally(9));
    CHECK(!counts[0].severity);
  }
  since.since_minute = samples::kMinute + 1;
  REQUIRE(reader.outcome_counts(since).size() == 1);
  CHECK(reader.outcome_counts(since)[0].tally == samples::tally(4));
}

TEST_CASE_METHOD(Fixture, "counts are kept apart by route, epoch, outcome, cause and severity") {
  storage::Batch batch;
  auto key = samples::key("a", samples::kMinute);
  batch.tallies[key].count = 1;
  for (int i = 0; i < 5; ++i) {
    auto other = key;
    if (i == 0) other.route = "b";
    if (i == 1) other.epoch = "e2";
    if (i == 2) other.outcome = Outcome::shed;
    if (i == 3) other.cause = "queue_full";
    if (i == 4) other.severity = Severity::minor;
    batch.tallies[other].count = 1;
  }
  store.write(batch);

  CHECK(reader.outcome_counts({}).size() == 6);
  storage::Filter filter;
  filter.route = "a";
  CHECK(reader.outcome_counts(filter).size() == 5);
  filter.epoch = "e1";
  CHECK(reader.outcome_counts(filter).size() == 4);
  filter.since_minute = 1;
  CHECK(reader.outcome_counts(filter).size() == 4);
}

TEST_CASE_METHOD(Fixture, "minutes say what was compared, different and uncompared") {
  storage::Batch batch;
  for (std::size_t i = 0; i < storage::kOutcomes; ++i) {
    batch.tallies[samples::key("a", 100, static_cast<Outcome>(i))].count = std::uint64_t{1} << i;
  }
  batch.tallies[samples::key("b", 101)].count = 3;
  store.write(batch);

  const auto minutes = reader.minutes({});

  REQUIRE(minutes.size() == 2);
  CHECK(minutes[0].minute == 100);
  CHECK(minutes[0].compared == 0b11111);
  CHECK(minutes[0].different == 0b10000);
  CHECK(minutes[0].uncompared == 0b11100000);
  storage::Filter filter;
  filter.route = "b";
  REQUIRE(reader.minutes(filter).size() == 1);
  CHECK(reader.minutes(filter)[0].compared == 3);
  filter.since_minute = 102;
  CHECK(reader.minutes(filter).empty());
}

TEST_CASE_METHOD(Fixture, "differences of one signature and kind are one finding per route") {
  Report twice = mismatch("a", "/body/items/*/price");
  twice.differences.push_back(twice.differences[0]);
  twice.differences[0].path = "/body/items/0/price";
  twice.differences[1].path = "/body/items/1/price";
  twice.differences[1].severity = Severity::critical;
  Report later = mismatch("a", "/body/items/*/price");
  later.recorded_at_us += 5;
  later.epoch = "e2";
  later.differences[0].path = "/body/items/9/price";
  later.differences[0].new_value = "\"x\"";
  later.differences.push_back(samples::difference("/body/items/*/price", Kind::missing));

  store.write({{}, {twice, mismatch("b", "/body/items/*/price")}});
  store.write({{}, {later}});

  storage::Filter filter;
  filter.route = "a";
  const auto findings = reader.findings(filter).rows;
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].kind == "value");
  CHECK(findings[0].severity == Severity::critical);
  CHECK(findings[0].requests == 2);
  CHECK(findings[0].state == "open");
  CHECK(findings[0].epoch == "e2");
  CHECK(findings[0].first_seen_us == samples::kNowUs);
  CHECK(findings[0].last_seen_us == samples::kNowUs + 5);
  CHECK(findings[0].example_path == "/body/items/9/price");
  CHECK(findings[0].example_new == "\"x\"");
  CHECK(findings[1].kind == "missing");
  CHECK(findings[1].requests == 1);
  CHECK(reader.findings({}).rows.size() == 3);
}

TEST_CASE_METHOD(Fixture, "what could not be compared is a finding of its cause") {
  Report undecodable = samples::failure("a", "body_too_large");
  undecodable.outcome = Outcome::not_comparable;
  store.write({{}, {samples::failure("a", "timeout"), undecodable, samples::failure("a", "timeout")}});

  const auto findings = reader.findings({}).rows;

  REQUIRE(findings.size() == 2);
  CHECK(findings[0].signature == "timeout");
  CHECK(findings[0].kind == "new_failed");
  CHECK(findings[0].severity == Severity::critical);
  CHECK(findings[0].requests == 2);
  CHECK(findings[1].signature == "body_too_large");
  CHECK(findings[1].kind == "not_comparable");
  CHECK(findings[1].severity == Severity::major);
}

TEST_CASE_METHOD(Fixture, "a finding keeps the first report, the latest and some between, however batches fall") {
  const int per_batch = GENERATE(1, 2, 7, 500);
  INFO("batches of " << per_batch);
  std::uint64_t written = 0;
  while (written < 500) {
    storage::Batch batch;
    for (int i = 0; i < per_batch && written < 500; ++i) {
      batch.evidence.push_back(mismatch("a", "/body"));
      batch.evidence.back().target = std::to_string(++written);
      batch.evidence.back().recorded_at_us += static_cast<std::int64_t>(written);
    }
    store.write(batch);
  }

  const auto reports = reader.reports({}).rows;
  const auto finding = reader.finding(1);

  CHECK(reports.size() == 20);
  CHECK(targets(reports).size() == 20);
  CHECK(reports.front().target == "500");
  CHECK(reports.back().target == "1");
  REQUIRE(finding);
  CHECK(finding->requests == 500);
  REQUIRE(finding->reports.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(finding->reports[i] == reports[i].id);
}

TEST_CASE_METHOD(Fixture, "one report serves all its findings, and goes when none keeps it") {
  for (int i = 0; i < 40; ++i) {
    Report both = mismatch("a", "/body/x");
    both.differences.push_back(samples::difference("/body/y"));
    both.target = "both" + std::to_string(i);
    store.write({{}, {both}});
  }

  const auto x = reader.finding(1);
  const auto y = reader.finding(2);
  REQUIRE(x);
  REQUIRE(y);
  CHECK(x->reports.front() == y->reports.front());
  CHECK(x->reports.back() == y->reports.back());
  std::set<std::int64_t> linked(x->reports.begin(), x->reports.end());
  linked.insert(y->reports.begin(), y->reports.end());
  storage::Filter filter;
  filter.limit = 100;
  CHECK(reader.reports(filter).rows.size() == linked.size());
  storage::Database database(path, storage::Database::Mode::read);
  CHECK(database.number("SELECT COUNT(*) FROM report_content") == static_cast<std::int64_t>(linked.size()));
}

TEST_CASE_METHOD(Fixture, "findings of a route are capped, and what comes beyond is counted in its overflow") {
  const auto cap = static_cast<std::size_t>(storage::FindingRows::kFindingsPerRoute);
  storage::Batch batch;
  for (std::size_t i = 0; i < cap + 7; ++i) {
    batch.evidence.push_back(mismatch("a", "/body/" + std::to_string(i)));
    if (batch.evidence.size() == 500) {
      store.write(batch);
      batch.evidence.clear();
    }
  }
  store.write(batch);
  store.write({{}, {mismatch("a", "/body/1"), mismatch("a", "/body/new"), mismatch("b", "/body/new")}});

  storage::Database database(path, storage::Database::Mode::read);
  CHECK(database.number("SELECT COUNT(*) FROM finding WHERE route = 'a'") == static_cast<std::int64_t>(cap) + 1);
  CHECK(database.number("SELECT requests FROM finding WHERE route = 'a' AND signature = '**'") == 8);
  CHECK(database.number("SELECT requests FROM finding WHERE route = 'a' AND signature = '/body/1'") == 2);
  CHECK(database.number("SELECT COUNT(*) FROM finding WHERE route = 'b' AND signature = '/body/new'") == 1);
}

TEST_CASE_METHOD(Fixture, "one report with more signatures than a person reads fills the overflow, not the list") {
  Report wild = mismatch("a", "/body/0");
  for (int i = 1; i < 1000; ++i) wild.differences.push_back(samples::difference("/body/" + std::to_string(i)));
  Report long_winded = mismatch("a", "/body/" + std::string(5000, 'x'));

  store.write({{}, {wild, long_winded}});

  storage::Database database(path, storage::Database::Mode::read);
  CHECK(database.number("SELECT COUNT(*) FROM finding") == storage::FindingRows::kSignaturesPerReport + 1);
  CHECK(database.number("SELECT requests FROM finding WHERE signature = '**'") == 2);
  CHECK(database.number("SELECT MAX(LENGTH(example_path)) FROM finding") == 4096);
}

TEST_CASE_METHOD(Fixture, "a fixed finding that is seen again is reopened, an accepted one stays accepted") {
  store.write({{}, {mismatch("a", "/fixed"), mismatch("a", "/accepted")}});
  storage::Database(path, storage::Database::Mode::write).execute("UPDATE finding SET state = SUBSTR(signature, 2)");
  CHECK(reader.unreviewed("a", Severity::major) == 0);

  store.write({{}, {mismatch("a", "/fixed"), mismatch("a", "/accepted")}});

  CHECK(reader.finding(1)->state == "accepted");
  CHECK(reader.finding(2)->state == "reopened");
  CHECK(reader.unreviewed("a", Severity::major) == 1);
}

TEST_CASE_METHOD(Fixture, "unreviewed findings are counted by route, severity and the epoch that showed them last") {
  Report minor = mismatch("a", "/minor");
  minor.differences[0].severity = Severity::minor;
  Report critical = mismatch("a", "/critical");
  critical.differences[0].severity = Severity::critical;
  critical.epoch = "e2";
  store.write({{}, {minor, critical, mismatch("a", "/major"), mismatch("b", "/major")}});

  CHECK(reader.unreviewed("a", Severity::minor) == 3);
  CHECK(reader.unreviewed("a", Severity::major) == 2);
  CHECK(reader.unreviewed("a", Severity::critical) == 1);
  CHECK(reader.unreviewed("a", Severity::major, "e2") == 1);
  CHECK(reader.unreviewed("none", Severity::minor) == 0);
}

TEST_CASE_METHOD(Fixture, "a batch that fails leaves nothing behind") {
  storage::Database(path, storage::Database::Mode::write)
      .execute("CREATE TRIGGER no BEFORE INSERT ON finding_report BEGIN SELECT RAISE(ABORT, 'no'); END");

  CHECK_THROWS_AS(store.write({{{samples::key("a", 1), samples::tally(1)}}, {mismatch("a", "/body")}}),
                  storage::StoreError);

  CHECK(reader.outcome_counts({}).empty());
  CHECK(reader.findings({}).rows.empty());
  CHECK(reader.reports({}).rows.empty());
  storage::Database(path, storage::Database::Mode::write).execute("DROP TRIGGER no");
  store.write({{{samples::key("a", 1), samples::tally(1)}}, {mismatch("a", "/body")}});
  CHECK(reader.reports({}).rows.size() == 1);
}
