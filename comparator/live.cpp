#include "comparator/live.h"

#include <string>

namespace comparator {
namespace {

using admin::MetricFamily;
using front::Counter;
using front::FrontCounters;

MetricFamily family(std::string name, std::string help, bool counter, double value) {
  MetricFamily made{name, std::move(help), counter, {}};
  made.samples.push_back({std::move(name), {}, value});
  return made;
}

double sum(const std::vector<const front::Front*>& fronts, Counter FrontCounters::*counter) {
  std::uint64_t total = 0;
  for (const auto* front : fronts) total += (front->counters().*counter).value();
  return static_cast<double>(total);
}

MetricFamily outcomes(const compare::Ledger& ledger) {
  MetricFamily made{"twinrun_requests_total", "Requests by how they ended; each is counted once.", true, {}};
  for (const auto& total : ledger.totals()) {
    made.samples.push_back(
        {made.name,
         {{"route", total.route}, {"outcome", std::string(name(total.outcome))}, {"cause", total.cause}},
         static_cast<double>(total.count)});
  }
  return made;
}

// One bucket of ours in eight: their bounds double.
MetricFamily latencies(const compare::Ledger& ledger) {
  MetricFamily made{"twinrun_answer_seconds", "From asking a side to the head of its answer.", false, {}};
  const auto seconds = [](std::chrono::microseconds time) { return std::chrono::duration<double>(time).count(); };
  for (const auto& latency : ledger.latencies()) {
    if (latency.histogram.count() == 0) continue;
    admin::Sample sample{made.name,
                         {{"route", latency.route}, {"side", std::string(name(latency.side))}},
                         seconds(latency.sum),
                         {},
                         latency.histogram.count()};
    for (std::size_t bucket = 0; bucket + 1 < storage::LatencyHistogram::kBuckets; bucket += 8) {
      sample.buckets.push_back(
          {seconds(storage::LatencyHistogram::bound(bucket)), latency.histogram.count_up_to(bucket)});
    }
    made.samples.push_back(std::move(sample));
  }
  return made;
}

MetricFamily refusals(const std::vector<const front::Front*>& fronts) {
  MetricFamily made{"twinrun_refused_total",
                    "Messages answered here instead of being taken up as requests, by the status they got.",
                    true,
                    {}};
  for (std::size_t status = 0; status < front::kStatuses; ++status) {
    std::uint64_t total = 0;
    for (const auto* front : fronts) total += front->counters().refused[status].value();
    if (total > 0)
      made.samples.push_back({made.name, {{"status", std::to_string(status)}}, static_cast<double>(total)});
  }
  return made;
}

MetricFamily failures(const std::vector<const front::Front*>& fronts) {
  MetricFamily made{"twinrun_side_failures_total", "Requests that a side did not answer, by cause.", true, {}};
  for (const Side side : {Side::old_side, Side::new_side}) {
    for (std::size_t cause = 0; cause < kCauses; ++cause) {
      std::uint64_t total = 0;
      for (const auto* front : fronts)
        total += front->counters().failures[static_cast<std::size_t>(side)][cause].value();
      if (total == 0) continue;
      made.samples.push_back(
          {made.name,
           {{"side", std::string(name(side))}, {"cause", std::string(name(static_cast<Cause>(cause)))}},
           static_cast<double>(total)});
    }
  }
  return made;
}

double reached(const std::vector<const front::Front*>& fronts, std::size_t limit) {
  std::uint64_t total = 0;
  for (const auto* front : fronts) total += front->counters().limits[limit].value();
  return static_cast<double>(total);
}

MetricFamily limits(const std::vector<const front::Front*>& fronts) {
  MetricFamily made{"twinrun_limit_reached_total", "How often each limit held, refused or ended a client.", true, {}};
  for (std::size_t i = 0; i < front::kLimitNames.size(); ++i) {
    made.samples.push_back({made.name, {{"limit", std::string(front::kLimitNames[i])}}, reached(fronts, i)});
  }
  return made;
}

MetricFamily turned_away(const std::vector<const front::Front*>& fronts) {
  MetricFamily made{"twinrun_turned_away_connections_total", "Client connections answered 503 and closed.", true, {}};
  const auto add_limit = [&](front::Limit limit) {
    const auto at = static_cast<std::size_t>(limit);
    made.samples.push_back({made.name, {{"reason", std::string(front::kLimitNames[at])}}, reached(fronts, at)});
  };
  add_limit(front::Limit::connections);
  add_limit(front::Limit::connections_per_address);
  made.samples.push_back({made.name, {{"reason", "no_descriptor"}}, sum(fronts, &FrontCounters::without_descriptor)});
  return made;
}

std::size_t in_flight(const front::Shared& shared) {
  return shared.admission[0].in_flight() + shared.admission[1].in_flight();
}

std::size_t open_breakers(const front::Shared& shared) {
  return std::size_t{shared.admission[0].breaker_open()} + std::size_t{shared.admission[1].breaker_open()};
}

}  // namespace

void LiveService::set_plan(std::shared_ptr<const Plan> plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
}

std::shared_ptr<const Config> LiveService::config() const {
  const std::lock_guard lock(mutex_);
  return {plan_, &plan_->config};
}

std::vector<MetricFamily> LiveService::metrics() const {
  const auto count = [&](const char* name, const char* help, Counter FrontCounters::*counter) {
    return family(name, help, true, sum(fronts_, counter));
  };
  const auto gauge = [](const char* name, const char* help, std::size_t value) {
    return family(name, help, false, static_cast<double>(value));
  };
  std::vector<MetricFamily> made;
  made.push_back(outcomes(ledger_));
  made.push_back(latencies(ledger_));
  made.push_back(refusals(fronts_));
  made.push_back(failures(fronts_));
  made.push_back(count("twinrun_accepted_connections_total", "Client connections accepted.", &FrontCounters::accepted));
  made.push_back(limits(fronts_));
  made.push_back(turned_away(fronts_));
  made.push_back(count("twinrun_failed_handshakes_total", "Client connections whose TLS handshake failed.",
                       &FrontCounters::failed_handshakes));
  made.push_back(
      count("twinrun_taken_requests_total", "Well-formed requests taken up, ended or not.", &FrontCounters::requests));
  made.push_back(count("twinrun_reused_connections_total", "Requests to the serving side on a kept connection.",
                       &FrontCounters::reused));
  made.push_back(count("twinrun_retried_requests_total",
                       "Requests to the serving side sent again: the kept connection was stale.",
                       &FrontCounters::retried));
  made.push_back(gauge("twinrun_client_connections", "Open client connections.", shared_.connections.load()));
  made.push_back(gauge("twinrun_copies_in_flight", "Copies the other side has not answered yet.", in_flight(shared_)));
  made.push_back(
      gauge("twinrun_breaker_open", "Sides that get no copies because they failed too often.", open_breakers(shared_)));
  made.push_back(family("twinrun_access_log_lost_bytes_total", "Of the access log: not written.", true,
                        static_cast<double>(shared_.access_log.lost_bytes())));
  made.push_back(gauge("twinrun_held_bytes", "Memory held for comparing.", shared_.held_bytes.load()));
  made.push_back(gauge("twinrun_compare_queue", "Exchanges waiting for a worker.", workers_.queued()));
  return made;
}

}  // namespace comparator
