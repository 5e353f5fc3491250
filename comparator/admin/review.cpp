// Findings and reports: what people look through.
#include <charconv>
#include <nlohmann/json.hpp>

#include "comparator/admin/evidence.h"
#include "comparator/admin/handlers.h"

namespace comparator::admin {

using nlohmann::json;

namespace {

constexpr std::int64_t kDefaultLimit = 50;
constexpr std::int64_t kMaxLimit = 500;  // of storage::Filter

std::vector<std::string_view> finding_kinds() {
  std::vector<std::string_view> kinds;
  for (std::size_t i = 0; i < diffing::kKinds; ++i) kinds.push_back(diffing::name(static_cast<diffing::Kind>(i)));
  for (const auto outcome : {storage::Outcome::new_failed, storage::Outcome::not_comparable, storage::Outcome::shed,
                             storage::Outcome::old_failed}) {
    kinds.push_back(storage::name(outcome));
  }
  return kinds;
}

template <class Row, class ToJson>
json page_json(const storage::Page<Row>& page, ToJson row_json) {
  json items = json::array();
  for (const auto& row : page.rows) items.push_back(row_json(row));
  return {{"items", std::move(items)}, {"next", page.next.empty() ? json(nullptr) : json(page.next)}};
}

json reports_json(const storage::Reader& reader, const storage::Filter& filter) {
  return page_json(reader.reports(filter), report_line);
}

}  // namespace

std::int64_t id_from(const std::string& text, const std::string& what) {
  std::int64_t id = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || stop != end || id <= 0) {
    throw ApiError(404, "not_found", "there is no " + what + " '" + text + "'");
  }
  return id;
}

storage::Filter page_filter(const Call& call) {
  storage::Filter filter;
  filter.cursor = call.query.text("cursor");
  filter.limit = static_cast<std::size_t>(call.query.number("limit", 1, kMaxLimit, kDefaultLimit));
  return filter;
}

Answer get_findings(const Call& call, const storage::Reader& reader) {
  auto filter = page_filter(call);
  filter.route = call.query.text("route");
  filter.kind = call.query.one_of("kind", finding_kinds());
  filter.state = call.query.one_of("state", {"open", "accepted", "fixed", "reopened"});
  return json_answer(page_json(reader.findings(filter), [](const storage::Finding& row) { return to_json(row); }));
}

Answer get_finding(const Call& call, const storage::Reader& reader) {
  const auto id = id_from(call.arguments.at(0), "finding");
  const auto finding = reader.finding(id);
  if (!finding) throw ApiError(404, "not_found", "there is no finding " + std::to_string(id));
  storage::Filter its_reports;
  its_reports.finding = id;
  auto answer = to_json(*finding);
  answer["reports"] = reports_json(reader, its_reports);
  return json_answer(answer);
}

Answer get_reports(const Call& call, const storage::Reader& reader) {
  auto filter = page_filter(call);
  filter.route = call.query.text("route");
  filter.finding = call.query.number("finding", 1, INT64_MAX, 0);
  return json_answer(reports_json(reader, filter));
}

Answer get_report(const Call& call, const storage::Reader& reader) {
  const auto id = id_from(call.arguments.at(0), "report");
  const auto report = reader.report(id);
  if (!report) throw ApiError(404, "not_found", "there is no report " + std::to_string(id) + "; old ones are deleted");
  return json_answer(report_in_full(*report, call.config));
}

}  // namespace comparator::admin
