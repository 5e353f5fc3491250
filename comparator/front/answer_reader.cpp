#include "comparator/front/answer_reader.h"

#include <algorithm>

namespace comparator::front {
namespace {

// What a side may send as a head is bounded more widely than what a client may: it is trusted more, not blindly.
constexpr http::HeadLimits kAnswerLimits{.bytes = 256 * 1024, .fields = 1024, .target = 0};
constexpr int kMaxInterims = 32;

}  // namespace

AnswerReader::Event AnswerReader::next(std::string_view bytes, http::AnswerHead& head, std::size_t& consumed,
                                       std::string_view& piece) {
  begun_ |= !bytes.empty();
  consumed = 0;
  return head_seen_ ? read_body(bytes, consumed, piece) : read_head(bytes, head, consumed);
}

AnswerReader::Event AnswerReader::read_head(std::string_view bytes, http::AnswerHead& head, std::size_t& consumed) {
  if (taken_ > 0) {  // the interim head that the caller has seen by now
    pending_.erase(0, taken_);
    taken_ = 0;
  }
  const std::size_t before = pending_.size();
  std::string_view all = bytes;
  if (before > 0) {
    pending_ += bytes;
    all = pending_;
    // A line end is what a head waits for; without one, and within the limit, parsing again can find nothing new.
    if (bytes.find('\n') == std::string_view::npos && all.size() <= kAnswerLimits.bytes) {
      consumed = bytes.size();
      return Event::more;
    }
  }
  http::Refusal refusal;
  switch (http::parse(all, kAnswerLimits, head, refusal)) {
    case http::Parsed::bad: return Event::bad;
    case http::Parsed::partial:
      if (before == 0) pending_ = bytes;
      consumed = bytes.size();
      return Event::more;
    case http::Parsed::whole: break;
  }
  consumed = head.bytes - before;
  if (before > 0) {
    pending_.resize(head.bytes);  // views stay: nothing moves when a string shrinks
    taken_ = head.bytes;
  }
  if (head.status < 200 && head.status != 101) return ++interims_ > kMaxInterims ? Event::bad : Event::interim;
  head_seen_ = true;
  framing_ = head.framing(method_);
  left_ = head.content_length.value_or(0);
  keeps_connection_ = head.keeps_connection();
  finished_ = framing_ == http::Framing::none && head.status != 101;
  return Event::head;
}

AnswerReader::Event AnswerReader::read_body(std::string_view bytes, std::size_t& consumed, std::string_view& piece) {
  switch (framing_) {
    case http::Framing::none: return Event::more;
    case http::Framing::until_close: piece = bytes; break;
    case http::Framing::length:
      piece = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
      left_ -= piece.size();
      finished_ = left_ == 0;
      break;
    case http::Framing::chunked: {
      switch (chunks_.next(bytes, consumed, piece)) {
        case http::ChunkReader::Status::data: return Event::body;
        case http::ChunkReader::Status::last:
        case http::ChunkReader::Status::more: return Event::more;
        case http::ChunkReader::Status::bad: return Event::bad;
        case http::ChunkReader::Status::done: finished_ = true; return Event::more;
      }
    }
  }
  consumed = piece.size();
  return Event::body;
}

bool AnswerReader::whole_at_end() {
  if (head_seen_ && framing_ == http::Framing::until_close) {
    finished_ = true;
    keeps_connection_ = false;
  }
  return finished_;
}

}  // namespace comparator::front
