#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/error.h"
#include "storage/finding.h"
#include "storage/report.h"
#include "storage/tally.h"

namespace storage {

/// Which rows a reader wants. Empty means all; lists page by the cursor that the last page gave. A cursor names the
/// last row seen, so that rows which come or go meanwhile shift nothing; one that no page gave is `bad_cursor`.
struct Filter {
  std::string route;
  std::string epoch;              ///< Of findings: the latest in which they were seen.
  std::string kind;               ///< Findings only.
  std::string state;              ///< Findings only.
  std::int64_t finding = 0;       ///< Reports of one finding.
  std::int64_t since_minute = 0;  ///< Findings: last seen since; reports: recorded since.
  std::string cursor;
  std::size_t limit = 50;  ///< Rows of a page, 1 to 500; what lies outside is taken as the nearest.
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
  /// In the order of arrival: reports of what counts against new. All are counted at their findings; the store decides
  /// which are kept as reports.
  std::vector<Report> evidence;
};

/// How many reports are kept, and for how long.
struct Retention {
  std::size_t reports_per_finding = 20;              ///< The first, the latest, and a reservoir between; at least 2.
  std::uint64_t max_bytes = std::uint64_t{1} << 30;  ///< Of the file; the oldest reports go first, nothing else does.
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

  /// All or nothing; on error nothing of the batch is in the store. Waits at most 250 ms for another program's lock.
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

  /// By route, epoch, outcome, cause and severity. Without `since_minute` these are totals of each epoch, minutes that
  /// retention has deleted included, and cost the same however long the epoch lasts.
  std::vector<OutcomeCount> outcome_counts(const Filter& filter) const;
  std::vector<MinuteCount> minutes(
      const Filter& filter) const;                     ///< In the order of time; minutes without any are left out.
  Page<Finding> findings(const Filter& filter) const;  ///< Worst and most frequent first.
  std::optional<Finding> finding(std::int64_t id) const;
  Page<Report> reports(const Filter& filter) const;  ///< Newest first; without bodies, headers and differences.
  std::optional<Report> report(std::int64_t id) const;
  /// Findings of a route in state open or reopened, at `severity` or above, last seen in `epoch` unless it is empty.
  std::uint64_t unreviewed(const std::string& route, diffing::Severity severity, const std::string& epoch = {}) const;

 private:
  struct Rows;
  std::unique_ptr<Rows> rows_;
};

}  // namespace storage
