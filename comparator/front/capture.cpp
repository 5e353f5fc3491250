#include "comparator/front/capture.h"

#include "comparator/front/forward.h"

namespace comparator::front {
namespace {

constexpr std::size_t kFreeHeadBytes = 4096;  // a larger head is taken from the budget of copies

}  // namespace

void Capture::head(const http::AnswerHead& head) {
  auto& seen = exchange_.on(side_);
  seen.status = head.status;
  write_compared(head, *exchange_.plan, seen.compared);
  if (head.bytes > kFreeHeadBytes && !settler_.hold(exchange_, head.bytes)) {
    seen.cause = Cause::held_bytes;
    seen.body_truncated = true;  // without its head, nothing but hashes can be compared
    hash_.emplace();
    return;
  }
  seen.head.assign(head.start_line.data(), head.bytes);
}

bool Capture::continues_same(std::string_view piece) {
  auto& seen = exchange_.on(side_);
  if (side_ == exchange_.serving || hash_ || seen.same_bytes != seen.body_bytes) return false;
  const std::string_view served = exchange_.served().body;
  if (served.substr(seen.same_bytes, piece.size()) != piece) return false;
  seen.same_bytes += piece.size();
  return true;
}

bool Capture::keep(std::string_view piece) {
  auto& seen = exchange_.on(side_);
  if (seen.body.size() + piece.size() > exchange_.plan->config.compare.max_body_bytes) return false;
  if (!settler_.hold(exchange_, piece.size())) {
    seen.cause = Cause::held_bytes;
    return false;
  }
  seen.body += piece;
  return true;
}

void Capture::body(std::string_view piece) {
  if (piece.empty()) return;
  auto& seen = exchange_.on(side_);
  const bool same = continues_same(piece);
  seen.body_bytes += piece.size();
  if (same) return;
  if (!hash_) {
    if (side_ != exchange_.serving && !settler_.keep_same(exchange_)) {
      seen.cause = Cause::held_bytes;
    } else if (keep(piece)) {
      return;
    }
    seen.body_truncated = true;
    hash_.emplace();
    hash_->update(seen.same_bytes > 0 ? std::string_view(exchange_.served().body).substr(0, seen.same_bytes)
                                      : std::string_view(seen.body));
  }
  hash_->update(piece);
}

void Capture::end() {
  if (hash_) exchange_.on(side_).body_hash = hash_->digest();
}

}  // namespace comparator::front
