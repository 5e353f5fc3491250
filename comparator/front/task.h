#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

#include "comparator/front/loop.h"

/// Thin coroutines: a Task starts at once and frees itself; a Step is awaited by its caller. Frames are recycled
/// per thread. No result types beyond plain values: gcc miscompiles structured bindings of awaited results (PR 124584).
namespace comparator::front {

/// Recycled coroutine frames, one free list per size class and thread.
class FramePool {
 public:
  static void* allocate(std::size_t bytes);
  static void release(void* frame, std::size_t bytes) noexcept;
};

struct RecycledFrame {
  static void* operator new(std::size_t bytes) { return FramePool::allocate(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { FramePool::release(frame, bytes); }
};

/// A coroutine with a life of its own. An exception that escapes it is a bug and ends the program.
struct Task {
  struct promise_type : RecycledFrame {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

/// A part of a Task, started when awaited and done before its caller goes on. T is a plain value.
template <class T>
class [[nodiscard]] Step {
 public:
  struct promise_type : RecycledFrame {
    std::coroutine_handle<> caller;
    T value{};

    Step get_return_object() { return Step(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().caller;
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value = result; }
    void unhandled_exception() { std::terminate(); }
  };

  explicit Step(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Step(Step&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  ~Step() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    handle_.promise().caller = caller;
    return handle_;
  }
  T await_resume() { return handle_.promise().value; }

 private:
  std::coroutine_handle<promise_type> handle_;
};

/// What a Task waits with: any event on a stream that names it, or its deadline, wakes the task, which looks again.
/// One per task. Wakes are hints: a woken task checks what it waited for.
class Waiter final : public Listener, public Deadline, public Deferred {
 public:
  explicit Waiter(Loop& loop) : loop_(loop) {}

  void on_ready() override { loop_.wake(*this); }
  void on_deadline() override {
    timed_out_ = true;
    loop_.wake(*this);
  }
  void run() override {
    if (handle_) std::exchange(handle_, nullptr).resume();
  }

  /// Starts the deadline anew; `timed_out()` tells when it has passed.
  void arm(DeadlineQueue& queue) {
    timed_out_ = false;
    queue.arm(*this);
  }
  void rest() {
    timed_out_ = false;
    Deadline::disarm();
  }
  bool timed_out() const { return timed_out_; }

  /// Told to end: the task returns at its next wait.
  void cancel() {
    cancelled_ = true;
    loop_.wake(*this);
  }
  bool cancelled() const { return cancelled_; }

  /// `co_await waiter.end_of_round()`: goes on once the events of this round are served.
  struct EndOfRound {
    Waiter& waiter;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept {
      waiter.handle_ = handle;
      waiter.loop_.defer(waiter);
    }
    void await_resume() const noexcept {}
  };
  EndOfRound end_of_round() { return {*this}; }

  bool await_ready() const noexcept { return timed_out_ || cancelled_; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { handle_ = handle; }
  void await_resume() const noexcept {}

 private:
  Loop& loop_;
  std::coroutine_handle<> handle_;
  bool timed_out_ = false;
  bool cancelled_ = false;
};

/// A second deadline of a task: wakes it and stays rung until it is started again. Unarmed, it never rings.
class Alarm final : public Deadline {
 public:
  explicit Alarm(Waiter& waiter) : waiter_(waiter) {}
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

/// A copy's place in its front end's list, by which draining finds it.
struct EnrolledCopy : Link {
  explicit EnrolledCopy(Waiter& w) : waiter(w) {}
  Waiter& waiter;
};

}  // namespace comparator::front
