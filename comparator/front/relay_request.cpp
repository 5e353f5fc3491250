// The relay's way from the client to the side: the request's body, and when its copy may go.
#include <algorithm>

#include "comparator/front/relay.h"
#include "comparator/shadow/copy.h"

namespace comparator::front {
namespace {

constexpr std::size_t kRequestHighWater = 64 * 1024;  // stop reading the client when so much waits for the side
constexpr std::size_t kGathered = 4096;  // up to here, copying a chunk costs less than sending it by itself

// What may be copied at the most: a request above it is served, not copied.
std::size_t request_cap(const Plan& plan) { return plan.config.compare.max_body_bytes; }

}  // namespace

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

// Re-framed: what goes on is what this reader understood, in chunks of its own. Small ones go together, or a client
// could have each of its bytes sent by itself.
std::size_t Relay::relay_chunks(std::string_view bytes) {
  std::size_t used = 0;
  auto& gathered = front_.text_scratch();
  gathered.clear();
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
      gathered.append("0\r\n").append(request_chunks_.trailer()).append("\r\n");
      break;
    }
    request_bytes_ += piece.size();
    if (request_bytes_ > exchange_->plan->config.limits.body_bytes) {
      front_.count_limit(Limit::body_bytes);
      refused_ = 413;
      refused_why_ = "the request's body is larger than this service takes";
      break;
    }
    keep_request_body(piece);
    const http::ChunkLine line(piece.size());
    gathered.append(line.view());
    if (piece.size() <= kGathered) {
      gathered.append(piece).append("\r\n");
      continue;
    }
    const iovec parts[] = {part(gathered), part(piece), part("\r\n")};
    to_upstream_.send(*upstream_, parts, 3);
    gathered.clear();
  }
  const iovec rest[] = {part(gathered)};
  to_upstream_.send(*upstream_, rest, 1);
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

}  // namespace comparator::front
