// The inner loops of the learner (docs/arithmetic.md, "Learner"), as a table of functions: one table per instruction set,
// all bit-identical. Plain structs and C headers only, as in wide_kernels.hpp.
//
// A learner's weights are rows of a multiple of kLearnerWidth words, one row for each input slot or output class and
// each member network. A row stands on a 64-byte boundary. The loops work on kLearnerWidth words of each row.
#pragma once

#include <stdint.h>

namespace sparse_train {

/// The hidden neurons of a member network that one call works on.
constexpr uint32_t kLearnerWidth = 64;
/// Rounding numbers that one step draws.
constexpr uint32_t kLearnerLanes = 32;
/// Added to the rounding numbers of neurons 32 to 63.
constexpr uint16_t kLearnerHalfSalt = 0x3D4D;

/// Rows of weights that one example reads, with the number that multiplies each.
struct LearnerRows {
  int16_t* const* rows;   ///< where each row's slot begins; the words of this call are `offset` further
  const int16_t* values;  ///< one number per row
  const uint16_t* salts;  ///< what each row adds to the rounding numbers; only updates read it
  uint32_t count;
  uint32_t offset;
};

struct LearnerKernels {
  /// sums[h] = sum of values[i] * row i [h]. The caller keeps the sum of |values| within 32767, so nothing overflows.
  void (*weightedSum)(const LearnerRows& input, int32_t* sums);
  /// The sum of activations[h] * weights[h]; it must fit 32 bits.
  int32_t (*dot)(const int16_t* activations, const int16_t* weights);
  /// row i [h] = clip(row i [h] + ((values[i] * factors[h] + rho) >> 16), +-limit) with the rounding number
  /// rho = (lanes[h mod 32] + salts[i] + salt + (h / 32) * kLearnerHalfSalt) mod 2^16.
  void (*update)(const LearnerRows& input, const int16_t* factors, const uint16_t* lanes, uint16_t salt,
                 int16_t limit);
};

}  // namespace sparse_train
