// The relay's way from the side to the client: interim answers, the head as it is rewritten, the body as it came.
#include "comparator/front/forward.h"
#include "comparator/front/relay.h"

namespace comparator::front {

bool Relay::relay_answer() {
  bool moved = false;
  if (!client_.out.empty() && client_.stream.writable()) {
    moved = true;
    if (!client_.out.flush(client_.stream)) {
      client_gone_ = true;
      return true;
    }
  }
  if (!upstream_->readable() || held_back()) return moved;
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

// Whether the client has to take what it was sent before its side is read on; counted once a request.
bool Relay::held_back() {
  const auto high_water = front_.high_water();
  if (client_.out.size() < high_water.bytes) return false;
  if (!was_held_back_) front_.count_limit(high_water.limit);
  was_held_back_ = true;
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
        answer_bytes_ += piece.size();
        if (exchange_->selected) capture_.body(piece);
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
  // Before the client knows that it is answered: what it asks next, on whatever loop, comes after this one.
  if (in_order_ && reader_.finished() && !bad) finish_leg();
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
  write_answer(head, {}, front_.text_scratch());
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
  if (exchange_->selected) capture_.head(head);
  served.status = head.status;
  served.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started_);
  close_client_ = !shape_.keep_client || ends_with_connection() || !request_done_ || front_.draining();
  const AnswerShape answer{.client_is_1_0 = shape_.client_is_1_0, .close = close_client_, .switching = switched_};
  write_answer(head, answer, front_.text_scratch());
  answer_sent_ = true;
}

}  // namespace comparator::front
