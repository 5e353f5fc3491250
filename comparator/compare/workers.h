#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "comparator/compare/ledger.h"
#include "comparator/exchange.h"
#include "storage/writer.h"

namespace comparator::compare {

/// The threads that compare what was not equal byte for byte. Never waited for: a full queue refuses.
class Workers {
 public:
  /// All references must outlive it. `held_bytes` is the budget of copies; what an exchange holds is given back here.
  Workers(const CompareConfig& config, Ledger& ledger, storage::Writer& writer, std::atomic<std::size_t>& held_bytes);
  ~Workers();  ///< Like stop().
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Hands over an exchange to be compared, or one whose outcome is counted already as evidence. False, and the
  /// exchange stays where it is, when the queue is full. Thread-safe.
  bool offer(std::unique_ptr<Exchange>& exchange);
  /// Finishes what was offered, then ends the threads.
  void stop();
  std::size_t queued() const;
  void wait_until_idle();  ///< For tests.

 private:
  void run();
  void settle(const Exchange& exchange);

  const std::size_t capacity_;
  Ledger& ledger_;
  storage::Writer& writer_;
  std::atomic<std::size_t>& held_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable idle_;
  std::deque<std::unique_ptr<Exchange>> queue_;
  std::size_t busy_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace comparator::compare
