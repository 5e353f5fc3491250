#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "comparator/front/stream.h"
#include "comparator/front/task.h"

namespace comparator::front {

/// The most time that one request may take with its answer, however fast its bytes move. Unarmed, it never passes.
class TotalTime final : public Deadline {
 public:
  explicit TotalTime(Waiter& waiter) : waiter_(waiter) {}
  void start(DeadlineQueue& queue) {
    passed_ = false;
    queue.arm(*this);
  }
  bool passed() const { return passed_; }
  void on_deadline() override {
    passed_ = true;
    waiter_.on_ready();
  }

 private:
  Waiter& waiter_;
  bool passed_ = false;
};

/// A client's connection as those need it who serve its requests.
struct Client {
  Stream stream;
  OutBuffer out;      ///< Answers the client has not taken yet.
  std::string input;  ///< Bytes that were read but belong to what comes next.
  std::size_t input_at = 0;
  TotalTime total;  ///< Of the request that is served.

  std::string_view waiting() const { return std::string_view(input).substr(input_at); }
  void consume(std::size_t bytes);
  void keep(std::string_view bytes) { input.assign(bytes), input_at = 0; }
  void keep_more(std::string_view bytes);
};

}  // namespace comparator::front
