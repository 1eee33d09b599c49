// A junction of the `wide` arithmetic as mini-batches see it: weights in an order of its own, and the passes over 16
// neurons at a time. Different units of a pass may run at once on different threads; nothing computed depends on how they
// are shared.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "fixed/wide_format.hpp"
#include "kernels/wide_batch/wide_batch_kernels.hpp"
#include "pattern/pattern.hpp"

namespace sparse_train {

/// Flags of pairs of left neurons (2 i and 2 i + 1): 0 where both are silent in all samples in question, so that their
/// rows need not even hold zeros. Null: all rows count.
using ActivePairs = const uint8_t*;

/// The left layer of one strip, as FF reads it.
struct StripInput {
  const int16_t* rows;
  int32_t largest;  ///< no value is larger
  ActivePairs active;
};

/// Memory that FF of the blocks of one strip uses again.
struct WideBatchScratch {
  std::vector<int16_t> weights;
  std::vector<uint32_t> neurons, places;
};

/// What an update of all units needs to know.
struct WideBatchRows {
  StripRows left;            ///< activations
  StripRows right;           ///< deltas
  int32_t leftLargest;       ///< no activation is larger
  const int32_t* absolutes;  ///< per right neuron, the sum of |delta| over the batch ...
  int64_t mostAbsolute;      ///< ... and the largest of them
  ActivePairs active;        ///< of all strips; null if a gradient of zero moves weights (momentum, decay)
};

class WideBatchJunction {
 public:
  virtual ~WideBatchJunction() = default;

  /// In edge order of the pattern.
  virtual void readWeights(int16_t* weights) const = 0;
  virtual void writeWeights(const int16_t* weights) = 0;
  virtual void readVelocities(int16_t* velocities) const = 0;
  virtual void writeVelocities(const int16_t* velocities) = 0;

  /// Clipped sums of the 16 right neurons of a block for one strip, sums[16][32].
  virtual void forward(uint32_t block, const StripInput& input, const int32_t* biases,
                       WideBatchScratch& scratch, int32_t* sums) const = 0;
  /// Clipped errors of the 16 left neurons of a block for one strip. `scattered`: what scatter() made of the strip, whose
  /// rows of the block become zeros again; null where it was not called.
  virtual void backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t* scattered,
                        int32_t* errors) const = 0;
  /// Whether BP of a whole strip is better begun with scatter().
  virtual bool scatters() const { return false; }
  /// Adds the products of all weights with the deltas of a strip to sums[left neuron][32], which must be zeros: goes through
  /// weights and deltas in order, and through the sums in none.
  virtual void scatter(const int16_t*, int32_t*) const {}

  virtual uint32_t updateUnits() const = 0;
  /// Moves the weights of one unit by the gradient of the whole batch.
  virtual void update(uint32_t unit, const WideBatchRows& rows, const BatchRule& rule, BatchUpdate& done) = 0;

  /// After all updates, what the next batch needs to know of the weights; units 0 .. settleUnits() - 1.
  virtual uint32_t settleUnits() const = 0;
  virtual void settle(uint32_t unit) = 0;

  /// Bytes of memory it holds, besides the pattern.
  virtual uint64_t bytes() const = 0;
};

/// Tiles or a list, as the online layout has them. Keeps a reference to the pattern; `backward`: whether the junction has
/// BP.
std::unique_ptr<WideBatchJunction> makeWideBatchJunction(const Pattern& pattern,
                                                         const WideBatchKernels* kernels, bool tiles,
                                                         bool backward, bool momentum);

/// Whether sums of up to `weights` * `values` and a bias stay within 32 bits, however they are added.
constexpr bool fitsSum(int64_t weights, int64_t values) {
  return weights <= kFastSumLimit && weights * values <= kFastSumLimit;
}

/// The update with gradients of any size; otherwise as WideBatchKernels::updateTiles.
void updateExactly(int16_t* weights, int16_t* velocities, const int64_t* gradients, const uint32_t* ordinals,
                   const uint32_t* masks, size_t count, const BatchRule& rule, BatchUpdate& done);

}  // namespace sparse_train
