#include "storage/retention.h"

namespace storage {
namespace {

constexpr std::string_view kOldReports = R"sql(
DELETE FROM report WHERE id IN (SELECT id FROM report WHERE recorded_at_us < ?1 ORDER BY recorded_at_us LIMIT 50))sql";

constexpr std::string_view kOldMinutes = R"sql(
DELETE FROM tally WHERE rowid IN (SELECT rowid FROM tally WHERE minute < ?1 ORDER BY minute LIMIT 500))sql";

// A small table: one row per route, epoch and way to end.
constexpr std::string_view kOldTotals = R"sql(
DELETE FROM tally_total WHERE last_minute < ?1)sql";

constexpr std::string_view kOldFindings = R"sql(
DELETE FROM finding WHERE id IN (
  SELECT id FROM finding WHERE last_seen_us < ?1 AND state <> 'accepted' ORDER BY last_seen_us LIMIT 50))sql";

constexpr std::string_view kOldestReports = R"sql(
DELETE FROM report WHERE id IN (SELECT id FROM report ORDER BY recorded_at_us, id LIMIT 20))sql";

constexpr const char* kReturnPages = "PRAGMA incremental_vacuum(256)";

constexpr std::int64_t kDayUs = std::int64_t{24} * 3600 * 1'000'000;
constexpr std::int64_t kMinuteUs = std::int64_t{60} * 1'000'000;

}  // namespace

Sweeper::Sweeper(Database& database, Retention retention)
    : database_(database),
      retention_(retention),
      old_reports_(database.prepare(kOldReports)),
      old_minutes_(database.prepare(kOldMinutes)),
      old_totals_(database.prepare(kOldTotals)),
      old_findings_(database.prepare(kOldFindings)),
      oldest_reports_(database.prepare(kOldestReports)) {}

bool Sweeper::step(std::int64_t now_us) {
  {
    Transaction transaction(database_);
    const bool deleted = delete_old(now_us) + delete_oldest_reports() > 0;
    transaction.commit();
    if (deleted) return true;
  }
  return shrink();
}

std::int64_t Sweeper::delete_old(std::int64_t now_us) {
  const std::int64_t oldest_us = now_us - retention_.max_age_days * kDayUs;
  const std::int64_t before = database_.changes();
  old_reports_.run(oldest_us);
  old_minutes_.run(oldest_us / kMinuteUs);
  old_totals_.run(oldest_us / kMinuteUs);
  old_findings_.run(oldest_us);
  return database_.changes() - before;
}

std::int64_t Sweeper::delete_oldest_reports() {
  if (bytes_over(database_.number("PRAGMA page_count") - database_.number("PRAGMA freelist_count")) <= 0) return 0;
  const std::int64_t before = database_.changes();
  oldest_reports_.run();
  return database_.changes() - before;
}

bool Sweeper::shrink() {
  if (bytes_over(database_.number("PRAGMA page_count")) <= 0) return false;
  if (database_.number("PRAGMA freelist_count") == 0) return false;
  database_.execute(kReturnPages);
  return true;
}

std::int64_t Sweeper::bytes_over(std::int64_t pages) {
  return pages * database_.number("PRAGMA page_size") - static_cast<std::int64_t>(retention_.max_bytes);
}

}  // namespace storage
