#pragma once

#include "comparator/front/client.h"
#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// After a 101: bytes go both ways until both ends have ended, one has failed, or nothing has moved for an hour.
/// Nothing of them is looked at. Begins with what the client has sent already; each direction keeps at most 64 KB and
/// one read. Both streams wake `waiter`. False when the side has cut it short, which the client must see.
Step<bool> tunnel(Loop& loop, Waiter& waiter, Client& client, Stream& side);

}  // namespace comparator::front
