// The summary and the routes: how it goes.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "comparator/admin/counts.h"
#include "comparator/admin/handlers.h"
#include "comparator/gate/json.h"
#include "comparator/gate/verdict.h"

namespace comparator::admin {

using nlohmann::json;

namespace {

constexpr std::int64_t kMicrosPerMinute = 60'000'000;
constexpr std::int64_t kDefaultMinutes = 60;
constexpr std::int64_t kMaxMinutes = 7 * 24 * 60;

/// What was counted, apart by whether it is evidence: only the present epoch of a configured route is.
struct Overview {
  std::map<std::string, Counts> routes;  ///< Present epoch.
  Counts present;                        ///< All routes together.
  std::uint64_t earlier_requests = 0;    ///< Of earlier epochs, and of routes that are gone.
};

Overview overview(const Call& call, const storage::Reader& reader) {
  std::map<std::string, std::string> epochs;
  for (const auto& route : call.config.routes) epochs[route.name] = call.config.epoch(route);
  Overview result;
  for (const auto& row : reader.outcome_counts({})) {
    const auto epoch = epochs.find(row.route);
    if (epoch == epochs.end() || epoch->second != row.epoch) {
      result.earlier_requests += row.tally.count;
      continue;
    }
    result.routes[row.route].add(row);
    result.present.add(row);
  }
  return result;
}

json minutes_json(const std::vector<storage::MinuteCount>& minutes) {
  json list = json::array();
  for (const auto& minute : minutes) {
    list.push_back({{"at_s", minute.minute * 60},
                    {"compared", minute.compared},
                    {"different", minute.different},
                    {"uncompared", minute.uncompared}});
  }
  return list;
}

json route_json(const Call& call, const storage::Reader& reader, const RouteConfig& route, const Counts& counts) {
  const auto epoch = call.config.epoch(route);
  const auto minutes = call.query.number("minutes", 1, kMaxMinutes, kDefaultMinutes);
  storage::Filter filter;
  filter.route = route.name;
  filter.epoch = epoch;
  filter.since_minute = call.now_us / kMicrosPerMinute - minutes + 1;

  auto answer = to_json(counts);
  answer["name"] = route.name;
  answer["methods"] = route.methods;
  answer["path"] = route.path;
  answer["stage"] = name(route.stage);
  answer["sample"] = route.sample;
  answer["epoch"] = epoch;
  answer["unreviewed"] = reader.unreviewed(route.name, diffing::Severity::minor);
  answer["gate"] = gate::to_json(gate::judge_from(reader, call.config, route, call.now_us));
  answer["minutes"] = minutes_json(reader.minutes(filter));
  return answer;
}

json side_json(const SideConfig& side) { return {{"url", side.url}, {"build", side.build}}; }

json store_json(const storage::WriterHealth& health) {
  return {{"degraded", health.degraded},
          {"problem", health.problem},
          {"batches", health.batches},
          {"evidence_written", health.evidence_written},
          {"evidence_lost", health.evidence_lost},
          {"evidence_refused", health.evidence_refused},
          {"queued", health.queued}};
}

std::string address(const Call& call) {
  const auto listen = call.live.listening().value_or(call.config.listen);
  const bool v6 = listen.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", listen.host, listen.port) : fmt::format("{}:{}", listen.host, listen.port);
}

void add_verdicts(json& answer, const Call& call, const storage::Reader& reader) {
  std::vector<gate::RouteVerdict> verdicts;
  std::map<std::string, int> tally{{"pass", 0}, {"fail", 0}, {"hold", 0}};
  std::uint64_t unreviewed = 0;
  for (const auto& route : call.config.routes) {
    verdicts.push_back(gate::judge_from(reader, call.config, route, call.now_us));
    ++tally[std::string(gate::name(verdicts.back().verdict))];
    unreviewed += reader.unreviewed(route.name, diffing::Severity::minor);
  }
  answer["verdict"] = gate::name(gate::overall(verdicts));
  answer["verdicts"] = tally;
  answer["unreviewed"] = unreviewed;
}

}  // namespace

const RouteConfig& route_named(const Call& call, const std::string& name) {
  const auto& routes = call.config.routes;
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const auto& route) { return route.name == name; });
  if (found == routes.end()) throw ApiError(404, "not_found", "there is no route '" + name + "'");
  return *found;
}

Answer get_summary(const Call& call, const storage::Reader& reader) {
  const auto counted = overview(call, reader);
  auto answer = to_json(counted.present);
  answer["earlier_requests"] = counted.earlier_requests;
  answer["version"] = TWINRUN_VERSION;
  answer["now_us"] = call.now_us;
  answer["started_at_us"] = call.started_at_us;
  answer["uptime_s"] = (call.now_us - call.started_at_us) / 1'000'000;
  answer["ready"] = call.live.ready();
  answer["listen"] = address(call);
  answer["old"] = side_json(call.config.old_side);
  answer["new"] = side_json(call.config.new_side);
  answer["store"] = store_json(call.live.writer_health());
  add_verdicts(answer, call, reader);
  return json_answer(answer);
}

Answer get_routes(const Call& call, const storage::Reader& reader) {
  auto counted = overview(call, reader);
  json routes = json::array();
  for (const auto& route : call.config.routes) {
    routes.push_back(route_json(call, reader, route, counted.routes[route.name]));
  }
  return json_answer({{"items", std::move(routes)}, {"now_us", call.now_us}});
}

Answer get_route(const Call& call, const storage::Reader& reader) {
  const auto& route = route_named(call, call.arguments.at(0));
  auto counted = overview(call, reader);
  return json_answer(route_json(call, reader, route, counted.routes[route.name]));
}

}  // namespace comparator::admin
