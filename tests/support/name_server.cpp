#include "tests/support/name_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace support {
namespace {

constexpr std::size_t kHeader = 12;  // RFC 1035 section 4.1.1
constexpr int kTypeA = 1;

void append_number(std::string& text, std::uint32_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
}

// The end of the question: its name, type and class.
std::size_t end_of_question(const std::string& message) {
  std::size_t at = kHeader;
  while (at < message.size() && message[at] != 0) at += static_cast<unsigned char>(message[at]) + 1U;
  return at + 5;
}

}  // namespace

NameServer::NameServer(Answer answer) : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) < 0) throw std::runtime_error("no name server");
  getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

NameServer::~NameServer() {
  stopping_.store(true);
  thread_.join();
  close(fd_);
}

void NameServer::set(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void NameServer::serve() {
  while (!stopping_.load()) {
    pollfd polled{fd_, POLLIN, 0};
    if (poll(&polled, 1, 20) <= 0) continue;
    char buffer[512];
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto got = recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got <= static_cast<ssize_t>(kHeader)) continue;
    const auto bytes = reply(std::string(buffer, static_cast<std::size_t>(got)));
    if (!bytes.empty()) sendto(fd_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

std::string NameServer::reply(const std::string& question) {
  questions_.fetch_add(1);
  const std::lock_guard lock(mutex_);
  const auto end = end_of_question(question);
  if (answer_.silent || end > question.size()) return {};
  const bool exists = !answer_.addresses.empty();
  const bool asks_for_a = question[end - 3] == kTypeA;
  const auto count = asks_for_a ? static_cast<std::uint32_t>(answer_.addresses.size()) : 0;
  std::string bytes = question.substr(0, 2);
  append_number(bytes, exists ? 0x8180 : 0x8183, 2);  // an answer; 3 is NXDOMAIN
  append_number(bytes, 1, 2);
  append_number(bytes, count, 2);
  append_number(bytes, 0, 4);
  bytes += question.substr(kHeader, end - kHeader);
  for (std::uint32_t i = 0; i < count; ++i) {
    append_number(bytes, 0xc000 + kHeader, 2);  // the name of the question
    append_number(bytes, kTypeA, 2);
    append_number(bytes, 1, 2);
    append_number(bytes, answer_.ttl, 4);
    append_number(bytes, 4, 2);
    in_addr address{};
    inet_pton(AF_INET, answer_.addresses[i].c_str(), &address);
    bytes.append(reinterpret_cast<const char*>(&address), sizeof address);
  }
  return bytes;
}

}  // namespace support
