#include "comparator/gate/json.h"

#include <fmt/format.h>

#include <numbers>

#include "comparator/gate/timestamp.h"

namespace comparator::gate {
namespace {

using nlohmann::json;

json to_json(const Stratum& stratum) {
  json object{{"severity", diffing::name(stratum.severity)},
              {"delta", stratum.delta},
              {"n", stratum.counts.n},
              {"a", stratum.counts.a},
              {"b", stratum.counts.b},
              {"log10_e_pass", stratum.log_e_pass / std::numbers::ln10},
              {"log10_e_fail", stratum.log_e_fail / std::numbers::ln10},
              {"upper", stratum.upper},
              {"lower", stratum.lower},
              {"verdict", name(stratum.verdict)},
              {"clean_requests_to_pass", nullptr}};
  if (stratum.clean_requests_to_pass) object["clean_requests_to_pass"] = *stratum.clean_requests_to_pass;
  return object;
}

json to_json(const std::vector<Reason>& reasons) {
  json list = json::array();
  for (const Reason& reason : reasons) list.push_back({{"code", reason.code}, {"message", reason.message}});
  return list;
}

}  // namespace

json to_json(const RouteVerdict& verdict) {
  json strata = json::array();
  for (const Stratum& stratum : verdict.strata) strata.push_back(to_json(stratum));
  return {{"route", verdict.route},
          {"epoch", verdict.epoch},
          {"verdict", name(verdict.verdict)},
          {"reasons", to_json(verdict.reasons)},
          {"strata", std::move(strata)},
          {"selected", verdict.selected},
          {"computed_at", timestamp(verdict.computed_at_us)},
          {"valid_until", timestamp(verdict.valid_until_us)}};
}

json to_json(const std::vector<RouteVerdict>& routes) {
  json list = json::array();
  json reasons = json::array();
  for (const RouteVerdict& route : routes) {
    list.push_back(to_json(route));
    if (route.verdict == Verdict::pass) continue;
    for (const Reason& reason : route.reasons) {
      reasons.push_back({{"code", reason.code}, {"message", fmt::format("route {}: {}", route.route, reason.message)}});
    }
  }
  if (routes.empty()) reasons.push_back({{"code", "no_routes"}, {"message", "there is no route to judge"}});
  return {{"verdict", name(overall(routes))}, {"reasons", std::move(reasons)}, {"routes", std::move(list)}};
}

}  // namespace comparator::gate
