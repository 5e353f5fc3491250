#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>

#include "storage/reader_queries.h"
#include "storage/report_rows.h"
#include "storage/schema.h"
#include "storage/store.h"
#include "storage/tally_rows.h"

namespace storage {
namespace {

// SQLite plans a statement once, so what narrows the rows has a query of its own, and a condition such as
// `(?3 = '' OR kind = ?3)` stands only where an index has narrowed them already. Lists give keys; the rows are read
// one by one, which costs SQLite nothing.

constexpr std::string_view kTotals = R"sql(
SELECT route, epoch, outcome, cause, severity, first_minute, last_minute, count, old_latency, new_latency
FROM tally_total WHERE (?1 = '' OR epoch = ?1)
ORDER BY route, epoch, outcome, cause, severity)sql";

constexpr std::string_view kTotalsOfRoute = R"sql(
SELECT route, epoch, outcome, cause, severity, first_minute, last_minute, count, old_latency, new_latency
FROM tally_total WHERE route = ?2 AND (?1 = '' OR epoch = ?1)
ORDER BY route, epoch, outcome, cause, severity)sql";

constexpr std::string_view kTalliesSince = R"sql(
SELECT route, epoch, outcome, cause, severity, minute, minute, count, old_latency, new_latency
FROM tally INDEXED BY tally_lines WHERE (?1 = '' OR epoch = ?1) AND minute >= ?2
ORDER BY minute)sql";

constexpr std::string_view kTalliesOfRouteSince = R"sql(
SELECT route, epoch, outcome, cause, severity, minute, minute, count, old_latency, new_latency
FROM tally INDEXED BY tally_key WHERE route = ?3 AND (?1 = '' OR epoch = ?1) AND minute >= ?2
ORDER BY minute)sql";

constexpr std::string_view kMinutes = R"sql(
SELECT minute,
       SUM(CASE WHEN outcome IN ('match', 'accepted', 'noise', 'transient', 'mismatch') THEN count ELSE 0 END),
       SUM(CASE WHEN outcome = 'mismatch' THEN count ELSE 0 END),
       SUM(CASE WHEN outcome IN ('new_failed', 'not_comparable', 'shed') THEN count ELSE 0 END)
FROM tally INDEXED BY tally_lines
WHERE minute >= ?1 AND (?2 = '' OR route = ?2) AND (?3 = '' OR epoch = ?3)
GROUP BY minute ORDER BY minute)sql";

constexpr std::string_view kFindings = R"sql(
SELECT severity, requests, id FROM finding
WHERE (severity, requests, id) < (?1, ?2, ?3) AND last_seen_us >= ?4
  AND (?5 = '' OR kind = ?5) AND (?6 = '' OR state = ?6) AND (?7 = '' OR epoch = ?7)
ORDER BY severity DESC, requests DESC, id DESC LIMIT ?8)sql";

constexpr std::string_view kFindingsOfRoute = R"sql(
SELECT severity, requests, id FROM finding
WHERE route = ?9 AND (severity, requests, id) < (?1, ?2, ?3) AND last_seen_us >= ?4
  AND (?5 = '' OR kind = ?5) AND (?6 = '' OR state = ?6) AND (?7 = '' OR epoch = ?7)
ORDER BY severity DESC, requests DESC, id DESC LIMIT ?8)sql";

constexpr std::string_view kFinding = R"sql(
SELECT id, route, signature, kind, severity, state, epoch, requests, first_seen_us, last_seen_us,
       example_path, example_old, example_new
FROM finding WHERE id = ?1 ORDER BY id)sql";

constexpr std::string_view kReportsKept = R"sql(
SELECT report_id FROM finding_report WHERE finding_id = ?1 ORDER BY report_id DESC)sql";

constexpr std::string_view kUnreviewed = R"sql(
SELECT COUNT(*) FROM finding
WHERE route = ?1 AND severity >= ?2 AND state IN ('open', 'reopened') AND (?3 = '' OR epoch = ?3)
ORDER BY 1)sql";

constexpr std::string_view kReports = R"sql(
SELECT recorded_at_us, id FROM report
WHERE (recorded_at_us, id) < (?1, ?2) AND recorded_at_us >= ?3 AND (?4 = '' OR epoch = ?4)
ORDER BY recorded_at_us DESC, id DESC LIMIT ?5)sql";

constexpr std::string_view kReportsOfRoute = R"sql(
SELECT recorded_at_us, id FROM report
WHERE route = ?6 AND (recorded_at_us, id) < (?1, ?2) AND recorded_at_us >= ?3 AND (?4 = '' OR epoch = ?4)
ORDER BY recorded_at_us DESC, id DESC LIMIT ?5)sql";

// At most Retention::reports_per_finding rows, so they are sorted here.
constexpr std::string_view kReportsOfFinding = R"sql(
SELECT report.recorded_at_us, report.id
FROM finding_report CROSS JOIN report ON report.id = finding_report.report_id
WHERE finding_report.finding_id = ?7 AND (?6 = '' OR report.route = ?6)
  AND (report.recorded_at_us, report.id) < (?1, ?2) AND report.recorded_at_us >= ?3 AND (?4 = '' OR report.epoch = ?4)
