#include "comparator/admin/transport.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "comparator/admin/connection.h"

namespace comparator::admin {
namespace {

/// A fixed number of threads behind a bounded queue; who enqueues into a full one waits, so that the kernel's backlog
/// and not our file descriptors holds what nobody can answer yet.
class Workers : public httplib::TaskQueue {
 public:
  Workers(std::size_t threads, std::size_t waiting) : waiting_(waiting) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    has_room_.wait(lock, [&] { return tasks_.size() < waiting_; });
    tasks_.push_back(std::move(task));
    has_task_.notify_one();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    has_task_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

 private:
  void work() {
    while (auto task = next()) task();
  }

  std::function<void()> next() {
    std::unique_lock lock(mutex_);
    has_task_.wait(lock, [&] { return ended_ || !tasks_.empty(); });
    if (tasks_.empty()) return nullptr;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    has_room_.notify_one();
    return task;
  }

  const std::size_t waiting_;
  std::mutex mutex_;
  std::condition_variable has_task_;
  std::condition_variable has_room_;
  std::deque<std::function<void()>> tasks_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

std::vector<std::string> values_of(const httplib::Request& request, const std::string& field) {
  std::vector<std::string> values;
  const auto [first, last] = request.headers.equal_range(field);
  for (auto it = first; it != last; ++it) values.push_back(it->second);
  return values;
}

Request received(const httplib::Request& request) {
  return {.method = request.method,
          .target = request.target,
          .hosts = values_of(request, "Host"),
          .authorizations = values_of(request, "Authorization")};
}

void send(const Answer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.headers.clear();
  for (const auto& [name, value] : answer.headers) response.set_header(name, value);
  response.set_content(answer.body, answer.content_type);
}

}  // namespace

class Transport::Listener : public httplib::Server {
 public:
  Listener(Transport::Handler handler, TransportLimits limits) : handler_(std::move(handler)), limits_(limits) {
    new_task_queue = [this] { return new Workers(limits_.threads, limits_.waiting); };  // freed by the library
    // The library's default shares the port with whoever else asks for it, so that "port taken" is never noticed.
    set_socket_options([](socket_t socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      send(handler_(received(request)), response);
      return HandlerResponse::Handled;
    });
    // Only what the library refuses before it calls us has no body yet.
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      send(problem_answer(ApiError(response.status, "bad_request", "this is not a request we can read")), response);
    });
  }

  ~Listener() override {
    open_.end_all();
    stop();
    if (thread_.joinable()) thread_.join();
  }

  void start(const Endpoint& listen) {
    errno = 0;
    const int bound = listen.port == 0 ? bind_to_any_port(listen.host) : taken_port(listen);
    if (bound <= 0) {
      const std::string why = errno == 0 ? "" : fmt::format(": {}", std::strerror(errno));
      throw std::runtime_error(
          fmt::format("cannot listen on {}:{} for the admin side{}", listen.host, listen.port, why));
    }
    port_ = static_cast<std::uint16_t>(bound);
    thread_ = std::thread([this] { listen_after_bind(); });
    while (!is_running()) std::this_thread::yield();  // stop() does nothing before
  }

  std::uint16_t port() const { return port_; }

 private:
  int taken_port(const Endpoint& listen) { return bind_to_port(listen.host, listen.port) ? listen.port : -1; }

  bool process_and_close_socket(socket_t socket) override {
    const bool answered = open_.add(socket) && answer(socket);
    open_.remove(socket);
    ::shutdown(socket, SHUT_RDWR);
    ::close(socket);
    return answered;
  }

  /// The edge of the thread: an answer that no memory is left for costs this client its connection, nobody else.
  bool answer(int socket) try {
    Connection connection(socket, {limits_.head_bytes, limits_.request_time, limits_.response_time});
    bool closed = false;
    return process_request(connection, true, closed, [](httplib::Request& request) { request.ranges.clear(); });
  } catch (const std::exception&) {
    return false;
  }

  Transport::Handler handler_;
  TransportLimits limits_;
  OpenSockets open_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Transport::Transport(const Endpoint& listen, Handler handler, TransportLimits limits)
    : listener_(std::make_unique<Listener>(std::move(handler), limits)) {
  listener_->start(listen);
}

Transport::~Transport() = default;

std::uint16_t Transport::port() const { return listener_->port(); }

}  // namespace comparator::admin
