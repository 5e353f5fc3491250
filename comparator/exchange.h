#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "comparator/plan.h"

/// The values that travel from the front end to the comparing: what both sides did with one request.
namespace comparator {

enum class Side : std::uint8_t { old_side, new_side };
inline constexpr Side other(Side side) { return side == Side::old_side ? Side::new_side : Side::old_side; }
std::string_view name(Side side);

/// Why an outcome came about; a fixed list, so that metrics and tallies stay small.
enum class Cause : std::uint8_t {
  none,
  // not_selected
  stage,
  method,
  sample,
  warm_up,
  upgrade,
  // a side failed
  refused,
  unreachable,
  connect_timeout,
  timeout,
  reset,
  closed_early,
  invalid_http,
  tls,
  too_large,
  no_descriptor,
  // not_comparable
  client_left,
  bad_request_body,
  body_over_cap,
  request_over_cap,
  undecodable,
  content_coding,
  // shed
  in_flight,
  rate,
  breaker_open,
  held_bytes,
  queue_full,
  draining,
};
inline constexpr std::size_t kCauses = 28;
std::string_view name(Cause cause);

/// What one side did with a request: an answer, a failure, or it was never asked. Bytes are as received.
struct Observation {
  enum class State : std::uint8_t { not_asked, pending, answered, failed };

  State state = State::not_asked;
  Cause cause = Cause::none;  ///< Why it failed, or was not asked.
  int status = 0;
  std::string head;              ///< Status line and fields of the final answer, raw.
  std::string compared;          ///< Status and compared headers in one comparable form.
  std::string body;              ///< Without transfer coding; at most CompareConfig::max_body_bytes.
  std::size_t same_bytes = 0;    ///< So many first bytes of the body are the serving side's, and not in `body`.
  std::uint64_t body_bytes = 0;  ///< Of the whole body.
  bool body_truncated = false;   ///< `body` is only its beginning; `body_hash` is of the whole.
  std::array<std::uint64_t, 2> body_hash{};
  std::chrono::microseconds elapsed{0};  ///< From asking to the answer's head.
};

/// One client request with the observations it led to.
struct Exchange {
  std::shared_ptr<const Plan> plan;  ///< What was in force when it began; keeps `route` alive.
  const Route* route = nullptr;
  std::int64_t at_us = 0;  ///< Unix time of its beginning.
  Side serving = Side::old_side;
  bool selected = false;  ///< To be copied and compared.
  Cause not_selected = Cause::none;
  bool client_left = false;
  std::string request_head;      ///< As sent to the serving side: start line, fields, empty line.
  std::size_t method_bytes = 0;  ///< The method is at its start.
  std::size_t expect_at = 0;     ///< Place of the Expect line within it; copies go without.
  std::size_t expect_bytes = 0;
  bool marked = false;       ///< The head bears X-Twinrun-Loop already.
  std::string request_body;  ///< Kept only where it is to be copied.
  bool request_chunked = false;
  std::optional<std::uint64_t>
      lane;  ///< Of requests that reach the other side in the order of old's answers: their key.
  Observation sides[2];
  int open_legs = 0;           ///< Sides whose part is not finished.
  std::size_t held_bytes = 0;  ///< Of the copies' budget.

  std::string_view method() const { return std::string_view(request_head).substr(0, method_bytes); }
  Observation& on(Side side) { return sides[static_cast<std::size_t>(side)]; }
  const Observation& on(Side side) const { return sides[static_cast<std::size_t>(side)]; }
  Observation& served() { return on(serving); }
  Observation& copied() { return on(other(serving)); }
  void clear();  ///< As new, keeping moderate buffers for the next request.
};

}  // namespace comparator
