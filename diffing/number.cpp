#include "diffing/number.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <system_error>

#include "diffing/hash.h"

namespace diffing {
namespace {

// Two values whose digits lie further apart than this are not subtracted digit by digit.
constexpr std::int64_t kWidestSpan = 1'000'000;
constexpr std::size_t kExponentDigits = 18;  // as many as fit an int64 with room for the shift by the digits
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

/// Digits aligned to a common lowest place, for arithmetic on magnitudes.
struct Aligned {
  std::string a;
  std::string b;
  std::int64_t lowest = 0;  ///< The value of the last digit is 10^lowest.
};

std::int64_t lowest_place(const Decimal& value) {
  return value.exponent - static_cast<std::int64_t>(value.digits.size());
}

std::optional<Aligned> align(const Decimal& a, const Decimal& b) {
  if (!a.overflow.empty() || !b.overflow.empty()) return std::nullopt;
  if (a.digits.empty()) return Aligned{std::string(b.digits.size(), '0'), b.digits, lowest_place(b)};
  if (b.digits.empty()) return Aligned{a.digits, std::string(a.digits.size(), '0'), lowest_place(a)};
  const std::int64_t top = std::max(a.exponent, b.exponent);
  const std::int64_t lowest = std::min(lowest_place(a), lowest_place(b));
  if (top - lowest > kWidestSpan) return std::nullopt;
  const auto padded = [&](const Decimal& value) {
    return std::string(static_cast<std::size_t>(top - value.exponent), '0') + value.digits +
           std::string(static_cast<std::size_t>(lowest_place(value) - lowest), '0');
  };
  return Aligned{padded(a), padded(b), lowest};
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

Decimal sum_of_magnitudes(Aligned sides) {
  std::string sum(sides.a.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = sides.a.size(); i-- > 0;) {
    const int digit = (sides.a[i] - '0') + (sides.b[i] - '0') + carry;
    carry = digit / 10;
    sum[i + 1] = static_cast<char>('0' + digit % 10);
  }
  sum[0] = static_cast<char>('0' + carry);
  return from_digits(std::move(sum), sides.lowest);
}

Decimal difference_of_magnitudes(Aligned sides) {
  if (sides.a < sides.b) std::swap(sides.a, sides.b);
  int borrow = 0;
  for (std::size_t i = sides.a.size(); i-- > 0;) {
    int digit = (sides.a[i] - '0') - (sides.b[i] - '0') - borrow;
    borrow = digit < 0;
    if (digit < 0) digit += 10;
    sides.a[i] = static_cast<char>('0' + digit);
  }
  return from_digits(std::move(sides.a), sides.lowest);
}

/// |a - b|; nullopt where the two are too far apart to say.
std::optional<Decimal> distance(const Decimal& a, const Decimal& b) {
  std::optional<Aligned> sides = align(a, b);
  if (!sides) return std::nullopt;
  return a.negative == b.negative ? difference_of_magnitudes(std::move(*sides)) : sum_of_magnitudes(std::move(*sides));
}

/// For magnitudes: whether a <= b.
bool at_most(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) return a.digits.empty();
  if (a.exponent != b.exponent) return a.exponent < b.exponent;
  return a.digits <= b.digits;  // no zeros at the ends: the order of the texts is that of the values
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
  const std::optional<Small> small_a = parse_small(a);
  const std::optional<Small> small_b = parse_small(b);
  if (small_a && small_b) return *small_a == *small_b;
  return parse_decimal(a) == parse_decimal(b);
}

std::uint64_t hash_number(std::string_view number, std::uint64_t seed) {
  const std::optional<Small> small = parse_small(number);
  if (small) {
    const auto exponent = static_cast<std::uint64_t>(small->exponent) * 2 + small->negative;
    return mix(small->mantissa ^ kOdd1, mix(exponent ^ kOdd2, seed));
  }
  // A number that is small in another spelling must hash alike, so short digits take the same way as above.
  const Decimal value = parse_decimal(number);
  if (value.overflow.empty() && value.digits.size() <= kWordDigits) {
    std::uint64_t mantissa = 0;
    for (const char c : value.digits) mantissa = mantissa * 10 + static_cast<std::uint64_t>(c - '0');
    const auto exponent = static_cast<std::uint64_t>(lowest_place(value)) * 2 + value.negative;
    return mix(mantissa ^ kOdd1, mix(exponent ^ kOdd2, seed));
  }
  const auto exponent = static_cast<std::uint64_t>(value.exponent) * 2 + value.negative;
  return hash_bytes(value.digits, mix(exponent ^ kOdd2, seed ^ value.overflow.size()));
}

bool within_absolute(const Decimal& a, const Decimal& b, const Decimal& bound) {
  if (a == b) return true;
  const std::optional<Decimal> apart = distance(a, b);
  return apart && at_most(*apart, bound);
}

bool within_relative(const Decimal& a, const Decimal& b, const Decimal& share) {
  if (a == b) return true;
  const std::optional<Decimal> apart = distance(a, b);
  return apart && at_most(*apart, product_of_magnitudes(at_most(a, b) ? b : a, share));
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
