#include "comparator/service.h"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <future>
#include <thread>
#include <variant>
#include <vector>

#include "comparator/admin/server.h"
#include "comparator/compare/ledger.h"
#include "comparator/compare/workers.h"
#include "comparator/front/front.h"
#include "comparator/front/listener.h"
#include "comparator/live.h"
#include "comparator/log.h"
#include "comparator/plan.h"
#include "storage/store.h"
#include "storage/writer.h"

namespace comparator {
namespace {

std::size_t loop_count(const Config& config) {
  return config.loops > 0 ? config.loops : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

Plan plan_or_throw(Config config) {
  auto made = make_plan(std::move(config));
  if (auto* problem = std::get_if<std::string>(&made)) throw std::runtime_error(*problem);
  return std::get<Plan>(std::move(made));
}

// Signals are for the thread that waits for them; every other thread is started with them blocked.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

// Members in the order of the arrows, so that what is used outlives its user.
struct Service::Running {
  explicit Running(Config config)
      : plan(plan_or_throw(std::move(config))),
        listeners(front::listen(plan.config.listen, loop_count(plan.config))),
        store(plan.config.store),
        writer(store, ledger.tallies()),
        workers(plan.config.compare, ledger, writer, held_bytes),
        shared{plan, ledger, workers, held_bytes},
        live(ledger, writer, workers, shared) {
    for (auto& socket : listeners.sockets) fronts.push_back(std::make_unique<front::Front>(shared, socket.release()));
    for (const auto& front : fronts) live.add(*front);
    live.set_listening({plan.config.listen.host, listeners.port});
    admin = std::make_unique<admin::Server>(plan.config, live);
    for (auto& front : fronts) threads.emplace_back([&front] { front->run(); });
    live.set_ready(true);
  }

  // Stop accepting, finish what is in flight until the deadline, drain the queues, flush, close: each stage ends
  // after the one that feeds it.
  void stop() {
    live.set_ready(false);
    for (auto& front : fronts) front->begin_to_drain();
    for (auto& thread : threads) thread.join();
    threads.clear();
    for (auto& front : fronts) front->hand_over();
    workers.stop();
    writer.stop();
    admin.reset();
  }

  Plan plan;
  front::Listeners listeners;
  std::atomic<std::size_t> held_bytes{0};
  compare::Ledger ledger;
  storage::Store store;
  storage::Writer writer;
  compare::Workers workers;
  front::Shared shared;
  LiveService live;
  std::vector<std::unique_ptr<front::Front>> fronts;
  std::unique_ptr<admin::Server> admin;
  std::vector<std::thread> threads;
};

Service::Service(Config config) : running_(std::make_unique<Running>(std::move(config))) {}

Service::~Service() { stop(); }

std::uint16_t Service::port() const { return running_->listeners.port; }
std::uint16_t Service::admin_port() const { return running_->admin->port(); }

void Service::flush() {
  for (auto& front : running_->fronts) {
    std::promise<void> handed;
    front->loop().post([&] {
      front->hand_over();
      handed.set_value();
    });
    handed.get_future().wait();
  }
  running_->workers.wait_until_idle();
  running_->writer.flush();
}

void Service::stop() {
  if (running_ == nullptr) return;
  running_->stop();
  running_.reset();
}

int serve(const Config& config) {
  const sigset_t signals = block_signals();
  try {
    Service service(config);
    log::info("listening", {{"address", fmt::format("{}:{}", config.listen.host, service.port())}});
    log::info("admin", {{"address", fmt::format("{}:{}", config.admin.listen.host, service.admin_port())}});
    log::info("ready", {{"old", config.old_side.url}, {"new", config.new_side.url}, {"store", config.store}});
    int signal = 0;
    sigwait(&signals, &signal);
    log::info("draining", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    service.stop();
    log::info("stopped");
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "twinrun: {}\n", error.what());
    return 1;
  }
}

}  // namespace comparator
