#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "comparator/admin/live.h"
#include "comparator/admin/message.h"
#include "comparator/admin/target.h"
#include "comparator/config/config.h"
#include "storage/store.h"

/// What each resource answers: functions of a call and, where the store is needed, a reader. They change nothing.
/// Throw ApiError; a StoreError may pass through.
namespace comparator::admin {

/// A request that was let in and matched, with what the answer may depend on.
struct Call {
  const Config& config;
  const Live& live;
  std::int64_t now_us = 0;
  std::int64_t started_at_us = 0;
  std::vector<std::string> arguments;  ///< What stands for each `{}` of the resource's path, in order; decoded.
  Query query;                         ///< Only parameters that the resource lists.
};

Answer get_livez(const Call& call);
Answer get_readyz(const Call& call);
Answer get_metrics(const Call& call);
Answer get_openapi(const Call& call);

Answer get_summary(const Call& call, const storage::Reader& reader);
Answer get_routes(const Call& call, const storage::Reader& reader);
Answer get_route(const Call& call, const storage::Reader& reader);
Answer get_findings(const Call& call, const storage::Reader& reader);
Answer get_finding(const Call& call, const storage::Reader& reader);
Answer get_reports(const Call& call, const storage::Reader& reader);
Answer get_report(const Call& call, const storage::Reader& reader);
Answer get_gate(const Call& call, const storage::Reader& reader);
Answer get_route_gate(const Call& call, const storage::Reader& reader);

/// The configured route of that name; throws ApiError 404.
const RouteConfig& route_named(const Call& call, const std::string& name);

/// The id in `text`; throws ApiError 404 when it is none, because then there is no such thing.
std::int64_t id_from(const std::string& text, const std::string& what);

/// Page parameters of a list: `cursor` and `limit`.
storage::Filter page_filter(const Call& call);

}  // namespace comparator::admin
