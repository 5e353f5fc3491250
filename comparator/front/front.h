#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "comparator/compare/settler.h"
#include "comparator/front/access_log.h"
#include "comparator/front/client_counts.h"
#include "comparator/front/limit.h"
#include "comparator/front/loop.h"
#include "comparator/front/upstream.h"
#include "comparator/http/head.h"
#include "comparator/plan.h"
#include "comparator/shadow/admission.h"
#include "comparator/shadow/lanes.h"

/// The front end: accepts clients, answers them from the serving side, and hands copies over.
namespace comparator::front {

class Front;

/// What all loops share; everything else belongs to one of them.
struct Shared {
  compare::Ledger& ledger;
  compare::Workers& workers;
  std::atomic<std::size_t>& held_bytes;  ///< By copies; see CompareConfig::max_held_bytes.
  AccessLog& access_log;
  std::array<shadow::Admission, 2> admission{};  ///< Of copies, by the side that gets them.
  std::atomic<std::size_t> connections{0};       ///< Of clients.
  ClientCounts clients{};
  std::vector<Front*> fronts{};  ///< All of them, before the first one runs.
};

/// What one loop counts for the metrics: written by its thread alone, read by any.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

inline constexpr std::size_t kStatuses = 600;  // all of three digits that HTTP knows

struct FrontCounters {
  Counter accepted;                                      ///< Connections.
  Counter without_descriptor;                            ///< Connections answered 503: no descriptor was left.
  Counter failed_handshakes;                             ///< Of connections with TLS.
  Counter requests;                                      ///< Well-formed requests taken up.
  Counter reused;                                        ///< Requests to the serving side on a kept connection.
  Counter retried;                                       ///< Of those, sent again on a new one.
  std::array<Counter, kStatuses> refused;                ///< By status: requests that never became one.
  std::array<std::array<Counter, kCauses>, 2> failures;  ///< By side and cause.
  std::array<Counter, kLimitNames.size()> limits;        ///< By Limit, how often each was reached.
};

/// One loop's front end. Built and destroyed by any thread, run by one.
class Front {
 public:
  /// `listener` is a bound, listening, non-blocking socket; the front end takes it over.
  Front(Shared& shared, std::shared_ptr<const Plan> plan, int listener);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// Runs until drained. For the loop's thread.
  void run() { loop_.run(); }
  /// Gives all counts to the ledger. For the loop's thread, or when it has ended.
  void hand_over() { settler_.tick(); }
  /// When all loops have ended: does what they were still posted, and sheds the copies that wait for their turn.
  void end();
  /// What begins from now on follows this plan; what is on its way keeps the one it began with. Thread-safe.
  void adopt(std::shared_ptr<const Plan> plan);
  /// The name of an endpoint was looked up again. Thread-safe.
  void set_addresses(const Endpoint& endpoint, std::vector<Address> addresses);
  /// Stops accepting, ends idle connections, and run() once the rest is done or `drain` has passed. Thread-safe.
  void begin_to_drain();

  const FrontCounters& counters() const { return counters_; }
  std::size_t connections() const { return open_.load(std::memory_order_relaxed); }

  // For the connections and copies of this loop.
  Loop& loop() { return loop_; }
  const Plan& plan() const { return *plan_; }  ///< May be another one after the caller has waited.
  Shared& shared() { return shared_; }
  const std::shared_ptr<Upstream>& upstream(Side side) const { return sides_[static_cast<std::size_t>(side)]; }
  shadow::Admission& admission(Side side) { return shared_.admission[static_cast<std::size_t>(side)]; }
  shadow::Lanes& lanes() { return lanes_; }
  /// The loop to which a lane belongs.
  Front& owner_of(std::uint64_t lane) { return *shared_.fronts[lane % shared_.fronts.size()]; }
  compare::Settler& settler() { return settler_; }
  FrontCounters& counters() { return counters_; }
  bool draining() const { return draining_; }
  bool cutting() const { return cutting_; }  ///< The time for draining is over: what begins now ends at once.
  http::RequestHead& request_scratch() { return request_scratch_; }  ///< Valid until the caller suspends.
  http::AnswerHead& answer_scratch() { return answer_scratch_; }     ///< Likewise.
  std::string& text_scratch() { return text_scratch_; }              ///< Likewise.
  bool sampled(double share);
  std::int64_t wall_clock_us() const {
    return wall_clock_us_ + std::chrono::duration_cast<std::chrono::microseconds>(loop_.now() - wall_clock_at_).count();
  }

  /// Answers that clients have not taken yet, in bytes, of this loop.
  std::size_t& buffered() { return buffered_; }
  /// How much of them a connection may hold before its side is not read on, and by which limit.
  struct HighWater {
    std::size_t bytes;
    Limit limit;
  };
  HighWater high_water() const;
  bool logs_access() const { return !plan().config.access_log.file.empty(); }
  void log_access(const AccessEntry& entry);

  /// Connections and copies enrol while they live, so that draining finds them.
  void enrol_client(Link& link) { link.insert_before(clients_); }
  void enrol_copy(Link& link) { link.insert_before(copies_), ++copy_count_; }
  void copy_left();
  void client_left(const Address& client, bool counted);
  void count_failure(Side side, Cause cause);
  void count_limit(Limit limit) { counters_.limits[static_cast<std::size_t>(limit)].add(); }

 private:
  struct Acceptor;
  struct Ticker;
  struct DrainEnd;
  void adopt_now(std::shared_ptr<const Plan> plan);
  void end_when_drained();
  void tell_all_drained();
  void drain_now();

  Shared& shared_;
  Loop loop_;
  std::shared_ptr<const Plan> plan_;
  std::array<std::shared_ptr<Upstream>, 2> sides_;
  compare::Settler settler_;
  shadow::Lanes lanes_;
  FrontCounters counters_;
  http::RequestHead request_scratch_;
  http::AnswerHead answer_scratch_;
  std::string text_scratch_;
  Link clients_;
  std::atomic<std::size_t> open_{0};
  std::size_t buffered_ = 0;
  std::string access_lines_;
  Link copies_;
  std::size_t copy_count_ = 0;
  bool draining_ = false;
  bool cutting_ = false;
  std::uint64_t sample_state_;
  std::int64_t wall_clock_us_ = 0;
  Clock::time_point wall_clock_at_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Ticker> ticker_;
  std::unique_ptr<DrainEnd> drain_end_;
};

}  // namespace comparator::front
