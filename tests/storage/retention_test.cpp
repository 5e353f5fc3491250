#include "samples.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using samples::mismatch;
using storage::Reader;
using storage::Retention;
using storage::Store;

namespace {

constexpr std::int64_t kDayUs = 24 * 60 * samples::kMinuteUs;

// Returns the number of steps.
int tidy_up(Store& store, std::int64_t now_us) {
  int steps = 1;
  while (store.tidy(now_us)) {
    if (++steps > 10'000) FAIL("retention does not end");
  }
  return steps;
}

std::int64_t count(const std::string& path, const char* query) {
  return storage::Database(path, storage::Database::Mode::read).number(query);
}

}  // namespace

TEST_CASE("what is older than the retention goes, in several steps, and the rest stays") {
  const support::TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  Store store(path, Retention{.max_age_days = 7});
  storage::Batch old_batch;
  for (int i = 0; i < 200; ++i) {
    old_batch.evidence.push_back(mismatch("a", "/old/" + std::to_string(i)));
    old_batch.tallies[samples::key("gone", samples::kMinute + i)].count = 1;
  }
  old_batch.tallies[samples::key("a", samples::kMinute)].count = 1;
  store.write(old_batch);
  auto young = mismatch("a", "/young");
  young.recorded_at_us += 5 * kDayUs;
  store.write({{{samples::key("a", samples::kMinute + 5 * 1440), samples::tally(1)}}, {young}});
  storage::Database(path, storage::Database::Mode::write)
      .execute("UPDATE finding SET state = 'accepted' WHERE signature = '/old/7'");

  CHECK(!store.tidy(samples::kNowUs + 6 * kDayUs));
  CHECK(tidy_up(store, samples::kNowUs + 8 * kDayUs) >= 4);

  CHECK(count(path, "SELECT COUNT(*) FROM report") == 1);
  CHECK(count(path, "SELECT COUNT(*) FROM report_content") == 1);
  CHECK(count(path, "SELECT COUNT(*) FROM finding_report") == 1);
  CHECK(count(path, "SELECT COUNT(*) FROM finding") == 2);  // the young one, and the one a person accepted
  CHECK(count(path, "SELECT COUNT(*) FROM tally") == 1);
  const auto totals = Reader(path).outcome_counts({});
  REQUIRE(totals.size() == 1);
  CHECK(totals[0].tally.count == 2);  // the epoch goes on, so its evidence counts from its start
}

TEST_CASE("the oldest reports go until the file fits, and the file shrinks") {
  const support::TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  Store store(path, Retention{.max_bytes = 1 << 20});
  for (int i = 0; i < 300; ++i) {
    auto report = mismatch("a", "/body/" + std::to_string(i));
    report.recorded_at_us += i;
    for (unsigned j = 0; j < 20'000; ++j) {
      report.old_side.body += static_cast<char>((static_cast<unsigned>(i) * 31 + j * j * 7919) >> (j % 13));
    }
    store.write({{}, {report}});
  }

  tidy_up(store, samples::kNowUs);

  storage::Database(path, storage::Database::Mode::write).execute("PRAGMA wal_checkpoint(TRUNCATE)");
  CHECK(std::filesystem::file_size(path) <= 1 << 20);
  const auto left = count(path, "SELECT COUNT(*) FROM report");
  CHECK(left > 10);
  CHECK(count(path, "SELECT MIN(id) FROM report") == 301 - left);
  CHECK(count(path, "SELECT COUNT(*) FROM finding") == 300);
  CHECK(samples::integrity(path) == "ok");
}

TEST_CASE("a bound that cannot be met ends the tidying all the same") {
  const support::TemporaryDirectory folder;
  Store store(folder / "s.db", Retention{.max_bytes = 1});
  store.write({{{samples::key("a", samples::kMinute), samples::tally(1)}}, {mismatch("a", "/body")}});

  tidy_up(store, samples::kNowUs);

  CHECK(Reader(folder / "s.db").reports({}).rows.empty());
  CHECK(Reader(folder / "s.db").outcome_counts({}).size() == 1);
}

TEST_CASE("a finding whose reports were deleted keeps new ones") {
  const support::TemporaryDirectory folder;
  const std::string path = folder / "s.db";
  Store store(path, Retention{.reports_per_finding = 4, .max_age_days = 1});
  for (int i = 0; i < 50; ++i) store.write({{}, {mismatch("a", "/body")}});
  auto later = mismatch("a", "/body");
  later.recorded_at_us += 2 * kDayUs;
  store.write({{}, {later}});
  tidy_up(store, later.recorded_at_us);
  CHECK(count(path, "SELECT COUNT(*) FROM report") == 1);

  for (int i = 0; i < 50; ++i) store.write({{}, {later}});

  CHECK(Reader(path).finding(1)->requests == 101);
  CHECK(Reader(path).finding(1)->reports.size() == 3);  // the first one is gone for good
}
