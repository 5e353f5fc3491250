#include "comparator/front/upstream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "comparator/log.h"

namespace comparator::front {
namespace {

constexpr std::chrono::milliseconds kFullPause{5};  // before a Unix socket whose backlog is full is tried again
constexpr std::chrono::seconds kFailedFor{5};       // how long an address that could not be reached is left out

}  // namespace

// A connection that waits for its next request. Anything that happens to it meanwhile ends it: an idle peer that
// speaks is not to be trusted, and one that hung up is of no use.
struct Upstream::Idle : Link, Listener, RecycledFrame {
  struct Expiry : Deadline {
    explicit Expiry(Idle& i) : idle(i) {}
    void on_deadline() override { idle.upstream.drop(idle); }
    Idle& idle;
  };

  Idle(Upstream& u, std::unique_ptr<Stream> s) : upstream(u), stream(std::move(s)), expiry(*this) {}
  void on_ready() override {
    if (stream->broken() || stream->peer_ended() || !stream->quiet()) upstream.drop(*this);
  }

  Upstream& upstream;
  std::unique_ptr<Stream> stream;
  Expiry expiry;
};

namespace {

// A wrong certificate is a matter for people; told once for each time that the address is left out.
void tell_tls_problem(const Stream& stream, bool first) {
  if (!first || stream.tls_problem().empty()) return;
  log::warn("tls_failed", {{"side", to_string(stream.peer())}, {"reason", stream.tls_problem()}});
}

}  // namespace

Upstream::Upstream(Loop& loop, const SideConfig& config, const SidePlan& plan)
    : loop_(loop),
      config_(config),
      rewrites_(!(config.rewrite == RewriteConfig())),
      tls_(plan.tls),
      server_name_(config.tls.server_name.empty() ? config.endpoint.host : config.tls.server_name),
      since_(loop.now()),
      idle_deadlines_(loop.deadlines(config.idle_timeout)) {
  set_addresses(plan.addresses);
}

Upstream::~Upstream() {
  while (idle_.linked()) drop(*static_cast<Idle*>(idle_.next));
}

void Upstream::set_addresses(const std::vector<Address>& addresses) {
  auto targets = std::make_shared<Targets>();
  for (const auto& address : addresses) {
    Target target{address};
    if (targets_ != nullptr) {  // what is known of an address stays known
      const auto before = std::find_if(targets_->begin(), targets_->end(),
                                       [&](const Target& known) { return known.address == address; });
      if (before != targets_->end()) target = *before;
    }
    targets->push_back(target);
  }
  targets_ = std::move(targets);
  for (Link* link = idle_.next; link != &idle_;) {
    auto& idle = *static_cast<Idle*>(link);
    link = link->next;
    const auto& peer = idle.stream->peer();
    if (std::find(addresses.begin(), addresses.end(), peer) == addresses.end()) drop(idle);
  }
}

double Upstream::warmth() const {
  const std::chrono::duration<double> past = loop_.now() - since_;
  const std::chrono::duration<double> all = config_.warm_up;
  return past >= all ? 1.0 : past / all;
}

std::unique_ptr<Stream> Upstream::take_idle() {
  if (!idle_.linked()) return nullptr;
  auto* idle = static_cast<Idle*>(idle_.prev);
  auto stream = std::move(idle->stream);
  stream->set_listener(nullptr);
  drop(*idle);
  return stream;
}

void Upstream::keep(std::unique_ptr<Stream> stream) {
  if (idle_count_ >= config_.idle_connections || stream->peer_ended() || stream->broken() || !stream->quiet()) return;
  auto* idle = new Idle(*this, std::move(stream));
  idle->stream->set_listener(idle);
  idle->insert_before(idle_);
  idle_deadlines_.arm(idle->expiry);
  ++idle_count_;
}

void Upstream::drop(Idle& idle) {
  --idle_count_;
  delete &idle;
}

// The next in turn that does not fail; where all fail, the one that failed longest ago.
Upstream::Target& Upstream::next_target(Targets& targets) {
  Target* oldest = nullptr;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    Target& target = targets[turn_++ % targets.size()];
    if (target.failed_until <= loop_.now()) return target;
    if (oldest == nullptr || target.failed_until < oldest->failed_until) oldest = &target;
  }
  return *oldest;
}

// Descriptors or ports have run out: for every request, so it is told now and then.
void Upstream::tell_shortage(const Address& address, int error) {
  if (loop_.now() < shortage_told_until_) return;
  shortage_told_until_ = loop_.now() + kFailedFor;
  log::warn("no_connection_left", {{"side", to_string(address)}, {"reason", std::strerror(error)}});
}

Step<Cause> Upstream::connect(Waiter& waiter, DeadlineQueue* each, std::unique_ptr<Stream>& stream) {
  const auto targets = targets_;  // a lookup may bring others meanwhile
  Cause cause = Cause::unreachable;
  for (std::size_t tried = 0; tried < targets->size(); ++tried) {
    Target& target = next_target(*targets);
    if (each != nullptr) waiter.arm(*each);
    int error = 0;
    stream = Stream::connect(loop_, target.address, error);
    // Only a Unix socket says at once that its backlog is full; TCP would wait by itself.
    for (Alarm pause(waiter); error == EAGAIN && !waiter.timed_out() && !waiter.cancelled();) {
      pause.start(loop_.deadlines(kFullPause));
      while (!pause.passed() && !waiter.timed_out() && !waiter.cancelled()) co_await waiter;
      error = 0;
      stream = Stream::connect(loop_, target.address, error);
    }
    if (stream != nullptr) {
      if (tls_ != nullptr) stream->start_tls(*tls_, server_name_);
      stream->set_listener(&waiter);
      while (stream->connected() == Stream::Status::blocked && !waiter.timed_out() && !waiter.cancelled()) {
        co_await waiter;
      }
      if (stream->connected() == Stream::Status::moved) {
        target.failed_until = {};
        co_return Cause::none;
      }
      error = stream->error();
      tell_tls_problem(*stream, target.failed_until < loop_.now());
      stream.reset();
    }
    if (waiter.cancelled()) co_return Cause::draining;
    cause = waiter.timed_out() ? Cause::connect_timeout : cause_of(error);
    if (cause == Cause::no_descriptor) {  // ours, not the address's
      tell_shortage(target.address, error);
      co_return cause;
    }
    target.failed_until = loop_.now() + kFailedFor;
    if (waiter.timed_out() && each == nullptr) co_return cause;
  }
  co_return cause;
}

Cause cause_of(int error) {
  switch (error) {
    case ECONNREFUSED: return Cause::refused;
    case ECONNRESET:
    case EPIPE: return Cause::reset;
    case EPROTO: return Cause::tls;
    case ETIMEDOUT: return Cause::timeout;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL: return Cause::no_descriptor;
    default: return Cause::unreachable;
  }
}

}  // namespace comparator::front
