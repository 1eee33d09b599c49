// Weights as lists of edges, for patterns too scattered for tiles: sorted by left neuron for BP and UP, with
// a copy sorted by right neuron for FF.
#pragma once

#include <vector>

#include "engine/aligned_buffer.hpp"
#include "pattern/edges_by_left.hpp"
#include "wide_junction.hpp"

namespace sparse_train {

class WideBatchList final : public WideBatchJunction {
 public:
  WideBatchList(const Pattern& pattern, const WideBatchKernels* kernels, bool momentum);

  void readWeights(int16_t* weights) const override;
  void writeWeights(const int16_t* weights) override;
  void readVelocities(int16_t* velocities) const override;
  void writeVelocities(const int16_t* velocities) override;
  void forward(uint32_t block, const StripInput& input, const int32_t* biases, WideBatchScratch& scratch,
               int32_t* sums) const override;
  void backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t* scattered,
                int32_t* errors) const override;
  uint32_t updateUnits() const override { return units_; }
  void update(uint32_t unit, const WideBatchRows& rows, const BatchRule& rule, BatchUpdate& done) override;
  /// Bunches of right neurons, then of left ones.
  uint32_t settleUnits() const override;
  void settle(uint32_t unit) override;
  uint64_t bytes() const override;

 private:
  /// sums[32] = bias + the weighted rows of `count` neurons, in 32 bits if that `fits`, otherwise in 64 bits
  /// and clipped.
  void weigh(bool fits, const int16_t* weights, const uint32_t* neurons, size_t count, const int16_t* rows,
             int32_t bias, int32_t* sums) const;

  const Pattern& pattern_;
  const WideBatchKernels* kernels_;
  EdgesByLeft edges_;
  uint32_t units_;
  AlignedBuffer<int16_t> weights_, velocities_;  ///< by left neuron, padded to whole runs of 32
  AlignedBuffer<int16_t> weightsByRight_;
  std::vector<int64_t> rightSums_, leftSums_;  ///< of absolute weights
};

}  // namespace sparse_train
