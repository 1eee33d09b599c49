// Weights as tiles of 2 left x 16 right neurons, sorted by right block, then left group, so that FF and UP of
// a block read memory in order; BP finds the tiles of a group through a list.
#pragma once

#include <vector>

#include "engine/aligned_buffer.hpp"
#include "wide_junction.hpp"

namespace sparse_train {

class WideBatchTiles final : public WideBatchJunction {
 public:
  WideBatchTiles(const Pattern& pattern, const WideBatchKernels* kernels, bool backward, bool momentum);

  void readWeights(int16_t* weights) const override;
  void writeWeights(const int16_t* weights) override;
  void readVelocities(int16_t* velocities) const override;
  void writeVelocities(const int16_t* velocities) override;
  void forward(uint32_t block, const StripInput& input, const int32_t* biases, WideBatchScratch& scratch,
               int32_t* sums) const override;
  void backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t* scattered,
                int32_t* errors) const override;
  /// If the deltas of a strip are in distant caches, reading a tile's 16 rows of deltas costs more than
  /// reading its 2 rows of sums.
  bool scatters() const override { return rightIsFar_; }
  void scatter(const int16_t* deltas, int32_t* sums) const override;
  uint32_t updateUnits() const override { return blocks_; }
  void update(uint32_t unit, const WideBatchRows& rows, const BatchRule& rule, BatchUpdate& done) override;
  /// Groups are processed in bunches. A block is settled as soon as it is updated, while its weights are in
  /// the cache.
  uint32_t settleUnits() const override { return groupBunches_; }
  void settle(uint32_t unit) override;
  uint64_t bytes() const override;

 private:
  /// Calls visit(place) for every edge in order; `place` is its index in the weights.
  template <typename Visit>
  void forEdges(Visit visit) const;
  /// Consecutive tiles in memory, with their data.
  struct Run {
    int16_t* weights;
    int16_t* velocities;
    const uint32_t* groups;
    const uint32_t* ordinals;
    const uint32_t* masks;
    uint32_t count;
  };
  class PairedDeltas;
  static void chooseActive(ActivePairs active, WideBatchScratch& scratch, BlockTiles& tiles);
  void settleBlock(uint32_t block);
  void forwardExactly(uint32_t block, const int16_t* rows, ActivePairs active, const int32_t* biases,
                      int32_t* sums) const;
  void updateRun(const Run& run, const WideBatchRows& rows, PairedDeltas& deltas, const BatchRule& rule,
                 BatchUpdate& done) const;
  void updateActive(uint32_t block, const WideBatchRows& rows, PairedDeltas& deltas, const BatchRule& rule,
                    BatchUpdate& done);
  void backwardExactly(uint32_t group, const int16_t* deltas, int32_t* errors) const;

  const Pattern& pattern_;
  const WideBatchKernels* kernels_;
  uint32_t groups_, blocks_, groupBunches_ = 0;
  std::vector<uint32_t> blockStart_;  ///< blocks + 1: first tile of each block
  std::vector<uint32_t> tileGroups_, ordinals_,
      masks_;  ///< per tile, kTilesAhead more for reading ahead; no masks if every lane may change
  std::vector<uint32_t> groupStart_, tilesOfGroup_, blocksOfGroup_;  ///< for BP
  AlignedBuffer<int16_t> weights_, velocities_;
  std::vector<int64_t> rightSums_,
      leftSums_;                       ///< largest sum of absolute weights of the neurons of a block or group
  const bool leftIsFar_, rightIsFar_;  ///< whether rows of a strip do not fit into the nearest caches
};

}  // namespace sparse_train
