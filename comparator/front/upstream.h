#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "comparator/config/config.h"
#include "comparator/exchange.h"
#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// One side as one loop sees it: its addresses, which of them fail, and its idle connections. Nothing in it is shared
/// with the other side or with another loop. Replaced, not changed, when its configuration is; requests on their way
/// keep the one they began with.
class Upstream {
 public:
  Upstream(Loop& loop, const SideConfig& config, const SidePlan& plan);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  const SideConfig& config() const { return config_; }
  /// What is changed in its requests; nullptr: nothing.
  const RewriteConfig* rewrite() const { return rewrites_ ? &config_.rewrite : nullptr; }
  /// The share of copies that it is to be sent while it warms up; 1 when it has, or need not.
  double warmth() const;
  /// It is the same side as that one, with its files read again.
  void warm_as(const Upstream& before) { since_ = before.since_; }

  /// The name was looked up again. Idle connections to addresses that are gone end.
  void set_addresses(const std::vector<Address>& addresses);

  /// The idle connection used last, or nullptr. It was watched: an end that came meanwhile has removed it.
  std::unique_ptr<Stream> take_idle();
  /// Keeps a connection for the next request; closes it when enough are kept.
  void keep(std::unique_ptr<Stream> stream);
  /// Opens a connection. Addresses take turns; one that failed is left out for a while, unless all did. With `each`,
  /// the waiter is armed for every address anew; without, what the caller has armed is for all of them together.
  /// Cause::none and `stream` set, or why it could not be had.
  Step<Cause> connect(Waiter& waiter, DeadlineQueue* each, std::unique_ptr<Stream>& stream);

 private:
  struct Idle;
  struct Target {
    Address address;
    Clock::time_point failed_until{};
  };
  using Targets = std::vector<Target>;

  void drop(Idle& idle);
  Target& next_target(Targets& targets);
  void tell_shortage(const Address& address, int error);

  Loop& loop_;
  const SideConfig config_;
  const bool rewrites_;
  const std::shared_ptr<const tls::Context> tls_;  // nothing: plain
  const std::string server_name_;
  std::shared_ptr<Targets> targets_;  // shared with those who are connecting
  std::size_t turn_ = 0;
  Clock::time_point since_;
  DeadlineQueue& idle_deadlines_;
  Link idle_;
  std::size_t idle_count_ = 0;
  Clock::time_point shortage_told_until_{};
};

/// What a failed socket call says about the other end.
Cause cause_of(int error);

}  // namespace comparator::front
