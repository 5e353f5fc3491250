// What operators and machines ask: alive, ready, metrics, and the description of the API.
#include <nlohmann/json.hpp>

#include "comparator/admin/handlers.h"
#include "comparator/admin/metrics.h"
#include "comparator/admin/openapi.h"

namespace comparator::admin {

using nlohmann::json;

Answer get_livez(const Call&) { return json_answer({{"status", "alive"}}); }

/// A store that cannot be written is told, but traffic is still served: 200.
Answer get_readyz(const Call& call) {
  if (!call.live.ready()) return json_answer({{"status", "not_ready"}}, 503);
  const auto health = call.live.writer_health();
  if (!health.degraded) return json_answer({{"status", "ready"}});
  return json_answer({{"status", "degraded"}, {"problem", health.problem}});
}

Answer get_metrics(const Call& call) {
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = metrics_text(call.live, call.started_at_us),
          .headers = {}};
}

Answer get_openapi(const Call&) { return {.body = std::string(kOpenApi), .headers = {}}; }

}  // namespace comparator::admin