ORDER BY report.recorded_at_us DESC, report.id DESC LIMIT ?5)sql";

constexpr std::string_view kReport = R"sql(
SELECT id, recorded_at_us, route, epoch, method, target, outcome, cause, severity, score, difference_count,
       old_failure, old_status, old_body_bytes, old_body_truncated, old_elapsed_us,
       new_failure, new_status, new_body_bytes, new_body_truncated, new_elapsed_us
FROM report WHERE id = ?1 ORDER BY id)sql";

constexpr std::string_view kContent = R"sql(
SELECT request_headers, request_body, differences, old_headers, old_body, new_headers, new_body
FROM report_content WHERE report_id = ?1 ORDER BY report_id)sql";

constexpr std::array kQueries{kTotals,           kTotalsOfRoute, kTalliesSince,    kTalliesOfRouteSince,
                              kMinutes,          kFindings,      kFindingsOfRoute, kFinding,
                              kReportsKept,      kUnreviewed,    kReports,         kReportsOfRoute,
                              kReportsOfFinding, kReport,        kContent};

constexpr std::int64_t kMinuteUs = std::int64_t{60} * 1'000'000;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMaxLimit = 500;

// What a page is sorted by, the id last; as a cursor `3.1044.17`.
template <std::size_t N>
using Key = std::array<std::int64_t, N>;

template <std::size_t N>
Key<N> read_cursor(const std::string& cursor) {
  Key<N> key;
  key.fill(kMost);
  if (cursor.empty()) return key;
  const char* at = cursor.data();
  const char* const end = at + cursor.size();
  for (std::size_t i = 0; i < N; ++i) {
    const auto [stop, error] = std::from_chars(at, end, key[i]);
    const bool is_last = i + 1 == N;
    if (error != std::errc() || (is_last ? stop != end : stop == end || *stop != '.')) {
      throw StoreError(StoreError::Reason::bad_cursor, "the cursor is not one that a page gave");
    }
    at = stop + 1;
  }
  return key;
}

template <std::size_t N>
Key<N> key_from(const Cursor& row) {
  Key<N> key;
  for (std::size_t i = 0; i < N; ++i) key[i] = row.integer(static_cast<int>(i));
  return key;
}

template <std::size_t N>
std::vector<Key<N>> all_keys(Cursor&& row) {
  std::vector<Key<N>> keys;
  while (row.next()) keys.push_back(key_from<N>(row));
  return keys;
}

std::size_t limit_of(const Filter& filter) { return std::clamp<std::size_t>(filter.limit, 1, kMaxLimit); }

// Reads the rows of `keys`, which holds one more where a page follows; rows deleted meanwhile are left out.
template <class Row, std::size_t N, class Read>
Page<Row> page_of(const std::vector<Key<N>>& keys, std::size_t limit, Read read) {
  Page<Row> page;
  for (std::size_t i = 0; i < std::min(limit, keys.size()); ++i) {
    if (auto row = read(keys[i].back())) page.rows.push_back(std::move(*row));
  }
  if (keys.size() > limit) page.next = fmt::format("{}", fmt::join(keys[limit - 1], "."));
  return page;
}

Finding finding_from(const Cursor& row) {
  Finding finding;
  finding.id = row.integer(0);
  finding.route = row.text(1);
  finding.signature = row.text(2);
  finding.kind = row.text(3);
  finding.severity = severity_from(row.integer(4)).value_or(diffing::Severity::major);
  finding.state = row.text(5);
  finding.epoch = row.text(6);
  finding.requests = row.unsigned_integer(7);
  finding.first_seen_us = row.integer(8);
  finding.last_seen_us = row.integer(9);
  finding.example_path = row.text(10);
  finding.example_old = row.text(11);
  finding.example_new = row.text(12);
  return finding;
}

OutcomeCount count_from(const Cursor& row) {
  OutcomeCount count;
  count.route = row.text(0);
  count.epoch = row.text(1);
  count.outcome = outcome_named(row.text(2)).value_or(Outcome::not_comparable);
  count.cause = row.text(3);
  count.severity = severity_from(row.integer(4));
  count.first_minute = row.integer(5);
  count.last_minute = row.integer(6);
  count.tally = tally_from(row, 7);
  return count;
}

// Sums rows that differ in their minute alone.
std::vector<OutcomeCount> sums_of(Cursor&& row) {
  std::map<TallyKey, OutcomeCount> sums;
  while (row.next()) {
    OutcomeCount each = count_from(row);
    const TallyKey key{each.route, each.epoch, 0, each.outcome, each.cause, each.severity};
    const auto [place, is_new] = sums.try_emplace(key, each);
    if (is_new) continue;
    OutcomeCount& sum = place->second;
    sum.first_minute = std::min(sum.first_minute, each.first_minute);
    sum.last_minute = std::max(sum.last_minute, each.last_minute);
    sum.tally.add(each.tally);
  }
  std::vector<OutcomeCount> counts;
  counts.reserve(sums.size());
  for (auto& [key, sum] : sums) counts.push_back(std::move(sum));
  return counts;
}

}  // namespace

