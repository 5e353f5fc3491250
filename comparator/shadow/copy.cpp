#include "comparator/shadow/copy.h"

#include <array>

#include "comparator/front/answer_reader.h"
#include "comparator/front/capture.h"
#include "comparator/front/task.h"
#include "comparator/shadow/rewrite.h"

namespace comparator::shadow {
namespace {

using front::AnswerReader;
using front::Clock;
using front::part;
using front::Step;
using front::Stream;
using front::Task;
using front::Waiter;

constexpr int kReadsPerRound = 2;                                 // 128 KB of each, then the clients have their turn
constexpr std::string_view kRole = "X-Twinrun-Role: shadow\r\n";  // a request that bears a loop mark has ours by now

// The head as the other side gets it: the serving side's, without Expect (nobody waits here), with the role; rewritten
// where that side wants it. In parts, so that the common case copies nothing.
struct CopiedHead {
  CopiedHead(const Exchange& exchange, const RewriteConfig* rewrite) {
    const std::string_view head = exchange.request_head;
    const auto last = head.size() - 2;
    const auto after_expect = exchange.expect_at + exchange.expect_bytes;
    const bool expect = exchange.expect_bytes > 0;
    before = expect ? head.substr(0, exchange.expect_at) : head.substr(0, last);
    after = expect ? head.substr(after_expect, last - after_expect) : std::string_view();
    if (rewrite == nullptr) return;
    whole = rewritten(std::string(before).append(after).append("\r\n"), *rewrite);
    before = std::string_view(whole).substr(0, whole.size() - 2);
    after = {};
  }
  CopiedHead(const CopiedHead&) = delete;
  CopiedHead& operator=(const CopiedHead&) = delete;

  std::string whole;
  std::string_view before;
  std::string_view after;
};

// The request as the other side gets it, straight from the exchange, and how much of it that side has taken: one that
// takes nothing costs no memory beyond what is held anyway.
class CopiedRequest {
 public:
  CopiedRequest(const Exchange& exchange, const RewriteConfig* rewrite)
      : head_(exchange, rewrite), chunk_(exchange.request_body.size()) {
    const bool chunked = exchange.request_chunked;
    const bool body = !exchange.request_body.empty();
    parts_ = {part(head_.before),
              part(head_.after),
              part(exchange.marked ? kRole : exchange.plan->copy_marks),
              part("\r\n"),
              part(chunked && body ? chunk_.view() : std::string_view()),
              part(exchange.request_body),
              part(!chunked ? ""
                   : body   ? "\r\n0\r\n\r\n"
                            : "0\r\n\r\n")};
    drop_taken(0);
  }
  CopiedRequest(const CopiedRequest&) = delete;
  CopiedRequest& operator=(const CopiedRequest&) = delete;

  bool taken() const { return first_ == parts_.size(); }
  /// Sends what the socket takes now; false when it takes nothing any more.
  bool send(Stream& stream) {
    if (taken() || !stream.writable()) return true;
    const auto moved = stream.write(parts_.data() + first_, static_cast<int>(parts_.size() - first_));
    drop_taken(moved.bytes);
    return moved.status != Stream::Status::failed;
  }
  void give_up() { first_ = parts_.size(); }

 private:
  void drop_taken(std::size_t bytes) {
    while (first_ < parts_.size() && bytes >= parts_[first_].iov_len) bytes -= parts_[first_++].iov_len;
    if (first_ == parts_.size()) return;
    parts_[first_].iov_base = static_cast<char*>(parts_[first_].iov_base) + bytes;
    parts_[first_].iov_len -= bytes;
  }

  const CopiedHead head_;
  const http::ChunkLine chunk_;
  std::array<iovec, 7> parts_;
  std::size_t first_ = 0;
};

// One request to the other side, from a connection to its answer.
class Call {
 public:
  Call(front::Front& front, Waiter& waiter, const std::shared_ptr<front::Upstream>& side, Exchange& exchange)
      : front_(front),
        waiter_(waiter),
        exchange_(exchange),
        side_(side),
        reader_(exchange.method()),
        capture_(front.settler(), exchange, other(exchange.serving)) {}

