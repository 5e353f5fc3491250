#include "comparator/compare/evidence.h"

#include "comparator/compare/decode.h"
#include "comparator/compare/redaction.h"
#include "comparator/http/head.h"

namespace comparator::compare {
namespace {

constexpr std::string_view kUnreadable = "[a content coding that could not be removed]";
constexpr std::size_t kStoredBodyBytes = 256 * 1024;  // enough to read; what is compared is capped elsewhere

std::string shown_value(const http::Field& field, const RedactConfig& redact) {
  return holds_url(field.name) ? redact_query(field.value, redact.query) : std::string(field.value);
}

std::vector<storage::StoredHeader> stored_headers(const http::Head& head, const RedactConfig& redact) {
  std::vector<storage::StoredHeader> headers;
  for (const auto& field : head.fields) {
    const bool secret = is_named(redact.headers, field.name);
    headers.push_back({std::string(field.name), secret ? std::string(kRedacted) : shown_value(field, redact)});
  }
  return headers;
}

// Without its content coding. A body that cannot be freed of it is not kept, since nobody can tell what is in it.
std::string readable(const http::Head& head, const std::string& body, const Plan& plan) {
  if (body.empty()) return body;  // also the answer to a HEAD
  std::string out;
  const auto coding = head.value_of(http::Known::content_encoding);
  const bool ok = decode(coding, body, plan.config.compare.max_body_bytes, out) == Decoded::ok;
  return ok ? out : std::string(kUnreadable);
}

void store_body(const http::Head& head, const std::string& body, const Plan& plan, storage::StoredObservation& stored) {
  stored.body = redact_body(readable(head, body, plan), head.value_of(http::Known::content_type), plan);
  if (stored.body.size() <= kStoredBodyBytes) return;
  stored.body.resize(kStoredBodyBytes);
  stored.body_truncated = true;
}

http::AnswerHead head_of(const Observation& side) {
  http::AnswerHead head;
  http::Refusal refusal;
  http::parse(side.head, {.bytes = side.head.size() + 1, .fields = side.head.size()}, head, refusal);
  return head;
}

storage::StoredObservation stored_side(const Exchange& exchange, Side which) {
  const auto& side = exchange.on(which);
  storage::StoredObservation stored;
  stored.elapsed_us = side.elapsed.count();
  if (side.state != Observation::State::answered) {
    stored.failure = side.cause == Cause::none ? "not_asked" : std::string(name(side.cause));
    return stored;
  }
  const auto head = head_of(side);
  stored.status = side.status;
  stored.headers = stored_headers(head, exchange.plan->config.redact);
  stored.body_bytes = side.body_bytes;
  stored.body_truncated = side.body_truncated;
  store_body(head, side.body, *exchange.plan, stored);
  return stored;
}

}  // namespace

storage::Report evidence(const Exchange& exchange, const Judgement& judgement) {
  const Plan& plan = *exchange.plan;
  storage::Report report;
  report.recorded_at_us = exchange.at_us;
  report.route = exchange.route->name();
  report.epoch = exchange.route->epoch();
  http::RequestHead head;
  http::Refusal refusal;
  http::parse(exchange.request_head,
              {.bytes = exchange.request_head.size() + 1,
               .fields = exchange.request_head.size(),
               .target = exchange.request_head.size()},
              head, refusal);
  report.method = std::string(exchange.method());
  report.target = redact_query(head.target, plan.config.redact.query);
  report.request_headers = stored_headers(head, plan.config.redact);
  storage::StoredObservation request;
  store_body(head, exchange.request_body, plan, request);
  report.request_body = std::move(request.body);
  report.outcome = judgement.outcome;
  report.cause = std::string(name(judgement.cause));
  report.severity = judgement.severity;
  if (judgement.outcome == storage::Outcome::new_failed) report.severity = diffing::Severity::critical;
  report.score = judgement.comparison.score;
  report.difference_count = judgement.comparison.total();
  report.differences = judgement.comparison.differences;
  const auto old_head = head_of(exchange.on(Side::old_side));
  const auto new_head = head_of(exchange.on(Side::new_side));
  redact_differences(report.differences, old_head.value_of(http::Known::content_type),
                     new_head.value_of(http::Known::content_type), plan);
  report.old_side = stored_side(exchange, Side::old_side);
  report.new_side = stored_side(exchange, Side::new_side);
  return report;
}

}  // namespace comparator::compare
