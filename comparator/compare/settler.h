#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "comparator/compare/ledger.h"
#include "comparator/compare/workers.h"
#include "comparator/exchange.h"

namespace comparator::compare {

/// The end of an exchange on its loop: counts it exactly once. Equal memory ends here; what differs goes to the
/// workers, and what cannot is shed. For one thread.
class Settler {
 public:
  Settler(std::shared_ptr<const Plan> plan, Ledger& ledger, Workers& workers, std::atomic<std::size_t>& held_bytes);

  /// Exchanges that begin from here on have this plan.
  void adopt(std::shared_ptr<const Plan> plan) { plan_ = std::move(plan); }
  /// A blank exchange, recycled where possible.
  std::unique_ptr<Exchange> begin();
  /// A side's part is finished; with the last one the exchange is settled and gone.
  void finish_leg(Exchange* exchange);
  /// Takes `bytes` from the budget of copies, or says that it is used up.
  bool hold(Exchange& exchange, std::size_t bytes);
  /// Gives the copied side's observation the bytes that were only found to be the serving side's. False, and nothing
  /// has changed, when the budget is used up.
  bool keep_same(Exchange& exchange);
  /// Gives what was counted to the ledger; called a few times a second.
  void tick();

 private:
  void settle(std::unique_ptr<Exchange> exchange);
  void recycle(std::unique_ptr<Exchange> exchange);

  std::shared_ptr<const Plan> plan_;
  LoopTallies tallies_;
  Workers& workers_;
  std::atomic<std::size_t>& held_bytes_;
  std::vector<std::unique_ptr<Exchange>> spare_;
  int evidence_left_ = 0;
};

}  // namespace comparator::compare
