#include "diffing/number.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <system_error>
#include <tuple>

#include "diffing/hash.h"

namespace diffing {
namespace {

constexpr std::size_t kExponentDigits = 18;  // as many as fit an int64 with room for the shift by the digits
constexpr std::size_t kLongestPlain = 40;    // longer spellings than any double has are not written out
constexpr int kWordDigits = 19;              // as many as fit a uint64

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// A number of at most 19 digits that count, as mantissa x 10^exponent, the mantissa not divisible by ten.
struct Small {
  bool negative = false;
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;

  bool operator==(const Small&) const = default;
};

/// Whether eight bytes are all digits, and their value (after Johnny Lee's and Daniel Lemire's well-known tricks).
bool are_8_digits(std::uint64_t word) {
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  return ((word & kHigh) | (((word + 0x0606060606060606) & kHigh) >> 4)) == (kZeros | kZeros >> 4);
}

std::uint64_t value_of_8_digits(std::uint64_t word) {
  word -= 0x3030303030303030;
  word = word * 10 + (word >> 8);
  constexpr std::uint64_t kMask = 0x000000FF000000FF;
  constexpr std::uint64_t kHundreds = 0x000F424000000064;
  constexpr std::uint64_t kOnes = 0x0000271000000001;
  return ((word & kMask) * kHundreds + (word >> 16 & kMask) * kOnes) >> 32;
}

/// Adds the digits at `at` to the mantissa; returns where they end.
const char* take_digits(const char* at, const char* end, std::uint64_t& mantissa) {
  while (end - at >= 8 && std::endian::native == std::endian::little) {
    const std::uint64_t word = read_8(at);
    if (!are_8_digits(word)) break;
    mantissa = mantissa * 100'000'000 + value_of_8_digits(word);
    at += 8;
  }
  for (; at != end && is_digit(*at); ++at) mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
  return at;
}

/// The common case: at most 19 digits, zeros included, and no exponent.
std::optional<Small> parse_plain(std::string_view number) {
  if (number.size() > kWordDigits + 1) return std::nullopt;
  Small value;
  const char* at = number.data();
  const char* const end = at + number.size();
  value.negative = *at == '-';
  at = take_digits(at + value.negative, end, value.mantissa);
  if (at != end && *at == '.') {
    const char* const fraction = at + 1;
    at = take_digits(fraction, end, value.mantissa);
    value.exponent = fraction - at;
  }
  if (at != end || end - number.data() - value.negative - (value.exponent != 0) > kWordDigits) return std::nullopt;
  if (value.mantissa == 0) return Small{};
  for (; value.mantissa % 10 == 0; value.mantissa /= 10) ++value.exponent;
  return value;
}

/// nullopt: too many digits, or an exponent of more than nine digits.
std::optional<Small> parse_small(std::string_view number) {
  if (const std::optional<Small> plain = parse_plain(number)) return plain;
  Small value;
  const char* at = number.data();
  const char* const end = at + number.size();
  value.negative = *at == '-';
  at += value.negative;
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  int zeros = 0;  // that came after the last digit other than zero
  int digits = 0;
  bool fraction = false;
  for (; at != end; ++at) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    if (!is_digit(*at)) break;
    exponent -= fraction;
    if (*at == '0') {
      ++zeros;
      continue;
    }
    if (mantissa == 0) {
      zeros = 0;
    } else {
      digits += zeros;
      if (digits >= kWordDigits) return std::nullopt;
      for (; zeros > 0; --zeros) mantissa *= 10;
    }
    if (++digits > kWordDigits) return std::nullopt;
    mantissa = mantissa * 10 + static_cast<std::uint64_t>(*at - '0');
  }
  if (mantissa == 0) return Small{};
  exponent += zeros;
  if (at != end) {
    ++at;
    const bool down = *at == '-';
    if (down || *at == '+') ++at;
    if (end - at > 9) return std::nullopt;
    std::int64_t given = 0;
    for (; at != end; ++at) given = given * 10 + (*at - '0');
    exponent += down ? -given : given;
  }
  value.mantissa = mantissa;
  value.exponent = exponent;
  return value;
}

std::string_view without_leading_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view{} : digits.substr(first);
}

void add_exponent(std::string_view text, Decimal& value) {
  const bool down = text.starts_with('-');
  if (down || text.starts_with('+')) text.remove_prefix(1);
  text = without_leading_zeros(text);
  if (text.size() > kExponentDigits) {
    value.overflow = (down ? "-" : "+") + std::string(text);
    return;
  }
  std::int64_t given = 0;
  for (const char c : text) given = given * 10 + (c - '0');
  value.exponent += down ? -given : given;
}

