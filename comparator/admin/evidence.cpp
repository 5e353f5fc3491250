#include "comparator/admin/evidence.h"

#include <nlohmann/json.hpp>

#include "comparator/admin/curl.h"
#include "comparator/admin/text.h"

namespace comparator::admin {

using nlohmann::json;

namespace {

json text_or_null(const std::string& text) { return text.empty() ? json(nullptr) : json(text); }

json severity_json(const std::optional<diffing::Severity>& severity) {
  return severity ? json(diffing::name(*severity)) : json(nullptr);
}

json headers_json(const std::vector<storage::StoredHeader>& headers) {
  json list = json::array();
  for (const auto& header : headers) list.push_back({{"name", header.name}, {"value", header.value}});
  return list;
}

json difference_json(const diffing::Difference& difference) {
  const bool absent_in_old = difference.kind == diffing::Kind::extra;
  const bool absent_in_new = difference.kind == diffing::Kind::missing;
  return {{"path", difference.path},
          {"signature", difference.signature},
          {"identity", text_or_null(difference.identity)},
          {"kind", diffing::name(difference.kind)},
          {"severity", diffing::name(difference.severity)},
          {"old", absent_in_old ? json(nullptr) : json(difference.old_value)},
          {"new", absent_in_new ? json(nullptr) : json(difference.new_value)}};
}

json observation_line(const storage::StoredObservation& side) {
  const bool failed = !side.failure.empty();
  return {{"failure", text_or_null(side.failure)},
          {"status", failed || side.status == 0 ? json(nullptr) : json(side.status)},
          {"elapsed_us", side.elapsed_us}};
}

json observation_in_full(const storage::StoredObservation& side) {
  auto full = observation_line(side);
  full["headers"] = headers_json(side.headers);
  full["body"] = body_json(side.body);
  full["body_bytes"] = side.body_bytes;
  full["body_truncated"] = side.body_truncated;
  return full;
}

json curl_json(const storage::Report& report, const Config& config) {
  const auto on_old = curl_line(report, config.old_side.url, config.redact);
  const auto on_new = curl_line(report, config.new_side.url, config.redact);
  return {{"old", on_old.command}, {"new", on_new.command}, {"left_out", on_old.left_out}};
}

}  // namespace

json body_json(const std::string& bytes) {
  if (is_text(bytes)) return {{"encoding", "utf-8"}, {"text", bytes}};
  return {{"encoding", "base64"}, {"base64", base64(bytes)}};
}

json to_json(const storage::Finding& finding) {
  return {{"id", finding.id},
          {"route", finding.route},
          {"signature", finding.signature},
          {"kind", finding.kind},
          {"severity", diffing::name(finding.severity)},
          {"state", finding.state},
          {"epoch", finding.epoch},
          {"requests", finding.requests},
          {"first_seen_us", finding.first_seen_us},
          {"last_seen_us", finding.last_seen_us},
          {"example",
           {{"path", finding.example_path},
            {"old", finding.kind == "extra" ? json(nullptr) : json(finding.example_old)},
            {"new", finding.kind == "missing" ? json(nullptr) : json(finding.example_new)}}}};
}

json report_line(const storage::Report& report) {
  return {{"id", report.id},
          {"recorded_at_us", report.recorded_at_us},
          {"route", report.route},
          {"epoch", report.epoch},
          {"method", report.method},
          {"target", report.target},
          {"outcome", storage::name(report.outcome)},
          {"cause", text_or_null(report.cause)},
          {"severity", severity_json(report.severity)},
          {"score", report.score},
          {"difference_count", report.difference_count},
          {"old", observation_line(report.old_side)},
          {"new", observation_line(report.new_side)}};
}

json report_in_full(const storage::Report& report, const Config& config) {
  auto full = report_line(report);
  full["request"] = {{"method", report.method},
                     {"target", report.target},
                     {"headers", headers_json(report.request_headers)},
                     {"body", body_json(report.request_body)}};
  json differences = json::array();
  for (const auto& difference : report.differences) differences.push_back(difference_json(difference));
  full["differences"] = std::move(differences);
  full["old"] = observation_in_full(report.old_side);
  full["new"] = observation_in_full(report.new_side);
  full["curl"] = curl_json(report, config);
  return full;
}

}  // namespace comparator::admin
