#include "comparator/shadow/copy.h"

#include "comparator/front/answer_reader.h"
#include "comparator/front/task.h"

namespace comparator::shadow {
namespace {

using front::AnswerReader;
using front::Clock;
using front::OutBuffer;
using front::part;
using front::Step;
using front::Stream;
using front::Task;
using front::Waiter;

constexpr int kReadsPerRound = 16;  // at most 1 MB, then the clients have their turn
constexpr std::string_view kRole = "X-Twinrun-Role: shadow\r\n";

// The request as the other side gets it: the serving side's, without Expect (nobody waits here), with the role.
bool send_request(const Exchange& exchange, Stream& stream, OutBuffer& out) {
  const std::string_view head = exchange.request_head;
  const auto after_expect = exchange.expect_at + exchange.expect_bytes;
  const auto last = head.size() - 2;
  const bool expect = exchange.expect_bytes > 0;
  const http::ChunkLine chunk(exchange.request_body.size());
  const bool chunked = exchange.request_chunked;
  const bool body = !exchange.request_body.empty();
  const iovec parts[] = {
      part(expect ? head.substr(0, exchange.expect_at) : head.substr(0, last)),
      part(expect ? head.substr(after_expect, last - after_expect) : std::string_view()),
      part(kRole),
      part("\r\n"),
      part(chunked && body ? chunk.view() : std::string_view()),
      part(exchange.request_body),
      part(!chunked ? ""
           : body   ? "\r\n0\r\n\r\n"
                    : "0\r\n\r\n"),
  };
  return out.send(stream, parts, 7);
}

// One request to the other side, from a connection to its answer.
class Call {
 public:
  Call(front::Front& front, Waiter& waiter, Exchange& exchange)
      : front_(front),
        waiter_(waiter),
        exchange_(exchange),
        side_(front.upstream(other(exchange.serving))),
        reader_(exchange.method()),
        capture_(exchange.copied(), exchange.plan->config.compare.max_body_bytes) {}

  Step<Cause> run() {
    stream_ = side_->take_idle();
    if (stream_ != nullptr) {
      stream_->set_listener(&waiter_);
    } else {
      const Cause cause = co_await side_->connect(waiter_, nullptr, stream_);
      if (cause != Cause::none) co_return cause;
    }
    if (!send_request(exchange_, *stream_, out_)) co_return Cause::reset;
    while (!reader_.finished()) {
      if (!out_.empty() && stream_->writable() && !out_.flush(*stream_)) co_return Cause::reset;
      if (stream_->readable()) {
        const Cause cause = receive();
        if (cause != Cause::none) co_return cause;
        if (++reads_ % kReadsPerRound == 0) co_await waiter_.end_of_round();
        continue;
      }
      if (waiter_.timed_out()) co_return Cause::timeout;
      if (waiter_.cancelled()) co_return Cause::draining;
      co_await waiter_;
    }
    capture_.end();
    if (reader_.keeps_connection() && clean_ && out_.empty()) side_->keep(std::move(stream_));
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
          capture_.head(head, *exchange_.plan);
          break;
        case AnswerReader::Event::body: keep(piece); break;
        case AnswerReader::Event::interim:
        case AnswerReader::Event::more: break;
      }
      bytes.remove_prefix(consumed);
    }
    clean_ = bytes.empty();
    return Cause::none;
  }

  void keep(std::string_view piece) {
    const auto wanted = capture_.wanted(piece);
    const bool held = wanted > 0 && front_.settler().hold(exchange_, wanted);
    if (wanted > 0 && !held) exchange_.copied().cause = Cause::held_bytes;
    capture_.body(piece, held);
  }

  front::Front& front_;
  Waiter& waiter_;
  Exchange& exchange_;
  const std::shared_ptr<front::Upstream> side_;
  AnswerReader reader_;
  front::Capture capture_;
  std::unique_ptr<Stream> stream_;
  OutBuffer out_;
  bool clean_ = true;
  int reads_ = 0;
  Clock::time_point started_ = Clock::now();
};

Task run_copy(front::Front& front, Exchange* exchange) {
  Waiter waiter(front.loop());
  front::EnrolledCopy enrolled(waiter);
  front.enrol_copy(enrolled);
  co_await waiter.end_of_round();
  waiter.arm(front.loop().deadlines(front.upstream(other(exchange->serving))->config().timeout));
  Cause cause = Cause::none;
  {
    Call call(front, waiter, *exchange);
    cause = co_await call.run();
  }
  auto& observation = exchange->copied();
  if (cause == Cause::none) {
    observation.state = Observation::State::answered;
  } else {
    observation.state = Observation::State::failed;
    observation.cause = cause;
    front.count_failure(other(exchange->serving), cause);
  }
  front.shared().copies.fetch_sub(1, std::memory_order_relaxed);
  front.settler().finish_leg(exchange);
  enrolled.unlink();
  front.copy_left();
}

}  // namespace

void copy_request(front::Front& front, Exchange* exchange) {
  auto& observation = exchange->copied();
  const auto cap = front.upstream(other(exchange->serving))->config().max_in_flight;
  const auto in_flight = front.shared().copies.fetch_add(1, std::memory_order_relaxed);
  if (in_flight >= cap) {
    front.shared().copies.fetch_sub(1, std::memory_order_relaxed);
    observation.state = Observation::State::not_asked;
    observation.cause = Cause::in_flight;
    front.settler().finish_leg(exchange);
    return;
  }
  observation.state = Observation::State::pending;
  run_copy(front, exchange);
}

}  // namespace comparator::shadow
