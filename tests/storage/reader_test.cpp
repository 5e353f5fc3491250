#include <algorithm>

#include "samples.h"
#include "storage/reader_queries.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

using samples::mismatch;
using storage::Filter;
using storage::Reader;
using storage::Store;

namespace {

struct Fixture {
  support::TemporaryDirectory folder;
  std::string path = folder / "s.db";
  Store store{path};
  Reader reader{path};
};

// Reads all pages; each id must come once.
template <class Row>
std::vector<std::int64_t> all_ids(const Reader& reader, storage::Page<Row> (Reader::*list)(const Filter&) const,
                                  Filter filter) {
  std::vector<std::int64_t> ids;
  do {
    const auto page = (reader.*list)(filter);
    for (const Row& row : page.rows) ids.push_back(row.id);
    filter.cursor = page.next;
  } while (!filter.cursor.empty());
  return ids;
}

std::vector<std::string> plan_of(const std::string& path, std::string_view query) {
  storage::Database database(path, storage::Database::Mode::read);
  auto statement = database.prepare("EXPLAIN QUERY PLAN " + std::string(query));
  std::vector<std::string> steps;
  for (auto row = statement.query(); row.next();) steps.push_back(row.text(3));
  return steps;
}

std::size_t occurrences(const std::string& text, const std::string& word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "every query of a reader is answered from an index") {
  for (const std::string_view query : storage::reader_queries()) {
    for (const std::string& step : plan_of(path, query)) {
      INFO(query << "\n" << step);
      const bool is_scan = step.rfind("SCAN", 0) == 0;
      const bool is_small_table = step.rfind("SCAN tally_total", 0) == 0;
      const bool is_from_memory = step.rfind("SCAN CONSTANT ROW", 0) == 0;
      CHECK((!is_scan || is_small_table || is_from_memory));
      CHECK(step.find("TEMP B-TREE FOR GROUP") == std::string::npos);
    }
  }
}

TEST_CASE("the list of a reader's queries is complete") {
  const std::string source = samples::bytes_of_file(TWINRUN_SOURCE_DIR "/storage/reader.cpp");
  REQUIRE(!source.empty());

  CHECK(occurrences(source, "R\"sql(") == storage::reader_queries().size());
  CHECK(occurrences(source, "prepare(\"") == 0);
}

TEST_CASE_METHOD(Fixture, "findings come worst first, then the most frequent, page by page without gap or repetition") {
  storage::Batch batch;
  for (int i = 0; i < 60; ++i) {
    const auto severity = static_cast<diffing::Severity>(i % 3);
    for (int times = 0; times <= i % 7; ++times) {
      batch.evidence.push_back(mismatch(i % 2 ? "a" : "b", "/body/" + std::to_string(i)));
      batch.evidence.back().differences[0].severity = severity;
    }
  }
  store.write(batch);
  Filter filter;
  filter.limit = GENERATE(1, 7, 30, 60, 500);
  filter.route = GENERATE("", "a");

  const auto ids = all_ids(reader, &Reader::findings, filter);

  CHECK(ids.size() == (filter.route.empty() ? 60 : 30));
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto better = *reader.finding(ids[i - 1]);
    const auto worse = *reader.finding(ids[i]);
    CHECK(std::tuple(better.severity, better.requests, better.id) >
          std::tuple(worse.severity, worse.requests, worse.id));
  }
}

TEST_CASE_METHOD(Fixture, "reports come newest first, page by page without gap or repetition") {
  storage::Batch batch;
  for (int i = 0; i < 90; ++i) {
    batch.evidence.push_back(mismatch(i % 2 ? "a" : "b", "/body/" + std::to_string(i / 10)));
    batch.evidence.back().recorded_at_us += (i * 7) % 30;
  }
  store.write(batch);
  Filter filter;
  filter.limit = GENERATE(1, 4, 45, 90);
  filter.route = GENERATE("", "a");
  filter.finding = GENERATE(0, 3);

  const auto ids = all_ids(reader, &Reader::reports, filter);

  REQUIRE(!ids.empty());
  if (filter.finding == 0) CHECK(ids.size() == (filter.route.empty() ? 90 : 45));
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto newer = *reader.report(ids[i - 1]);
    const auto older = *reader.report(ids[i]);
    CHECK(std::pair(newer.recorded_at_us, newer.id) > std::pair(older.recorded_at_us, older.id));
  }
}

