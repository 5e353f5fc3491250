#include "comparator/front/relay.h"

#include <utility>

#include "comparator/compare/redaction.h"
#include "comparator/front/forward.h"
#include "comparator/front/tunnel.h"
#include "comparator/shadow/copy.h"
#include "comparator/shadow/rewrite.h"

namespace comparator::front {
namespace {

constexpr int kMovesPerRound = 16;  // at most 1 MB, then the other connections of the loop have their turn

}  // namespace

Relay::Relay(Front& front, Waiter& waiter, Client& client, Exchange* exchange, const RequestShape& shape)
    : front_(front),
      waiter_(waiter),
      client_(client),
      exchange_(exchange),
      shape_(shape),
      side_(front.upstream(exchange->serving)),
      reader_(exchange->method()),
      capture_(front.settler(), *exchange, exchange->serving),
      started_(Clock::now()),
      request_left_(shape.length),
      request_done_(shape.framing == http::Framing::none),
      copying_(exchange->selected) {}

Step<Relay::Ending> Relay::run() {
  bool again = true;
  while (again) {
    failure_ = Cause::none;
    if (!take_kept()) failure_ = co_await connect();
    if (failure_ == Cause::none) {
      send_head();
      co_await pump();
    }
    again = may_retry();
    if (again) {
      retried_ = true;
      front_.counters().retried.add();
      upstream_.reset();
      to_upstream_.clear();
    }
  }
  if (switched_) {
    client_.total.disarm();
    finish_leg();
    const bool clean = co_await tunnel(front_.loop(), waiter_, client_, *upstream_);
    co_return clean ? Ending::close : Ending::cut;
  }
  co_return conclude();
}

bool Relay::take_kept() {
  if (!retried_) upstream_ = side_->take_idle();
  reused_ = upstream_ != nullptr;
  if (!reused_) return false;
  front_.counters().reused.add();
  upstream_->set_listener(&waiter_);
  return true;
}

Step<Cause> Relay::connect() {
  const Cause cause =
      co_await side_->connect(waiter_, &front_.loop().deadlines(side_->config().connect_timeout), upstream_);
  co_return cause;
}

void Relay::send_head() {
  const RewriteConfig* rewrite = side_->rewrite();
  const auto changed = rewrite == nullptr ? std::string() : shadow::rewritten(exchange_->request_head, *rewrite);
  const iovec head[] = {part(rewrite == nullptr ? exchange_->request_head : changed)};
  if (!to_upstream_.send(*upstream_, head, 1)) failure_ = Cause::reset;
  if (request_done_ && copying_) request_complete();
}

Step<bool> Relay::pump() {
  arm();
  int moves = 0;
  while (!over()) {
    bool moved = false;
    // Asked here, since who always moves never waits.
    if (client_.total.passed()) {
      on_timeout(awaited());
      break;
    }
    if (waiter_.cancelled()) {
      failure_ = Cause::draining;
      break;
    }
    if (!request_done_) moved |= relay_request();
    if (!to_upstream_.empty() && upstream_->writable()) {
      moved = true;
      // A side that takes no more may still have answered: only reading tells.
      if (!to_upstream_.flush(*upstream_)) to_upstream_.clear();
    }
    if (!over()) moved |= relay_answer();
    if (over() || switched_) break;
    if (moved) {
      if (crawls()) break;
      arm();
      if (++moves % kMovesPerRound == 0) co_await waiter_.end_of_round();
      continue;
    }
    if (client_.stream.broken()) {
      client_gone_ = true;
    } else if (waiter_.timed_out()) {
      const auto who = awaited();
      if (who == Awaited::client_to_read && takes_after_all()) {
        arm();
      } else {
        on_timeout(who);
      }
    } else {
      co_await waiter_;
    }
  }
  waiter_.rest();
  co_return true;
}

Relay::Awaited Relay::awaited() const {
  if (client_.out.size() >= front_.high_water().bytes) return Awaited::client_to_read;
  return client_owes_body() ? Awaited::client_to_send : Awaited::side;
}

void Relay::arm() {
  const auto& limits = exchange_->plan->config.limits;
  auto& loop = front_.loop();
  switch (awaited()) {
    case Awaited::client_to_read: waiter_.arm(loop.deadlines(limits.write_timeout)); break;
    case Awaited::client_to_send: waiter_.arm(loop.deadlines(limits.body_timeout)); break;
    case Awaited::side: waiter_.arm(loop.deadlines(side_->config().timeout)); break;
  }
}

// Who takes or sends a few bytes now and then never is silent, and would be here for ever. A client that has its answer
// may rightly keep the rest of its body (RFC 9112 section 9.5), and one that is busy sending may read later.
bool Relay::crawls() {
  const bool sends = client_owes_body() && !answer_sent_;
  if (client_.out.empty() && !sends) {
    pace_.rest();
    return false;
  }
  const auto& limits = exchange_->plan->config.limits;
  const auto time = sends ? limits.body_timeout : limits.write_timeout;
  const auto now = front_.loop().now();
  const auto received = request_bytes_ + shape_.length - request_left_;
  if (!pace_.late(now, client_.out.taken() + received, time)) return false;
  if (takes_after_all() && !pace_.late(now, client_.out.taken() + received, time)) return false;
  on_timeout(sends ? Awaited::client_to_send : Awaited::client_to_read);
  return true;
}

// The kernel tells that there is room when a third of its buffer is free. A slow reader may take long to make so much.
bool Relay::takes_after_all() {
  const auto before = client_.out.taken();
  client_.stream.look_again();
  if (!client_.out.empty() && !client_.out.flush(client_.stream)) client_gone_ = true;
  return client_.out.taken() - before >= Stride::kBytes;
}

// Not while it waits for the 100 that it has asked for: then the side is waited for (RFC 9110 section 10.1.1).
bool Relay::client_owes_body() const {
  if (request_done_ || !to_upstream_.empty()) return false;
  const bool begun = request_bytes_ > 0 || request_left_ < shape_.length;
  return begun || exchange_->expect_bytes == 0 || reader_.begun();
}

void Relay::on_timeout(Awaited who) {
  const bool total = client_.total.passed();
  if (total) front_.count_limit(Limit::request_timeout);
  switch (who) {
    case Awaited::client_to_read:
      if (!total) front_.count_limit(Limit::write_timeout);
      client_gone_ = true;
      break;
    case Awaited::client_to_send:
      if (!total) front_.count_limit(Limit::body_timeout);
      refused_ = 408;
      refused_why_ = "the request's body did not come in time";
      break;
    case Awaited::side: failure_ = Cause::timeout; break;
  }
}

// RFC 9112 section 9.3.1: a kept connection may end just as it is used again. Sent once more only where nothing came
// back, the method allows it, and the request can be repeated whole.
bool Relay::may_retry() const {
  const bool stale = failure_ == Cause::reset || failure_ == Cause::closed_early;
  return stale && reused_ && !retried_ && !reader_.begun() && shape_.idempotent &&
         shape_.framing == http::Framing::none;
}

Relay::Ending Relay::conclude() {
  waiter_.rest();
  if (copying_) {  // the request never was whole, so there is nothing to copy
    copying_ = false;
    exchange_->copied().cause = Cause::bad_request_body;
    front_.settler().finish_leg(exchange_);
  }
  Ending ending = Ending::keep;
  if (client_gone_) {
    if (exchange_ != nullptr) exchange_->client_left = true;
    if (answer_sent_ && ends_with_connection()) client_.stream.reset_on_close();  // or it would look whole
    ending = Ending::abort;
  } else if (refused_ != 0 || failure_ != Cause::none) {
    ending = answer_failure();
  } else {
    const bool kept = reader_.keeps_connection() && request_done_ && !surplus_ && to_upstream_.empty();
    if (kept) side_->keep(std::move(upstream_));
    if (close_client_) ending = Ending::close;
  }
  upstream_.reset();
  finish_leg();
  return ending;
}

Relay::Ending Relay::answer_failure() {
  if (failure_ != Cause::none && failure_ != Cause::draining) front_.count_failure(exchange_->serving, failure_);
  if (answer_sent_) {
    // Cut short here as it was cut there: where the end of the connection is the answer's, it must not look whole.
    if (!ends_with_connection()) return Ending::close;
    client_.stream.reset_on_close();
    return Ending::cut;
  }
  int status = refused_;
  std::string_view why = refused_why_;
  if (status == 0) {
    const bool late = failure_ == Cause::timeout || failure_ == Cause::connect_timeout;
    const bool ours = failure_ == Cause::draining || failure_ == Cause::no_descriptor;
    status = ours ? 503 : late ? 504 : 502;
    why = ours   ? "this service can take up no more for now"
          : late ? "the service behind this one did not answer in time"
                 : "the service behind this one gave no valid answer";
  }
  told_ = status;
  const auto answer = problem_answer(status, why, exchange_->method() == "HEAD");
  const iovec parts[] = {part(answer)};
  return client_.out.send(client_.stream, parts, 1) ? Ending::close : Ending::abort;
}

void Relay::log_access() const {
  const auto& served = exchange_->served();
  const std::string_view head = exchange_->request_head;
  const auto target_at = exchange_->method_bytes + 1;
  const auto target = head.substr(target_at, head.find(' ', target_at) - target_at);
  const auto shown = compare::redact_query(target, exchange_->plan->config.redact.query);
  const std::string_view cause = failure_ != Cause::none ? name(failure_)
                                 : client_gone_          ? "client_left"
                                 : refused_ != 0         ? "refused"
                                                         : "";
  front_.log_access({.at_us = exchange_->at_us,
                     .client = &client_.stream.peer(),
                     .method = exchange_->method(),
                     .target = shown,
                     .hidden_query = &exchange_->plan->config.redact.query,
                     .request_head = head,
                     .status = told_ != 0 ? told_ : served.status,
                     .body_bytes = answer_bytes_,
                     .elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_),
                     .route = exchange_->route->name(),
                     .side = name(exchange_->serving),
                     .cause = cause});
}

void Relay::finish_leg() {
  if (exchange_ == nullptr) return;  // it has gone its way already: take_answer()
  auto& served = exchange_->served();
  const bool failed = failure_ != Cause::none || refused_ != 0;
  served.state = failed ? Observation::State::failed : Observation::State::answered;
  if (failure_ != Cause::none) served.cause = failure_;
  capture_.end();
  if (front_.logs_access()) log_access();
  if (refused_ != 0) exchange_->client_left = true;  // the client's fault, not old's
  Exchange* exchange = std::exchange(exchange_, nullptr);
  front_.settler().finish_leg(exchange);
  if (!in_order_) return;
  if (exchange->served().status > 0) {
    shadow::send_in_order(front_, exchange);
  } else {
    front_.settler().finish_leg(exchange);  // not answered: whether it had an effect, nobody knows
  }
}

}  // namespace comparator::front
