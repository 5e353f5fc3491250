#include "comparator/front/tunnel.h"

namespace comparator::front {
namespace {

constexpr std::size_t kHighWater = 64 * 1024;  // stop reading one end when so much waits for the other
constexpr std::chrono::hours kIdle{1};
constexpr int kMovesPerRound = 16;  // at most 1 MB, then the other connections of the loop have their turn

}  // namespace

Step<bool> tunnel(Loop& loop, Waiter& waiter, Client& client, Stream& side) {
  OutBuffer to_side;
  bool client_ended = false;
  bool side_ended = false;
  const auto shovel = [&loop](Stream& from, Stream& to, OutBuffer& out, bool& ended) {
    if (!out.flush(to)) return false;
    if (ended || out.size() >= kHighWater || !from.readable()) return true;
    const auto got = from.read(loop.scratch(), Loop::kScratchBytes);
    if (got.status == Stream::Status::failed) return false;
    if (got.status == Stream::Status::ended) ended = true;
    const iovec parts[] = {part({loop.scratch(), got.bytes})};
    if (!out.send(to, parts, 1)) return false;
    if (ended && out.empty()) to.shut_down_writing();
    return true;
  };
  const iovec first[] = {part(client.waiting())};
  if (!to_side.send(side, first, 1)) co_return false;
  client.consume(client.waiting().size());
  waiter.arm(loop.deadlines(kIdle));
  int moves = 0;
  while (!(client_ended && side_ended) && !waiter.timed_out() && !waiter.cancelled()) {
    const bool open =
        shovel(client.stream, side, to_side, client_ended) && shovel(side, client.stream, client.out, side_ended);
    if (!open) break;
    const bool more = (client.stream.readable() && !client_ended && to_side.size() < kHighWater) ||
                      (side.readable() && !side_ended && client.out.size() < kHighWater);
    if (more && ++moves % kMovesPerRound == 0) co_await waiter.end_of_round();
    if (more || (client_ended && side_ended)) continue;
    co_await waiter;
    if (!waiter.timed_out()) waiter.arm(loop.deadlines(kIdle));
  }
  waiter.rest();
  co_return true;
}

}  // namespace comparator::front
