#include "comparator/compare/evidence.h"

#include <algorithm>

#include "comparator/compare/decode.h"
#include "comparator/http/head.h"

namespace comparator::compare {
namespace {

constexpr std::string_view kRedacted = "[redacted]";
constexpr std::string_view kUnreadable = "[a content coding that could not be removed]";
constexpr std::size_t kStoredBodyBytes = 256 * 1024;  // enough to read; what is compared is capped elsewhere

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const auto& entry) { return http::same_name(entry, name); });
}

// Some fields carry a URL, and with it what its query carries.
bool holds_url(std::string_view name) {
  return http::same_name(name, "location") || http::same_name(name, "content-location") ||
         http::same_name(name, "referer");
}

std::string shown_value(const http::Field& field, const RedactConfig& redact) {
  return holds_url(field.name) ? redact_query(field.value, redact.query) : std::string(field.value);
}

std::vector<storage::StoredHeader> stored_headers(const http::Head& head, const RedactConfig& redact) {
  std::vector<storage::StoredHeader> headers;
  for (const auto& field : head.fields) {
    const bool secret = names(redact.headers, field.name);
    headers.push_back({std::string(field.name), secret ? std::string(kRedacted) : shown_value(field, redact)});
  }
  return headers;
}

bool looks_like_json(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && std::string_view("{[\"").find(body[first]) != std::string_view::npos;
}

// Pairs NAME=VALUE between marks, as in a query, a fragment or a form.
std::string redact_pairs(std::string_view pairs, const std::vector<std::string>& names_to_hide) {
  std::string out;
  while (!pairs.empty()) {
    const auto end = std::min(pairs.find_first_of("&?#"), pairs.size());
    const auto pair = pairs.substr(0, end);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && names(names_to_hide, pair.substr(0, equals))) {
      out.append(pair.substr(0, equals + 1)).append(kRedacted);
    } else {
      out += pair;
    }
    if (end < pairs.size()) out += pairs[end];
    pairs.remove_prefix(std::min(end + 1, pairs.size()));
  }
  return out;
}

// What cannot be parsed, because it was cut or is no JSON after all, may hold a secret if the name of a hidden place is
// in it. A pattern that ends in no plain name may hide anything, and so may an escape.
bool may_hold_secret(std::string_view text, const std::vector<std::string>& places) {
  if (text.find("\\u") != std::string_view::npos) return true;
  return std::any_of(places.begin(), places.end(), [&](std::string_view place) {
    const auto name = place.substr(place.rfind('/') + 1);
    return name.find_first_of("*[~") != std::string_view::npos || text.find(name) != std::string_view::npos;
  });
}

void store_body(std::string body, const http::Head& head, const Plan& plan, storage::StoredObservation& stored) {
  const auto& redact = plan.config.redact;
  const auto type = head.value_of(http::Known::content_type);
  if (http::same_name(type.substr(0, type.find(';')), "application/x-www-form-urlencoded")) {
    body = redact_pairs(body, redact.query);
  } else if (!plan.redacted_places.empty() && looks_like_json(body)) {
    if (auto clean = plan.redacted_places.redact(body, "/body")) {
      body = std::move(*clean);
    } else if (may_hold_secret(body, redact.paths)) {
      body = kRedacted;
    }
  }
  if (body.size() > kStoredBodyBytes) {
    body.resize(kStoredBodyBytes);
    stored.body_truncated = true;
  }
  stored.body = std::move(body);
}

storage::StoredObservation stored_side(const Exchange& exchange, Side which) {
  const auto& side = exchange.on(which);
  storage::StoredObservation stored;
  stored.elapsed_us = side.elapsed.count();
  if (side.state != Observation::State::answered) {
    stored.failure = side.cause == Cause::none ? "not_asked" : std::string(name(side.cause));
    return stored;
  }
  http::AnswerHead head;
  http::Refusal refusal;
  http::parse(side.head, {.bytes = side.head.size() + 1, .fields = side.head.size()}, head, refusal);
  stored.status = side.status;
  stored.headers = stored_headers(head, exchange.plan->config.redact);
  stored.body_bytes = side.body_bytes;
  stored.body_truncated = side.body_truncated;
  std::string body;
  const auto coding = head.value_of(http::Known::content_encoding);
  if (decode(coding, side.body, exchange.plan->config.compare.max_body_bytes, body) != Decoded::ok) {
    body = kUnreadable;  // and nobody can tell what is in it
  }
  store_body(std::move(body), head, *exchange.plan, stored);
  return stored;
}

void redact_differences(const Plan& plan, std::vector<diffing::Difference>& differences) {
  constexpr std::string_view kHeaders = "/headers/";
  for (auto& difference : differences) {
    bool secret = plan.redacted_places.covers(difference.path);
    if (difference.path.starts_with(kHeaders)) {
      const auto rest = std::string_view(difference.path).substr(kHeaders.size());
      const auto name = rest.substr(0, rest.find('/'));
      secret |= names(plan.config.redact.headers, name);
      if (holds_url(name)) {
        difference.old_value = redact_query(difference.old_value, plan.config.redact.query);
        difference.new_value = redact_query(difference.new_value, plan.config.redact.query);
      }
    }
    if (secret) {
      if (!difference.old_value.empty()) difference.old_value = kRedacted;
      if (!difference.new_value.empty()) difference.new_value = kRedacted;
      difference.identity.clear();
    } else if (looks_like_json(difference.old_value + difference.new_value)) {
      // A value that is missing or extra as a whole may hold a secret inside; a cut one is not JSON any more and goes.
      for (auto* value : {&difference.old_value, &difference.new_value}) {
        if (value->empty() || (value->front() != '{' && value->front() != '[')) continue;
        auto clean = plan.redacted_places.redact(*value, difference.path);
        *value = clean ? std::move(*clean) : std::string(kRedacted);
      }
    }
  }
}

}  // namespace

std::string redact_query(std::string_view target, const std::vector<std::string>& names_to_hide) {
  const auto begin = target.find_first_of("?#");
  if (begin == std::string_view::npos) return std::string(target);
  return std::string(target.substr(0, begin + 1)) + redact_pairs(target.substr(begin + 1), names_to_hide);
}

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
  store_body(exchange.request_body, head, plan, request);
  report.request_body = std::move(request.body);
  report.outcome = judgement.outcome;
  report.cause = std::string(name(judgement.cause));
  report.severity = judgement.severity;
  if (judgement.outcome == storage::Outcome::new_failed) report.severity = diffing::Severity::critical;
  report.score = judgement.comparison.score;
  report.difference_count = judgement.comparison.total();
  report.differences = judgement.comparison.differences;
  redact_differences(plan, report.differences);
  report.old_side = stored_side(exchange, Side::old_side);
  report.new_side = stored_side(exchange, Side::new_side);
  return report;
}

}  // namespace comparator::compare
