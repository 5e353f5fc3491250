#include "comparator/front/relay.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "comparator/compare/evidence.h"
#include "comparator/front/forward.h"
#include "comparator/front/tunnel.h"
#include "comparator/shadow/copy.h"
#include "comparator/shadow/rewrite.h"

namespace comparator::front {
namespace {

constexpr std::size_t kRequestHighWater = 64 * 1024;
constexpr int kMovesPerRound = 16;  // at most 1 MB, then the other connections of the loop have their turn

// What may be copied at the most: a request above it is served, not copied.
std::size_t request_cap(const Plan& plan) { return plan.config.compare.max_body_bytes; }

}  // namespace

Relay::Relay(Front& front, Waiter& waiter, Client& client, Exchange* exchange, const RequestShape& shape)
    : front_(front),
      waiter_(waiter),
      client_(client),
      exchange_(exchange),
      shape_(shape),
      side_(front.upstream(exchange->serving)),
      reader_(exchange->method()),
      capture_(exchange->served(), exchange->plan->config.compare.max_body_bytes),
      started_(Clock::now()),
      request_left_(shape.length),
      request_done_(shape.framing == http::Framing::none),
      copying_(exchange->selected) {}

Step<Relay::Ending> Relay::run() {
  bool again = true;
  while (again) {
    failure_ = co_await open();
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
      failure_ = Cause::none;
    }
  }
  if (switched_) {
    client_.total.disarm();
    finish_leg();
    co_await tunnel(front_.loop(), waiter_, client_, *upstream_);
    co_return Ending::close;
  }
  co_return conclude();
}

Step<Cause> Relay::open() {
  reused_ = false;
  if (!retried_) upstream_ = side_->take_idle();
  if (upstream_ != nullptr) {
    reused_ = true;
    front_.counters().reused.add();
    upstream_->set_listener(&waiter_);
    co_return Cause::none;
  }
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
    if (client_.total.passed()) {
      on_timeout();
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
      arm();
      if (++moves % kMovesPerRound == 0) co_await waiter_.end_of_round();
      continue;
    }
    if (client_.stream.broken()) {
      client_gone_ = true;
    } else if (waiter_.timed_out()) {
      on_timeout();
    } else if (waiter_.cancelled()) {
      failure_ = Cause::draining;
    } else {
      co_await waiter_;
    }
  }
  waiter_.rest();
  co_return true;
}

// The deadline is for whoever is waited for: a client that reads or sends slowly, or the serving side.
void Relay::arm() {
  const auto& limits = exchange_->plan->config.limits;
  auto& loop = front_.loop();
  if (client_.out.size() >= front_.high_water()) {
    waiter_.arm(loop.deadlines(limits.write_timeout));
  } else if (!request_done_ && to_upstream_.empty() && !shape_.upgrade) {
    waiter_.arm(loop.deadlines(limits.body_timeout));
  } else {
    waiter_.arm(loop.deadlines(side_->config().timeout));
  }
}

void Relay::on_timeout() {
  if (client_.out.size() >= front_.high_water()) {
    client_gone_ = true;
  } else if (!request_done_ && to_upstream_.empty()) {
    refused_ = 408;
    refused_why_ = "the request's body did not come in time";
  } else {
    failure_ = Cause::timeout;
  }
}

bool Relay::relay_request() {
  if (to_upstream_.size() >= kRequestHighWater) return false;
  std::string_view bytes = client_.waiting();
  const bool kept = !bytes.empty();
  if (!kept) {
    if (!client_.stream.readable()) return false;
    const auto moved = client_.stream.read(front_.loop().scratch(), Loop::kScratchBytes);
    if (moved.status == Stream::Status::blocked) return false;
    if (moved.status != Stream::Status::moved) {
      client_gone_ = true;
      return true;
    }
    bytes = {front_.loop().scratch(), moved.bytes};
  }
  const auto used = shape_.framing == http::Framing::length ? relay_length(bytes) : relay_chunks(bytes);
  if (kept) {
    client_.consume(used);
  } else if (used < bytes.size()) {
    client_.keep(bytes.substr(used));
  }
  if (request_done_ && !over()) request_complete();
  return true;
}

std::size_t Relay::relay_length(std::string_view bytes) {
  const auto piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(request_left_, bytes.size())));
  keep_request_body(piece);
  const iovec parts[] = {part(piece)};
  to_upstream_.send(*upstream_, parts, 1);
  request_left_ -= piece.size();
  request_done_ = request_left_ == 0;
  return piece.size();
}

// Re-framed: what goes on is what this reader understood, in chunks of its own.
std::size_t Relay::relay_chunks(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !request_done_) {
    std::size_t consumed = 0;
    std::string_view piece;
    const auto status = request_chunks_.next(bytes.substr(used), consumed, piece);
    used += consumed;
    if (status == http::ChunkReader::Status::more) break;
    if (status == http::ChunkReader::Status::last) continue;
    if (status == http::ChunkReader::Status::bad) {
      refused_ = 400;
      refused_why_ = "bad chunk in the request's body";
      break;
    }
    if (status == http::ChunkReader::Status::done) {
      request_done_ = true;
      const iovec parts[] = {part("0\r\n"), part(request_chunks_.trailer()), part("\r\n")};
      to_upstream_.send(*upstream_, parts, 3);
      break;
    }
    request_bytes_ += piece.size();
    if (request_bytes_ > exchange_->plan->config.limits.body_bytes) {
      refused_ = 413;
      refused_why_ = "the request's body is larger than this service takes";
      break;
    }
    keep_request_body(piece);
    const http::ChunkLine line(piece.size());
    const iovec parts[] = {part(line.view()), part(piece), part("\r\n")};
    to_upstream_.send(*upstream_, parts, 3);
  }
  return used;
}