std::span<const std::string_view> reader_queries() { return kQueries; }

struct Reader::Rows {
  explicit Rows(const std::string& path) : database(open_for_reading(path)) {}

  std::optional<Finding> finding(std::int64_t id) {
    Statement statement = database.prepare(kFinding);
    auto row = statement.query(id);
    if (!row.next()) return std::nullopt;
    return finding_from(row);
  }

  std::optional<Report> report(std::int64_t id) {
    Statement statement = database.prepare(kReport);
    auto row = statement.query(id);
    if (!row.next()) return std::nullopt;
    return report_from(row);
  }

  Database database;
};

Reader::Reader(const std::string& path) : rows_(std::make_unique<Rows>(path)) {}

Reader::~Reader() = default;

std::vector<OutcomeCount> Reader::outcome_counts(const Filter& filter) const {
  const bool has_route = !filter.route.empty();
  if (filter.since_minute <= 0) {
    Statement statement = rows_->database.prepare(has_route ? kTotalsOfRoute : kTotals);
    return sums_of(has_route ? statement.query(filter.epoch, filter.route) : statement.query(filter.epoch));
  }
  Statement statement = rows_->database.prepare(has_route ? kTalliesOfRouteSince : kTalliesSince);
  return sums_of(has_route ? statement.query(filter.epoch, filter.since_minute, filter.route)
                           : statement.query(filter.epoch, filter.since_minute));
}

std::vector<MinuteCount> Reader::minutes(const Filter& filter) const {
  Statement statement = rows_->database.prepare(kMinutes);
  std::vector<MinuteCount> minutes;
  for (auto row = statement.query(filter.since_minute, filter.route, filter.epoch); row.next();) {
    minutes.push_back({row.integer(0), row.unsigned_integer(1), row.unsigned_integer(2), row.unsigned_integer(3)});
  }
  return minutes;
}

Page<Finding> Reader::findings(const Filter& filter) const {
  const auto [severity, requests, id] = read_cursor<3>(filter.cursor);
  const std::size_t limit = limit_of(filter);
  const std::int64_t since_us = filter.since_minute * kMinuteUs;
  const bool has_route = !filter.route.empty();
  Statement statement = rows_->database.prepare(has_route ? kFindingsOfRoute : kFindings);
  const auto keys = all_keys<3>(has_route ? statement.query(severity, requests, id, since_us, filter.kind, filter.state,
                                                            filter.epoch, limit + 1, filter.route)
                                          : statement.query(severity, requests, id, since_us, filter.kind, filter.state,
                                                            filter.epoch, limit + 1));
  return page_of<Finding>(keys, limit, [this](std::int64_t each) { return rows_->finding(each); });
}

std::optional<Finding> Reader::finding(std::int64_t id) const {
  auto found = rows_->finding(id);
  if (!found) return std::nullopt;
  Statement statement = rows_->database.prepare(kReportsKept);
  for (auto row = statement.query(id); row.next();) found->reports.push_back(row.integer(0));
  return found;
}

Page<Report> Reader::reports(const Filter& filter) const {
  const auto [recorded_at_us, id] = read_cursor<2>(filter.cursor);
  const std::size_t limit = limit_of(filter);
  const std::int64_t since_us = filter.since_minute * kMinuteUs;
  // clang 14 captures no structured binding by reference.
  const auto keys = [&, recorded_at_us = recorded_at_us, id = id] {
    Statement statement = rows_->database.prepare(filter.finding != 0     ? kReportsOfFinding
                                                  : !filter.route.empty() ? kReportsOfRoute
                                                                          : kReports);
    if (filter.finding != 0) {
      return all_keys<2>(
          statement.query(recorded_at_us, id, since_us, filter.epoch, limit + 1, filter.route, filter.finding));
    }
    if (!filter.route.empty()) {
      return all_keys<2>(statement.query(recorded_at_us, id, since_us, filter.epoch, limit + 1, filter.route));
    }
    return all_keys<2>(statement.query(recorded_at_us, id, since_us, filter.epoch, limit + 1));
  }();
  return page_of<Report>(keys, limit, [this](std::int64_t each) { return rows_->report(each); });
}

std::optional<Report> Reader::report(std::int64_t id) const {
  auto report = rows_->report(id);
  if (!report) return std::nullopt;
  Statement statement = rows_->database.prepare(kContent);
  auto row = statement.query(id);
  if (row.next()) read_content(row, *report);
  return report;
}

std::uint64_t Reader::unreviewed(const std::string& route, diffing::Severity severity, const std::string& epoch) const {
  Statement statement = rows_->database.prepare(kUnreviewed);
  auto row = statement.query(route, severity_number(severity), epoch);
  return row.next() ? row.unsigned_integer(0) : 0;
}

}  // namespace storage