std::int64_t lowest_place(const Decimal& value) {
  return value.exponent - static_cast<std::int64_t>(value.digits.size());
}

Decimal from_digits(std::string digits, std::int64_t lowest) {
  Decimal value;
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string::npos) return value;
  const std::size_t last = digits.find_last_not_of('0');
  value.exponent = lowest + static_cast<std::int64_t>(digits.size() - first);
  value.digits = digits.substr(first, last - first + 1);
  return value;
}

/// For magnitudes: whether a <= b.
bool at_most(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) return a.digits.empty();
  if (a.exponent != b.exponent) return a.exponent < b.exponent;
  return a.digits <= b.digits;  // no zeros at the ends: the order of the texts is that of the values
}

/// A magnitude in a sum.
struct Term {
  const Decimal& value;
  int sign;
};
using Sum = std::array<Term, 3>;

/// The highest place, not above `from`, in which a term has a digit; the value of place p is 10^(p - 1).
std::optional<std::int64_t> next_place(const Sum& sum, std::int64_t from) {
  std::optional<std::int64_t> next;
  for (const Term& term : sum) {
    if (term.value.digits.empty() || lowest_place(term.value) >= from) continue;
    next = std::max(next.value_or(std::numeric_limits<std::int64_t>::min()), std::min(from, term.value.exponent));
  }
  return next;
}

int digit_at(const Decimal& value, std::int64_t place) {
  const std::int64_t index = value.exponent - place;
  const bool inside = index >= 0 && index < static_cast<std::int64_t>(value.digits.size());
  return inside ? value.digits[static_cast<std::size_t>(index)] - '0' : 0;
}

/// Whether a sum is greater than 0, exactly. Takes a step for each digit, however far apart the terms lie.
bool is_positive(const Sum& sum) {
  // Below each place, a term has less than one unit of it left; so many units as there are terms are not undone.
  constexpr auto kDecided = static_cast<int>(std::tuple_size_v<Sum>);
  int units = 0;
  std::int64_t last = std::numeric_limits<std::int64_t>::max();
  while (const auto place = next_place(sum, last)) {
    if (units != 0 && *place != last) break;  // a gap makes them at least ten
    units *= 10;
    for (const Term& term : sum) units += term.sign * digit_at(term.value, *place);
    if (std::abs(units) >= kDecided) break;
    last = *place - 1;
  }
  return units > 0;
}

/// Whether |a - b| <= bound, which is not negative. Exponents that do not fit are not within any bound.
bool within(const Decimal& a, const Decimal& b, const Decimal& bound) {
  if (!a.overflow.empty() || !b.overflow.empty()) return false;
  const bool a_is_less = at_most(a, b);
  const int together = a.negative == b.negative ? -1 : 1;
  return !is_positive({{{a_is_less ? b : a, 1}, {a_is_less ? a : b, together}, {bound, -1}}});
}

Decimal product_of_magnitudes(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) return {};
  const std::size_t size = a.digits.size() + b.digits.size();
  std::string product(size, '0');
  for (std::size_t j = b.digits.size(); j-- > 0;) {
    int carry = 0;
    const int factor = b.digits[j] - '0';
    for (std::size_t i = a.digits.size(); i-- > 0;) {
      char& place = product[i + j + 1];
      const int digit = (place - '0') + (a.digits[i] - '0') * factor + carry;
      place = static_cast<char>('0' + digit % 10);
      carry = digit / 10;
    }
    product[j] = static_cast<char>('0' + carry);
  }
  return from_digits(std::move(product), a.exponent + b.exponent - static_cast<std::int64_t>(size));
}

/// Whether a number is spelled as nearly all are, in the only way without exponent and needless zeros: then another
/// number of its value has the same bytes or is not spelled like that.
bool is_plainest(std::string_view number) {
  // Of what numbers are made of, only e and E have this bit.
  constexpr std::uint64_t kExponentBits = 0x4040404040404040;
  std::uint64_t exponent = 0;
  const char* const data = number.data();
  const std::size_t size = number.size();
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 <= size; at += 8) exponent |= read_8(data + at);
    exponent |= read_8(data + size - 8);
  } else {
    for (const char c : number) exponent |= static_cast<unsigned char>(c);
  }
  if ((exponent & kExponentBits) != 0) return false;
  return number.back() != '0' || number.size() == 1 || (number != "-0" && number.find('.') == std::string_view::npos);
}

