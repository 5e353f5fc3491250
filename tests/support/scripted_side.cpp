#include "tests/support/scripted_side.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "comparator/http/chunks.h"
#include "comparator/http/head.h"

namespace support {
namespace {

using comparator::http::ChunkReader;
using comparator::http::Framing;

thread_local ScriptedSide* current_side = nullptr;

std::string read_chunked(Socket& socket) {
  std::string body;
  ChunkReader reader;
  for (;;) {
    const auto bytes = socket.receive();
    if (bytes.empty()) return body;
    for (std::size_t at = 0; at < bytes.size();) {
      std::size_t consumed = 0;
      std::string_view piece;
      const auto status = reader.next(std::string_view(bytes).substr(at), consumed, piece);
      at += consumed;
      if (status == ChunkReader::Status::data) body += piece;
      if (status == ChunkReader::Status::done) socket.give_back(std::string_view(bytes).substr(at));
      if (status == ChunkReader::Status::done || status == ChunkReader::Status::bad) return body;
    }
  }
}

}  // namespace

std::string Received::target() const {
  const auto from = head.find(' ') + 1;
  return head.substr(from, head.find(' ', from) - from);
}

bool Peer::read(Received& request) {
  std::string bytes;
  while (bytes.find("\r\n\r\n") == std::string::npos) {
    pollfd wait{.fd = socket_.fd(), .events = POLLIN, .revents = 0};
    const auto got = socket_.receive(1, std::chrono::milliseconds(100));
    if (!got.empty()) {
      bytes += got;
    } else if (stopping_ || poll(&wait, 1, 0) > 0) {
      return false;
    }
  }
  comparator::http::RequestHead head;
  comparator::http::Refusal refusal;
  if (parse(bytes, {}, head, refusal) != comparator::http::Parsed::whole) return false;
  request.head = bytes;
  request.body.clear();
  if (head.expect_continue) socket_.send("HTTP/1.1 100 Continue\r\n\r\n");
  if (head.framing() == Framing::length) request.body = socket_.receive_exactly(*head.content_length);
  if (head.framing() == Framing::chunked) request.body = read_chunked(socket_);
  current_side->note(request);
  return true;
}

void Peer::drip(std::string_view bytes, std::chrono::milliseconds pause) {
  for (std::size_t i = 0; i < bytes.size() && !stopping_; ++i) {
    if (!socket_.send(bytes.substr(i, 1))) return;
    pollfd nothing{.fd = socket_.fd(), .events = POLLRDHUP, .revents = 0};
    if (poll(&nothing, 1, static_cast<int>(pause.count())) > 0) return;
  }
}

void Peer::hang() {
  while (!stopping_) {
    pollfd wait{.fd = socket_.fd(), .events = POLLRDHUP, .revents = 0};
    if (poll(&wait, 1, 50) > 0) return;
  }
}

ScriptedSide::ScriptedSide(Script script) : script_(std::move(script)), listener_(listen_on_loopback(port_)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedSide::ScriptedSide(Script script, const std::string& unix_path)
    : script_(std::move(script)), listener_(listen_on_unix(unix_path)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedSide::ScriptedSide(Script script, const UnusedPort& held)
    : script_(std::move(script)), port_(held.port()), listener_(listen_beside(held)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedSide::ScriptedSide(Script script, const std::string& address, std::uint16_t port)
    : script_(std::move(script)), port_(port), listener_(listen_on_loopback(address, port)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedSide::Script ScriptedSide::answering(Answer answer) {
  return [answer = std::move(answer)](Peer& peer) {
    Received request;
    while (peer.read(request) && peer.send(answer(request))) {
    }
  };
}

ScriptedSide::~ScriptedSide() {
  stopping_ = true;
  acceptor_.join();
  for (auto& open : open_) open.thread.join();  // scripts end when their peer has, or when they see `stopping`
  close(listener_);
}

void ScriptedSide::accept_all() {
  while (!stopping_) {
    pollfd wait{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 20) <= 0) continue;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    auto& open = open_.emplace_back();
    open.socket = Socket(fd);
    open.thread = std::thread([this, &open] {
      current_side = this;
      Peer peer(open.socket, stopping_);
      script_(peer);
      if (open.socket.open()) shutdown(open.socket.fd(), SHUT_RDWR);
    });
  }
}

std::vector<Received> ScriptedSide::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void ScriptedSide::note(const Received& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
}

ScriptedSide::Script always(std::string bytes) {
  return ScriptedSide::answering([bytes = std::move(bytes)](const Received&) { return bytes; });
}

std::string answer(std::string_view body, std::string_view headers, int status) {
  return "HTTP/1.1 " + std::to_string(status) + " OK\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace support
