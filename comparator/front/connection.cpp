#include "comparator/front/connection.h"

#include "comparator/front/forward.h"
#include "comparator/front/request_key.h"

namespace comparator::front {
namespace {

constexpr std::chrono::milliseconds kLinger{2000};
constexpr std::size_t kLingerBytes = 4 << 20;

bool idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE" ||
         method == "TRACE";
}

}  // namespace

void Connection::start(Front& front, int fd, const Address& peer, bool counted) {
  auto* connection = new Connection(front, fd, peer, counted);
  connection->run();
}

Connection::Connection(Front& front, int fd, const Address& peer, bool counted)
    : front_(front),
      waiter_(front.loop()),
      client_{.stream = Stream(front.loop(), fd, peer, false),
              .out = OutBuffer(&front.buffered()),
              .input = {},
              .total = Alarm(waiter_)},
      counted_(counted) {
  if (front.plan().tls != nullptr) client_.stream.start_tls(*front.plan().tls);
  client_.stream.set_listener(&waiter_);
  front_.enrol_client(*this);
}

Connection::~Connection() { front_.client_left(client_.stream.peer(), counted_); }

void Connection::drain() {
  if (idle_) waiter_.cancel();
}

Task Connection::run() {
  bool more = co_await shake_hands();
  while (more) more = co_await serve_one();
  const bool flushed = co_await flush();
  if (flushed && ended_by_us_) co_await linger();
  delete this;
}

// Nothing to be done without TLS.
Step<bool> Connection::shake_hands() {
  if (client_.stream.connected() == Stream::Status::moved) co_return true;
  waiter_.arm(front_.loop().deadlines(front_.plan().config.limits.head_timeout));
  for (;;) {
    const auto status = client_.stream.connected();
    if (status == Stream::Status::moved) break;
    if (status == Stream::Status::failed) front_.counters().failed_handshakes.add();
    if (waiter_.timed_out()) front_.count_limit(Limit::head_timeout);
    if (status == Stream::Status::failed || waiter_.timed_out() || waiter_.cancelled()) co_return false;
    co_await waiter_;
  }
  waiter_.rest();
  co_return true;
}

Step<bool> Connection::serve_one() {
  const bool got = co_await receive_head();
  if (!got) co_return false;
  Relay relay(front_, waiter_, client_, exchange_, shape_);
  exchange_ = nullptr;
  const Relay::Ending ending = co_await relay.run();
  if (ending == Relay::Ending::abort) client_.out.clear();
  ended_by_us_ = ending == Relay::Ending::close;
  if (ending != Relay::Ending::keep) co_return false;
  const bool flushed = client_.out.empty() || co_await flush();
  client_.total.disarm();
  co_return flushed && !waiter_.cancelled();
}

Step<bool> Connection::receive_head() {
  auto& loop = front_.loop();
  idle_ = client_.input.empty();
  if (idle_ && front_.draining()) {
    ended_by_us_ = true;  // what the client sent meanwhile would turn the end into a reset, and cost it its last answer
    co_return false;
  }
  waiter_.arm(loop.deadlines(idle_ ? limits().idle_timeout : limits().head_timeout));
  std::string_view bytes = client_.waiting();
  for (;;) {
    if (!bytes.empty()) {
      bool taken = false;
      if (!take_head(bytes, taken)) co_return false;
      if (taken) break;
      if (idle_) waiter_.arm(loop.deadlines(limits().head_timeout));
      idle_ = false;
    }
    while (!client_.stream.readable()) {
      if (client_.stream.broken() || waiter_.cancelled()) co_return false;
      if (waiter_.timed_out()) {
        front_.count_limit(idle_ ? Limit::idle_timeout : Limit::head_timeout);
        if (!idle_) refuse(408, "the request's head did not come in time");
        co_return false;
      }
      co_await waiter_;
    }
    const auto moved = client_.stream.read(loop.scratch(), Loop::kScratchBytes);
    if (moved.status == Stream::Status::ended || moved.status == Stream::Status::failed) co_return false;
    const std::string_view read(loop.scratch(), moved.bytes);
    if (client_.input.empty()) {
      bytes = read;
    } else {
      client_.keep_more(read);
      // A head that waits for its line end is not parsed again before one has come, or too much has.
      const bool worth = read.find('\n') != std::string_view::npos || client_.waiting().size() > limits().target_bytes;
      bytes = worth ? client_.waiting() : std::string_view();
    }
  }
  idle_ = false;
  waiter_.rest();
  co_return true;
}

