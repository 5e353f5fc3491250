#pragma once

#include "comparator/front/front.h"

namespace comparator::shadow {

/// Sends the exchange's request to the other side, once, after the events of this round, and keeps the answer. Over
/// the cap it is not sent (shed). Ends that side's leg of the exchange in any case. The request must be whole.
void copy_request(front::Front& front, Exchange* exchange);

}  // namespace comparator::shadow
