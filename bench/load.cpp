// A load at a constant rate that checks every byte: requests begin when they are due, whether or not earlier ones have
// been answered, and latencies count from then, so that a stall shows in every request it delays (no coordinated
// omission). Needs bench_backend behind the front end. What it saw is one line of JSON.
//
//   bench_load --port N --rate N --seconds N [--connections N] [--mix plain|soak] [--size N] [--from SEED]
//
// plain: GET of --size bytes on kept connections. soak: sizes of 0 B to 2 MB, GET, HEAD, POST with a length and in
// chunks, answers in chunks, clients that close, read slowly, or leave in the middle.
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/requests.h"
#include "comparator/front/answer_reader.h"

namespace {

using namespace comparator;
using bench::Leaves;
using bench::Request;
using Clock = std::chrono::steady_clock;
using front::AnswerReader;

constexpr std::chrono::seconds kPatience{70};  // then a request is lost; longer than any timeout in between
constexpr std::chrono::milliseconds kSlowPause{5};
constexpr std::size_t kSlowRead = 8 * 1024;

struct Options {
  std::uint16_t port = 0;
  double rate = 0;
  int seconds = 0;
  std::size_t connections = 256;
  bench::Mix mix;
};

/// How requests ended.
enum class End : std::uint8_t { right, left, gateway, cut, lost, wrong };
constexpr const char* kEnds[] = {"right", "left", "gateway", "cut", "lost", "wrong"};
constexpr std::size_t kEndCount = std::size(kEnds);

struct Results {
  std::array<std::uint64_t, kEndCount> ends{};
  std::map<long, std::array<std::uint64_t, kEndCount>> bad_seconds;  ///< By second of the end; others are all right.
  std::vector<std::uint32_t> latencies_us;                           ///< Of right ones whose client was not slow.
  std::uint64_t bytes = 0;
};

/// One connection, with at most one request on it.
struct Connection {
  int fd = -1;
  bool used = false;  ///< Has carried a request before this one.
  Request request;
  std::string out;
  std::size_t sent = 0;
  std::optional<AnswerReader> reader;
  http::AnswerHead head;
  int status = 0;
  bool keeps = false;
  std::uint64_t place = 0;
  Clock::time_point pause_until{};
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  Results run() {
    begun_ = Clock::now();
    const auto end = begun_ + std::chrono::seconds(options_.seconds);
    std::uint64_t number = 0;
    for (auto now = begun_; now < end || !busy_.empty() || !waiting_.empty(); now = Clock::now()) {
      while (due(number) <= now && due(number) < end)
        waiting_.push_back(bench::make_request(options_.mix, number, due(number))), ++number;
      start_waiting();
      wait_until(due(number) < end ? due(number) : now + std::chrono::milliseconds(20));
      resume_slow();
      give_up();
    }
    return std::move(results_);
  }

