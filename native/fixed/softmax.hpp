// Softmax in integers (docs/arithmetic.md, "Softmax").
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sparse_train {

/// Probabilities in units of 2^-14 from sums in units of 2^-sumFraction (sumFraction >= 8). `scratch` has
/// room for n values; `probabilities` receives n values, each 0..16384.
void softmax(const int32_t* sums, size_t n, int sumFraction, int32_t* scratch, int32_t* probabilities);

/// 2^15 * e^-x for x >= 0 in units of 2^-12, x <= 16 * 4096: e^-x = 2^-(x log2 e), with the whole part as a
/// shift and the fraction by a cubic polynomial.
inline int32_t expNegative(int32_t x) {
  const int32_t exponent = (x * 5909) >> 12;  // 5909 / 4096 = log2 e
  const int32_t whole = exponent >> 12;
  const int32_t f = exponent & 4095;
  // 2^-f on [0, 1): 1 - 0.6931 f + 0.2402 f^2 - 0.0548 f^3 + ..., coefficients fitted in units of 2^-15 so that both
  // ends are exact: 32768 and 16384.
  int32_t p = -1299;
  p = 7580 + ((p * f) >> 12);
  p = -22665 + ((p * f) >> 12);
  p = 32768 + ((p * f) >> 12);
  return p >> whole;
}

}  // namespace sparse_train
