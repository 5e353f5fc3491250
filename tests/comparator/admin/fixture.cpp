#include "tests/comparator/admin/fixture.h"

#include <stdlib.h>

#include <stdexcept>

#include "tests/support/catch.h"

namespace admin_test {

TemporaryDirectory::TemporaryDirectory() {
  auto name = (std::filesystem::temp_directory_path() / "twinrun-admin-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a directory like " + name);
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

comparator::Config config_with_store(const std::string& path) {
  comparator::Config config;
  config.listen = {"127.0.0.1", 8080};
  config.old_side.url = "http://10.0.0.5:8080";
  config.new_side.url = "http://10.0.0.6:8080";
  config.store = path;
  config.admin.listen = {"127.0.0.1", 0};
  comparator::RouteConfig invoices;
  invoices.name = "get-invoice";
  invoices.path = "/invoices/{id}";
  comparator::RouteConfig everything;
  everything.name = "default";
  config.routes = {invoices, everything};
  return config;
}

storage::Report report_of(const comparator::Config& config, int index) {
  storage::Report report;
  report.recorded_at_us = kNowUs - index * std::int64_t{1'000'000};
  report.route = "get-invoice";
  report.epoch = config.epoch(config.routes.front());
  report.method = "GET";
  report.target = "/invoices/" + std::to_string(index);
  report.request_headers = {{"Host", "shop.example"}, {"Accept", "application/json"}};
  report.outcome = storage::Outcome::mismatch;
  report.severity = diffing::Severity::major;
  report.score = 0.25;
  report.difference_count = 1;
  diffing::Difference difference;
  difference.path = "/body/total";
  difference.signature = "/body/total";
  difference.kind = diffing::Kind::type;
  difference.old_value = "12";
  difference.new_value = "\"12\"";
  report.differences = {difference};
  report.old_side = {.failure = "",
                     .status = 200,
                     .headers = {{"Content-Type", "application/json"}},
                     .body = R"({"total":12})",
                     .body_bytes = 12,
                     .body_truncated = false,
                     .elapsed_us = 1500};
  report.new_side = report.old_side;
  report.new_side.body = R"({"total":"12"})";
  report.new_side.body_bytes = 14;
  report.new_side.elapsed_us = 900;
  return report;
}

void add_tally(storage::Batch& batch, const comparator::Config& config, const std::string& route,
               storage::Outcome outcome, std::uint64_t count, std::int64_t minutes_ago) {
  storage::TallyKey key;
  key.route = route;
  for (const auto& each : config.routes) {
    if (each.name == route) key.epoch = config.epoch(each);
  }
  key.minute = kNowMinute - minutes_ago;
  key.outcome = outcome;
  if (outcome == storage::Outcome::mismatch) key.severity = diffing::Severity::major;
  if (outcome == storage::Outcome::new_failed) key.cause = "timeout";
  storage::Tally tally;
  tally.count = count;
  tally.old_latency.add(std::chrono::milliseconds(10), count);
  if (outcome != storage::Outcome::new_failed) tally.new_latency.add(std::chrono::milliseconds(40), count);
  batch.tallies[key].add(tally);
}

storage::Store& Fixture::store() {
  if (!store_) store_ = std::make_unique<storage::Store>(config.store);
  return *store_;
}

void Fixture::write(std::vector<storage::Report> reports) {
  storage::Batch batch;
  batch.evidence = std::move(reports);
  store().write(batch);
}

std::uint16_t Fixture::port() {
  const auto now = [] { return std::chrono::system_clock::time_point(std::chrono::microseconds(kNowUs)); };
  if (!server_) server_ = std::make_unique<comparator::admin::Server>(config, live, now);
  return server_->port();
}

httplib::Response Fixture::get(const std::string& target, const httplib::Headers& headers) {
  httplib::Client client("127.0.0.1", port());
  auto result = client.Get(target, headers);
  INFO("GET " << target << ": " << httplib::to_string(result.error()));
  REQUIRE(result);
  return *result;
}

nlohmann::json Fixture::get_json(const std::string& target) {
  const auto response = get(target);
  INFO("GET " << target << ": " << response.body);
  REQUIRE(response.status == 200);
  CHECK(response.get_header_value("Content-Type") == "application/json");
  return nlohmann::json::parse(response.body);
}

}  // namespace admin_test
