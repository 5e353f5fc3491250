#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "storage/report.h"
#include "storage/store.h"
#include "storage/tally.h"

namespace storage {

/// How the writing goes. A loss is counted, never hidden.
struct WriterHealth {
  bool degraded = false;  ///< The last batch could not be written, or only its tallies.
  std::string problem;    ///< Why; empty when healthy.
  std::uint64_t batches = 0;
  std::uint64_t evidence_written = 0;
  std::uint64_t evidence_lost = 0;     ///< Given up after retries. Tallies are kept and written later.
  std::uint64_t evidence_refused = 0;  ///< offer() found the queue full.
  std::uint64_t tidy_failures = 0;     ///< Retention could not delete; tried again after `tidy_interval`.
  std::size_t queued = 0;
};

std::int64_t system_now_us();

/// The one thread that writes the store. Takes the tallies and the evidence that gathered since the last batch,
/// at the latest every `interval`.
class Writer {
 public:
  struct Options {
    std::chrono::milliseconds interval{500};
    std::size_t queue = 1024;                              ///< Reports waiting; beyond it they are refused.
    std::size_t queue_bytes = std::size_t{64} << 20;       ///< Their memory together.
    int retries = 5;                                       ///< Of one batch, within about two seconds.
    std::chrono::milliseconds tidy_interval{60'000};       ///< How often retention is applied.
    std::function<std::int64_t()> now_us = system_now_us;  ///< Unix time, for retention.
  };

  /// Starts the thread. Both references must outlive the writer.
  Writer(Store& store, Tallies& tallies, Options options);
  Writer(Store& store, Tallies& tallies) : Writer(store, tallies, Options{}) {}
  ~Writer();  ///< Like stop().
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Hands over evidence without waiting; false when the queue is full (counted). Thread-safe.
  bool offer(Report report);
  WriterHealth health() const;  ///< Thread-safe.
  /// Writes what has gathered and ends the thread. Takes at most a few seconds, also with a broken disk.
  void stop();
  /// Waits until what was offered and tallied before the call is written or given up; for tests and `demo`.
  void flush();

 private:
  struct Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace storage
