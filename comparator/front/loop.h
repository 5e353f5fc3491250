#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

/// One thread's event loop: edge-triggered epoll, deadlines, deferred work. Nothing above this folder knows of epoll.
namespace comparator::front {

using Clock = std::chrono::steady_clock;

class Loop;

/// Told when a stream may be read or written again. Called while events are dispatched: it takes note and returns.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_ready() = 0;
};

/// A link in a list; unlinks itself when it goes. Not copyable, since its neighbours point at it.
struct Link {
  Link* prev = this;
  Link* next = this;

  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() { unlink(); }
  bool linked() const { return next != this; }
  void unlink() {
    prev->next = next;
    next->prev = prev;
    prev = next = this;
  }
  void insert_before(Link& other) {
    unlink();
    prev = other.prev;
    next = &other;
    prev->next = this;
    other.prev = this;
  }
};

/// A moment after which something is called once. Lives in one DeadlineQueue at a time.
class Deadline : public Link {
 public:
  virtual ~Deadline() = default;
  virtual void on_deadline() = 0;
  void disarm() { unlink(); }
  bool armed() const { return linked(); }

 private:
  friend class DeadlineQueue;
  Clock::time_point due_;
};

/// All deadlines of one duration, so that a list in order of arming is a list in order of time: arming, disarming
/// and expiry cost a few pointers.
class DeadlineQueue {
 public:
  DeadlineQueue(Loop& loop, std::chrono::milliseconds duration) : loop_(loop), duration_(duration) {}
  void arm(Deadline& deadline);
  std::chrono::milliseconds duration() const { return duration_; }

 private:
  friend class Loop;
  bool empty() const { return !list_.linked(); }
  Clock::time_point first_due() const;
  void expire(Clock::time_point now);

  Loop& loop_;
  std::chrono::milliseconds duration_;
  Link list_;
};

/// Work that is done once the events of this round are: runs at most once per defer().
class Deferred : public Link {
 public:
  virtual ~Deferred() = default;
  virtual void run() = 0;
};

/// What an epoll event is handed to.
class EventTarget {
 public:
  virtual ~EventTarget() = default;
  virtual void on_events(std::uint32_t events) = 0;
};

class Loop {
 public:
  static constexpr std::size_t kScratchBytes = 64 * 1024;

  /// Throws std::system_error when the kernel gives no epoll or event descriptor.
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs on the calling thread until stop().
  void run();
  /// Ends run() after the round. From the loop's own thread; other threads post it.
  void stop() { stopping_ = true; }
  /// Runs a function on the loop's thread soon. Thread-safe; the queue is for rare control messages.
  void post(std::function<void()> function);
  /// When run() has ended: does what was posted too late for it, on the calling thread.
  void finish_posted();

  /// The time at which this round began: coarse, free to read.
  Clock::time_point now() const { return now_; }
  /// Deadlines of one duration share a queue; the reference lives as long as the loop.
  DeadlineQueue& deadlines(std::chrono::milliseconds duration);
  /// Puts work at the end of this round, in order.
  void defer(Deferred& work) { work.insert_before(deferred_); }
  /// Like defer(), but ahead of what is deferred: for those woken by an event.
  void wake(Deferred& work) {
    if (!work.linked()) work.insert_before(woken_);
  }

  /// Memory for one read, valid until the caller suspends.
  char* scratch() { return scratch_.get(); }

  /// Registers a descriptor for as long as it is open.
  void add(int fd, std::uint32_t events, EventTarget& target);
  /// Before closing one that others hold too: only the last close of a shared descriptor would end its events.
  void remove(int fd);

 private:
  int wait_timeout_ms() const;
  void dispatch(int count);
  void run_posted();
  void run_woken();
  void run_deferred();

  int epoll_ = -1;
  int wake_ = -1;
  bool stopping_ = false;
  Clock::time_point now_ = Clock::now();
  std::vector<epoll_event> events_;
  std::vector<std::unique_ptr<DeadlineQueue>> queues_;
  Link woken_;
  Link deferred_;
  std::unique_ptr<char[]> scratch_;
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace comparator::front
