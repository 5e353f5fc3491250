#include "comparator/names/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "comparator/log.h"

namespace comparator::names {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr seconds kShortest{1};  // a TTL of 0 asks for a lookup per connection, which is not to be had
constexpr seconds kLongest{300};
constexpr seconds kWithoutTtl{30};
constexpr seconds kAfterFailure{5};
constexpr int kTimeoutMs = 2000;
constexpr int kTries = 2;

bool is_name(const Endpoint& endpoint) {
  in6_addr any{};
  return !endpoint.host.empty() && inet_pton(AF_INET, endpoint.host.c_str(), &any) != 1 &&
         inet_pton(AF_INET6, endpoint.host.c_str(), &any) != 1;
}

// The library and one set of lookups; used by one thread.
class Channel {
 public:
  explicit Channel(const std::string& servers) {
    ares_options settings{};
    settings.timeout = kTimeoutMs;
    settings.tries = kTries;
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
        ares_init_options(&channel_, &settings, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES) != ARES_SUCCESS) {
      throw std::runtime_error("cannot start name lookups");
    }
    if (!servers.empty() && ares_set_servers_ports_csv(channel_, servers.c_str()) != ARES_SUCCESS) {
      end();
      throw std::runtime_error(fmt::format("not a list of name servers: \"{}\"", servers));
    }
  }
  ~Channel() { end(); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void ask(const Endpoint& endpoint, ares_addrinfo_callback answered, void* argument) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = ARES_AI_NUMERICSERV;
    ares_getaddrinfo(channel_, endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, answered,
                     argument);
  }

  // Waits until something came, `wake` can be read, or `at_most` has passed, and lets the library go on.
  void wait(int wake, std::chrono::milliseconds at_most) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    const auto wants = static_cast<unsigned>(ares_getsock(channel_, sockets, ARES_GETSOCK_MAXNUM));
    std::vector<pollfd> polled{{wake, POLLIN, 0}};
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      short events = 0;
      if (ARES_GETSOCK_READABLE(wants, i) != 0) events |= POLLIN;
      if (ARES_GETSOCK_WRITABLE(wants, i) != 0) events |= POLLOUT;
      if (events != 0) polled.push_back({sockets[i], events, 0});
    }
    poll(polled.data(), polled.size(), until_timeout(at_most));
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what took too long
    for (std::size_t i = 1; i < polled.size(); ++i) {
      const bool readable = (polled[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writable = (polled[i].revents & POLLOUT) != 0;
      ares_process_fd(channel_, readable ? polled[i].fd : ARES_SOCKET_BAD, writable ? polled[i].fd : ARES_SOCKET_BAD);
    }
  }

  // Calls back for what is being asked; nothing can be asked any more.
  void end() {
    if (channel_ == nullptr) return;
    ares_destroy(channel_);
    channel_ = nullptr;
    ares_library_cleanup();
  }

 private:
  int until_timeout(std::chrono::milliseconds at_most) const {
    timeval most{};
    most.tv_sec = at_most.count() / 1000;
    most.tv_usec = at_most.count() % 1000 * 1000;
    timeval chosen{};
    const timeval* next = ares_timeout(channel_, &most, &chosen);
    return static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000 + 1);
  }

  ares_channel channel_ = nullptr;
};

// The addresses of an answer, which is freed, and how long they hold.
std::vector<Address> take_addresses(ares_addrinfo* answer, seconds& ttl) {
  std::vector<Address> addresses;
  const auto* node = answer == nullptr ? nullptr : answer->nodes;
  for (; node != nullptr; node = node->ai_next) {
    Address address;
    std::memcpy(&address.storage, node->ai_addr, node->ai_addrlen);
    address.length = static_cast<socklen_t>(node->ai_addrlen);
    addresses.push_back(address);
    ttl = std::min(ttl, node->ai_ttl > 0 ? std::max(kShortest, seconds(node->ai_ttl)) : kWithoutTtl);
  }
  if (answer != nullptr) ares_freeaddrinfo(answer);
  return addresses;
}

}  // namespace

struct Resolver::Running {
  // One name that is watched. Lives as long as c-ares may call back for it.
  struct Watched {
    Running& running;
    Endpoint endpoint;
    std::vector<Address> known{};
    Clock::time_point due{};
    bool asking = false;
    bool failing = false;
  };

