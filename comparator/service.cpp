#include "comparator/service.h"

#include <fmt/format.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <exception>
#include <future>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "comparator/admin/server.h"
#include "comparator/compare/ledger.h"
#include "comparator/compare/workers.h"
#include "comparator/front/front.h"
#include "comparator/front/listener.h"
#include "comparator/live.h"
#include "comparator/log.h"
#include "comparator/names/resolver.h"
#include "comparator/plan.h"
#include "comparator/supervisor.h"
#include "storage/store.h"
#include "storage/writer.h"

namespace comparator {
namespace {

std::size_t loop_count(const Config& config) {
  return config.loops > 0 ? config.loops : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

std::string joined(const std::vector<std::string>& servers) {
  std::string all;
  for (const auto& server : servers) all += (all.empty() ? "" : ",") + server;
  return all;
}

// The servers of the configuration are asked from the beginning; without any, the system knows more ways than DNS.
std::shared_ptr<const Plan> plan_or_throw(Config config) {
  LookUp look_up;
  if (!config.name_servers.empty()) {
    look_up = [servers = joined(config.name_servers)](const Endpoint& endpoint, std::string& error) {
      return names::look_up(servers, endpoint, error);
    };
  }
  auto made = make_plan(std::move(config), look_up);
  if (auto* problem = std::get_if<std::string>(&made)) throw std::runtime_error(*problem);
  return std::make_shared<const Plan>(std::get<Plan>(std::move(made)));
}

front::Listeners listeners_for(const Config& config) {
  if (const auto inherited = supervisor::inherited_listener()) {
    return front::share(front::Descriptor(*inherited), loop_count(config));
  }
  return front::listen(config.listen, loop_count(config));
}

// What was decided when the program started stays, whatever the file says now.
template <class Value>
void keep(std::string_view setting, const Value& running, Value& wanted) {
  if (running == wanted) return;
  log::warn("needs_restart", {{"setting", setting}});
  wanted = running;
}

void keep_what_cannot_change(const Config& running, Config& wanted) {
  keep("listen", running.listen, wanted.listen);
  keep("loops", running.loops, wanted.loops);
  keep("name_servers", running.name_servers, wanted.name_servers);
  keep("store", running.store, wanted.store);
  keep("admin.listen", running.admin.listen, wanted.admin.listen);
  keep("compare.queue", running.compare.queue, wanted.compare.queue);
  keep("compare.workers", running.compare.workers, wanted.compare.workers);
}

// Signals are for the thread that waits for them; every other thread is started with them blocked.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

// Members in the order of the arrows, so that what is used outlives its user.
struct Service::Running {
  explicit Running(Config config)
      : plan(plan_or_throw(std::move(config))),
        listeners(listeners_for(plan->config)),
        store(plan->config.store),
        writer(store, ledger.tallies()),
        workers(plan->config.compare, ledger, writer, held_bytes),
        access_log(plan->config.access_log),
        shared{ledger, workers, held_bytes, access_log},
        live(ledger, writer, workers, shared) {
    for (auto& socket : listeners.sockets) {
      fronts.push_back(std::make_unique<front::Front>(shared, plan, socket.release()));
    }
    for (const auto& front : fronts) {
      shared.fronts.push_back(front.get());
      live.add(*front);
    }
    live.set_plan(plan);
    live.set_listening({.host = plan->config.listen.host, .port = listeners.port});
    resolver =
        std::make_unique<names::Resolver>(names::Resolver::Options{joined(plan->config.name_servers)},
                                          [this](const Endpoint& endpoint, const std::vector<Address>& addresses) {
                                            for (const auto& front : fronts) front->set_addresses(endpoint, addresses);
                                          });
    admin = std::make_unique<admin::Server>(plan->config, live);
    resolver->watch({plan->config.old_side.endpoint, plan->config.new_side.endpoint});
    for (auto& front : fronts) threads.emplace_back([&front] { front->run(); });
    live.set_ready(true);
  }

  void reload(Config config) {
    keep_what_cannot_change(plan->config, config);
    auto next = plan_or_throw(std::move(config));
    access_log.reopen(next->config.access_log);
    for (const auto& front : fronts) front->adopt(next);
    live.set_plan(next);
    resolver->watch({next->config.old_side.endpoint, next->config.new_side.endpoint});
    plan = std::move(next);
  }

  // Stop accepting, finish what is in flight until the deadline, drain the queues, flush, close: each stage ends
  // after the one that feeds it.
  void stop() {
    live.set_ready(false);
    resolver.reset();
    for (auto& front : fronts) front->begin_to_drain();
    for (auto& thread : threads) thread.join();
    threads.clear();
    for (auto& front : fronts) front->end();
    workers.stop();
    writer.stop();
    admin.reset();
  }

  std::shared_ptr<const Plan> plan;
  front::Listeners listeners;
  std::atomic<std::size_t> held_bytes{0};
  compare::Ledger ledger;
  storage::Store store;
  storage::Writer writer;
  compare::Workers workers;
  front::AccessLog access_log;
  front::Shared shared;
  LiveService live;
  std::vector<std::unique_ptr<front::Front>> fronts;
  std::unique_ptr<names::Resolver> resolver;
  std::unique_ptr<admin::Server> admin;
  std::vector<std::thread> threads;
};

Service::Service(Config config) : running_(std::make_unique<Running>(std::move(config))) {}

Service::~Service() { stop(); }

std::uint16_t Service::port() const { return running_->listeners.port; }
std::uint16_t Service::admin_port() const { return running_->admin->port(); }

void Service::reload(Config config) { running_->reload(std::move(config)); }

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

namespace {

void read_again_and_follow(Service& service, const ReadAgain& read_again) {
  supervisor::notify_reloading();
  try {
    auto config = read_again();
    if (config) {
      service.reload(std::move(*config));
      log::info("reloaded");
    } else {
      log::error("reload_refused", {{"reason", "the configuration is wrong; the old one stays in force"}});
    }
  } catch (const std::exception& error) {
    log::error("reload_refused", {{"reason", error.what()}});
  }
  supervisor::notify("READY=1");
}

}  // namespace

int serve(const Config& config, const ReadAgain& read_again) {
  const sigset_t signals = block_signals();
  try {
    Service service(config);
    log::info("listening", {{"address", fmt::format("{}:{}", config.listen.host, service.port())}});
    log::info("admin", {{"address", fmt::format("{}:{}", config.admin.listen.host, service.admin_port())}});
    log::info("ready", {{"old", config.old_side.url}, {"new", config.new_side.url}, {"store", config.store}});
    supervisor::notify("READY=1");
    int signal = 0;
    while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) read_again_and_follow(service, read_again);
    log::info("draining", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    supervisor::notify("STOPPING=1");
    service.stop();
    log::info("stopped");
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "twinrun: {}\n", error.what());
    return 1;
  }
}

}  // namespace comparator
