#pragma once

#include <memory>

#include "comparator/front/front.h"
#include "comparator/front/relay.h"
#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// One client's connection: takes up its requests one after the other, as strictly as the codec, and answers them in
/// order. Frees itself when it ends.
class Connection final : public Link {
 public:
  /// `counted`: among the connections of its address.
  static void start(Front& front, int fd, const Address& peer, bool counted);
  /// Ends it if it is idle; otherwise its next answer says that the connection closes.
  void drain();
  /// Ends it now.
  void cancel() { waiter_.cancel(); }

 private:
  Connection(Front& front, int fd, const Address& peer, bool counted);
  ~Connection();

  Task run();
  Step<bool> shake_hands();
  Step<bool> serve_one();
  Step<bool> receive_head();
  Step<bool> flush();
  Step<bool> linger();
  bool take_head(std::string_view bytes, bool& taken);
  void begin(const http::RequestHead& head);
  void select(const http::RequestHead& head);
  bool sampled(const http::RequestHead& head, const Route& route);
  bool may_pass_on(const http::RequestHead& head);
  void refuse(const http::Refusal& refusal, bool head_request);
  void refuse(int status, std::string_view why, bool head_request = false);
  void say(int status, std::string_view answer);

  const LimitsConfig& limits() const { return front_.plan().config.limits; }  // not across a wait

  Front& front_;
  Waiter waiter_;
  Client client_;
  Exchange* exchange_ = nullptr;
  RequestShape shape_;
  std::size_t requests_ = 0;
  const bool counted_;
  bool idle_ = true;
  bool stuck_ = false;        // the client takes no more
  bool ended_by_us_ = false;  // the client may still be sending: linger, so that it can read our last words
};

}  // namespace comparator::front
