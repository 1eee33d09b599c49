// Reads decimal numbers from text.
#pragma once

#include <cstdint>
#include <limits>

namespace sparse_train {

/// The result of parseNumber() if there is no number.
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

/// Powers of ten that a double represents exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMaxExactPower = 22;

/// All whole numbers up to this one can be represented exactly by a double.
constexpr uint64_t kMaxExact = uint64_t{1} << 53;

/// A number with this many digits always fits 64 bits.
constexpr int kMaxDigits = 19;

/// Computes a number without its sign from its whole text, if `mantissa * 10^exponent` does not give it exactly.
/// `digits`: the digits with the decimal mark. NaN if the number exceeds the range of a double.
double parseSlowly(const uint8_t* begin, const uint8_t* end, uint8_t decimal, int64_t digits,
                   int64_t exponent);

/// Reads an exponent, starting at its `e`, and adds it to `exponent`; returns false if there are no digits.
inline bool parseExponent(const uint8_t*& at, const uint8_t* end, int64_t& exponent) {
  /// Exponents are counted up to this limit, which is far beyond the range of a double.
  constexpr int64_t kMost = 100000000;
  at++;
  const bool isNegative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  const uint8_t* const first = at;
  int64_t value = 0;
  for (; at < end && static_cast<uint8_t>(*at - '0') <= 9; at++) {
    if (value < kMost) value = value * 10 + (*at - '0');
  }
  exponent += isNegative ? -value : value;
  return at > first;
}

/// Reads the number that begins at `at`, correctly rounded, and moves `at` past its last character. NaN if no
/// number begins there, or if it exceeds the range of a double.
inline double parseNumber(const uint8_t*& at, const uint8_t* end, uint8_t decimal) {
  const bool isNegative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  const uint8_t* const begin = at;
  uint64_t mantissa = 0;
  uint8_t digit;
  for (; at < end && (digit = static_cast<uint8_t>(*at - '0')) <= 9; at++) mantissa = mantissa * 10 + digit;
  int64_t digits = at - begin;
  int64_t exponent = 0;
  if (at < end && *at == decimal) {
    const uint8_t* const part = ++at;
    for (; at < end && (digit = static_cast<uint8_t>(*at - '0')) <= 9; at++) mantissa = mantissa * 10 + digit;
    exponent = part - at;
    digits -= exponent;
  }
  if (digits == 0) return kNotANumber;
  if (digits > kMaxDigits) {
    // Leading zeros do not count as digits.
    for (const uint8_t* zero = begin; zero < at && (*zero == '0' || *zero == decimal); zero++) {
      digits -= *zero == '0';
    }
  }
  if (at < end && (*at | 0x20) == 'e' && !parseExponent(at, end, exponent)) return kNotANumber;
  double value;
  if (digits <= kMaxDigits && mantissa <= kMaxExact && exponent >= -kMaxExactPower &&
      exponent <= kMaxExactPower) {
    // One operation on two exact doubles rounds correctly (W. D. Clinger, "How to read floating point numbers
    // accurately", 1990).
    const double exact = static_cast<double>(mantissa);
    value = exponent < 0 ? exact / kPowersOfTen[-exponent] : exact * kPowersOfTen[exponent];
  } else {
    value = parseSlowly(begin, at, decimal, digits, exponent);
  }
  return isNegative ? -value : value;
}

}  // namespace sparse_train
