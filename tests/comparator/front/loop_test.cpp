#include "comparator/front/loop.h"

#include <string>
#include <thread>
#include <vector>

#include "comparator/front/task.h"
#include "tests/support/catch.h"

namespace comparator::front {
namespace {

using namespace std::chrono_literals;

struct Note final : Deadline, Deferred {
  Note(std::vector<std::string>& list, std::string text) : notes(list), name(std::move(text)) {}
  void on_deadline() override { notes.push_back(name); }
  void run() override { notes.push_back(name); }
  std::vector<std::string>& notes;
  std::string name;
};

struct Stop final : Deadline {
  explicit Stop(Loop& l) : loop(l) {}
  void on_deadline() override { loop.stop(); }
  Loop& loop;
};

TEST_CASE("Deadlines fire in the order of their time, and not once disarmed", "[front]") {
  Loop loop;
  std::vector<std::string> notes;
  Note late(notes, "late");
  Note early(notes, "early");
  Note never(notes, "never");
  Note again(notes, "again");
  Stop stop(loop);

  loop.deadlines(20ms).arm(late);
  loop.deadlines(5ms).arm(never);
  loop.deadlines(5ms).arm(early);
  loop.deadlines(5ms).arm(again);
  loop.deadlines(30ms).arm(again);  // arming anew moves it
  loop.deadlines(50ms).arm(stop);
  never.disarm();
  loop.run();

  CHECK(notes == std::vector<std::string>{"early", "late", "again"});
}

TEST_CASE("A deadline that goes away takes its place with it", "[front]") {
  Loop loop;
  std::vector<std::string> notes;
  Stop stop(loop);
  {
    Note gone(notes, "gone");
    loop.deadlines(1ms).arm(gone);
  }
  loop.deadlines(5ms).arm(stop);

  loop.run();

  CHECK(notes.empty());
}

TEST_CASE("Deferred work runs after what was woken, once", "[front]") {
  Loop loop;
  std::vector<std::string> notes;
  Note deferred(notes, "deferred");
  Note woken(notes, "woken");

  loop.defer(deferred);
  loop.wake(woken);
  loop.wake(woken);
  loop.post([&] { loop.stop(); });
  loop.run();

  CHECK(notes == std::vector<std::string>{"woken", "deferred"});
}

TEST_CASE("Other threads post in order and wake the loop", "[front]") {
  Loop loop;
  std::vector<int> seen;

  std::thread other([&] {
    for (int i = 0; i < 100; ++i) loop.post([&, i] { seen.push_back(i); });
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  other.join();

  REQUIRE(seen.size() == 100);
  CHECK(std::is_sorted(seen.begin(), seen.end()));
}

Step<int> doubled(Waiter& waiter, DeadlineQueue& queue, int n) {
  waiter.arm(queue);
  while (!waiter.timed_out()) co_await waiter;
  waiter.rest();
  co_return 2 * n;
}

Task count_up(Loop& loop, int& result) {
  Waiter waiter(loop);
  result = co_await doubled(waiter, loop.deadlines(1ms), 4);
  result += co_await doubled(waiter, loop.deadlines(2ms), 1);
  loop.stop();
}

TEST_CASE("A task waits for its deadline, through the steps it awaits", "[front]") {
  Loop loop;
  int result = 0;

  count_up(loop, result);
  loop.run();

  CHECK(result == 10);
}

Task wait_for_ever(Loop& loop, bool& ended, Waiter*& handle) {
  Waiter waiter(loop);
  handle = &waiter;
  while (!waiter.cancelled()) co_await waiter;
  ended = true;
  loop.stop();
}

TEST_CASE("A cancelled task ends at its wait", "[front]") {
  Loop loop;
  bool ended = false;
  Waiter* handle = nullptr;

  wait_for_ever(loop, ended, handle);
  loop.post([&] { handle->cancel(); });
  loop.run();

  CHECK(ended);
}

}  // namespace
}  // namespace comparator::front
