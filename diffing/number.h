#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers by their decimal value, from their text; nothing is rounded unless asked for.
namespace diffing {

/// The value of a JSON number: 0.DIGITS x 10^exponent, DIGITS without zeros at either end; zero has no digits and no
/// sign. Exponents beyond +-10^18 are not told apart from those of equal spelling only (`overflow`).
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
  std::string overflow;  ///< The exponent as it was spelled, where it does not fit.

  bool operator==(const Decimal&) const = default;
};

Decimal parse_decimal(std::string_view number);

/// Whether two JSON numbers have the same value: 1 = 1.0 = 1e0, -0 = 0. Cost: linear in the texts.
bool equal_numbers(std::string_view a, std::string_view b);

/// Equal for numbers of equal value.
std::uint64_t hash_number(std::string_view number, std::uint64_t seed);

/// |a - b| <= bound, exactly. The bound is not negative.
bool within_absolute(const Decimal& a, const Decimal& b, const Decimal& bound);

/// |a - b| <= share * max(|a|, |b|), exactly. The share is not negative.
bool within_relative(const Decimal& a, const Decimal& b, const Decimal& share);

/// The value with so many decimals after the point; halves go to the even neighbour, as printf does.
Decimal round_to(Decimal value, int decimals);

/// The value as a double, rounded as strtod does; infinite where too large.
double to_binary64(std::string_view number);

}  // namespace diffing
