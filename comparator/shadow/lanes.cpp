#include "comparator/shadow/lanes.h"

#include "comparator/front/front.h"
#include "comparator/shadow/copy.h"

namespace comparator::shadow {

void Lanes::add(front::Front& front, Exchange* exchange) {
  if (closed_) return shed_copy(front, exchange, Cause::draining);
  const auto [lane, is_free] = lanes_.try_emplace(*exchange->lane);
  if (is_free) {
    if (!send_copy(front, exchange)) lanes_.erase(lane);
  } else if (waiting_ >= front.upstream(other(exchange->serving))->config().max_in_flight) {
    shed_copy(front, exchange, Cause::in_flight);
  } else {
    lane->second.push_back(exchange);
    ++waiting_;
  }
}

void Lanes::next(front::Front& front, std::uint64_t lane) {
  const auto found = lanes_.find(lane);
  if (found == lanes_.end()) return;  // closed
  while (!found->second.empty()) {
    Exchange* exchange = found->second.front();
    found->second.pop_front();
    --waiting_;
    if (send_copy(front, exchange)) return;
  }
  lanes_.erase(found);
}

void Lanes::close(front::Front& front) {
  closed_ = true;
  for (auto& [key, waiting] : lanes_) {
    for (Exchange* exchange : waiting) shed_copy(front, exchange, Cause::draining);
  }
  lanes_.clear();
  waiting_ = 0;
}

}  // namespace comparator::shadow
