// Rounding and saturation of integers. The whole numeric contract of the `wide` arithmetic rests on these
// functions (docs/arithmetic.md, "Rounding").
#pragma once

#include <stdint.h>

namespace sparse_train {

/// Clips to [low, high].
template <typename T>
constexpr T clip(T value, T low, T high) {
  return value < low ? low : (value > high ? high : value);
}

/// floor(value / 2^shift + 1/2): nearest, ties towards plus infinity. 0 <= shift < 63. The caller ensures
/// that value + 2^(shift-1) does not overflow.
template <typename T>
constexpr T shiftRound(T value, int shift) {
  return shift == 0 ? value : static_cast<T>((value + (static_cast<T>(1) << (shift - 1))) >> shift);
}

}  // namespace sparse_train
