// A side for load runs whose every byte its client can check: GET or POST /body/SEED/SIZE answers SIZE bytes of the
// pattern SEED, /chunks/SEED/SIZE in chunks. A request's body must be its pattern of the seed SEED + 1; what is not is
// answered 422.
//
//   bench_backend PORT [--differ N | --delay MS]    with --differ every Nth seed's answer has one byte changed; with
//                                                   --delay each comes so much later
//
// A thread per connection: enough for a few hundred.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "bench/pattern.h"
#include "comparator/http/chunks.h"
#include "comparator/http/head.h"

namespace {

using namespace comparator;

const bench::Pattern kPattern;
std::uint64_t differ_every = 0;
std::chrono::milliseconds delay{0};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// Appends what has come; false at the end.
bool receive(int fd, std::string& input) {
  char buffer[65536];
  const auto got = recv(fd, buffer, sizeof buffer, 0);
  if (got > 0) input.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

struct Wanted {
  bool chunked = false;
  std::uint64_t seed = 0;
  std::uint64_t size = 0;
};

// Of "/body/SEED/SIZE" or "/chunks/SEED/SIZE".
Wanted wanted_by(std::string_view path) {
  Wanted wanted{.chunked = path.substr(0, 8) == "/chunks/"};
  const char* end = path.data() + path.size();
  const auto seed = std::from_chars(path.data() + path.find('/', 1) + 1, end, wanted.seed);
  if (seed.ptr < end) std::from_chars(seed.ptr + 1, end, wanted.size);
  return wanted;
}

// Takes the body off `input` and the socket; false when it ends early or is not what it should be.
class BodyCheck {
 public:
  BodyCheck(int fd, std::string& input, std::uint64_t seed) : fd_(fd), input_(input), seed_(seed) {}

  bool read(const http::RequestHead& head, bool& right) {
    const bool whole = head.chunked ? read_chunks() : read_length(head.content_length.value_or(0));
    right = right_;
    return whole;
  }

 private:
  void take(std::string_view piece) {
    right_ &= kPattern.holds(seed_, place_, piece);
    place_ += piece.size();
  }
  bool read_length(std::uint64_t length) {
    while (place_ < length) {
      if (input_.empty() && !receive(fd_, input_)) return false;
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(length - place_, input_.size()));
      take(std::string_view(input_).substr(0, size));
      input_.erase(0, size);
    }
    return true;
  }
  bool read_chunks() {
    http::ChunkReader reader;
    for (;;) {
      if (input_.empty() && !receive(fd_, input_)) return false;
      std::size_t consumed = 0;
      std::string_view piece;
      const auto status = reader.next(input_, consumed, piece);
      if (status == http::ChunkReader::Status::data) take(piece);
      input_.erase(0, consumed);
      if (status == http::ChunkReader::Status::done) return true;
      if (status == http::ChunkReader::Status::bad) return right_ = false, true;
    }
  }

  int fd_;
  std::string& input_;
  std::uint64_t seed_;
  std::uint64_t place_ = 0;
  bool right_ = true;
};

bool answer(int fd, const Wanted& wanted, std::string_view method, bool right) {
  std::string head = right ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 422 Not The Pattern\r\n";
  head += "Content-Type: application/octet-stream\r\nX-Seed: " + std::to_string(wanted.seed) + "\r\n";
  head += wanted.chunked ? "Transfer-Encoding: chunked\r\n\r\n"
                         : "Content-Length: " + std::to_string(wanted.size) + "\r\n\r\n";
  if (!send_all(fd, head)) return false;
  if (method == "HEAD") return true;
  const bool differs = differ_every != 0 && wanted.seed % differ_every == 0;
  for (std::uint64_t place = 0; place < wanted.size;) {
    std::string piece(kPattern.at(wanted.seed, place, wanted.size - place));
    if (differs && place == 0) piece[0] = static_cast<char>(piece[0] + 1);
    place += piece.size();
    const http::ChunkLine line(piece.size());
    if (wanted.chunked && !send_all(fd, line.view())) return false;
    if (wanted.chunked) piece += "\r\n";
    if (!send_all(fd, piece)) return false;
  }
  return !wanted.chunked || send_all(fd, "0\r\n\r\n");
}

bool serve_one(int fd, std::string& input) {
  http::RequestHead head;
  http::Refusal refusal;
  http::Parsed parsed = http::parse(input, {}, head, refusal);
  while (parsed == http::Parsed::partial) {
    if (!receive(fd, input)) return false;
    parsed = http::parse(input, {}, head, refusal);
  }
  if (parsed == http::Parsed::bad) return send_all(fd, "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"), false;
  const std::string method(head.method);
  const Wanted wanted = wanted_by(head.path);
  input.erase(0, head.bytes);
  bool right = true;
  if (!BodyCheck(fd, input, wanted.seed + 1).read(head, right)) return false;
  if (delay.count() > 0) std::this_thread::sleep_for(delay);
  return answer(fd, wanted, method, right) && right;
}

void serve(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string input;
  while (serve_one(fd, input)) {
  }
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view option = argc == 4 ? argv[2] : "";
  if (argc != 2 && option != "--differ" && option != "--delay") {
    std::fputs("usage: bench_backend PORT [--differ N | --delay MS]\n", stderr);
    return 2;
  }
  if (option == "--differ") differ_every = std::strtoull(argv[3], nullptr, 10);
  if (option == "--delay") delay = std::chrono::milliseconds(std::atoi(argv[3]));
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 || listen(listener, 4096) < 0) {
    std::perror("bench_backend");
    return 1;
  }
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) std::thread(serve, fd).detach();
  }
}
