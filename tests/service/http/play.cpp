#include "tests/service/http/play.h"

#include <poll.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "storage/store.h"
#include "tests/support/catch.h"
#include "tests/support/eventually.h"
#include "tests/support/scripted_side.h"

namespace http_suite {
namespace {

using namespace std::chrono_literals;
using support::Peer;
using support::ScriptedSide;
using support::Socket;

const std::string kProbe = "GET /probe HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kProbeAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nprobe";

bool send(Socket& socket, std::string_view bytes, bool byte_by_byte) {
  if (!byte_by_byte) return socket.send(bytes);
  for (const char& byte : bytes) {
    if (!socket.send({&byte, 1})) return false;
  }
  return true;
}

// A side that plays its turns, on whichever connection the bytes come, and notes what it saw.
class PlayedSide {
 public:
  PlayedSide(std::vector<SideTurn> turns, bool byte_by_byte, bool any_order)
      : turns_(std::move(turns)),
        byte_by_byte_(byte_by_byte),
        any_order_(any_order),
        claimed_(turns_.size()),
        seen_(turns_.size()) {
    side_.emplace([this](Peer& peer) { serve(peer); });
  }

  std::uint16_t port() const { return side_->port(); }
  /// Waits for every connection's end; call it when the service has ended.
  void finish() { side_.reset(); }
  /// Waits until every turn's bytes have come, or it takes too long.
  void wait() {
    support::eventually([this] {
      const std::lock_guard lock(mutex_);
      return noted_ == turns_.size();
    });
  }
  const std::vector<std::string>& seen() const { return seen_; }
  const std::string& surplus() const { return surplus_; }
  bool probe_came_on_kept_connection() const { return probe_on_kept_; }

 private:
  // At least so many bytes, unless the peer ends or too much time passes.
  static void fill(Peer& peer, std::string& input, std::size_t bytes) {
    const auto patience = std::chrono::steady_clock::now() + Socket::kPatience;
    while (input.size() < bytes && std::chrono::steady_clock::now() < patience) {
      pollfd wait{.fd = peer.socket().fd(), .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, 50) <= 0) {
        if (peer.stopping()) return;
        continue;
      }
      const auto got = peer.socket().receive();
      if (got.empty()) return;
      input += got;
    }
  }

  void serve(Peer& peer) {
    std::string input;
    bool used = false;
    for (;;) {
      do {
        fill(peer, input, 1);
      } while (input.empty() && !peer.stopping() && !ended(peer));
      if (input.empty()) return;
      if (input.starts_with(kProbe.substr(0, 11))) {
        while (input.find("\r\n\r\n") == std::string::npos && !peer.stopping() && !ended(peer)) {
          fill(peer, input, input.size() + 1);
        }
        const auto end = input.find("\r\n\r\n") + 4;
        note_probe(input.substr(0, end), used);
        input.erase(0, end);
        if (!peer.send(kProbeAnswer)) return;
        continue;
      }
      const auto turn = claim(input);
      if (turn == nullptr) return;
      fill(peer, input, turn->sees.size());
      note(*turn, input.substr(0, turn->sees.size()));
      input.erase(0, turn->sees.size());
      used = true;
      send(peer.socket(), turn->says, byte_by_byte_);
      if (turn->then == SideTurn::Then::hang) peer.hang();
      if (turn->then == SideTurn::Then::reset) peer.socket().close_with_reset();
      if (turn->then != SideTurn::Then::keep) return;
    }
  }

  static bool ended(Peer& peer) {
    pollfd wait{.fd = peer.socket().fd(), .events = POLLRDHUP, .revents = 0};
    return poll(&wait, 1, 0) > 0;
  }

  // The first turn that is left; of copies, which may overtake each other, the first whose request line it is.
  const SideTurn* claim(const std::string& input) {
    const std::lock_guard lock(mutex_);
    const auto line = input.substr(0, input.find("\r\n"));
    for (std::size_t i = 0; i < turns_.size(); ++i) {
      if (claimed_[i] || (any_order_ && !turns_[i].sees.starts_with(line))) continue;
      claimed_[i] = true;
      return &turns_[i];
    }
    surplus_ += input;
    return nullptr;
  }
  void note(const SideTurn& turn, std::string bytes) {
    const std::lock_guard lock(mutex_);
    seen_[static_cast<std::size_t>(&turn - turns_.data())] = std::move(bytes);
    ++noted_;
  }
  void note_probe(const std::string& bytes, bool used) {
    const std::lock_guard lock(mutex_);
    if (!bytes.starts_with(kProbe.substr(0, kProbe.size() - 2))) surplus_ += bytes;
    probe_on_kept_ = used;
  }

