#include "diffing/scalar.h"

#include <re2/re2.h>

#include <bit>
#include <string>

#include "diffing/hash.h"
#include "diffing/json_string.h"
#include "diffing/number.h"
#include "diffing/timestamp.h"

namespace diffing {
namespace {

std::string fold_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

bool matches(const re2::RE2& pattern, std::string_view text) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

/// What a pattern is tried on: the text of a string, the spelling of anything else.
std::string_view pattern_text(const Tape& tape, NodeIndex node, std::string& buffer) {
  const std::string_view raw = tape.raw(node);
  return tape.type(node) == Type::string ? decoded(raw, buffer) : raw;
}

bool within(std::string_view raw_a, std::string_view raw_b, const Tolerance& tolerance) {
  const Decimal a = parse_decimal(raw_a);
  const Decimal b = parse_decimal(raw_b);
  if (tolerance.absolute && within_absolute(a, b, *tolerance.absolute)) return true;
  if (tolerance.relative && within_relative(a, b, *tolerance.relative)) return true;
  if (tolerance.decimals && round_to(a, *tolerance.decimals) == round_to(b, *tolerance.decimals)) return true;
  return tolerance.time_ms && within_time(a, b, *tolerance.time_ms);
}

Verdict compare_numbers(std::string_view a, std::string_view b, const Policy& policy) {
  if (a == b) return Verdict::equal;
  if (policy.numbers != Numbers::text && equal_numbers(a, b)) return Verdict::equal;
  if (policy.types_only) return Verdict::allowed;
  if (policy.numbers == Numbers::binary64 && to_binary64(a) == to_binary64(b)) return Verdict::allowed;
  if (policy.tolerance != nullptr && within(a, b, *policy.tolerance)) return Verdict::allowed;
  return Verdict::different;
}

Verdict compare_strings(std::string_view raw_a, std::string_view raw_b, const Policy& policy) {
  if (equal_strings(raw_a, raw_b)) return Verdict::equal;
  if (policy.types_only) return Verdict::allowed;
  std::string buffer_a;
  std::string buffer_b;
  const std::string_view a = decoded(raw_a, buffer_a);
  const std::string_view b = decoded(raw_b, buffer_b);
  if (policy.case_insensitive && fold_case(a) == fold_case(b)) return Verdict::allowed;
  if (policy.tolerance != nullptr && policy.tolerance->time_ms && within_time(a, b, *policy.tolerance->time_ms)) {
    return Verdict::allowed;
  }
  return Verdict::different;
}

/// A hash for all scalars of one type.
std::uint64_t type_hash(Type type, std::uint64_t seed) {
  return mix(static_cast<std::uint64_t>(type) + kOdd1, seed ^ kOdd2);
}

}  // namespace

Verdict compare_scalars(const Tape& old_tape, NodeIndex a, const Tape& new_tape, NodeIndex b, const Policy& policy) {
  const std::string_view raw_a = old_tape.raw(a);
  const std::string_view raw_b = new_tape.raw(b);
  if (raw_a == raw_b) return Verdict::equal;
  Verdict verdict = Verdict::different;
  switch (old_tape.type(a)) {
    case Type::number: verdict = compare_numbers(raw_a, raw_b, policy); break;
    case Type::string: verdict = compare_strings(raw_a, raw_b, policy); break;
    default: verdict = policy.types_only ? Verdict::allowed : Verdict::different;
  }
  if (verdict != Verdict::different || policy.pattern == nullptr) return verdict;
  std::string buffer;
  if (!matches(*policy.pattern, pattern_text(old_tape, a, buffer))) return verdict;
  return matches(*policy.pattern, pattern_text(new_tape, b, buffer)) ? Verdict::allowed : verdict;
}

bool counts_as_absent(const Tape& tape, NodeIndex node, const Absent& absent) {
  switch (tape.type(node)) {
    case Type::null: return absent.null;
    case Type::string: return absent.empty && tape.raw(node).size() == 2;
    case Type::array:
    case Type::object: return absent.empty && tape[node].count == 0;
    default: return false;
  }
}

std::uint64_t hash_scalar(const Tape& tape, NodeIndex node, std::uint64_t seed) {
  const std::string_view raw = tape.raw(node);
  switch (tape.type(node)) {
    case Type::string: return hash_string(raw, seed);
    case Type::number: return hash_number(raw, seed);
    default: return mix(static_cast<unsigned char>(raw[0]) + kOdd1, seed);
  }
}

std::uint64_t hash_scalar(const Tape& tape, NodeIndex node, const Policy& policy, std::uint64_t seed, bool& loose) {
  const Type type = tape.type(node);
  if (policy.types_only) return type_hash(type, seed);
  if (policy.tolerance != nullptr && (type == Type::number || (type == Type::string && policy.tolerance->time_ms))) {
    loose = true;
    return type_hash(type, seed);
  }
  if (policy.pattern != nullptr) {
    if (policy.case_insensitive) {
      loose = true;  // one spelling of a text may match where another does not
      return type_hash(type, seed);
    }
    std::string buffer;
    const std::string_view text = pattern_text(tape, node, buffer);
    if (matches(*policy.pattern, text)) return type_hash(type, ~seed);
  }
  if (type == Type::number && policy.numbers == Numbers::binary64) {
    const double value = to_binary64(tape.raw(node));
    return mix(std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value) ^ kOdd1, seed);
  }
  if (type == Type::number && policy.numbers == Numbers::text) return hash_bytes(tape.raw(node), seed);
  if (type == Type::string && policy.case_insensitive) {
    std::string buffer;
    return hash_bytes(fold_case(decoded(tape.raw(node), buffer)), seed);
  }
  return hash_scalar(tape, node, seed);
}

bool same_scalar(const Tape& old_tape, NodeIndex a, const Tape& new_tape, NodeIndex b) {
  const Type type = old_tape.type(a);
  if (type != new_tape.type(b)) return false;
  if (type == Type::number) return equal_numbers(old_tape.raw(a), new_tape.raw(b));
  if (type == Type::string) return equal_strings(old_tape.raw(a), new_tape.raw(b));
  return old_tape.raw(a) == new_tape.raw(b);
}

}  // namespace diffing
