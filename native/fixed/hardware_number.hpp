// The adder and multiplier of the hardware's datapath (docs/arithmetic.md, "Hardware"): two's complement
// numbers of `width` bits, `fraction` of them after the binary point, the same format for every quantity.
// Includes C headers only, because kernel sets include this file.
#pragma once

#include <stdint.h>

namespace sparse_train {

/// The properties of a format that an operation needs.
struct HardwareNumber {
  int32_t fraction;  ///< Bits after the binary point: 2 to width - 1.
  int32_t min, max;  ///< -2^(width - 1) and 2^(width - 1) - 1.
};

/// The saturating adder's limit: clips an exact sum to the format.
inline int32_t hardwareClip(int64_t value, const HardwareNumber& number) {
  if (value > number.max) return number.max;
  return static_cast<int32_t>(value < number.min ? number.min : value);
}

/// The saturating adder.
inline int32_t hardwareAdd(int32_t a, int32_t b, const HardwareNumber& number) {
  return hardwareClip(static_cast<int64_t>(a) + b, number);
}

/// The rounding and saturating multiplier. The product is truncated and saturated first, and then rounded up
/// by the highest bit that was cut off, unless it is at the maximum. So a product far below the minimum may
/// become the minimum plus one.
inline int32_t hardwareMultiply(int32_t a, int32_t b, const HardwareNumber& number) {
  const int64_t product = static_cast<int64_t>(a) * b;
  const int32_t cut = hardwareClip(product >> number.fraction, number);
  const bool roundUp = ((product >> (number.fraction - 1)) & 1) != 0 && cut != number.max;
  return cut + (roundUp ? 1 : 0);
}

/// The step of weights and biases for a delta and the learning rate 2^-shift, 0 <= shift <= 31: the negated
/// delta, shifted right and rounded by the highest bit shifted out.
inline int32_t hardwareStep(int32_t delta, int shift, const HardwareNumber& number) {
  const int64_t negated = delta == number.min ? number.max : -static_cast<int64_t>(delta);
  const int64_t half = shift > 0 ? (negated >> (shift - 1)) & 1 : 0;
  return static_cast<int32_t>((negated >> shift) + half);
}

/// An input of 0 to 255 as x / 256, truncated to the format.
inline int32_t hardwareInput(uint8_t x, const HardwareNumber& number) {
  return number.fraction >= 8 ? static_cast<int32_t>(static_cast<uint32_t>(x) << (number.fraction - 8))
                              : x >> (8 - number.fraction);
}

}  // namespace sparse_train