  std::mutex mutex_;
  std::vector<SideTurn> turns_;
  bool byte_by_byte_;
  bool any_order_;
  std::vector<bool> claimed_;
  std::vector<std::string> seen_;  // by turn
  std::size_t noted_ = 0;
  std::string surplus_;
  bool probe_on_kept_ = false;
  std::optional<ScriptedSide> side_;
};

std::vector<SideTurn> copies_of(const Case& row) {
  std::vector<SideTurn> copies;
  if (row.counts.count("match") == 0) return copies;
  for (const auto& turn : row.old) copies.push_back({copy_of(turn.sees), turn.says, turn.then});
  return copies;
}

support::RunningService::Change config_of(const Case& row) {
  return [&row](comparator::Config& config) {
    config.drain = 10s;  // copies end by themselves
    config.forward.instance = "here";
    comparator::RouteConfig probe;
    probe.name = "probe";
    probe.path = "/probe";
    probe.stage = comparator::Stage::old;
    config.routes.insert(config.routes.begin(), probe);
    if (row.config) row.config(config);
  };
}

std::string title_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 508: return "Loop Detected";
    default: return "?";
  }
}

constexpr std::string_view kDate = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
constexpr std::string_view kAnyDate = "Date: *\r\n";

// With the time of our own answers as rows write it.
std::string undated(std::string bytes) {
  const auto at = bytes.find(kDate.substr(0, 6));
  if (at != std::string::npos && bytes.find(" GMT\r\n", at) == at + kDate.size() - 6) {
    bytes.replace(at, kDate.size(), kAnyDate);
  }
  return bytes;
}

// The answer but for its one sentence, and nothing behind it.
void check_problem(const std::string& dated, int status, bool to_head) {
  const auto got = undated(dated);
  const auto end = std::min(got.find("\r\n\r\n"), got.size() - std::min<std::size_t>(4, got.size())) + 4;
  const auto body = got.substr(std::min(end, got.size()));
  const auto allow = status == 405 ? "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" : "";
  const auto begin = "HTTP/1.1 " + std::to_string(status) + " " + title_of(status) +
                     "\r\nContent-Type: application/problem+json\r\nContent-Length: ";
  if (to_head) {
    CHECK(body.empty());
    CHECK(got.substr(0, begin.size()) == begin);
    return;
  }
  CHECK(got.substr(0, end) ==
        begin + std::to_string(body.size()) + "\r\nConnection: close\r\n" + allow + "Date: *\r\n\r\n");
  const auto told = R"({"type":"about:blank","title":")" + title_of(status) + R"(","status":)" +
                    std::to_string(status) + R"(,"detail":")";
  CHECK(body.substr(0, told.size()) == told);
  CHECK(body.ends_with("\"}"));
}

void play_turn(Socket& client, const ClientTurn& turn, bool byte_by_byte) {
  send(client, turn.sends, byte_by_byte);
  if (turn.then == ClientTurn::Then::end_writing) client.shut_down_writing();
  if (turn.problem != 0) {
    check_problem(client.receive_all(), turn.problem, turn.sends.starts_with("HEAD "));
  } else {
    const bool ours = turn.gets.find(kAnyDate) != std::string::npos;
    const auto size = turn.gets.size() + (ours ? kDate.size() - kAnyDate.size() : 0);
    const auto got = ours ? undated(client.receive_exactly(size)) : client.receive_exactly(size);
    if (turn.gets.size() < 4096) {
      CHECK(got == turn.gets);
    } else {
      const bool same = got == turn.gets;  // a message of megabytes helps nobody
      CHECK(same);
    }
  }
  if (turn.then == ClientTurn::Then::leave) client.close();
  if (turn.then == ClientTurn::Then::reset) client.close_with_reset();
}

void check_fate(Socket& client, Fate fate) {
  switch (fate) {
    case Fate::open:
      client.send(kProbe);
      CHECK(client.receive_exactly(kProbeAnswer.size()) == kProbeAnswer);
      break;
    case Fate::ended:
    case Fate::cut:
      CHECK(client.receive_all().empty());
      CHECK(client.wait_for_end());
      CHECK(client.was_reset() == (fate == Fate::cut));
      break;
    case Fate::left: break;
  }
}

