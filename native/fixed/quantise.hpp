// The activation that stands for a floating-point input (docs/arithmetic.md, "Formats").
#pragma once

#include <math.h>
#include <stdint.h>

#include "wide_format.hpp"

namespace sparse_train {

/// (x - offset) * scale in units of 1/256, rounded to the nearest one, ties upwards, and clipped. NaN becomes the lower limit.
inline int16_t quantise(double x, double offset, double scale) {
  const double value = floor((x - offset) * scale * (1 << kActivationFraction) + 0.5);
  if (!(value > -kActivationMax)) return -kActivationMax;
  return static_cast<int16_t>(value > kActivationMax ? kActivationMax : value);
}

}  // namespace sparse_train
