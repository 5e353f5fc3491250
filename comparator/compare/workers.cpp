#include "comparator/compare/workers.h"

#include <algorithm>
#include <exception>

#include "comparator/compare/evidence.h"
#include "comparator/compare/judge.h"
#include "comparator/log.h"

namespace comparator::compare {
namespace {

std::size_t worker_count(std::size_t configured) {
  if (configured > 0) return configured;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
}

}  // namespace

Workers::Workers(const CompareConfig& config, Ledger& ledger, storage::Writer& writer,
                 std::atomic<std::size_t>& held_bytes)
    : capacity_(config.queue), ledger_(ledger), writer_(writer), held_bytes_(held_bytes) {
  for (std::size_t i = 0; i < worker_count(config.workers); ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() { stop(); }

bool Workers::offer(std::unique_ptr<Exchange>& exchange) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= capacity_) return false;
    queue_.push_back(std::move(exchange));
  }
  changed_.notify_one();
  return true;
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t Workers::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Workers::run() {
  for (;;) {
    std::unique_ptr<Exchange> exchange;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      exchange = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
    }
    settle(*exchange);
    held_bytes_.fetch_sub(exchange->held_bytes, std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) idle_.notify_all();
  }
}

void Workers::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return queue_.empty() && busy_ == 0; });
}

// Counts what was not counted on the loop, and keeps the evidence. An exchange whose judgement needs no comparing was
// counted there and comes only to be shown.
void Workers::settle(const Exchange& exchange) {
  try {
    if (const auto known = judge_without_comparing(exchange)) {
      writer_.offer(evidence(exchange, *known));
      return;
    }
  } catch (const std::exception& error) {
    log::error("evidence_failed", {{"route", exchange.route->name()}, {"error", error.what()}});
    return;
  }
  Judgement judgement{storage::Outcome::not_comparable, Cause::undecodable, std::nullopt, {}};
  try {
    judgement = judge_by_comparing(exchange);
  } catch (const std::exception& error) {
    log::error("compare_failed", {{"route", exchange.route->name()}, {"error", error.what()}});
  }
  ledger_.add(key_of(exchange, judgement.outcome, judgement.cause, judgement.severity), tally_of(exchange),
              sums_of(exchange));
  if (judgement.outcome == storage::Outcome::match || judgement.outcome == storage::Outcome::accepted) return;
  try {
    writer_.offer(evidence(exchange, judgement));
  } catch (const std::exception& error) {
    log::error("evidence_failed", {{"route", exchange.route->name()}, {"error", error.what()}});
  }
}

}  // namespace comparator::compare