void Relay::keep_request_body(std::string_view piece) {
  if (!copying_) return;
  auto& body = exchange_->request_body;
  const bool fits = body.size() + piece.size() <= request_cap(*exchange_->plan);
  if (fits && front_.settler().hold(*exchange_, piece.size())) {
    body += piece;
    return;
  }
  copying_ = false;
  exchange_->copied().cause = fits ? Cause::held_bytes : Cause::request_over_cap;
  body.clear();
  front_.settler().finish_leg(exchange_);
}

void Relay::request_complete() {
  if (!copying_) return;
  copying_ = false;
  in_order_ = exchange_->lane.has_value();
  if (!in_order_) shadow::send_copy(front_, exchange_);
}

bool Relay::relay_answer() {
  bool moved = false;
  if (!client_.out.empty() && client_.stream.writable()) {
    moved = true;
    if (!client_.out.flush(client_.stream)) {
      client_gone_ = true;
      return true;
    }
  }
  if (client_.out.size() >= front_.high_water() || !upstream_->readable()) return moved;
  const auto got = upstream_->read(front_.loop().scratch(), Loop::kScratchBytes);
  switch (got.status) {
    case Stream::Status::blocked: return moved;
    case Stream::Status::failed: failure_ = cause_of(upstream_->error()); break;
    case Stream::Status::ended:
      if (reader_.whole_at_end()) {
        finished_ = true;
      } else {
        failure_ = Cause::closed_early;
      }
      break;
    case Stream::Status::moved: take_answer({front_.loop().scratch(), got.bytes}); break;
  }
  return true;
}

// Everything that one read brought goes to the client in one write: the head as it is rewritten, the body as it came.
void Relay::take_answer(std::string_view bytes) {
  auto& head = front_.answer_scratch();
  auto& out = front_.text_scratch();
  out.clear();
  std::size_t at = 0;
  std::size_t body_from = 0;
  std::size_t body_to = 0;  // what follows it is a trailer, which is written anew
  std::string unchunked;
  const bool plain = shape_.client_is_1_0;  // knows no chunks: gets the pieces, and the end of the connection
  bool bad = false;
  while (at < bytes.size() && !reader_.finished() && !switched_ && !bad) {
    std::size_t consumed = 0;
    std::string_view piece;
    const bool in_trailer = reader_.chunks().in_trailer();
    switch (reader_.next(bytes.substr(at), head, consumed, piece)) {
      case AnswerReader::Event::bad: bad = true; continue;
      case AnswerReader::Event::interim: pass_interim(head); break;
      case AnswerReader::Event::head:
        begin_answer(head);
        body_from = at + consumed;
        bad = failure_ != Cause::none;
        break;
      case AnswerReader::Event::body:
        keep_answer_body(piece);
        if (plain && reader_.framing() == http::Framing::chunked) unchunked += piece;
        break;
      case AnswerReader::Event::more: break;
    }
    at += consumed;
    if (!in_trailer) body_to = at;
  }
  if (!reader_.head_seen()) body_from = body_to;
  const bool as_pieces = plain && reader_.framing() == http::Framing::chunked;
  const auto body = as_pieces ? std::string_view(unchunked) : bytes.substr(body_from, body_to - body_from);
  const bool trailer = reader_.finished() && reader_.chunks().in_trailer() && !plain;
  const iovec parts[] = {part(out), part(body), part(trailer ? std::string_view(reader_.chunks().trailer()) : ""),
                         part(trailer ? "\r\n" : "")};
  if (!client_.out.send(client_.stream, parts, 4)) client_gone_ = true;
  if (switched_) {
    // What follows a 101 belongs to the new protocol, not to us.
    const iovec rest[] = {part(bytes.substr(at))};
    if (!client_.out.send(client_.stream, rest, 1)) client_gone_ = true;
    return;
  }
  if (bad) failure_ = Cause::invalid_http;
  finished_ = reader_.finished();
  surplus_ = finished_ && at < bytes.size();
}

void Relay::pass_interim(const http::AnswerHead& head) {
  if (shape_.client_is_1_0) return;
  std::string interim;
  write_answer(head, {}, interim);
  front_.text_scratch() += interim;
}

void Relay::begin_answer(const http::AnswerHead& head) {
  auto& served = exchange_->served();
  if (head.status == 101) {
    if (!shape_.upgrade || !switches_as_asked(exchange_->request_head, head)) {
      failure_ = Cause::invalid_http;
      return;
    }
    switched_ = true;
  }
  if (exchange_->selected) capture_.head(head, *exchange_->plan);
  served.status = head.status;
  served.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
  close_client_ = !shape_.keep_client || ends_with_connection() || !request_done_ || front_.draining();
  const AnswerShape answer{.client_is_1_0 = shape_.client_is_1_0, .close = close_client_, .switching = switched_};
  std::string rewritten;
  write_answer(head, answer, rewritten);
  front_.text_scratch() += rewritten;
  answer_sent_ = true;
}

void Relay::keep_answer_body(std::string_view piece) {
  answer_bytes_ += piece.size();
  if (!exchange_->selected) return;
  const auto wanted = capture_.wanted(piece);
  const bool held = wanted > 0 && front_.settler().hold(*exchange_, wanted);
  if (wanted > 0 && !held) exchange_->served().cause = Cause::held_bytes;
  capture_.body(piece, held);
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
    exchange_->client_left = true;
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
  if (failure_ != Cause::none) front_.count_failure(exchange_->serving, failure_);
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
                     .request_head = head,
                     .status = told_ != 0 ? told_ : served.status,
                     .body_bytes = answer_bytes_,
                     .elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_),
                     .route = exchange_->route->name(),
                     .side = name(exchange_->serving),
                     .cause = cause});
}

void Relay::finish_leg() {
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