  Running(const Options& options, Told t) : told(std::move(t)), channel(options.servers) {
    wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake < 0) throw std::runtime_error("cannot start name lookups: no descriptor");
    thread = std::thread([this] { run(); });
  }

  ~Running() {
    stopping.store(true);
    nudge();
    thread.join();
    channel.end();
    close(wake);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void nudge() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake, &one, sizeof one);
  }

  void run() {
    while (!stopping.load()) {
      take_wanted();
      ask_what_is_due();
      channel.wait(wake, until_due());
      std::uint64_t ignored = 0;
      [[maybe_unused]] const auto got = read(wake, &ignored, sizeof ignored);
    }
  }

  void take_wanted() {
    std::vector<Endpoint> endpoints;
    {
      const std::lock_guard lock(mutex);
      if (!changed) return;
      changed = false;
      endpoints = wanted;
    }
    const auto is_wanted = [&](const Endpoint& e) {
      return std::find(endpoints.begin(), endpoints.end(), e) != endpoints.end();
    };
    for (auto& each : watched) each->due = is_wanted(each->endpoint) ? each->due : kNever;
    std::erase_if(watched, [](const auto& each) { return each->due == kNever && !each->asking; });
    for (const auto& endpoint : endpoints) {
      const auto is_known = [&](const auto& each) { return each->endpoint == endpoint && each->due != kNever; };
      if (!is_name(endpoint) || std::any_of(watched.begin(), watched.end(), is_known)) continue;
      watched.push_back(std::make_unique<Watched>(Watched{*this, endpoint}));
    }
  }

  void ask_what_is_due() {
    const auto now = Clock::now();
    for (const auto& each : watched) {
      if (each->asking || each->due > now) continue;
      each->asking = true;
      lookups.fetch_add(1, std::memory_order_relaxed);
      channel.ask(each->endpoint, answered, each.get());
    }
  }

  std::chrono::milliseconds until_due() const {
    const auto now = Clock::now();
    auto first = now + std::chrono::hours(1);
    for (const auto& each : watched) {
      if (!each->asking) first = std::min(first, each->due);
    }
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(first - now), std::chrono::milliseconds(0));
  }

  static void answered(void* argument, int status, int, ares_addrinfo* answer) {
    auto& name = *static_cast<Watched*>(argument);
    name.asking = false;
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return;
    seconds ttl = kLongest;
    auto addresses = take_addresses(answer, ttl);
    if (name.due == kNever) return;  // not wanted any more; the next round forgets it
    name.running.note(name, status, std::move(addresses), ttl);
  }

  void note(Watched& name, int status, std::vector<Address> addresses, seconds ttl) {
    const bool failed = addresses.empty();
    name.due = Clock::now() + (failed ? kAfterFailure : ttl);
    if (failed) {
      failures.fetch_add(1, std::memory_order_relaxed);
      if (!name.failing) {
        log::warn("lookup_failed", {{"host", name.endpoint.host}, {"reason", ares_strerror(status)}});
      }
    } else {
      if (name.failing) log::info("lookup_works_again", {{"host", name.endpoint.host}});
      // Servers rotate their answers; only another set is news.
      const bool same = std::is_permutation(addresses.begin(), addresses.end(), name.known.begin(), name.known.end());
      if (!same) {
        name.known = std::move(addresses);
        told(name.endpoint, name.known);
      }
    }
    name.failing = failed;
  }

  static constexpr Clock::time_point kNever = Clock::time_point::max();

  Told told;
  Channel channel;
  int wake = -1;
  std::vector<std::unique_ptr<Watched>> watched;  // of the thread
  std::atomic<std::uint64_t> lookups{0};
  std::atomic<std::uint64_t> failures{0};
  std::mutex mutex;
  std::vector<Endpoint> wanted;
  bool changed = false;
  std::atomic<bool> stopping{false};
  std::thread thread;
};

std::vector<Address> look_up(const std::string& servers, const Endpoint& endpoint, std::string& error) {
  struct Lookup {
    bool done = false;
    int status = ARES_SUCCESS;
    std::vector<Address> addresses{};
  } lookup;
  Channel channel(servers);
  const auto answered = [](void* argument, int status, int, ares_addrinfo* answer) {
    auto& told = *static_cast<Lookup*>(argument);
    seconds ttl = kLongest;
    told = {true, status, take_addresses(answer, ttl)};
  };
  channel.ask(endpoint, answered, &lookup);
  while (!lookup.done) channel.wait(-1, seconds(1));  // the library gives up in time
  if (lookup.addresses.empty()) {
    error = fmt::format("cannot resolve host \"{}\": {}", endpoint.host, ares_strerror(lookup.status));
  }
  return lookup.addresses;
}

Resolver::Resolver(const Options& options, Told told) : running_(std::make_unique<Running>(options, std::move(told))) {}

Resolver::~Resolver() = default;

void Resolver::watch(const std::vector<Endpoint>& endpoints) {
  {
    const std::lock_guard lock(running_->mutex);
    running_->wanted = endpoints;
    running_->changed = true;
  }
  running_->nudge();
}

std::uint64_t Resolver::lookups() const { return running_->lookups.load(std::memory_order_relaxed); }
std::uint64_t Resolver::failures() const { return running_->failures.load(std::memory_order_relaxed); }

}  // namespace comparator::names