// Parses a head out of `bytes`, which are either read just now or all that waits in the input; what follows it, or
// the part of it that is there, stays in the input. False when the connection is to end.
bool Connection::take_head(std::string_view bytes, bool& taken) {
  const auto& limits = this->limits();
  const bool kept = !client_.input.empty();
  auto& head = front_.request_scratch();
  http::Refusal refusal;
  const http::HeadLimits bounds{
      .bytes = limits.head_bytes, .fields = limits.header_count, .target = limits.target_bytes};
  switch (http::parse(bytes, bounds, head, refusal)) {
    case http::Parsed::bad: refuse(refusal, bytes.substr(0, 5) == "HEAD "); return false;
    case http::Parsed::partial:
      if (!kept) client_.keep(bytes);
      return true;
    case http::Parsed::whole: break;
  }
  if (head.content_length.value_or(0) > limits.body_bytes) {
    front_.count_limit(Limit::body_bytes);
    refuse(413, "the request's body is larger than this service takes", head.method == "HEAD");
    return false;
  }
  if (!may_pass_on(head)) return false;
  begin(head);
  if (kept) {
    client_.consume(head.bytes);
  } else if (head.bytes < bytes.size()) {
    client_.keep(bytes.substr(head.bytes));
  }
  taken = true;
  return true;
}

// Else it has been answered here.
bool Connection::may_pass_on(const http::RequestHead& head) {
  if (came_round(head, front_.plan().config.forward)) {
    refuse(508, "this request has been here before", head.method == "HEAD");
  } else if (!head.max_forwards || *head.max_forwards > 0) {
    return true;
  } else if (head.method == "OPTIONS") {
    say(204, options_answer());
  } else {
    refuse(405, "TRACE is answered by nobody here");
  }
  return false;
}

void Connection::begin(const http::RequestHead& head) {
  const auto& limits = front_.plan().config.limits;
  const bool last = limits.requests_per_connection > 0 && ++requests_ >= limits.requests_per_connection;
  if (last) front_.count_limit(Limit::requests_per_connection);
  if (limits.request_timeout.count() > 0) client_.total.start(front_.loop().deadlines(limits.request_timeout));
  front_.counters().requests.add();
  exchange_ = front_.settler().begin().release();
  exchange_->at_us = front_.wall_clock_us();
  exchange_->request_chunked = head.chunked;
  exchange_->route = &front_.plan().route(head.method, head.path.front() == '?' ? "/" : head.path);
  shape_ = {.framing = head.framing(),
            .length = head.content_length.value_or(0),
            .client_is_1_0 = head.minor_version == 0,
            .keep_client = head.keeps_connection() && !last,
            .upgrade = asks_to_switch(head),
            .idempotent = idempotent(head.method)};
  select(head);
  write_request(head,
                {.side_url = front_.upstream(exchange_->serving)->config().url,
                 .forward = front_.plan().config.forward,
                 .client = client_.stream.peer(),
                 .secure = client_.stream.secure()},
                *exchange_);
}

