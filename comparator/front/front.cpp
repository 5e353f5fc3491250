#include "comparator/front/front.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "comparator/front/connection.h"
#include "comparator/front/forward.h"
#include "comparator/log.h"

namespace comparator::front {
namespace {

constexpr std::chrono::milliseconds kTick{250};
constexpr int kAcceptsPerRound = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};  // when descriptors run out
constexpr std::chrono::seconds kSilence{10};            // between log lines that say so
constexpr int kReadsOfTheUnwanted = 4;                  // of 16 KB, from a client that is turned away
constexpr std::size_t kLowWater = 16 * 1024;            // of a connection when all together hold too much
constexpr std::size_t kAccessLines = 64 * 1024;         // handed over at the latest

}  // namespace

// Takes new connections, a bounded number a round. One descriptor is kept in reserve: when all are used it is given up
// for a moment, so that a client is told instead of waiting for nothing, and the loop does not spin.
struct Front::Acceptor final : EventTarget, Deadline, Deferred {
  Acceptor(Front& f, int l) : front(f), listener(l), reserve(open_reserve()) {
    front.loop_.add(listener, EPOLLIN | EPOLLET, *this);
  }
  ~Acceptor() {
    front.loop_.remove(listener);  // inherited from systemd, it stays open there
    close(listener);
    if (reserve >= 0) close(reserve);
  }
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  static int open_reserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

  void on_events(std::uint32_t) override { front.loop_.wake(*this); }
  void on_deadline() override { front.loop_.wake(*this); }
  void run() override {
    if (reserve < 0) reserve = open_reserve();  // somebody else was faster, last time
    for (int i = 0; i < kAcceptsPerRound; ++i) {
      Address peer;
      const int fd = next(peer);
      if (fd >= 0) {
        take(fd, peer);
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return;
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        without_descriptor(errno);
        front.loop_.deadlines(kAcceptPause).arm(*this);
        return;
      }
    }
    front.loop_.defer(*this);
  }

