#include "comparator/front/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>

namespace comparator::front {
namespace {

constexpr std::size_t kGiveBackBytes = 64 * 1024;  // larger buffers are freed once empty

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

Stream::Stream(Loop& loop, int fd, bool connecting) : fd_(fd), connecting_(connecting), writable_(!connecting) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a refusal (Unix socket) does no harm
  loop.add(fd_, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
}

Stream::~Stream() { close(fd_); }

std::unique_ptr<Stream> Stream::connect(Loop& loop, const Address& address, int& error) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    error = errno;
    return nullptr;
  }
  if (::connect(fd, address.get(), address.length) < 0 && errno != EINPROGRESS) {
    error = errno;
    close(fd);
    return nullptr;
  }
  return std::make_unique<Stream>(loop, fd, true);
}

Stream::Status Stream::connected() {
  if (!connecting_) return Status::moved;
  if (!writable_ && !broken_) return Status::blocked;
  connecting_ = false;
  socklen_t size = sizeof error_;
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error_, &size);
  if (error_ != 0) broken_ = true;
  return error_ == 0 ? Status::moved : Status::failed;
}

Stream::Moved Stream::read(char* into, std::size_t size) {
  const auto got = recv(fd_, into, size, 0);
  if (got > 0) {
    // A short read has emptied the socket, unless the peer's end follows: edge-triggered, that is not told again.
    if (static_cast<std::size_t>(got) < size && !peer_ended_ && !broken_) readable_ = false;
    return {Status::moved, static_cast<std::size_t>(got)};
  }
  if (got == 0) {
    peer_ended_ = true;
    readable_ = false;
    return {Status::ended, 0};
  }
  readable_ = false;
  if (would_block(errno)) return {Status::blocked, 0};
  error_ = errno;
  broken_ = true;
  return {Status::failed, 0};
}

Stream::Moved Stream::write(const iovec* parts, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts);
  message.msg_iovlen = static_cast<std::size_t>(count);
  const auto sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
  if (sent >= 0) {
    std::size_t offered = 0;
    for (int i = 0; i < count; ++i) offered += parts[i].iov_len;
    if (static_cast<std::size_t>(sent) < offered) writable_ = false;
    return {Status::moved, static_cast<std::size_t>(sent)};
  }
  writable_ = false;
  if (would_block(errno)) return {Status::blocked, 0};
  error_ = errno;
  broken_ = true;
  return {Status::failed, 0};
}

void Stream::shut_down_writing() { shutdown(fd_, SHUT_WR); }

void Stream::reset_on_close() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void Stream::on_events(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) writable_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  if ((events & EPOLLRDHUP) != 0) peer_ended_ = true;
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) {
    broken_ = true;
    writable_ = true;  // so that whoever waits to write finds out
  }
  if (listener_ != nullptr) listener_->on_ready();
}

bool OutBuffer::send(Stream& stream, const iovec* parts, int count) {
  iovec all[8];
  int used = 0;
  if (!empty()) all[used++] = part(std::string_view(bytes_).substr(at_));
  const std::size_t kept = size();
  std::size_t total = kept;
  for (int i = 0; i < count; ++i) {
    total += parts[i].iov_len;
    if (parts[i].iov_len > 0) all[used++] = parts[i];
  }
  if (total == 0) return true;

  std::size_t sent = 0;
  if (stream.writable()) {
    const auto moved = stream.write(all, used);
    if (moved.status == Stream::Status::failed) return false;
    sent = moved.bytes;
  }
  if (sent >= kept) {
    clear();
    keep(parts, count, sent - kept);
  } else {
    at_ += sent;
    if (at_ > kGiveBackBytes && at_ > bytes_.size() / 2) {
      bytes_.erase(0, at_);
      at_ = 0;
    }
    keep(parts, count, 0);
  }
  return true;
}

void OutBuffer::keep(const iovec* parts, int count, std::size_t skip) {
  for (int i = 0; i < count; ++i) {
    const std::size_t length = parts[i].iov_len;
    if (skip >= length) {
      skip -= length;
      continue;
    }
    bytes_.append(static_cast<const char*>(parts[i].iov_base) + skip, length - skip);
    skip = 0;
  }
}

void OutBuffer::clear() {
  bytes_.clear();
  at_ = 0;
  if (bytes_.capacity() > kGiveBackBytes) bytes_.shrink_to_fit();
}

}  // namespace comparator::front
