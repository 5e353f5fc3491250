// The gate, for pipelines: a verdict that nobody can take for another.
#include <nlohmann/json.hpp>

#include "comparator/admin/handlers.h"
#include "comparator/gate/json.h"
#include "comparator/gate/verdict.h"

namespace comparator::admin {

namespace {

/// With `?strict` only `pass` is a success, so that a pipeline needs no JSON.
int status_for(const Call& call, gate::Verdict verdict) {
  return call.query.flag("strict") && verdict != gate::Verdict::pass ? 409 : 200;
}

}  // namespace

Answer get_gate(const Call& call, const storage::Reader& reader) {
  std::vector<gate::RouteVerdict> routes;
  for (const auto& route : call.config.routes) {
    routes.push_back(gate::judge_from(reader, call.config, route, call.now_us));
  }
  return json_answer(gate::to_json(routes), status_for(call, gate::overall(routes)));
}

Answer get_route_gate(const Call& call, const storage::Reader& reader) {
  const auto& route = route_named(call, call.arguments.at(0));
  const auto verdict = gate::judge_from(reader, call.config, route, call.now_us);
  return json_answer(gate::to_json(verdict), status_for(call, verdict.verdict));
}

}  // namespace comparator::admin
