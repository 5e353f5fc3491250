#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "comparator/config/config.h"
#include "comparator/exchange.h"
#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// One side as one loop sees it: its addresses and its idle connections. Nothing in it is shared with the other side
/// or with another loop.
class Upstream {
 public:
  Upstream(Loop& loop, const SideConfig& config, const std::vector<Address>& addresses);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  const SideConfig& config() const { return config_; }

  /// The idle connection used last, or nullptr. It was watched: an end that came meanwhile has removed it.
  std::unique_ptr<Stream> take_idle();
  /// Keeps a connection for the next request; closes it when enough are kept.
  void keep(std::unique_ptr<Stream> stream);
  /// Opens a connection, trying each address once, beginning with the one that worked last. The caller has armed the
  /// waiter's deadline. Cause::none and `stream` set, or why it could not be had.
  Step<Cause> connect(Waiter& waiter, std::unique_ptr<Stream>& stream);

 private:
  struct Idle;
  void drop(Idle& idle);

  Loop& loop_;
  const SideConfig& config_;
  const std::vector<Address>& addresses_;
  std::size_t address_ = 0;
  DeadlineQueue& idle_deadlines_;
  Link idle_;
  std::size_t idle_count_ = 0;
};

/// What a failed socket call says about the other end.
Cause cause_of(int error);

}  // namespace comparator::front
