// Sigmoid and tanh of the `wide` arithmetic as tables over the rounded sum in units of 1/256, -2047..2047
// (docs/arithmetic.md, "Activations").
#pragma once

#include <stdint.h>

#include "wide_format.hpp"

namespace sparse_train {

constexpr int kTableSize = 2 * kActivationMax + 1;

/// Entry u + kActivationMax is f(u / 256).
struct ActivationTables {
  int16_t sigmoid[kTableSize];        ///< floor(sigma * 256 + 1/2): hidden activations.
  int16_t tanh[kTableSize];           ///< floor(tanh * 256 + 1/2).
  int16_t sigmoidOutput[kTableSize];  ///< floor(sigma * 2^14 + 1/2): probabilities of a sigmoid output layer.
};

/// Computed on first use, with the same bits on every machine.
const ActivationTables& activationTables();

}  // namespace sparse_train
