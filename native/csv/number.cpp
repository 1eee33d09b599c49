#include "number.hpp"

#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#ifdef __APPLE__
#include <xlocale.h>
#endif

namespace sparse_train {
namespace {

/// Powers of ten that a double holds exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMaxExactPower = 22;

/// Every whole number up to this is a double.
constexpr uint64_t kMaxExact = uint64_t{1} << 53;

/// A 64-bit number holds any number of so many digits.
constexpr int kMaxDigits = 19;

/// Exponents are counted up to here; no double is as large or small.
constexpr int kMaxExponent = 100000000;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

#ifdef __cpp_lib_to_chars
/// Digits with a point; `isLarge` says whether the number is 1 or more.
double slowly(const char* begin, const char* end, bool isLarge) {
  double value = 0;
  // The text is a number already, so the only possible error is its size.
  if (std::from_chars(begin, end, value).ec == std::errc()) return value;
  return isLarge ? kNone : 0;
}
#else
double slowly(const char* begin, const char* end, bool) {
  const std::string text(begin, end);
#ifdef __APPLE__
  const double value = strtod_l(text.c_str(), nullptr, nullptr);
#else
  const double value = std::strtod(text.c_str(), nullptr);
#endif
  return std::isfinite(value) ? value : kNone;
}
#endif

double slowly(const uint8_t* begin, const uint8_t* end, uint8_t decimal, bool isLarge) {
  const char* first = reinterpret_cast<const char*>(begin);
  const char* last = reinterpret_cast<const char*>(end);
  if (decimal == '.') return slowly(first, last, isLarge);
  std::string text(first, last);
  const size_t mark = text.find(static_cast<char>(decimal));
  if (mark != std::string::npos) text[mark] = '.';
  return slowly(text.data(), text.data() + text.size(), isLarge);
}

}  // namespace

double parseNumber(const uint8_t*& at, const uint8_t* end, uint8_t decimal) {
  const bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  const uint8_t* const digits = at;
  uint64_t mantissa = 0;
  int64_t significant = 0, places = 0;
  bool anyDigit = false, pastMark = false;
  for (; at < end; at++) {
    const uint8_t digit = static_cast<uint8_t>(*at - '0');
    if (digit <= 9) {
      anyDigit = true;
      places += pastMark;
      significant += significant > 0 || digit != 0;
      // Numbers of more digits are read again by slowly().
      if (significant <= kMaxDigits) mantissa = mantissa * 10 + digit;
    } else if (*at == decimal && !pastMark) {
      pastMark = true;
    } else {
      break;
    }
  }
  if (!anyDigit) return kNone;
  int64_t exponent = 0;
  if (at < end && (*at | 0x20) == 'e') {
    at++;
    const bool down = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    const uint8_t* const first = at;
    for (; at < end && static_cast<uint8_t>(*at - '0') <= 9; at++) {
      if (exponent < kMaxExponent) exponent = exponent * 10 + (*at - '0');
    }
    if (at == first) return kNone;
    if (down) exponent = -exponent;
  }
  exponent -= places;
  double value;
  if (significant <= kMaxDigits && mantissa <= kMaxExact && exponent >= -kMaxExactPower &&
      exponent <= kMaxExactPower) {
    // One operation on two exact doubles rounds correctly (W. D. Clinger, "How to read floating point numbers
    // accurately", 1990).
    const double exact = static_cast<double>(mantissa);
    value = exponent < 0 ? exact / kPowersOfTen[-exponent] : exact * kPowersOfTen[exponent];
  } else if (significant == 0) {
    value = 0;
  } else {
    value = slowly(digits, at, decimal, significant + exponent > 0);
  }
  return negative ? -value : value;
}

}  // namespace sparse_train
