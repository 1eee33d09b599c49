#include "number.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#ifdef __APPLE__
#include <xlocale.h>
#endif

namespace sparse_train {
namespace {

#ifdef __cpp_lib_to_chars
/// `isLarge`: whether the number is 1 or more.
double fromChars(const char* begin, const char* end, bool isLarge) {
  double value = 0;
  // The text is known to be a number, so the only possible error is that it is out of range.
  if (std::from_chars(begin, end, value).ec == std::errc()) return value;
  return isLarge ? kNotANumber : 0;
}
#else
double fromChars(const char* begin, const char* end, bool) {
  const std::string text(begin, end);
#ifdef __APPLE__
  const double value = strtod_l(text.c_str(), nullptr, nullptr);
#else
  const double value = std::strtod(text.c_str(), nullptr);
#endif
  return std::isfinite(value) ? value : kNotANumber;
}
#endif

}  // namespace

double parseSlowly(const uint8_t* begin, const uint8_t* end, uint8_t decimal, int64_t digits,
                   int64_t exponent) {
  const char* first = reinterpret_cast<const char*>(begin);
  const char* last = reinterpret_cast<const char*>(end);
  const bool isLarge = digits + exponent > 0;
  if (decimal == '.') return fromChars(first, last, isLarge);
  std::string text(first, last);
  const size_t mark = text.find(static_cast<char>(decimal));
  if (mark != std::string::npos) text[mark] = '.';
  return fromChars(text.data(), text.data() + text.size(), isLarge);
}

}  // namespace sparse_train
