#include "storage/tally_rows.h"

namespace storage {
namespace {

constexpr std::string_view kFindMinute = R"sql(
SELECT count, old_latency, new_latency FROM tally
WHERE route = ?1 AND minute = ?2 AND epoch = ?3 AND outcome = ?4 AND cause = ?5 AND severity = ?6
ORDER BY rowid)sql";

constexpr std::string_view kPutMinute = R"sql(
INSERT INTO tally (route, minute, epoch, outcome, cause, severity, count, old_latency, new_latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (route, minute, epoch, outcome, cause, severity) DO UPDATE SET
  count = excluded.count, old_latency = excluded.old_latency, new_latency = excluded.new_latency)sql";

constexpr std::string_view kFindTotal = R"sql(
SELECT count, old_latency, new_latency FROM tally_total
WHERE route = ?1 AND epoch = ?2 AND outcome = ?3 AND cause = ?4 AND severity = ?5
ORDER BY rowid)sql";

constexpr std::string_view kPutTotal = R"sql(
INSERT INTO tally_total
  (route, epoch, outcome, cause, severity, first_minute, last_minute, count, old_latency, new_latency)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9)
ON CONFLICT (route, epoch, outcome, cause, severity) DO UPDATE SET
  first_minute = MIN(first_minute, excluded.first_minute), last_minute = MAX(last_minute, excluded.last_minute),
  count = excluded.count, old_latency = excluded.old_latency, new_latency = excluded.new_latency)sql";

}  // namespace

TallyRows::TallyRows(Database& database)
    : find_minute_(database.prepare(kFindMinute)),
      put_minute_(database.prepare(kPutMinute)),
      find_total_(database.prepare(kFindTotal)),
      put_total_(database.prepare(kPutTotal)) {}

void TallyRows::add(const TallyKey& key, const Tally& tally) {
  add_minute(key, tally);
  add_total(key, tally);
}

void TallyRows::add_minute(const TallyKey& key, const Tally& tally) {
  const auto outcome = name(key.outcome);
  const auto severity = severity_number(key.severity);
  Tally sum = tally;
  {
    auto row = find_minute_.query(key.route, key.minute, key.epoch, outcome, key.cause, severity);
    if (row.next()) sum.add(tally_from(row, 0));
  }
  put_minute_.run(key.route, key.minute, key.epoch, outcome, key.cause, severity, sum.count,
                  Blob{sum.old_latency.encode()}, Blob{sum.new_latency.encode()});
}

void TallyRows::add_total(const TallyKey& key, const Tally& tally) {
  const auto outcome = name(key.outcome);
  const auto severity = severity_number(key.severity);
  Tally sum = tally;
  {
    auto row = find_total_.query(key.route, key.epoch, outcome, key.cause, severity);
    if (row.next()) sum.add(tally_from(row, 0));
  }
  put_total_.run(key.route, key.epoch, outcome, key.cause, severity, key.minute, sum.count,
                 Blob{sum.old_latency.encode()}, Blob{sum.new_latency.encode()});
}

std::int64_t severity_number(std::optional<diffing::Severity> severity) {
  return severity ? static_cast<std::int64_t>(*severity) : -1;
}

std::optional<diffing::Severity> severity_from(std::int64_t number) {
  if (number < 0 || number >= static_cast<std::int64_t>(diffing::kSeverities)) return std::nullopt;
  return static_cast<diffing::Severity>(number);
}

Tally tally_from(const Cursor& row, int column) {
  return {row.unsigned_integer(column), LatencyHistogram::decode(row.text(column + 1)),
          LatencyHistogram::decode(row.text(column + 2))};
}

}  // namespace storage
