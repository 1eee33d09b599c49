// Number formats of the `wide` arithmetic (docs/arithmetic.md, "Formats").
#pragma once

#include <stdint.h>

#include "rounding.hpp"

namespace sparse_train {

constexpr int kActivationFraction = 8;    ///< Activations and inputs: units of 1/256 ...
constexpr int32_t kActivationMax = 2047;  ///< ... within +-2047/256.
constexpr int kDeltaFraction = 14;        ///< Deltas: units of 2^-14 ...
constexpr int32_t kDeltaMax = 32767;      ///< ... within +-32767.
constexpr int32_t kDeltaOne = 1 << kDeltaFraction;
constexpr int32_t kSumMax = 1 << 30;      ///< Sums are clipped to +-2^30 after exact accumulation.
constexpr int32_t kBiasMax = 1 << 29;     ///< Biases stay within +-2^29.
constexpr int kRateFraction = 15;         ///< Multipliers of learning rates: units of 2^-15.
constexpr int kMaxActivationShift = 4;    ///< 2047 << 4 still fits 16 bits.
constexpr int kMomentumGuardBits = 4;     ///< Velocities have this many more fraction bits than weights.
constexpr uint32_t kDecayInterval = 256;  ///< Weight decay is applied once per this many inputs.
/// A 32-bit accumulator cannot wrap while sum(|x|) * max|w| stays within this (which leaves room for the
/// bias).
constexpr int64_t kFastSumLimit = (int64_t{1} << 31) - 1 - kBiasMax;

/// Weights: `bits` bits in two's complement, `fraction` of them after the binary point.
struct WideFormat {
  int bits = 16;
  int fraction = 12;
  bool stochastic = true;

  int32_t weightMin() const { return -(1 << (bits - 1)); }
  int32_t weightMax() const { return (1 << (bits - 1)) - 1; }
};

/// How a learning rate is applied: a scaled delta is (delta * multiplier) >> 15, an update is ((activation <<
/// shift) * scaledDelta) >> 16, in units of the weight's last bit.
struct UpdateScale {
  int32_t multiplier = 0;
  int shift = 0;
};

/// The left shift of activations in an update: the smallest that keeps a delta of 1.0 times the input's learning rate
/// within half the range of a scaled delta. Returns -1 if even the largest shift does not.
inline int updateShift(double rate, int fraction, int guardBits) {
  for (int shift = 0; shift <= kMaxActivationShift; shift++) {
    const int exponent = fraction + guardBits - 6 - shift;
    const double scale =
        exponent >= 0 ? static_cast<double>(1 << exponent) : 1.0 / static_cast<double>(1 << -exponent);
    if (rate * scale <= 1.0) return shift;
  }
  return -1;
}

/// round(rate * 2^(fraction + guardBits - 6 - shift) * 2^15), the multiplier of deltas.
inline int32_t rateMultiplier(double rate, int fraction, int guardBits, int shift) {
  const int exponent = fraction + guardBits - 6 - shift + kRateFraction;
  const double scaled = rate * static_cast<double>(1 << exponent);
  return static_cast<int32_t>(scaled + 0.5);
}

}  // namespace sparse_train
