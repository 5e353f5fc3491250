#include "comparator/front/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace comparator::front {
namespace {

constexpr int kEventsPerRound = 64;  // as many as one round should serve before deferred work gets its turn

}  // namespace

void DeadlineQueue::arm(Deadline& deadline) {
  deadline.due_ = loop_.now() + duration_;
  deadline.insert_before(list_);
}

Clock::time_point DeadlineQueue::first_due() const { return static_cast<const Deadline*>(list_.next)->due_; }

void DeadlineQueue::expire(Clock::time_point now) {
  while (!empty() && first_due() <= now) {
    auto* deadline = static_cast<Deadline*>(list_.next);
    deadline->disarm();
    deadline->on_deadline();
  }
}

Loop::Loop() : events_(kEventsPerRound), scratch_(std::make_unique<char[]>(kScratchBytes)) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  wake_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  if (wake_ < 0 || epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) < 0) {
    const int error = errno;
    if (wake_ >= 0) close(wake_);
    close(epoll_);
    throw std::system_error(error, std::generic_category(), "eventfd");
  }
}

Loop::~Loop() {
  close(wake_);
  close(epoll_);
}

void Loop::run() {
  while (!stopping_) {
    const int count = epoll_wait(epoll_, events_.data(), kEventsPerRound, wait_timeout_ms());
    now_ = Clock::now();
    if (count > 0) dispatch(count);
    run_woken();
    for (const auto& queue : queues_) queue->expire(now_);
    run_woken();
    run_deferred();
  }
}

void Loop::post(std::function<void()> function) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(function));
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);  // a full counter has woken the loop already
}

void Loop::finish_posted() {
  run_posted();
  run_deferred();
}

DeadlineQueue& Loop::deadlines(std::chrono::milliseconds duration) {
  const auto found =
      std::find_if(queues_.begin(), queues_.end(), [&](const auto& q) { return q->duration() == duration; });
  if (found != queues_.end()) return **found;
  return *queues_.emplace_back(std::make_unique<DeadlineQueue>(*this, duration));
}

void Loop::add(int fd, std::uint32_t events, EventTarget& target) {
  epoll_event event{.events = events, .data = {.ptr = &target}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) < 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void Loop::remove(int fd) { epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

int Loop::wait_timeout_ms() const {
  if (woken_.linked() || deferred_.linked() || stopping_) return 0;
  auto first = Clock::time_point::max();
  for (const auto& queue : queues_) {
    if (!queue->empty()) first = std::min(first, queue->first_due());
  }
  if (first == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - now_).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

// Events only take notes; whoever waits runs afterwards, so that nobody frees what a later event of the same round
// points at.
void Loop::dispatch(int count) {
  for (int i = 0; i < count; ++i) {
    const auto& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      run_posted();
    } else {
      static_cast<EventTarget*>(event.data.ptr)->on_events(event.events);
    }
  }
}

void Loop::run_posted() {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const auto got = read(wake_, &ignored, sizeof ignored);
  std::vector<std::function<void()>> posted;
  {
    const std::lock_guard lock(mutex_);
    posted.swap(posted_);
  }
  // Control messages may free streams; running them after the events keeps dispatch() simple.
  struct Messages : Deferred {
    std::vector<std::function<void()>> functions;
    void run() override {
      for (auto& function : functions) function();
      delete this;
    }
  };
  auto* messages = new Messages;
  messages->functions = std::move(posted);
  defer(*messages);
}

void Loop::run_woken() {
  while (woken_.linked()) {
    auto* work = static_cast<Deferred*>(woken_.next);
    work->unlink();
    work->run();
  }
}

void Loop::run_deferred() {
  // Only what is there now: work deferred meanwhile waits for the next round, behind new events.
  Link batch;
  if (!deferred_.linked()) return;
  batch.insert_before(deferred_);
  deferred_.unlink();
  while (batch.linked()) {
    auto* work = static_cast<Deferred*>(batch.next);
    work->unlink();
    work->run();
    run_woken();
  }
}

}  // namespace comparator::front