void check_metrics(const support::RunningService& running, const Case& row) {
  if (row.refused == 0 && row.limit.empty()) return;
  Socket admin = Socket::connect(running.admin_port());
  admin.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  const auto metrics = admin.receive_all();
  const auto counted = [&](const std::string& line) { return metrics.find(line + " 1\n") != std::string::npos; };
  if (row.refused != 0) CHECK(counted("twinrun_refused_total{status=\"" + std::to_string(row.refused) + "\"}"));
  if (!row.limit.empty()) CHECK(counted("twinrun_limit_reached_total{limit=\"" + row.limit + "\"}"));
}

Counts counts_of(const std::string& store) {
  const storage::Reader reader(store);
  Counts counts;
  for (const auto& row : reader.outcome_counts({})) {
    if (row.route == "probe") continue;
    const std::string name(storage::name(row.outcome));
    counts[row.cause.empty() ? name : name + "/" + row.cause] += row.tally.count;
  }
  return counts;
}

void check_side(const char* name, const PlayedSide& side, const std::vector<SideTurn>& turns) {
  INFO(name);
  std::vector<std::string> sees;
  sees.reserve(turns.size());
  for (const auto& turn : turns) sees.push_back(turn.sees);
  if (std::all_of(sees.begin(), sees.end(), [](const auto& bytes) { return bytes.size() < 4096; })) {
    CHECK(side.seen() == sees);
  } else {
    const bool same = side.seen() == sees;
    CHECK(same);
  }
  CHECK(side.surplus().empty());
}

void play(const Case& row, bool byte_by_byte) {
  INFO(row.name << ": " << row.why);
  const auto other_turns = row.other.value_or(copies_of(row));
  PlayedSide old_side(row.old, byte_by_byte, false);
  PlayedSide new_side(other_turns, byte_by_byte, true);
  support::RunningService running(old_side.port(), new_side.port(), config_of(row));
  {
    Socket client = running.connect();
    for (const auto& turn : row.client) play_turn(client, turn, byte_by_byte);
    check_fate(client, row.fate);
    old_side.wait();  // the client may be done before a side has so much as accepted
    new_side.wait();
  }
  check_metrics(running, row);

  running.service().stop();
  old_side.finish();
  new_side.finish();

  check_side("old", old_side, row.old);
  check_side("new", new_side, other_turns);
  CHECK(counts_of(running.store_path()) == row.counts);
  if (row.old_is_kept) CHECK(old_side.probe_came_on_kept_connection() == *row.old_is_kept);
}

}  // namespace

void play(const Case& row) { play(row, false); }

void play_all(const std::vector<Case>& rows) {
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) { play(row, false); }
  }
}

void play_all_byte_by_byte(const std::vector<Case>& rows) {
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name << ", byte by byte") { play(row, true); }
  }
}

std::string get(const std::string& lines) { return "GET /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n"; }

std::string post(const std::string& lines, const std::string& body) {
  return "POST /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
}

std::string ok(const std::string& body, const std::string& lines) {
  return "HTTP/1.1 200 OK\r\n" + lines + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string copy_of(const std::string& request) {
  const auto end = request.find("\r\n\r\n") + 2;
  return request.substr(0, end) + "X-Twinrun-Role: shadow\r\nX-Twinrun-Loop: here\r\n" + request.substr(end);
}

Case passes(std::string name, std::string why, std::string request, std::string answer) {
  Case row{.name = std::move(name), .why = std::move(why), .client = {{request, answer}}, .old = {{request, answer}}};
  if (!request.starts_with("GET ") && !request.starts_with("HEAD ")) row.counts = {{"not_selected/method", 1}};
  return row;
}

Case becomes(std::string name, std::string why, std::string request, std::string seen) {
  auto row = passes(std::move(name), std::move(why), std::move(request));
  row.old[0].sees = std::move(seen);
  return row;
}

Case answer_becomes(std::string name, std::string why, std::string said, std::string got, Fate fate) {
  auto row = passes(std::move(name), std::move(why), get(), std::move(said));
  row.client[0].gets = std::move(got);
  row.fate = fate;
  return row;
}

Case refused(std::string name, std::string why, std::string request, int status) {
  return {.name = std::move(name),
          .why = std::move(why),
          .client = {{.sends = std::move(request), .problem = status}},
          .old = {},
          .fate = Fate::ended,
          .counts = {},
          .refused = status};
}

Case bad_answer(std::string name, std::string why, std::string said, int status, std::string counted) {
  auto row = passes(std::move(name), std::move(why), get(), std::move(said));
  row.client[0] = {.sends = get(), .problem = status};
  row.fate = Fate::ended;
  row.counts = {{std::move(counted), 1}};
  row.other = std::vector<SideTurn>{{copy_of(get()), ok()}};
  return row;
}

}  // namespace http_suite