TEST_CASE_METHOD(Fixture, "a page is shifted neither by rows that come nor by rows that go") {
  for (int i = 0; i < 10; ++i) store.write({{}, {mismatch("a", "/body/" + std::to_string(i))}});
  Filter filter;
  filter.limit = 5;
  const auto first = reader.reports(filter);
  filter.cursor = first.next;

  store.write({{}, {mismatch("a", "/body/new")}});
  storage::Database(path, storage::Database::Mode::write).execute("DELETE FROM report WHERE id = 6");

  const auto second = reader.reports(filter);
  REQUIRE(second.rows.size() == 5);
  CHECK(second.rows[0].id == 5);
  CHECK(second.next.empty());
}

TEST_CASE_METHOD(Fixture, "filters narrow findings and reports") {
  auto other = mismatch("b", "/body/y");
  other.epoch = "e2";
  other.recorded_at_us += 10 * samples::kMinuteUs;
  store.write({{}, {mismatch("a", "/body/x"), samples::failure("a", "timeout"), other}});
  storage::Database(path, storage::Database::Mode::write).execute("UPDATE finding SET state = 'accepted' WHERE id = 1");
  struct Row {
    std::string name;
    Filter filter;
    std::size_t findings;
    std::size_t reports;
  };
  const auto with = [](auto Filter::*member, const auto& value) {
    Filter filter;
    filter.*member = value;
    return filter;
  };
  const auto row = GENERATE_REF(values<Row>({
      {"nothing", {}, 3, 3},
      {"route", with(&Filter::route, "a"), 2, 2},
      {"unknown route", with(&Filter::route, "c"), 0, 0},
      {"epoch", with(&Filter::epoch, "e2"), 1, 1},
      {"kind", with(&Filter::kind, "new_failed"), 1, 3},
      {"state", with(&Filter::state, "open"), 2, 3},
      {"since", with(&Filter::since_minute, samples::kMinute + 1), 1, 1},
  }));
  DYNAMIC_SECTION(row.name) {
    CHECK(reader.findings(row.filter).rows.size() == row.findings);
    CHECK(reader.reports(row.filter).rows.size() == row.reports);
  }
}

TEST_CASE_METHOD(Fixture, "a limit is at least one row and at most five hundred") {
  storage::Batch batch;
  for (int i = 0; i < 600; ++i) batch.evidence.push_back(mismatch("a", "/body/" + std::to_string(i)));
  store.write(batch);
  Filter filter;

  filter.limit = 0;
  CHECK(reader.findings(filter).rows.size() == 1);
  filter.limit = 100'000;
  CHECK(reader.findings(filter).rows.size() == 500);
  CHECK(reader.reports(filter).rows.size() == 500);
}

TEST_CASE_METHOD(Fixture, "a cursor that no page gave is refused as such") {
  Filter filter;
  filter.cursor = GENERATE("x", "1", "1.2.", "1.2.3.4", "1.2.3x", " 1.2.3", "99999999999999999999.1.1", "1..2");
  INFO(filter.cursor);
  const auto refused = [&](const auto& list) {
    try {
      list();
    } catch (const storage::StoreError& error) {
      return error.reason() == storage::StoreError::Reason::bad_cursor;
    }
    return false;
  };

  CHECK(refused([&] { reader.findings(filter); }));
  CHECK(refused([&] { reader.reports(filter); }));
}

TEST_CASE_METHOD(Fixture, "what is not there is nothing") {
  CHECK(!reader.finding(1));
  CHECK(!reader.report(1));
  CHECK(reader.findings({}).rows.empty());
  CHECK(reader.reports({}).next.empty());
  CHECK(reader.outcome_counts({}).empty());
  CHECK(reader.minutes({}).empty());
}

TEST_CASE_METHOD(Fixture, "reading changes nothing") {
  store.write({{{samples::key("a", 5), samples::tally(1)}}, {mismatch("a", "/body"), samples::failure("b", "reset")}});
  const auto file = samples::bytes_of_file(path);
  const auto log = samples::bytes_of_file(path + "-wal");

  for (int round = 0; round < 3; ++round) {
    const Reader other(path);
    other.outcome_counts({});
    other.minutes({});
    other.findings({});
    other.finding(1);
    other.reports({});
    other.report(1);
    other.unreviewed("a", diffing::Severity::minor);
  }

  CHECK(samples::bytes_of_file(path) == file);
  CHECK(samples::bytes_of_file(path + "-wal") == log);
}
