#include "comparator/front/stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "comparator/front/task.h"
#include "comparator/front/upstream.h"
#include "tests/support/catch.h"
#include "tests/support/socket.h"
#include "tests/support/temporary_directory.h"

namespace comparator::front {
namespace {

using namespace std::chrono_literals;

struct Pair {
  Pair() {
    std::uint16_t port = 0;
    const int listener = support::listen_on_loopback(port);
    peer = support::Socket::connect(port);
    fd = accept(listener, nullptr, nullptr);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    close(listener);
  }
  support::Socket peer;
  int fd = -1;
};

// What is left to read, with how it ends.
std::string read_to_end(Stream& stream) {
  std::string got;
  char some[100];
  for (;;) {
    const auto moved = stream.read(some, sizeof some);
    got.append(some, moved.bytes);
    if (moved.status == Stream::Status::ended) return got + " end";
    if (moved.status == Stream::Status::failed) return got + " cut";
  }
}

TEST_CASE("A reset is no end, whether a read or a write is told of it first", "[front]") {
  struct Row {
    const char* name;
    bool reset;
    int writes;
    const char* read;
  };
  const auto row = GENERATE(values<Row>({
      {"an end", false, 0, "part end"},
      {"a reset", true, 0, "part cut"},
      {"a reset, told to a write", true, 1, "part cut"},
      {"a reset, told to a write, and another write", true, 2, "part cut"},
  }));
  INFO(row.name);
  Pair pair;
  Loop loop;
  Stream stream(loop, pair.fd, Address{}, false);
  pair.peer.send("part");
  row.reset ? pair.peer.close_with_reset() : pair.peer.close();

  const iovec more[] = {part("more")};
  for (int i = 0; i < row.writes; ++i) CHECK(stream.write(more, 1).status == Stream::Status::failed);
  CHECK(read_to_end(stream) == row.read);
}

// Takes whoever waits at a listener, after a while.
struct Accepting final : Deadline {
  Accepting(Loop& loop, int l) : listener(l) { loop.deadlines(20ms).arm(*this); }
  void on_deadline() override { taken = accept(listener, nullptr, nullptr); }
  int listener;
  int taken = -1;
};

Task connect(Loop& loop, Upstream& side, Cause& cause) {
  Waiter waiter(loop);
  std::unique_ptr<Stream> stream;
  cause = co_await side.connect(waiter, &loop.deadlines(200ms), stream);
  loop.stop();
}

TEST_CASE("A Unix socket whose backlog is full is waited for, as TCP would", "[front]") {
  const bool makes_room = GENERATE(true, false);
  support::TemporaryDirectory folder;
  SideConfig config;
  config.endpoint = {.host = {}, .path = folder / "side"};
  const int listener = support::listen_on_unix(config.endpoint.path);
  listen(listener, 0);
  SidePlan plan;
  std::string error;
  plan.addresses = resolve(config.endpoint, false, error);
  std::vector<int> waiting;
  int last = 0;
  while (last == 0) {
    waiting.push_back(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    last = ::connect(waiting.back(), plan.addresses.at(0).get(), plan.addresses.at(0).length);
  }
  Loop loop;
  Upstream side(loop, config, plan);
  Accepting accepting(loop, listener);
  if (!makes_room) accepting.disarm();
  Cause cause = Cause::none;

  connect(loop, side, cause);
  loop.run();

  CHECK(cause == (makes_room ? Cause::none : Cause::connect_timeout));
  if (accepting.taken >= 0) close(accepting.taken);
  for (const int fd : waiting) close(fd);
  close(listener);
}

}  // namespace
}  // namespace comparator::front