 private:
  Clock::time_point due(std::uint64_t number) const {
    return begun_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(number) / options_.rate));
  }

  void start_waiting() {
    while (!waiting_.empty() && busy_.size() < options_.connections) {
      auto connection = take_connection();
      connection->request = std::move(waiting_.front());
      waiting_.pop_front();
      begin(std::move(connection));
    }
  }

  std::unique_ptr<Connection> take_connection() {
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      char byte = 0;
      if (recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0) return connection;  // neither bytes nor the end
      drop(*connection);
    }
    auto connection = std::make_unique<Connection>();
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection->fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
      std::perror("connect");
    epoll_event event{.events = 0, .data = {.ptr = connection.get()}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
    return connection;
  }

  void drop(Connection& connection) { close(connection.fd); }

  void begin(std::unique_ptr<Connection> owned) {
    auto& connection = *owned;
    connection.out = connection.request.bytes();
    if (connection.request.leaves == Leaves::in_request) connection.out.resize(connection.out.size() / 2);
    connection.sent = 0;
    connection.reader.emplace(connection.request.method);
    connection.status = 0;
    connection.place = 0;
    busy_.emplace(&connection, std::move(owned));
    send_more(connection);
  }

  void send_more(Connection& connection) {
    while (connection.sent < connection.out.size()) {
      const auto sent = send(connection.fd, connection.out.data() + connection.sent,
                             connection.out.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) {  // it may have answered all the same
        connection.sent = connection.out.size();
        break;
      }
      if (sent < 0) return watch(connection);
      connection.sent += static_cast<std::size_t>(sent);
    }
    const auto leaves = connection.request.leaves;
    if (leaves == Leaves::in_request || leaves == Leaves::before_answer) return finish(connection, End::left);
    watch(connection);
  }

  void watch(Connection& connection) {
    const bool sending = connection.sent < connection.out.size();
    const bool pausing = connection.pause_until > Clock::now();
    epoll_event event{.events = (sending ? EPOLLOUT : 0U) | (pausing ? 0U : EPOLLIN), .data = {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
  }

  void wait_until(Clock::time_point until) {
    if (!paused_.empty()) until = std::min(until, Clock::now() + std::chrono::nanoseconds(kSlowPause));
    const auto left = std::max<std::int64_t>((until - Clock::now()).count(), 0);
    const timespec patience{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    epoll_event events[256];
    const int count = epoll_pwait2(epoll_, events, 256, &patience, nullptr);
    for (int i = 0; i < count; ++i) {
      auto* connection = static_cast<Connection*>(events[i].data.ptr);
      if (busy_.find(connection) == busy_.end()) continue;
      if ((events[i].events & EPOLLOUT) != 0) send_more(*connection);
      if (busy_.find(connection) != busy_.end() && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        receive(*connection);
      }
    }
  }

  void resume_slow() {
    const auto now = Clock::now();
    std::erase_if(paused_, [&](Connection* connection) {
      const bool over = connection->pause_until <= now;
      if (over && busy_.find(connection) != busy_.end()) watch(*connection);
      return over;
    });
  }

  void give_up() {
    const auto now = Clock::now();
    std::vector<Connection*> late;
    for (const auto& [connection, owned] : busy_) {
      if (connection->request.due + kPatience < now) late.push_back(connection);
    }
    for (auto* connection : late) finish(*connection, End::lost);
  }

  void receive(Connection& connection) {
    static char buffer[256 * 1024];
    const auto size = connection.request.slow ? kSlowRead : sizeof buffer;
    const auto got = recv(connection.fd, buffer, size, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return ended(connection);
    results_.bytes += static_cast<std::uint64_t>(got);
    take(connection, {buffer, static_cast<std::size_t>(got)});
    if (connection.request.slow && busy_.find(&connection) != busy_.end()) {
      connection.pause_until = Clock::now() + kSlowPause;
      paused_.push_back(&connection);
      watch(connection);
    }
  }

  void take(Connection& connection, std::string_view bytes) {
    auto& reader = *connection.reader;
    while (!bytes.empty() && !reader.finished()) {
      std::size_t consumed = 0;
      std::string_view piece;
      switch (reader.next(bytes, connection.head, consumed, piece)) {
        case AnswerReader::Event::bad: return finish(connection, End::wrong);
        case AnswerReader::Event::head:
          if (!take_head(connection)) return finish(connection, End::wrong);
          break;
        case AnswerReader::Event::body:
          if (connection.status == 200 && !bench::pattern().holds(connection.request.seed, connection.place, piece)) {
            return finish(connection, End::wrong);
          }
          connection.place += piece.size();
          break;
        default: break;
      }
      bytes.remove_prefix(consumed);
    }
    if (reader.finished()) return whole(connection, bytes.empty());
    if (connection.request.leaves == Leaves::in_answer) finish(connection, End::left);
  }

  // Whether it is an answer to this request, or the front end's own that there is none.
  bool take_head(Connection& connection) {
    connection.status = connection.head.status;
    if (connection.status >= 502 && connection.status <= 504) return true;
    const auto seed = std::to_string(connection.request.seed);
    const auto& fields = connection.head.fields;
    const bool ours = std::any_of(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.name == "X-Seed" && field.value == seed; });
    const bool length_right =
        !connection.head.content_length || *connection.head.content_length == connection.request.size;
    return connection.status == 200 && ours && length_right;
  }

  void whole(Connection& connection, bool nothing_behind) {
    const auto& request = connection.request;
    const bool all = request.method == "HEAD" || connection.place == request.size;
    if (!nothing_behind) return finish(connection, End::wrong);
    if (connection.status != 200) return finish(connection, End::gateway);
    connection.keeps =
        connection.reader->keeps_connection() && !request.close && connection.sent == connection.out.size();
    finish(connection, all ? End::right : End::wrong);
  }

  void ended(Connection& connection) {
    if (connection.reader->whole_at_end()) return whole(connection, true);
    // The end of a connection that was kept may cross with the request: that is HTTP, and told apart.
    finish(connection, connection.reader->begun() ? End::cut : End::lost);
  }

  void finish(Connection& connection, End end) {
    const auto now = Clock::now();
    const auto kind = static_cast<std::size_t>(end);
    ++results_.ends[kind];
    if (end == End::gateway || end == End::cut || end == End::lost || end == End::wrong) {
      const auto second = std::chrono::duration_cast<std::chrono::seconds>(connection.request.due - begun_).count();
      ++results_.bad_seconds[second][kind];
    }
    if (end == End::right && !connection.request.slow) {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - connection.request.due).count();
      results_.latencies_us.push_back(static_cast<std::uint32_t>(took));
    }
    std::erase(paused_, &connection);
    connection.pause_until = {};
    auto owned = std::move(busy_.extract(&connection).mapped());
    if (end == End::right && connection.keeps) {
      epoll_event event{.events = 0, .data = {.ptr = &connection}};
      epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
      idle_.push_back(std::move(owned));
    } else {
      drop(connection);
    }
  }

  const Options options_;
  int epoll_;
  Clock::time_point begun_;
  std::deque<Request> waiting_;
  std::map<Connection*, std::unique_ptr<Connection>> busy_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<Connection*> paused_;
  Results results_;
};

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void print(Results& results) {
  auto& latencies = results.latencies_us;
  std::sort(latencies.begin(), latencies.end());
  std::string line = "{";
  for (std::size_t i = 0; i < kEndCount; ++i) line += fmt::format("\"{}\": {}, ", kEnds[i], results.ends[i]);
  line +=
      fmt::format("\"bytes\": {}, \"p50_us\": {}, \"p90_us\": {}, \"p99_us\": {}, \"max_us\": {}, \"bad_seconds\": {{",
                  results.bytes, percentile(latencies, 0.5), percentile(latencies, 0.9), percentile(latencies, 0.99),
                  latencies.empty() ? 0 : latencies.back());
  for (const auto& [second, ends] : results.bad_seconds) {
    line += fmt::format("{}\"{}\": {{", line.back() == '{' ? "" : ", ", second);
    for (std::size_t i = 0; i < kEndCount; ++i) {
      if (ends[i] > 0) line += fmt::format("{}\"{}\": {}", line.back() == '{' ? "" : ", ", kEnds[i], ends[i]);
    }
    line += "}";
  }
  std::puts((line + "}}").c_str());
}

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<Options> parse_arguments(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    bool known = true;
    if (name == "--port") {
      known = read(value, options.port);
    } else if (name == "--rate") {
      known = read(value, options.rate);
    } else if (name == "--seconds") {
      known = read(value, options.seconds);
    } else if (name == "--connections") {
      known = read(value, options.connections);
    } else if (name == "--size") {
      known = read(value, options.mix.size);
    } else if (name == "--from") {
      known = read(value, options.mix.from);
    } else {
      known = name == "--mix" && (value == "plain" || value == "soak");
      options.mix.soak = value == "soak";
    }
    if (!known) return std::nullopt;
  }
  const bool whole = argc % 2 == 1 && options.port > 0 && options.rate > 0 && options.seconds > 0;
  return whole ? std::optional(options) : std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse_arguments(argc, argv);
  if (!options) {
    std::fputs(
        "usage: bench_load --port N --rate N --seconds N [--connections N] [--mix plain|soak] [--size N]"
        " [--from SEED]\n",
        stderr);
    return 2;
  }
  auto results = Load(*options).run();
  print(results);
  return 0;
}
