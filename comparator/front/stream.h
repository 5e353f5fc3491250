#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "comparator/address.h"
#include "comparator/front/loop.h"
#include "comparator/tls/tls.h"

namespace comparator::front {

/// A non-blocking connection on a loop, with or without TLS: registered once, its readiness remembered. Belongs to the
/// loop's thread.
///
/// read() and write() move what can be moved now. `listener` is told when that may have changed; without one the
/// events are only remembered.
class Stream final : public EventTarget, public Link {
 public:
  enum class Status : std::uint8_t { moved, blocked, ended, failed };
  struct Moved {
    Status status = Status::blocked;
    std::size_t bytes = 0;
  };

  /// Takes over a connected (or, with `connecting`, a connecting) non-blocking socket.
  Stream(Loop& loop, int fd, const Address& peer, bool connecting);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Starts to connect; nullptr and `error` (an errno) when that fails at once.
  static std::unique_ptr<Stream> connect(Loop& loop, const Address& address, int& error);

  /// Before connected(): speaks TLS from here on; see tls::Session for the name.
  void start_tls(const tls::Context& context, const std::string& server_name = {});

  void set_listener(Listener* listener) { listener_ = listener; }

  /// While connecting, and while TLS shakes hands: blocked; then moved, or failed with error() set (EPROTO: TLS).
  Status connected();
  /// Reads at most `size` bytes: `moved` with at least one, `blocked`, `ended` (the peer sends no more) or `failed`.
  Moved read(char* into, std::size_t size);
  /// Writes from the parts in order; `moved` may be short.
  Moved write(const iovec* parts, int count);
  /// No more bytes from us; the peer sees the end.
  void shut_down_writing();
  /// Ends with a reset instead of an end, so that a cut answer is seen to be cut.
  void reset_on_close();

  bool readable() const { return readable_; }
  bool writable() const { return writable_; }
  /// The next write is tried, whatever the kernel has told.
  void look_again() { writable_ = !connecting_; }
  bool broken() const { return broken_; }          ///< Reset or timed out: nothing can be sent any more.
  bool peer_ended() const { return peer_ended_; }  ///< The peer's end was seen; bytes before it may wait to be read.
  int error() const { return error_; }
  const Address& peer() const { return peer_; }
  bool secure() const { return tls_ != nullptr; }
  /// Nothing that counts waits to be read: of an idle peer, anything else is a surprise.
  bool quiet();
  /// Why TLS failed, in a few words; empty when it did not.
  std::string_view tls_problem() const { return tls_ == nullptr ? std::string_view() : tls_->problem(); }

  void on_events(std::uint32_t events) override;

 private:
  Status shake_hands();
  Moved read_tls(char* into, std::size_t size);
  Moved write_tls(const iovec* parts, int count);
  Status fail(int error);

  Loop& loop_;
  int fd_;
  int error_ = 0;
  Address peer_;
  std::unique_ptr<tls::Session> tls_;
  bool connecting_;
  bool shaking_hands_ = false;
  bool reset_ = false;
  bool readable_ = false;
  bool writable_;
  bool broken_ = false;
  bool cut_ = false;  // by a reset, of which the kernel tells once
  bool peer_ended_ = false;
  Listener* listener_ = nullptr;
};

/// Bytes on their way out that the socket did not take yet. With an account, what it holds is added there as long as it
/// is held.
class OutBuffer {
 public:
  explicit OutBuffer(std::size_t* account = nullptr) : account_(account) {}
  ~OutBuffer() { note(0); }
  OutBuffer(const OutBuffer&) = delete;
  OutBuffer& operator=(const OutBuffer&) = delete;
  bool empty() const { return at_ == bytes_.size(); }
  std::size_t size() const { return bytes_.size() - at_; }
  std::uint64_t taken() const { return taken_; }  ///< By the socket, since the beginning.
  /// Sends what is kept and then the parts; keeps what the socket does not take. False when the stream failed.
  bool send(Stream& stream, const iovec* parts, int count);
  bool flush(Stream& stream) { return send(stream, nullptr, 0); }
  void clear();

 private:
  void keep(const iovec* parts, int count, std::size_t skip);
  void note(std::size_t held) {
    if (account_ != nullptr) *account_ += held - noted_;
    noted_ = held;
  }

  std::string bytes_;
  std::size_t at_ = 0;
  std::uint64_t taken_ = 0;
  std::size_t* account_;
  std::size_t noted_ = 0;
};

inline iovec part(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

}  // namespace comparator::front
