#include "comparator/compare/judge.h"

#include <vector>

#include "comparator/body_hash.h"
#include "comparator/compare/decode.h"
#include "comparator/http/head.h"
#include "diffing/diff.h"

namespace comparator::compare {
namespace {

using storage::Outcome;
using State = Observation::State;

Judgement outcome(Outcome outcome, Cause cause) { return {outcome, cause, std::nullopt, {}}; }

std::array<std::uint64_t, 2> hash_of(const Observation& side) {
  if (side.body_truncated) return side.body_hash;
  BodyHash hash;
  hash.update(side.body);
  return hash.digest();
}

// For bodies of which not all was kept.
bool same_body_by_hash(const Observation& old_side, const Observation& new_side) {
  return old_side.body_bytes == new_side.body_bytes && hash_of(old_side) == hash_of(new_side);
}

// What was compared as it came is not there a second time.
bool same_body(const Exchange& exchange) {
  const auto& served = exchange.on(exchange.serving);
  const auto& copied = exchange.on(other(exchange.serving));
  if (copied.same_bytes == 0) return served.body == copied.body;
  return copied.same_bytes == copied.body_bytes && copied.same_bytes == served.body.size();
}

// An answer as the differ wants it; views into the observation and into `body`.
struct Readable {
  http::AnswerHead head;
  std::vector<diffing::HeaderLine> headers;
  std::string body;
  Cause cause = Cause::none;

  diffing::AnswerView view() const {
    return {.status = head.status,
            .headers = headers,
            .media_type = head.value_of(http::Known::content_type),
            .body = body};
  }
};

void read_answer(const Exchange& exchange, const Observation& side, Readable& answer) {
  http::Refusal refusal;
  // It was parsed by the front end within its limits; here only the pieces are found again.
  http::parse(side.head, {.bytes = side.head.size() + 1, .fields = side.head.size()}, answer.head, refusal);
  for (const auto& field : answer.head.fields) {
    if (exchange.plan->compared_header(field.name) >= 0) answer.headers.push_back({field.name, field.value});
  }
  const auto coding = answer.head.value_of(http::Known::content_encoding);
  switch (decode(coding, side.body, exchange.plan->config.compare.max_body_bytes, answer.body)) {
    case Decoded::ok: break;
    case Decoded::unsupported: answer.cause = Cause::content_coding; break;
    case Decoded::corrupt: answer.cause = Cause::undecodable; break;
    case Decoded::too_large: answer.cause = Cause::body_over_cap; break;
  }
}

}  // namespace

std::optional<Judgement> judge_without_comparing(const Exchange& exchange) {
  const auto& old_side = exchange.on(Side::old_side);
  const auto& new_side = exchange.on(Side::new_side);
  if (!exchange.selected) return outcome(Outcome::not_selected, exchange.not_selected);
  if (exchange.client_left) return outcome(Outcome::not_comparable, Cause::client_left);
  for (const auto* side : {&old_side, &new_side}) {  // we have cut it off ourselves
    if (side->state == State::failed && side->cause == Cause::draining) return outcome(Outcome::shed, Cause::draining);
  }
  if (old_side.state == State::failed) return outcome(Outcome::old_failed, old_side.cause);
  if (exchange.serving == Side::new_side && new_side.state == State::failed) {  // old may not even have been asked
    return outcome(Outcome::new_failed, new_side.cause);
  }
  for (const auto* side : {&old_side, &new_side}) {
    if (side->state != State::not_asked) continue;
    const bool too_large = side->cause == Cause::request_over_cap || side->cause == Cause::bad_request_body;
    return outcome(too_large ? Outcome::not_comparable : Outcome::shed, side->cause);
  }
  if (new_side.state == State::failed) return outcome(Outcome::new_failed, new_side.cause);
  if (old_side.body_truncated || new_side.body_truncated) {
    if (old_side.compared == new_side.compared && same_body_by_hash(old_side, new_side)) {
      return outcome(Outcome::match, Cause::none);
    }
    const bool shed = old_side.cause == Cause::held_bytes || new_side.cause == Cause::held_bytes;
    return shed ? outcome(Outcome::shed, Cause::held_bytes) : outcome(Outcome::not_comparable, Cause::body_over_cap);
  }
  if (old_side.compared == new_side.compared && same_body(exchange)) return outcome(Outcome::match, Cause::none);
  return std::nullopt;
}

Judgement judge_by_comparing(const Exchange& exchange) {
  Readable old_answer;
  Readable new_answer;
  read_answer(exchange, exchange.on(Side::old_side), old_answer);
  read_answer(exchange, exchange.on(Side::new_side), new_answer);
  for (const auto cause : {old_answer.cause, new_answer.cause}) {
    if (cause != Cause::none) return outcome(Outcome::not_comparable, cause);
  }
  Judgement judgement;
  judgement.comparison = diffing::diff_answers(old_answer.view(), new_answer.view(), exchange.route->rules());
  if (!judgement.comparison.equal()) {
    judgement.outcome = Outcome::mismatch;
    judgement.severity = judgement.comparison.worst;
  } else {
    judgement.outcome = judgement.comparison.ruled > 0 ? Outcome::accepted : Outcome::match;
  }
  return judgement;
}

}  // namespace comparator::compare
