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
  bool cut = false;   // by a reset, which is passed on as one
  bool done = false;  // the end has been told, or there is nobody any more to tell it

  bool can_read() const { return !ended && out.size() < kHighWater && from.readable(); }

  // Moves what can be moved now. When `to` takes nothing any more, that ends this way, not the other: what it has sent
  // before may still be on its way back.
  void move(Loop& loop) {
    if (done) return;
    if (!out.flush(to)) return give_up();
    if (can_read()) {
      const auto got = from.read(loop.scratch(), Loop::kScratchBytes);
      cut = got.status == Stream::Status::failed;
      if (cut) to.reset_on_close();
      ended = cut || got.status == Stream::Status::ended;
      const iovec parts[] = {part({loop.scratch(), got.bytes})};
      if (!out.send(to, parts, 1)) return give_up();
    }
    if (!ended || cut || !out.empty()) return;
    to.shut_down_writing();
    done = true;
  }

  void give_up() {
    out.clear();
    ended = done = true;
  }
};

}  // namespace

Step<bool> tunnel(Loop& loop, Waiter& waiter, Client& client, Stream& side) {
  OutBuffer to_side;
  Way there{.from = client.stream, .to = side, .out = to_side};
  Way back{.from = side, .to = client.stream, .out = client.out};
  const iovec first[] = {part(client.waiting())};
  if (!to_side.send(side, first, 1)) there.give_up();
  client.consume(client.waiting().size());
  waiter.arm(loop.deadlines(kIdle));
  int moves = 0;
  while (!waiter.timed_out() && !waiter.cancelled()) {
    there.move(loop);
    back.move(loop);
    if (back.cut || there.cut || (there.done && back.done)) break;
    if (there.can_read() || back.can_read()) {
      if (++moves % kMovesPerRound != 0) continue;
      co_await waiter.end_of_round();
    } else {
      co_await waiter;
    }
    if (!waiter.timed_out()) waiter.arm(loop.deadlines(kIdle));
  }
  waiter.rest();
  co_return !back.cut;
}

}  // namespace comparator::front
