#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/finding.h"
#include "storage/report.h"
#include "storage/tally.h"

namespace storage {

/// The one error of this library. `what()` is a sentence a person can act on, with the file's path.
class StoreError : public std::runtime_error {
 public:
  enum class Reason { cannot_open, newer_version, not_ours, busy, full, failed };
  StoreError(Reason reason, const std::string& message) : std::runtime_error(message), reason_(reason) {}
  Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

/// Which rows a reader wants. Empty means all; lists page by the cursor that the last page gave.
struct Filter {
  std::string route;
  std::string epoch;
  std::string kind;
  std::string state;
  std::int64_t finding = 0;  ///< Reports of one finding.
  std::int64_t since_minute = 0;
  std::string cursor;
  std::size_t limit = 50;  ///< 1 to 500.
};

template <class Row>
struct Page {
  std::vector<Row> rows;
  std::string next;  ///< Cursor of the next page; empty on the last one.
};

/// A tally row summed over minutes.
struct OutcomeCount {
  std::string route;
  std::string epoch;
  Outcome outcome = Outcome::match;
  std::string cause;
  std::optional<diffing::Severity> severity;
  std::int64_t first_minute = 0;
  std::int64_t last_minute = 0;
  Tally tally;
};

/// What one route did in one minute, for lines over time.
struct MinuteCount {
  std::int64_t minute = 0;
  std::uint64_t compared = 0;    ///< match, accepted, noise, transient, mismatch.
  std::uint64_t different = 0;   ///< mismatch.
  std::uint64_t uncompared = 0;  ///< new_failed, not_comparable, shed.
};

/// What one transaction of the writer brings.
struct Batch {
  TallyMap tallies;
  std::vector<Report> evidence;  ///< In the order of arrival; the store decides which are kept as reports.
};

/// How many reports are kept, and for how long.
struct Retention {
  std::size_t reports_per_finding = 20;              ///< The first, the latest, and a reservoir between.
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  ///< Of the file; the oldest reports go first.
  std::int64_t max_age_days = 30;
};

/// The writing side: one per file, used by one thread. Opening creates and migrates; a file of a newer version or of
/// another program is refused and left as it was. Throws StoreError.
class Store {
 public:
  explicit Store(const std::string& path, Retention retention = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// All or nothing; on error nothing of the batch is in the store.
  void write(const Batch& batch);
  /// Deletes what retention no longer keeps, in small steps; returns whether more is left to do.
  bool tidy(std::int64_t now_us);

 private:
  struct Rows;
  std::unique_ptr<Rows> rows_;
};

/// The reading side: its own read-only connection, for one thread at a time; never changes anything. Throws StoreError.
class Reader {
 public:
  explicit Reader(const std::string& path);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::vector<OutcomeCount> outcome_counts(const Filter& filter) const;
  std::vector<MinuteCount> minutes(const Filter& filter) const;
  Page<Finding> findings(const Filter& filter) const;  ///< Worst and most frequent first.
  std::optional<Finding> finding(std::int64_t id) const;
  Page<Report> reports(const Filter& filter) const;  ///< Newest first; without bodies and headers.
  std::optional<Report> report(std::int64_t id) const;
  /// Findings of a route in state open or reopened, at `severity` or above.
  std::uint64_t unreviewed(const std::string& route, diffing::Severity severity) const;

 private:
  struct Rows;
  std::unique_ptr<Rows> rows_;
};

}  // namespace storage
