#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "diffing/difference.h"
#include "diffing/rules.h"

namespace diffing {

/// Bounds on one comparison. Past one of them the result says so; it is never a silent "equal".
struct Limits {
  std::size_t max_depth = 1024;
  std::size_t max_bytes = std::size_t{1} << 30;  ///< Per side.
  std::size_t max_differences = 1000;            ///< Kept; all are counted. Fewer once their texts exceed 16 MiB.
  std::size_t max_value_bytes = 4096;            ///< Of each value shown in a difference.
  std::uint64_t alignment_steps = 12'000'000;    ///< For all arrays of one comparison together.
  bool allow_byte_order_mark = false;            ///< One before the value is passed over (RFC 8259 section 8.1).
  bool read_equal_bytes = false;                 ///< Equal bytes are read too: they must be JSON, leaves are counted.
};

/// Compares two JSON documents and returns where they disagree.
///
/// Order: that of old; what only new has comes where new has it. Numbers compare by decimal value, so 1 equals
/// 1.0 (RFC 8259 section 6 leaves this to the reader). A side that is not JSON gives one `undecodable` per side
/// and the place of the error.
///
/// Cost: see bench/diff; linear but for arrays without a rule, which are bounded by `limits.alignment_steps`.
/// Throws nothing but std::bad_alloc. Thread-safe: what outlives the call is scratch memory, at most 48 MiB per thread.
/// Equal bytes are settled without being read, unless the limits ask for it: they need not be JSON, and the leaves of
/// the result stay 0.
Comparison diff(std::string_view old_json, std::string_view new_json, const RuleSet& rules = {},
                const Limits& limits = {});

/// One header line; views into memory that outlives the call.
struct HeaderLine {
  std::string_view name;
  std::string_view value;
};

/// An answer as one tree: `/status`, `/headers/NAME/i` (NAME in lower case), `/body/...`.
struct AnswerView {
  int status = 0;
  std::span<const HeaderLine> headers;  ///< Only those to be compared, in the order received.
  std::string_view media_type;          ///< The value of Content-Type; decides how the body is read.
  std::string_view body;                ///< Content codings already removed.
};

/// Compares two answers. Rules begin at the answer's root. JSON bodies (application/json, *+json) are compared by
/// structure, others by bytes; a body that claims to be JSON and is not gives `undecodable` unless the bytes agree.
/// Severity unless a rule says otherwise: status class `critical`, status within its class `major`, headers `minor`,
/// `extra`, `order` and `moved` `minor`, else `major`. Leaves are counted in those parts of the answers that differ.
Comparison diff_answers(const AnswerView& old_answer, const AnswerView& new_answer, const RuleSet& rules = {},
                        const Limits& limits = {});

}  // namespace diffing
