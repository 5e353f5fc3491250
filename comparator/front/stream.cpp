#include "comparator/front/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace comparator::front {
namespace {

constexpr std::size_t kTlsRecord = 16 * 1024;      // RFC 8446 section 5.1
constexpr std::size_t kGiveBackBytes = 64 * 1024;  // larger buffers are freed once empty

constexpr std::size_t kGathered = 4096;  // up to here, copying costs less than what the kernel does for several parts

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// The next bytes of the parts behind the first `skip`, as many as there are room for.
std::size_t gather(const iovec* parts, int count, std::size_t skip, char* into, std::size_t room) {
  std::size_t filled = 0;
  for (int i = 0; i < count && filled < room; ++i) {
    const std::size_t begin = std::min(skip, parts[i].iov_len);
    const std::size_t take = std::min(parts[i].iov_len - begin, room - filled);
    skip -= begin;
    if (take == 0) continue;  // memcpy wants a place even for no bytes, and an empty part may have none
    std::memcpy(into + filled, static_cast<const char*>(parts[i].iov_base) + begin, take);
    filled += take;
  }
  return filled;
}

}  // namespace

Stream::Stream(Loop& loop, int fd, const Address& peer, bool connecting)
    : loop_(loop), fd_(fd), peer_(peer), connecting_(connecting), writable_(!connecting) {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // a refusal (Unix socket) does no harm
  loop.add(fd_, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
}

Stream::~Stream() {
  if (tls_ != nullptr && !broken_ && !reset_) tls_->end();
  loop_.remove(fd_);  // closing would not do it while a forked child has the socket, too
  close(fd_);
}

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
  return std::make_unique<Stream>(loop, fd, address, true);
}

void Stream::start_tls(const tls::Context& context, const std::string& server_name) {
  tls_ = std::make_unique<tls::Session>(context, fd_, server_name);
  shaking_hands_ = true;
}

Stream::Status Stream::connected() {
  if (error_ != 0) return Status::failed;
  if (connecting_) {
    if (!writable_ && !broken_) return Status::blocked;
    connecting_ = false;
    socklen_t size = sizeof error_;
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error_, &size);
    if (error_ != 0) return fail(error_);
  }
  return shaking_hands_ ? shake_hands() : Status::moved;
}

Stream::Status Stream::shake_hands() {
  switch (tls_->handshake()) {
    case tls::Session::Status::done:
      shaking_hands_ = false;
      readable_ = true;  // the handshake may have read on, so that no event will tell of what it holds
      return Status::moved;
    case tls::Session::Status::blocked: return Status::blocked;
    default: return fail(EPROTO);
  }
}

Stream::Status Stream::fail(int error) {
  error_ = error;
  broken_ = true;
  cut_ |= error != EPIPE;  // which follows a proper end, or the reset that was told before
  return Status::failed;
}

Stream::Moved Stream::read(char* into, std::size_t size) {
  if (tls_ != nullptr) return read_tls(into, size);
  const auto got = recv(fd_, into, size, 0);
  if (got > 0) {
    // A short read has emptied the socket, unless the peer's end follows: edge-triggered, that is not told again.
    if (static_cast<std::size_t>(got) < size && !peer_ended_ && !broken_) readable_ = false;
    return {Status::moved, static_cast<std::size_t>(got)};
  }
  if (got == 0) {
    peer_ended_ = true;
    readable_ = false;
    if (cut_) return {fail(ECONNRESET), 0};  // a write has been told; a read then sees an end like any other
    return {Status::ended, 0};
  }
  readable_ = false;
  if (would_block(errno)) return {Status::blocked, 0};
  return {fail(errno), 0};
}

Stream::Moved Stream::read_tls(char* into, std::size_t size) {
  std::size_t got = 0;
  const auto status = tls_->read(into, size, got);
  readable_ = status == tls::Session::Status::done && (tls_->more() || peer_ended_ || broken_);
  switch (status) {
    case tls::Session::Status::done: return {Status::moved, got};
    case tls::Session::Status::blocked: return {Status::blocked, 0};
    case tls::Session::Status::ended: peer_ended_ = true; return {Status::ended, 0};
    case tls::Session::Status::failed: break;
  }
  return {fail(ECONNRESET), 0};  // without a goodbye, it was cut
}

Stream::Moved Stream::write(const iovec* parts, int count) {
  if (tls_ != nullptr) return write_tls(parts, count);
  std::size_t offered = 0;
  for (int i = 0; i < count; ++i) offered += parts[i].iov_len;
  ssize_t sent = 0;
  if (count == 1) {
    sent = ::send(fd_, parts[0].iov_base, offered, MSG_NOSIGNAL);
  } else if (offered <= kGathered) {
    char all[kGathered];
    gather(parts, count, 0, all, offered);
    sent = ::send(fd_, all, offered, MSG_NOSIGNAL);
  } else {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = static_cast<std::size_t>(count);
    sent = sendmsg(fd_, &message, MSG_NOSIGNAL);
  }
  if (sent >= 0) {
    if (static_cast<std::size_t>(sent) < offered) writable_ = false;
    return {Status::moved, static_cast<std::size_t>(sent)};
  }
  writable_ = false;
  if (would_block(errno)) return {Status::blocked, 0};
  return {fail(errno), 0};
}

// Record by record: a write that is repeated begins with the same bytes, since nobody drops what was not taken.
Stream::Moved Stream::write_tls(const iovec* parts, int count) {
  char record[kTlsRecord];
  std::size_t moved = 0;
  for (;;) {
    const std::size_t size = gather(parts, count, moved, record, sizeof record);
    if (size == 0) return {Status::moved, moved};
    std::size_t sent = 0;
    switch (tls_->write(record, size, sent)) {
      case tls::Session::Status::done: moved += sent; break;
      case tls::Session::Status::blocked:
        writable_ = false;
        return {moved > 0 ? Status::moved : Status::blocked, moved};
      default: writable_ = false; return {fail(EPIPE), 0};
    }
  }
}

bool Stream::quiet() {
  if (tls_ == nullptr || !readable_) return !readable_;
  char byte = 0;  // session tickets and the like are for TLS alone
  return read_tls(&byte, 1).status == Status::blocked;
}

void Stream::shut_down_writing() {
  if (tls_ != nullptr) tls_->end();
  shutdown(fd_, SHUT_WR);
}

void Stream::reset_on_close() {
  reset_ = true;
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
    taken_ += sent;
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
  note(size());
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
  note(0);
  if (bytes_.capacity() > kGiveBackBytes) bytes_.shrink_to_fit();
}

}  // namespace comparator::front
