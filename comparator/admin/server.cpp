#include "comparator/admin/server.h"

#include <fmt/format.h>

#include <stdexcept>

#include "comparator/admin/readers.h"
#include "comparator/admin/resources.h"
#include "comparator/admin/transport.h"
#include "comparator/config/endpoint.h"

namespace comparator::admin {
namespace {

std::int64_t microseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

const Endpoint& guarded(const AdminConfig& admin) {
  if (admin.tokens.empty() && !is_loopback(admin.listen)) {
    throw std::runtime_error(fmt::format(
        "the admin side will not listen on {} without admin.tokens: everybody could read it", admin.listen.host));
  }
  return admin.listen;
}

}  // namespace

struct Server::Running {
  Running(const Config& config, const Live& live, Clock the_clock)
      : clock(std::move(the_clock)),
        readers(config.store),
        environment{config, live, readers, microseconds(clock())},
        transport(guarded(config.admin),
                  [this](const Request& request) { return answer(environment, request, microseconds(clock())); }) {}

  Clock clock;
  Readers readers;
  Environment environment;
  Transport transport;  // last: its threads use the others
};

Server::Server(const Config& config, const Live& live, Clock clock)
    : running_(std::make_unique<Running>(config, live, std::move(clock))) {}

Server::~Server() = default;

std::uint16_t Server::port() const { return running_->transport.port(); }

}  // namespace comparator::admin
