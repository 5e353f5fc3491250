#include "comparator/compare/settler.h"

#include <utility>

#include "comparator/compare/judge.h"

namespace comparator::compare {
namespace {

constexpr std::size_t kSpare = 512;
// Failures are shown by samples: a side that is down fails thousands of times a second, all alike.
constexpr int kFailuresShownPerTick = 8;

bool worth_showing(storage::Outcome outcome) {
  return outcome == storage::Outcome::new_failed || outcome == storage::Outcome::not_comparable;
}

}  // namespace

Settler::Settler(std::shared_ptr<const Plan> plan, Ledger& ledger, Workers& workers,
                 std::atomic<std::size_t>& held_bytes)
    : plan_(std::move(plan)), tallies_(ledger), workers_(workers), held_bytes_(held_bytes) {}

std::unique_ptr<Exchange> Settler::begin() {
  std::unique_ptr<Exchange> exchange;
  if (spare_.empty()) {
    exchange = std::make_unique<Exchange>();
  } else {
    exchange = std::move(spare_.back());
    spare_.pop_back();
  }
  exchange->plan = plan_;
  return exchange;
}

void Settler::finish_leg(Exchange* exchange) {
  if (--exchange->open_legs == 0) settle(std::unique_ptr<Exchange>(exchange));
}

bool Settler::hold(Exchange& exchange, std::size_t bytes) {
  const auto held = held_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  if (held + bytes > plan_->config.compare.max_held_bytes) {
    held_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  exchange.held_bytes += bytes;
  return true;
}

bool Settler::keep_same(Exchange& exchange) {
  auto& copied = exchange.copied();
  if (copied.same_bytes == 0) return true;
  if (!hold(exchange, copied.same_bytes)) return false;
  copied.body.assign(exchange.served().body, 0, copied.same_bytes);
  copied.same_bytes = 0;
  return true;
}

void Settler::tick() {
  tallies_.hand_over();
  evidence_left_ = kFailuresShownPerTick;
}

void Settler::settle(std::unique_ptr<Exchange> exchange) {
  if (const auto judgement = judge_without_comparing(*exchange)) {
    tallies_.count(*exchange, judgement->outcome, judgement->cause);
    const bool show = worth_showing(judgement->outcome) && evidence_left_ > 0;
    if (show && keep_same(*exchange) && workers_.offer(exchange)) {
      --evidence_left_;
      return;
    }
  } else if (!keep_same(*exchange)) {
    tallies_.count(*exchange, storage::Outcome::shed, Cause::held_bytes);
  } else if (workers_.offer(exchange)) {
    return;
  } else {
    tallies_.count(*exchange, storage::Outcome::shed, Cause::queue_full);
  }
  recycle(std::move(exchange));
}

void Settler::recycle(std::unique_ptr<Exchange> exchange) {
  if (exchange->held_bytes > 0) held_bytes_.fetch_sub(exchange->held_bytes, std::memory_order_relaxed);
  if (spare_.size() >= kSpare) return;
  exchange->clear();
  spare_.push_back(std::move(exchange));
}

}  // namespace comparator::compare
