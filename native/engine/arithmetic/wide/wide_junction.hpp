// A junction of the `wide` arithmetic for mini-batches: its weights in their own order, and passes over 16
// neurons at a time. Units of a pass may run at once on different threads; results do not depend on how they
// are shared.
#pragma once

#include <stdint.h>

#include <memory>
#include <vector>

#include "fixed/wide_format.hpp"
#include "kernels/wide_batch/wide_batch_kernels.hpp"
#include "pattern/pattern.hpp"

namespace sparse_train {

/// Flags for pairs of left neurons (2 i and 2 i + 1): 0 if both are silent in all samples concerned, so that
/// their rows need not even hold zeros. Null: all rows count.
using ActivePairs = const uint8_t*;

/// The left layer of one strip, for FF.
struct StripInput {
  const int16_t* rows;
  int32_t largest;  ///< an upper limit of the values
  ActivePairs active;
};

/// Memory that FF of the blocks of one strip reuses.
struct WideBatchScratch {
  std::vector<int16_t> weights;
  std::vector<uint32_t> neurons, places;
};

/// The inputs of an update of all units.
struct WideBatchRows {
  StripRows left;            ///< activations
  StripRows right;           ///< deltas
  int32_t leftLargest;       ///< an upper limit of the activations
  const int32_t* absolutes;  ///< per right neuron, the sum of |delta| over the batch ...
  int64_t mostAbsolute;      ///< ... and the largest of them
  ActivePairs active;        ///< for all strips; null if a gradient of zero changes weights (momentum, decay)
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
  /// The clipped errors of the 16 left neurons of a block for one strip. `scattered`: the result of scatter()
  /// for the strip; its rows of the block are reset to zeros. Null if scatter() was not called.
  virtual void backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t* scattered,
                        int32_t* errors) const = 0;
  /// Whether BP of a whole strip is faster if it begins with scatter().
  virtual bool scatters() const { return false; }
  /// Adds the products of all weights with the deltas of a strip to sums[left neuron][32], which must be
  /// zeros. Reads weights and deltas in order, and the sums in random order.
  virtual void scatter(const int16_t*, int32_t*) const {}

  virtual uint32_t updateUnits() const = 0;
  /// Changes the weights of one unit by the gradient of the whole batch.
  virtual void update(uint32_t unit, const WideBatchRows& rows, const BatchRule& rule, BatchUpdate& done) = 0;

  /// After all updates, computes what the next batch needs to know about the weights; units 0 ..
  /// settleUnits() - 1.
  virtual uint32_t settleUnits() const = 0;
  virtual void settle(uint32_t unit) = 0;

  /// The bytes of memory that the junction uses, besides the pattern.
  virtual uint64_t bytes() const = 0;
};

/// Makes tiles or a list, like the online layout. Keeps a reference to the pattern; `backward`: whether the
/// junction has BP.
std::unique_ptr<WideBatchJunction> makeWideBatchJunction(const Pattern& pattern,
                                                         const WideBatchKernels* kernels, bool tiles,
                                                         bool backward, bool momentum);

/// Whether sums of up to `weights` * `values` and a bias fit 32 bits, in any order of addition.
constexpr bool fitsSum(int64_t weights, int64_t values) {
  return weights <= kFastSumLimit && weights * values <= kFastSumLimit;
}

/// The update with gradients of any size; otherwise like WideBatchKernels::updateTiles.
void updateExactly(int16_t* weights, int16_t* velocities, const int64_t* gradients, const uint32_t* ordinals,
                   const uint32_t* masks, size_t count, const BatchRule& rule, BatchUpdate& done);

}  // namespace sparse_train
