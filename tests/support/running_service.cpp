#include "tests/support/running_service.h"

#include <numeric>
#include <stdexcept>

#include "storage/store.h"
#include "tests/support/eventually.h"

namespace support {
namespace {

comparator::Config config_of(std::uint16_t old_port, std::uint16_t new_port, const std::string& store) {
  const auto url = [](std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); };
  auto parsed = comparator::config_for(url(old_port), url(new_port));
  if (const auto* problems = std::get_if<std::vector<comparator::Problem>>(&parsed)) {
    throw std::runtime_error(problems->front().message);
  }
  auto config = std::get<comparator::Config>(std::move(parsed));
  config.listen = {"127.0.0.1", 0};
  config.admin.listen = {"127.0.0.1", 0};
  config.store = store;
  config.loops = 1;
  config.drain = std::chrono::milliseconds(500);
  config.new_side.timeout = std::chrono::seconds(20);  // tests that mean it set their own; sanitizers are slow
  return config;
}

}  // namespace

RunningService::RunningService(std::uint16_t old_port, std::uint16_t new_port, const Change& change) {
  config_ = config_of(old_port, new_port, store_path());
  if (change) change(config_);
  service_ = std::make_unique<comparator::Service>(config_);
}

void RunningService::reload(const Change& change) {
  auto config = config_;
  if (change) change(config);
  service_->reload(config);
  config_ = std::move(config);
}

std::string RunningService::exchange(std::string_view bytes) const {
  Socket client = connect();
  client.send(bytes);
  return client.receive_all();
}

std::map<std::string, std::uint64_t> RunningService::outcomes() const {
  service_->flush();
  return outcomes_in(store_path());
}

std::map<std::string, std::uint64_t> outcomes_in(const std::string& store_path) {
  const storage::Reader reader(store_path);
  std::map<std::string, std::uint64_t> outcomes;
  for (const auto& row : reader.outcome_counts({})) {
    const std::string name(storage::name(row.outcome));
    outcomes[row.cause.empty() ? name : name + "/" + row.cause] += row.tally.count;
  }
  return outcomes;
}

std::map<std::string, std::uint64_t> outcomes_of(const RunningService& running, std::uint64_t requests) {
  std::map<std::string, std::uint64_t> outcomes;
  eventually([&] {
    outcomes = running.outcomes();
    const auto total = std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0},
                                       [](auto sum, const auto& entry) { return sum + entry.second; });
    return total >= requests;
  });
  return outcomes;
}

}  // namespace support
