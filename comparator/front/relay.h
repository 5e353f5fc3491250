#pragma once

#include <memory>
#include <string_view>

#include "comparator/front/answer_reader.h"
#include "comparator/front/capture.h"
#include "comparator/front/client.h"
#include "comparator/front/front.h"
#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// What the relay must know of the request beside its bytes.
struct RequestShape {
  http::Framing framing = http::Framing::none;
  std::uint64_t length = 0;
  bool client_is_1_0 = false;
  bool keep_client = true;  ///< The client lets the connection go on.
  bool upgrade = false;     ///< It asked to switch protocols.
  bool idempotent = false;  ///< RFC 9110 section 9.2.2.
};

/// One request's way to the serving side and its answer's way back, both at once, as fast as the slower end takes it.
/// The client's part of the exchange; what it keeps for comparing never slows it down.
class Relay {
 public:
  /// How the client's connection goes on: not at all with `close`, when it has taken its answer; with `cut`, when it
  /// has taken a part that must not look whole; with `abort`, at once.
  enum class Ending : std::uint8_t { keep, close, cut, abort };

  /// Takes part in `exchange` until run() ends its leg.
  Relay(Front& front, Waiter& waiter, Client& client, Exchange* exchange, const RequestShape& shape);
  Step<Ending> run();

 private:
  bool take_kept();
  Step<Cause> connect();
  Step<bool> pump();
  void send_head();
  bool relay_request();
  bool relay_answer();
  bool held_back();
  std::size_t relay_length(std::string_view bytes);
  std::size_t relay_chunks(std::string_view bytes);
  void request_complete();
  void keep_request_body(std::string_view piece);
  void take_answer(std::string_view bytes);
  void begin_answer(const http::AnswerHead& head);
  void pass_interim(const http::AnswerHead& head);
  /// Whom the relay waits for, and who is to blame when nothing comes of it.
  enum class Awaited : std::uint8_t { client_to_read, client_to_send, side };
  Awaited awaited() const;
  void arm();
  void on_timeout(Awaited who);
  bool crawls();
  bool takes_after_all();
  bool client_owes_body() const;
  bool over() const { return finished_ || failure_ != Cause::none || refused_ != 0 || client_gone_; }
  /// For the client; one of HTTP/1.0 knows no chunks.
  bool ends_with_connection() const {
    return reader_.framing() == http::Framing::until_close ||
           (shape_.client_is_1_0 && reader_.framing() == http::Framing::chunked);
  }
  bool may_retry() const;
  Ending conclude();
  Ending answer_failure();
  void finish_leg();
  void log_access() const;

  Front& front_;
  Waiter& waiter_;
  Client& client_;
  Exchange* exchange_;
  const RequestShape shape_;
  const std::shared_ptr<Upstream> side_;
  std::unique_ptr<Stream> upstream_;
  OutBuffer to_upstream_;
  AnswerReader reader_;
  Capture capture_;
  http::ChunkReader request_chunks_;
  Clock::time_point started_;
  std::uint64_t request_left_;
  std::uint64_t request_bytes_ = 0;
  std::uint64_t answer_bytes_ = 0;
  Stride pace_;                  // of the client, in either direction
  Cause failure_ = Cause::none;  // of the serving side
  int told_ = 0;                 // status of an answer of our own
  int refused_ = 0;              // status for a request that went wrong on its way
  std::string_view refused_why_;
  bool reused_ = false;
  bool retried_ = false;
  bool request_done_;
  bool copying_;              // the request's copy is still to be sent
  bool in_order_ = false;     // it is sent when old has answered
  bool answer_sent_ = false;  // bytes of the final answer went to the client
  bool close_client_ = false;
  bool finished_ = false;
  bool surplus_ = false;
  bool client_gone_ = false;
  bool switched_ = false;
  bool was_held_back_ = false;
};

}  // namespace comparator::front