// Decided before anything is sent, so that what happens later cannot bias the sample.
void Connection::select(const http::RequestHead& head) {
  const Route& route = *exchange_->route;
  const Stage stage = route.config().stage;
  exchange_->serving = stage == Stage::reverse || stage == Stage::new_ ? Side::new_side : Side::old_side;
  Cause why = Cause::none;
  if (stage == Stage::old || stage == Stage::new_) {
    why = Cause::stage;
  } else if (!route.copies(head.method)) {
    why = Cause::method;
  } else if (shape_.upgrade) {
    why = Cause::upgrade;
  } else if (!sampled(head, route)) {
    why = Cause::sample;
  } else if (!front_.sampled(front_.upstream(other(exchange_->serving))->warmth())) {
    why = Cause::warm_up;
  }
  exchange_->not_selected = why;
  exchange_->selected = why == Cause::none;
  exchange_->open_legs = exchange_->selected ? 2 : 1;
  exchange_->served().state = Observation::State::pending;
}

// Sticky where the route has a key and the request its part; and notes the lane of what is copied in order.
bool Connection::sampled(const http::RequestHead& head, const Route& route) {
  const auto& config = route.config();
  if (config.sample >= 1.0 && !config.order_per_key) return true;
  const auto key = key_of(head, route);
  if (config.order_per_key) exchange_->lane = key;
  return key ? in_share(*key, config.sample) : front_.sampled(config.sample);
}

void Connection::refuse(const http::Refusal& refusal, bool head_request) {
  if (refusal.status == 414) front_.count_limit(Limit::target_bytes);
  if (refusal.status == 431) {
    front_.count_limit(refusal.reason == http::kTooManyFields ? Limit::header_count : Limit::head_bytes);
  }
  refuse(refusal.status, refusal.reason, head_request);
}

void Connection::refuse(int status, std::string_view why, bool head_request) {
  say(status, problem_answer(status, why, head_request));
}

// Our own words, and the last ones on this connection.
void Connection::say(int status, std::string_view answer) {
  front_.counters().refused[static_cast<std::size_t>(status)].add();
  const iovec parts[] = {part(answer)};
  client_.out.send(client_.stream, parts, 1);
  ended_by_us_ = true;
  if (!front_.logs_access()) return;
  front_.log_access(
      {.at_us = front_.wall_clock_us(), .client = &client_.stream.peer(), .status = status, .cause = "refused"});
}

// Once it has failed, nothing more is tried: what the client did not take is cut off, and must be seen to be.
Step<bool> Connection::flush() {
  if (client_.out.empty() || stuck_) co_return !stuck_;
  waiter_.arm(front_.loop().deadlines(limits().write_timeout));
  auto before = client_.out.size();
  while (!client_.out.empty()) {
    if (waiter_.timed_out()) client_.stream.look_again();  // of a slow reader, the kernel does not tell every step
    stuck_ = client_.stream.broken() || !client_.out.flush(client_.stream);
    if (stuck_) co_return false;
    if (client_.out.empty()) break;
    if (before - client_.out.size() >= Stride::kBytes) {
      before = client_.out.size();
      waiter_.arm(front_.loop().deadlines(limits().write_timeout));
    }
    if (client_.total.passed()) {
      front_.count_limit(Limit::request_timeout);
    } else if (waiter_.timed_out()) {
      front_.count_limit(Limit::write_timeout);
    }
    if (waiter_.timed_out() || waiter_.cancelled() || client_.total.passed()) {
      client_.stream.reset_on_close();
      stuck_ = true;
      co_return false;
    }
    co_await waiter_;
  }
  waiter_.rest();
  co_return true;
}

// Closing while the client still sends would reset the connection and may take our last answer with it
// (RFC 9112 section 9.6): say that no more comes, and read what it had to say, within bounds.
Step<bool> Connection::linger() {
  client_.stream.shut_down_writing();
  waiter_.arm(front_.loop().deadlines(kLinger));
  std::size_t dropped = 0;
  while (dropped < kLingerBytes && !waiter_.timed_out() && !waiter_.cancelled()) {
    if (!client_.stream.readable()) {
      co_await waiter_;
      continue;
    }
    const auto moved = client_.stream.read(front_.loop().scratch(), Loop::kScratchBytes);
    if (moved.status == Stream::Status::ended || moved.status == Stream::Status::failed) break;
    dropped += moved.bytes;
  }
  waiter_.rest();
  co_return true;
}

}  // namespace comparator::front
