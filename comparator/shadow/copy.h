#pragma once

#include "comparator/front/front.h"

namespace comparator::shadow {

/// Sends the exchange's request to the other side, once, after the events of this round, and keeps the answer. Where
/// that side may not be sent one more now, it is shed. Ends that side's leg of the exchange in any case. The request
/// must be whole. False when it was shed: the exchange may be gone then.
bool send_copy(front::Front& front, Exchange* exchange);

/// Likewise, when its turn has come among those of its lane; old has answered. The exchange belongs to another loop
/// from here on.
void send_in_order(front::Front& front, Exchange* exchange);

/// Ends the other side's leg without asking it.
void shed_copy(front::Front& front, Exchange* exchange, Cause cause);

}  // namespace comparator::shadow
