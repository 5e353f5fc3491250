#include "storage/writer.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace storage {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kFirstPause{50};  // doubles with each retry: five retries wait 1.5 s together
constexpr int kAttemptsWhenStopping = 2;
constexpr int kTidySteps = 20;  // in a row, before new counts are written again

std::size_t bytes_of(const StoredObservation& side) {
  std::size_t bytes = side.body.size();
  for (const StoredHeader& header : side.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

std::size_t bytes_of(const Report& report) {
  std::size_t bytes = sizeof(Report) + report.request_body.size() + report.target.size();
  for (const StoredHeader& header : report.request_headers) bytes += header.name.size() + header.value.size();
  for (const diffing::Difference& difference : report.differences) {
    bytes += sizeof(difference) + difference.path.size() + difference.signature.size() + difference.old_value.size() +
             difference.new_value.size();
  }
  return bytes + bytes_of(report.old_side) + bytes_of(report.new_side);
}

}  // namespace

std::int64_t system_now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct Writer::Thread {
  Thread(Store& to, Tallies& from, Options chosen)
      : store(to), tallies(from), options(std::move(chosen)), next_tidy(steady_clock::now() + options.tidy_interval) {
    queue.reserve(options.queue);
    thread = std::thread([this] { run(); });
  }

  void run();
  void cycle(bool is_last);
  Batch gather();
  void write(Batch batch);
  bool write_with_retries(const Batch& batch);
  bool try_to_write(const Batch& batch);
  void tidy();
  void pause(milliseconds time);
  int attempts() const;
  void degrade(const char* problem);

  Store& store;
  Tallies& tallies;
  const Options options;

  mutable std::mutex mutex;  // guards the eight below
  std::condition_variable wake;
  std::condition_variable settled;
  std::vector<Report> queue;
  std::size_t queue_bytes = 0;
  WriterHealth health;
  std::uint64_t flushes_wanted = 0;
  std::uint64_t flushes_done = 0;
  bool stopping = false;
  bool ended = false;

  steady_clock::time_point next_tidy;  // the thread's own
  std::mutex joining;                  // stop() may be called from two places
  std::thread thread;
};

void Writer::Thread::run() {
  for (bool is_last = false; !is_last;) {
    std::uint64_t flushed = 0;
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, options.interval, [this] {
        return stopping || flushes_wanted > flushes_done || queue.size() > options.queue / 2 ||
               queue_bytes > options.queue_bytes / 2;
      });
      is_last = stopping;
      flushed = flushes_wanted;
    }
    cycle(is_last);
    const std::lock_guard lock(mutex);
    flushes_done = flushed;
    ended = is_last;
    settled.notify_all();
  }
}

void Writer::Thread::cycle(bool is_last) {
  try {
    write(gather());
    if (!is_last) tidy();
  } catch (...) {  // out of memory; the next cycle may have more
    degrade("out of memory");
  }
}

Batch Writer::Thread::gather() {
  Batch batch;
  std::vector<Report> empty;
  empty.reserve(options.queue);
  {
    const std::lock_guard lock(mutex);
    batch.evidence = std::exchange(queue, std::move(empty));
    queue_bytes = 0;
  }
  batch.tallies = tallies.take();
  return batch;
}

void Writer::Thread::write(Batch batch) {
  const std::size_t evidence = batch.evidence.size();
  if (batch.tallies.empty() && evidence == 0) return;
  if (write_with_retries(batch)) {
    const std::lock_guard lock(mutex);
    health.degraded = false;
    health.problem.clear();
    health.evidence_written += evidence;
    return;
  }
  batch.evidence.clear();
  {
    const std::lock_guard lock(mutex);
    health.evidence_lost += evidence;
  }
  // There may be room for the counts alone.
  if (batch.tallies.empty() || (evidence > 0 && try_to_write(batch))) return;
  tallies.add(batch.tallies);
}

bool Writer::Thread::write_with_retries(const Batch& batch) {
  milliseconds before_next = kFirstPause;
  for (int attempt = 0; attempt < attempts(); ++attempt) {
    if (attempt > 0) {
      pause(before_next);
      before_next *= 2;
    }
    if (try_to_write(batch)) return true;
  }
  return false;
}

bool Writer::Thread::try_to_write(const Batch& batch) {
  try {
    store.write(batch);
  } catch (const std::exception& error) {
    degrade(error.what());
    return false;
  }
  const std::lock_guard lock(mutex);
  ++health.batches;
  return true;
}

void Writer::Thread::tidy() {
  if (steady_clock::now() < next_tidy) return;
  bool has_more = false;
  try {
    for (int step = 0; step < kTidySteps; ++step) {
      has_more = store.tidy(options.now_us());
      if (!has_more) break;
    }
  } catch (const std::exception&) {
    const std::lock_guard lock(mutex);
    ++health.tidy_failures;
    has_more = false;
  }
  next_tidy = steady_clock::now() + (has_more ? milliseconds(0) : options.tidy_interval);
}

void Writer::Thread::pause(milliseconds time) {
  std::unique_lock lock(mutex);
  wake.wait_for(lock, time, [this] { return stopping; });
}

int Writer::Thread::attempts() const {
  const std::lock_guard lock(mutex);
  return stopping ? std::min(kAttemptsWhenStopping, options.retries + 1) : options.retries + 1;
}

void Writer::Thread::degrade(const char* problem) {
  const std::lock_guard lock(mutex);
  health.degraded = true;
  health.problem = problem;
}

Writer::Writer(Store& store, Tallies& tallies, Options options)
    : thread_(std::make_unique<Thread>(store, tallies, std::move(options))) {}

Writer::~Writer() { stop(); }

bool Writer::offer(Report report) {
  const std::size_t bytes = bytes_of(report);
  const std::lock_guard lock(thread_->mutex);
  const bool is_full =
      thread_->queue.size() >= thread_->options.queue || thread_->queue_bytes + bytes > thread_->options.queue_bytes;
  if (is_full || thread_->stopping) {
    ++thread_->health.evidence_refused;
    return false;
  }
  thread_->queue.push_back(std::move(report));
  thread_->queue_bytes += bytes;
  if (thread_->queue.size() > thread_->options.queue / 2 || thread_->queue_bytes > thread_->options.queue_bytes / 2) {
    thread_->wake.notify_one();
  }
  return true;
}

WriterHealth Writer::health() const {
  const std::lock_guard lock(thread_->mutex);
  WriterHealth health = thread_->health;
  health.queued = thread_->queue.size();
  return health;
}

void Writer::stop() {
  {
    const std::lock_guard lock(thread_->mutex);
    thread_->stopping = true;
    thread_->wake.notify_all();
  }
  const std::lock_guard joining(thread_->joining);
  if (thread_->thread.joinable()) thread_->thread.join();
}

void Writer::flush() {
  std::unique_lock lock(thread_->mutex);
  const std::uint64_t wanted = ++thread_->flushes_wanted;
  thread_->wake.notify_all();
  thread_->settled.wait(lock, [&] { return thread_->ended || thread_->flushes_done >= wanted; });
}

}  // namespace storage