  Step<Cause> run() {
    stream_ = side_->take_idle();
    if (stream_ != nullptr) {
      stream_->set_listener(&waiter_);
    } else {
      const Cause cause = co_await side_->connect(waiter_, nullptr, stream_);
      if (cause != Cause::none) co_return cause;
    }
    CopiedRequest request(exchange_, side_->rewrite());
    if (!request.send(*stream_)) co_return Cause::reset;
    while (!reader_.finished()) {
      // First of all: a side that sends without end gives no other occasion.
      if (waiter_.timed_out()) co_return Cause::timeout;
      if (waiter_.cancelled()) co_return Cause::draining;
      // A side that takes no more may have answered already: only reading tells.
      if (!request.send(*stream_)) request.give_up();
      if (stream_->readable()) {
        const Cause cause = receive();
        if (cause != Cause::none) co_return cause;
        if (++reads_ % kReadsPerRound == 0) co_await waiter_.end_of_round();
        continue;
      }
      co_await waiter_;
    }
    capture_.end();
    if (reader_.keeps_connection() && clean_ && request.taken()) side_->keep(std::move(stream_));
    co_return Cause::none;
  }

 private:
  Cause receive() {
    const auto moved = stream_->read(front_.loop().scratch(), front::Loop::kScratchBytes);
    switch (moved.status) {
      case Stream::Status::blocked: return Cause::none;
      case Stream::Status::failed: return front::cause_of(stream_->error());
      case Stream::Status::ended: return reader_.whole_at_end() ? Cause::none : Cause::closed_early;
      case Stream::Status::moved: break;
    }
    return take({front_.loop().scratch(), moved.bytes});
  }

  Cause take(std::string_view bytes) {
    auto& head = front_.answer_scratch();
    while (!bytes.empty() && !reader_.finished()) {
      std::size_t consumed = 0;
      std::string_view piece;
      switch (reader_.next(bytes, head, consumed, piece)) {
        case AnswerReader::Event::bad: return Cause::invalid_http;
        case AnswerReader::Event::head:
          if (head.status == 101) return Cause::invalid_http;  // copies ask for no upgrade
          exchange_.copied().elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
          capture_.head(head);
          break;
        case AnswerReader::Event::body: capture_.body(piece); break;
        case AnswerReader::Event::interim:
        case AnswerReader::Event::more: break;
      }
      bytes.remove_prefix(consumed);
    }
    clean_ = bytes.empty();
    return Cause::none;
  }

  front::Front& front_;
  Waiter& waiter_;
  Exchange& exchange_;
  const std::shared_ptr<front::Upstream> side_;
  AnswerReader reader_;
  front::Capture capture_;
  std::unique_ptr<Stream> stream_;
  bool clean_ = true;
  int reads_ = 0;
  Clock::time_point started_ = Clock::now();
};

Task run_copy(front::Front& front, Exchange* exchange, Admission::Ticket ticket) {
  const Side side = other(exchange->serving);
  const auto lane = exchange->lane;
  Waiter waiter(front.loop());
  front::EnrolledCopy enrolled(waiter);
  front.enrol_copy(enrolled);
  if (front.cutting()) waiter.cancel();
  co_await waiter.end_of_round();
  const auto upstream = front.upstream(side);
  waiter.arm(front.loop().deadlines(upstream->config().timeout));
  Cause cause = Cause::none;
  {
    Call call(front, waiter, upstream, *exchange);
    cause = co_await call.run();
  }
  auto& observation = exchange->copied();
  const bool failed = cause != Cause::none && cause != Cause::draining;
  observation.state = cause == Cause::none ? Observation::State::answered : Observation::State::failed;
  if (cause != Cause::none) observation.cause = cause;
  if (failed) front.count_failure(side, cause);
  front.admission(side).leave(upstream->config(), ticket, failed, front.loop().now());
  front.settler().finish_leg(exchange);
  if (lane) front.lanes().next(front, *lane);
  enrolled.unlink();
  front.copy_left();
}

}  // namespace

bool send_copy(front::Front& front, Exchange* exchange) {
  const Side side = other(exchange->serving);
  const auto ticket = front.admission(side).admit(front.upstream(side)->config(), front.loop().now());
  if (ticket.refused == Cause::none) {
    exchange->copied().state = Observation::State::pending;
    run_copy(front, exchange, ticket);
    return true;
  }
  shed_copy(front, exchange, ticket.refused);
  return false;
}

void send_in_order(front::Front& front, Exchange* exchange) {
  auto& owner = front.owner_of(*exchange->lane);
  // Also where that is this loop: what another one has posted before comes first.
  owner.loop().post([&owner, exchange] { owner.lanes().add(owner, exchange); });
}

void shed_copy(front::Front& front, Exchange* exchange, Cause cause) {
  exchange->copied().state = Observation::State::not_asked;
  exchange->copied().cause = cause;
  front.settler().finish_leg(exchange);
}

}  // namespace comparator::shadow
