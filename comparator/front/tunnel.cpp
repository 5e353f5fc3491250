#include "comparator/front/tunnel.h"

namespace comparator::front {
namespace {

constexpr std::size_t kHighWater = 64 * 1024;  // stop reading one end when so much waits for the other
constexpr std::chrono::hours kIdle{1};
constexpr int kMovesPerRound = 16;  // at most 1 MB, then the other connections of the loop have their turn

// One direction: what one end sends, until its end has been told to the other.
struct Way {
  Stream& from;
  Stream& to;
  OutBuffer& out;
  bool ended = false;
  bool told = false;

  bool can_read() const { return !ended && out.size() < kHighWater && from.readable(); }
  // Moves what can be moved now; false when an end has failed.
  bool move(Loop& loop) {
    if (!out.flush(to)) return false;
    if (can_read()) {
      const auto got = from.read(loop.scratch(), Loop::kScratchBytes);
      if (got.status == Stream::Status::failed) return false;
      ended = got.status == Stream::Status::ended;
      const iovec parts[] = {part({loop.scratch(), got.bytes})};
      if (!out.send(to, parts, 1)) return false;
    }
    if (ended && !told && out.empty()) {
      to.shut_down_writing();
      told = true;
    }
    return true;
  }
};

}  // namespace

Step<bool> tunnel(Loop& loop, Waiter& waiter, Client& client, Stream& side) {
  OutBuffer to_side;
  const iovec first[] = {part(client.waiting())};
  if (!to_side.send(side, first, 1)) co_return false;
  client.consume(client.waiting().size());
  Way there{.from = client.stream, .to = side, .out = to_side};
  Way back{.from = side, .to = client.stream, .out = client.out};
  waiter.arm(loop.deadlines(kIdle));
  int moves = 0;
  while (!waiter.timed_out() && !waiter.cancelled()) {
    if (!there.move(loop) || !back.move(loop) || (there.told && back.told)) break;
    if (there.can_read() || back.can_read()) {
      if (++moves % kMovesPerRound == 0) co_await waiter.end_of_round();
      continue;
    }
    co_await waiter;
    if (!waiter.timed_out()) waiter.arm(loop.deadlines(kIdle));
  }
  waiter.rest();
  co_return true;
}

}  // namespace comparator::front
