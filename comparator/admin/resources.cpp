#include "comparator/admin/resources.h"

#include <optional>

#include "comparator/admin/guard.h"
#include "comparator/admin/target.h"
#include "dashboard/assets.h"

namespace comparator::admin {
namespace {

using Segments = std::vector<std::string>;

constexpr auto kOpen = Resource::Access::open;

/// What stands for the `{}` of `pattern`; nullopt when the path is another.
std::optional<Segments> match(std::string_view pattern, const Segments& path) {
  Segments arguments;
  std::size_t index = 0;
  for (auto rest = pattern; !rest.empty(); ++index) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    if (index == path.size()) return std::nullopt;
    if (segment.starts_with('{') && !path[index].empty()) {
      arguments.push_back(path[index]);
    } else if (segment != path[index]) {
      return std::nullopt;
    }
    rest.remove_prefix(segment.size());
  }
  return index == path.size() ? std::optional(arguments) : std::nullopt;
}

Answer call_handler(const Environment& environment, const Resource& resource, const Call& call) {
  if (const auto* plain = std::get_if<Resource::Plain>(&resource.handler)) return (*plain)(call);
  const auto reading = std::get<Resource::Reading>(resource.handler);
  return environment.readers.with([&](const storage::Reader& reader) { return reading(call, reader); });
}

std::optional<Answer> from_resource(const Environment& environment, const Request& request, const Target& target,
                                    std::int64_t now_us) {
  for (const auto& resource : resources()) {
    auto arguments = match(resource.path, target.segments);
    if (!arguments) continue;
    if (resource.access == Resource::Access::token) require_token(request, environment.config.admin);
    target.query.require_known(resource.parameters);
    return call_handler(environment, resource,
                        {.config = environment.config,
                         .live = environment.live,
                         .now_us = now_us,
                         .started_at_us = environment.started_at_us,
                         .arguments = std::move(*arguments),
                         .query = target.query});
  }
  return std::nullopt;
}

std::optional<Answer> from_dashboard(const Target& target) {
  for (const auto& asset : dashboard::assets()) {
    if (match(asset.path, target.segments)) {
      return Answer{.content_type = std::string(asset.content_type), .body = std::string(asset.bytes), .headers = {}};
    }
  }
  return std::nullopt;
}

Answer checked_answer(const Environment& environment, const Request& request, std::int64_t now_us) {
  require_local_host(request, environment.config.admin);
  require_readonly(request);
  const auto target = parse_target(request.target);
  if (auto found = from_resource(environment, request, target, now_us)) return *std::move(found);
  if (auto found = from_dashboard(target)) return *std::move(found);
  throw ApiError(404, "not_found", "there is nothing here; /openapi.json lists what there is");
}

Answer answer_or_problem(const Environment& environment, const Request& request, std::int64_t now_us) {
  try {
    return checked_answer(environment, request, now_us);
  } catch (const ApiError& error) {
    return problem_answer(error);
  } catch (const storage::StoreError& error) {
    if (error.reason() == storage::StoreError::Reason::bad_cursor) {
      return problem_answer(ApiError(400, "bad_parameter", error.what()));
    }
    return problem_answer(ApiError(503, "store_unreadable", error.what()));
  } catch (const std::exception& error) {
    return problem_answer(ApiError(500, "internal", error.what()));
  }
}

/// Stored bodies are hostile: whatever slips into a page may load nothing, run nothing and tell nobody.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

void secure(Answer& answer) {
  answer.headers.insert(answer.headers.end(), {{"Content-Security-Policy", std::string(kContentSecurityPolicy)},
                                               {"X-Content-Type-Options", "nosniff"},
                                               {"X-Frame-Options", "DENY"},
                                               {"Referrer-Policy", "no-referrer"},
                                               {"Cross-Origin-Resource-Policy", "same-origin"},
                                               {"Cross-Origin-Opener-Policy", "same-origin"},
                                               {"Cache-Control", "no-store"}});
  if (answer.status == 405) answer.headers.emplace_back("Allow", "GET, HEAD");
  if (answer.status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"twinrun\"");
  if (answer.status == 503) answer.headers.emplace_back("Retry-After", "5");
}

}  // namespace

const std::vector<Resource>& resources() {
  static const std::vector<Resource> table{
      {"/api/v1/summary", get_summary},
      {"/api/v1/routes", get_routes, {"minutes"}},
      {"/api/v1/routes/{name}", get_route, {"minutes"}},
      {"/api/v1/findings", get_findings, {"route", "kind", "state", "cursor", "limit"}},
      {"/api/v1/findings/{id}", get_finding},
      {"/api/v1/reports", get_reports, {"finding", "route", "cursor", "limit"}},
      {"/api/v1/reports/{id}", get_report},
      {"/api/v1/gate", get_gate, {"strict"}},
      {"/api/v1/gate/{route}", get_route_gate, {"strict"}},
      {"/metrics", get_metrics},
      {"/openapi.json", get_openapi, {}, kOpen},
      {"/livez", get_livez, {}, kOpen},
      {"/readyz", get_readyz, {}, kOpen},
  };
  return table;
}

Answer answer(const Environment& environment, const Request& request, std::int64_t now_us) {
  const auto current = environment.live.config();  // one configuration for the whole answer
  const Environment now{current == nullptr ? environment.config : *current, environment.live, environment.readers,
                        environment.started_at_us};
  auto answer = answer_or_problem(now, request, now_us);
  secure(answer);
  return answer;
}

}  // namespace comparator::admin