/// That spelling, unless it is long.
std::optional<std::string> plainest(const Decimal& value) {
  if (value.digits.empty()) return "0";
  constexpr auto kLongest = static_cast<std::int64_t>(kLongestPlain);
  const auto size = static_cast<std::int64_t>(value.digits.size());
  if (!value.overflow.empty() || std::abs(value.exponent) > kLongest) return std::nullopt;
  std::string text = value.negative ? "-" : "";
  if (value.exponent <= 0) {
    text.append("0.").append(static_cast<std::size_t>(-value.exponent), '0').append(value.digits);
  } else if (value.exponent >= size) {
    text.append(value.digits).append(static_cast<std::size_t>(value.exponent - size), '0');
  } else {
    const auto point = static_cast<std::size_t>(value.exponent);
    text.append(value.digits, 0, point).append(".").append(value.digits, point);
  }
  return text.size() <= kLongestPlain ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace

Decimal parse_decimal(std::string_view number) {
  Decimal value;
  const std::size_t e = number.find_first_of("eE");
  std::string_view mantissa = number.substr(0, e);
  value.negative = mantissa.starts_with('-');
  if (value.negative) mantissa.remove_prefix(1);
  const std::size_t point = mantissa.find('.');
  const std::string_view whole = without_leading_zeros(mantissa.substr(0, point));
  std::string_view fraction = point == std::string_view::npos ? std::string_view{} : mantissa.substr(point + 1);
  if (whole.empty()) {
    const std::string_view rest = without_leading_zeros(fraction);
    value.exponent = -static_cast<std::int64_t>(fraction.size() - rest.size());
    fraction = rest;
  } else {
    value.exponent = static_cast<std::int64_t>(whole.size());
  }
  value.digits.append(whole).append(fraction);
  const std::size_t last = value.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  value.digits.resize(last + 1);
  if (e != std::string_view::npos) add_exponent(number.substr(e + 1), value);
  return value;
}

bool equal_numbers(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (is_plainest(a) && is_plainest(b)) return false;
  const std::optional<Small> small_a = parse_small(a);
  const std::optional<Small> small_b = parse_small(b);
  if (small_a && small_b) return *small_a == *small_b;
  return parse_decimal(a) == parse_decimal(b);
}

std::uint64_t hash_number(std::string_view number, std::uint64_t seed) {
  if (number.size() <= kLongestPlain && is_plainest(number)) return hash_bytes(number, seed);
  const Decimal value = parse_decimal(number);
  if (const std::optional<std::string> plain = plainest(value)) return hash_bytes(*plain, seed);
  const auto exponent = static_cast<std::uint64_t>(value.exponent) * 2 + value.negative;
  return hash_bytes(value.digits, mix(exponent ^ kOdd2, seed ^ value.overflow.size()));
}

bool within_absolute(const Decimal& a, const Decimal& b, const Decimal& bound) { return a == b || within(a, b, bound); }

bool within_relative(const Decimal& a, const Decimal& b, const Decimal& share) {
  return a == b || within(a, b, product_of_magnitudes(at_most(a, b) ? b : a, share));
}

Decimal round_to(Decimal value, int decimals) {
  if (value.digits.empty() || !value.overflow.empty()) return value;
  const std::int64_t kept = value.exponent + decimals;  // how many digits stay
  if (kept >= static_cast<std::int64_t>(value.digits.size())) return value;
  if (kept < 0) return {};
  const auto keep = static_cast<std::size_t>(kept);
  const char first_dropped = value.digits[keep];
  const bool exactly_half = first_dropped == '5' && keep + 1 == value.digits.size();
  const bool odd = keep > 0 && (value.digits[keep - 1] - '0') % 2 == 1;
  const bool up = exactly_half ? odd : first_dropped >= '5';
  std::string digits = "0" + value.digits.substr(0, keep);
  if (up) {
    std::size_t i = digits.size() - 1;
    while (digits[i] == '9') digits[i--] = '0';
    ++digits[i];
  }
  Decimal rounded = from_digits(std::move(digits), -static_cast<std::int64_t>(decimals));
  rounded.negative = value.negative && !rounded.digits.empty();
  return rounded;
}

double to_binary64(std::string_view number) {
  double value = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc()) return value;
  const Decimal exact = parse_decimal(number);  // out of range: infinite or zero
  const bool large = exact.overflow.empty() ? exact.exponent > 0 : exact.overflow[0] == '+';
  const double magnitude = large ? std::numeric_limits<double>::infinity() : 0.0;
  return exact.negative ? -magnitude : magnitude;
}

}  // namespace diffing
