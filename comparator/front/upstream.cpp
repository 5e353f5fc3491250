#include "comparator/front/upstream.h"

#include <cerrno>
#include <utility>

namespace comparator::front {

// A connection that waits for its next request. Anything that happens to it meanwhile ends it: an idle peer that
// speaks is not to be trusted, and one that hung up is of no use.
struct Upstream::Idle : Link, Listener {
  struct Expiry : Deadline {
    explicit Expiry(Idle& i) : idle(i) {}
    void on_deadline() override { idle.upstream.drop(idle); }
    Idle& idle;
  };

  Idle(Upstream& u, std::unique_ptr<Stream> s) : upstream(u), stream(std::move(s)), expiry(*this) {}
  void on_ready() override {
    if (stream->readable() || stream->broken()) upstream.drop(*this);
  }

  Upstream& upstream;
  std::unique_ptr<Stream> stream;
  Expiry expiry;
};

Upstream::Upstream(Loop& loop, const SideConfig& config, const std::vector<Address>& addresses)
    : loop_(loop), config_(config), addresses_(addresses), idle_deadlines_(loop.deadlines(config.idle_timeout)) {}

Upstream::~Upstream() {
  while (idle_.linked()) drop(*static_cast<Idle*>(idle_.next));
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
  if (idle_count_ >= config_.idle_connections || stream->peer_ended() || stream->broken() || stream->readable()) return;
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

Step<Cause> Upstream::connect(Waiter& waiter, std::unique_ptr<Stream>& stream) {
  Cause cause = Cause::unreachable;
  for (std::size_t tried = 0; tried < addresses_.size(); ++tried) {
    int error = 0;
    stream = Stream::connect(loop_, addresses_[address_], error);
    if (stream != nullptr) {
      stream->set_listener(&waiter);
      while (stream->connected() == Stream::Status::blocked) {
        if (waiter.timed_out() || waiter.cancelled()) {
          stream.reset();
          address_ = (address_ + 1) % addresses_.size();
          co_return Cause::connect_timeout;
        }
        co_await waiter;
      }
      error = stream->error();
      if (error == 0) co_return Cause::none;
      stream.reset();
    }
    cause = cause_of(error);
    address_ = (address_ + 1) % addresses_.size();
  }
  co_return cause;
}

Cause cause_of(int error) {
  switch (error) {
    case ECONNREFUSED: return Cause::refused;
    case ECONNRESET:
    case EPIPE: return Cause::reset;
    case ETIMEDOUT: return Cause::timeout;
    case EMFILE:
    case ENFILE:
    case EADDRNOTAVAIL: return Cause::no_descriptor;
    default: return Cause::unreachable;
  }
}

}  // namespace comparator::front