  int next(Address& peer) const {
    peer.length = sizeof peer.storage;
    return accept4(listener, reinterpret_cast<sockaddr*>(&peer.storage), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  }

  void take(int fd, const Address& peer) {
    const auto& limits = front.plan().config.limits;
    front.counters_.accepted.add();
    if (front.shared_.connections.fetch_add(1, std::memory_order_relaxed) >= limits.connections) {
      front.count_limit(Limit::connections);
      turn_away(fd);
    } else if (!front.shared_.clients.enter(peer, limits.connections_per_address)) {
      front.count_limit(Limit::connections_per_address);
      turn_away(fd);
    } else {
      front.open_.fetch_add(1, std::memory_order_relaxed);
      Connection::start(front, fd, peer, limits.connections_per_address > 0);
      return;
    }
    front.shared_.connections.fetch_sub(1, std::memory_order_relaxed);
  }

  void without_descriptor(int error) {
    if (const auto now = front.loop_.now(); now >= silent_until) {
      silent_until = now + kSilence;
      log::warn("no_descriptor", {{"reason", std::strerror(error)}});
    }
    if (reserve < 0) return;
    close(reserve);
    Address peer;
    for (int i = 0; i < kAcceptsPerRound; ++i) {
      const int fd = next(peer);
      if (fd < 0) break;
      front.counters_.accepted.add();
      front.counters_.without_descriptor.add();
      turn_away(fd);
    }
    reserve = open_reserve();
  }

  // One try to say why; a client that speaks TLS would not understand it.
  void turn_away(int fd) const {
    if (front.plan().tls == nullptr) {
      const std::string answer = problem_answer(503, "too many connections are open", false);
      char unread[16 * 1024];
      [[maybe_unused]] const auto sent = send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
      shutdown(fd, SHUT_WR);
      // What is left unread would reset the connection; whoever sends that much without waiting may be reset.
      for (int i = 0; i < kReadsOfTheUnwanted && recv(fd, unread, sizeof unread, 0) > 0; ++i) {
      }
    }
    close(fd);
  }

  Front& front;
  int listener;
  int reserve;
  Clock::time_point silent_until{};
};

struct Front::Ticker final : Deadline {
  explicit Ticker(Front& f) : front(f) { on_deadline(); }
  void on_deadline() override {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    front.wall_clock_us_ = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    front.wall_clock_at_ = front.loop_.now();
    front.settler_.tick();
    front.shared_.access_log.hand_over(front.access_lines_);
    front.loop_.deadlines(kTick).arm(*this);
  }
  Front& front;
};

// Ends everything that is left when the time for draining is over.
struct Front::DrainEnd final : Deadline {
  explicit DrainEnd(Front& f) : front(f) {}
  void on_deadline() override {
    front.cutting_ = true;
    front.lanes_.close(front);
    for (Link* link = front.clients_.next; link != &front.clients_; link = link->next) {
      static_cast<Connection*>(link)->cancel();
    }
    for (Link* link = front.copies_.next; link != &front.copies_; link = link->next) {
      static_cast<EnrolledCopy*>(link)->waiter.cancel();
    }
    front.loop_.post([this] { front.loop_.stop(); });
  }
  Front& front;
};

Front::Front(Shared& shared, std::shared_ptr<const Plan> plan, int listener)
    : shared_(shared),
      plan_(std::move(plan)),
      sides_{std::make_shared<Upstream>(loop_, plan_->config.old_side, plan_->old_side),
             std::make_shared<Upstream>(loop_, plan_->config.new_side, plan_->new_side)},
      settler_(plan_, shared.ledger, shared.workers, shared.held_bytes),
      sample_state_(reinterpret_cast<std::uintptr_t>(this) ^
                    static_cast<std::uint64_t>(Clock::now().time_since_epoch().count())),
      acceptor_(std::make_unique<Acceptor>(*this, listener)),
      ticker_(std::make_unique<Ticker>(*this)),
      drain_end_(std::make_unique<DrainEnd>(*this)) {}

Front::~Front() {
  settler_.tick();
  shared_.access_log.hand_over(access_lines_);
}

void Front::adopt(std::shared_ptr<const Plan> plan) {
  loop_.post([this, plan = std::move(plan)] { adopt_now(plan); });
}

void Front::adopt_now(std::shared_ptr<const Plan> plan) {
  plan_ = std::move(plan);
  settler_.adopt(plan_);
  const auto renew = [this](std::shared_ptr<Upstream>& side, const SideConfig& config, const SidePlan& made) {
    // The files of a secure side may have changed behind their names.
    const bool same = config == side->config();
    if (same && !config.secure) return;
    auto renewed = std::make_shared<Upstream>(loop_, config, made);
    if (same) renewed->warm_as(*side);
    side = std::move(renewed);
  };
  renew(sides_[0], plan_->config.old_side, plan_->old_side);
  renew(sides_[1], plan_->config.new_side, plan_->new_side);
}

void Front::set_addresses(const Endpoint& endpoint, std::vector<Address> addresses) {
  loop_.post([this, endpoint, addresses = std::move(addresses)] {
    for (const auto& side : sides_) {
      if (side->config().endpoint == endpoint) side->set_addresses(addresses);
    }
  });
}

void Front::begin_to_drain() {
  loop_.post([this] { drain_now(); });
}

void Front::drain_now() {
  draining_ = true;
  acceptor_.reset();
  for (Link* link = clients_.next; link != &clients_;) {
    auto* connection = static_cast<Connection*>(link);
    link = link->next;
    connection->drain();
  }
  loop_.deadlines(plan().config.drain).arm(*drain_end_);
  if (shared_.connections.load(std::memory_order_acquire) == 0) tell_all_drained();
}

void Front::end() {
  lanes_.close(*this);
  loop_.finish_posted();
  hand_over();
}

void Front::client_left(const Address& client, bool counted) {
  if (counted) shared_.clients.leave(client);
  open_.fetch_sub(1, std::memory_order_relaxed);
  const bool last = shared_.connections.fetch_sub(1, std::memory_order_acq_rel) == 1;
  if (draining_ && last) tell_all_drained();
}

Front::HighWater Front::high_water() const {
  const auto& limits = plan().config.limits;
  if (buffered_ * shared_.fronts.size() < limits.buffered_in_all) return {limits.buffered, Limit::buffered};
  return {kLowWater, Limit::buffered_in_all};
}

void Front::log_access(const AccessEntry& entry) {
  append_entry(entry, plan().config.access_log.format, access_lines_);
  if (access_lines_.size() >= kAccessLines) shared_.access_log.hand_over(access_lines_);
}

void Front::copy_left() {
  --copy_count_;
  end_when_drained();
}

// A client of any loop may still bring this one a copy that has to keep its order.
void Front::end_when_drained() {
  const bool drained = copy_count_ == 0 && shared_.connections.load(std::memory_order_acquire) == 0;
  if (!draining_ || !drained) return;
  // What was posted before the last client left comes first.
  loop_.post([this] {
    if (copy_count_ == 0) loop_.stop();
  });
}

void Front::tell_all_drained() {
  for (Front* front : shared_.fronts) {
    front->loop_.post([front] { front->end_when_drained(); });
  }
}

void Front::count_failure(Side side, Cause cause) {
  counters_.failures[static_cast<std::size_t>(side)][static_cast<std::size_t>(cause)].add();
}

// splitmix64 (Steele, Lea, Flood 2014): one step per request, uniform enough for a share.
bool Front::sampled(double share) {
  if (share >= 1.0) return true;
  sample_state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = sample_state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1.0p-53 < share;
}

}  // namespace comparator::front
