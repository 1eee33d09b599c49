// The operations of mini-batches of the `wide` arithmetic, as a table of functions like WideKernels. Samples
// lie in the lanes of vectors: a layer of a batch is stored in strips of 32 samples; a strip has one row of
// 32 values per neuron. Plain structs and C headers only, as in wide_kernels.hpp.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../wide/wide_kernels.hpp"

namespace sparse_train {

constexpr uint32_t kStripSamples = 32;  ///< Samples per strip: one row of a neuron is one cache line.
constexpr uint32_t kBatchBlock = 16;    ///< Neurons that are processed together: the right side of a tile.
constexpr uint32_t kBlockValues = kBatchBlock * kStripSamples;  ///< of a block of neurons in a strip

/// Lists of tiles may be read this many entries beyond their end.
constexpr uint32_t kTilesAhead = 8;

/// A layer's values for a whole batch: strip s starts at data + s * stride, row n of it 32 * n further.
struct StripRows {
  const int16_t* data;
  size_t stride;
  uint32_t strips;
};

/// Tiles with the same 16 right neurons.
struct BlockTiles {
  const int16_t* weights;
  const uint32_t* groups;  ///< tile i connects left neurons 2 * groups[i] and 2 * groups[i] + 1
  const uint32_t* places;  ///< tile i is number places[i] of the weights; null: i
  size_t count;
  uint32_t rights;  ///< the neurons in the block, 1 .. 16; the weights of missing ones are zero
  bool far;         ///< rows are in distant caches or memory and are prefetched
};

/// How a weight follows its exact gradient (docs/arithmetic.md, "Mini-batches"): step = (gradient *
/// multiplier + (r << (16 + shift))) >> (32 + shift).
struct BatchRule {
  int32_t multiplier;
  int32_t shift;          ///< 0..16
  int32_t stochastic;     ///< 0: every r is 0x8000
  const uint16_t* lanes;  ///< 32 random numbers; lane i of tile n adds n * kLaneStride.
  int16_t weightMin, weightMax;
  /// Momentum as in MomentumRule; 0: none.
  int32_t loss;
  const uint16_t* lossLanes;
  const uint16_t* weightLanes;
  /// Weight decay after the step, w -= (w * decay + (r << 16)) >> 32; 0: none.
  int32_t decay;
  const uint16_t* decayLanes;
};

/// Results of an update, for telemetry.
struct BatchUpdate {
  uint64_t steps;          ///< edges whose gradient is not zero
  uint64_t roundedToZero;  ///< edges among those whose step is zero
};

struct WideBatchKernels {
  /// Transposes 32 rows of bytes (samples) to `columns` rows of a strip. Reads exactly `columns` bytes of
  /// each row. any[c] receives the bits that are set in any sample of column c.
  void (*stripFromBytes)(const uint8_t* const* samples, size_t columns, int16_t* rows, uint8_t* any);

  /// sums[16][32] = biases[r] + sum of weight * row for one block of 16 right neurons. Additions wrap around
  /// at 32 bits, as in all sums below; the caller has ensured that this cannot happen.
  void (*forwardTiles)(const BlockTiles* tiles, const int16_t* rows, const int32_t* biases, int32_t* sums);
  /// errors[2][32] = sum of weight * delta for one group of two left neurons: tiles number tiles[i] of `weights`, to the
  /// right neurons of blocks[i].
  void (*backwardTiles)(const int16_t* weights, const uint32_t* tiles, const uint32_t* blocks, size_t count,
                        const int16_t* deltas, bool far, int32_t* errors);
  /// The same by right neurons: adds weight * delta of `count` consecutive tiles of one block, whose 16 rows
  /// are `deltas`, to sums[left neuron][32]. The samples are in an order that each kernel set chooses. Sums
  /// wrap around.
  void (*scatterTiles)(const int16_t* weights, const uint32_t* groups, size_t count, const int16_t* deltas,
                       int32_t* sums);
  /// Rows of such sums in the order of the samples; resets them to zeros.
  void (*takeSums)(int32_t* sums, size_t rows, int32_t* ordered);
  /// Rows of 16 neurons, for all strips, as [strip][pair of samples][neuron][2].
  void (*pairSamples)(const StripRows* rows, int16_t* paired);
  /// gradients[tile][2 * r + l] = sum over the samples of row l * delta r for `count` tiles of one block,
  /// whose deltas pairSamples() has arranged.
  void (*gradientTiles)(const uint32_t* groups, size_t count, const StripRows* rows, const int16_t* paired,
                        bool far, int32_t* gradients);

  /// sums[32] = bias + sum of weights[i] * row neurons[i].
  void (*weighRows)(const int16_t* weights, const uint32_t* neurons, size_t count, const int16_t* rows,
                    int32_t bias, int32_t* sums);
  /// gradients[i] = sum over the samples of row 0 of `one` * row neurons[i] of `others`, for `count` edges.
  void (*gradientList)(const StripRows* one, const StripRows* others, const uint32_t* neurons, size_t count,
                       int32_t* gradients);

  /// Updates `count` consecutive tiles (or runs of 32 edges of a list); velocities is null without momentum,
  /// masks is null if every lane may change.
  void (*updateTiles)(int16_t* weights, int16_t* velocities, const int32_t* gradients,
                      const uint32_t* ordinals, const uint32_t* masks, size_t count, const BatchRule* rule,
                      BatchUpdate* done);

  /// Sums, and sums of absolute values, over the samples of 16 rows.
  void (*sumRows)(const StripRows* rows, int32_t* sums, int32_t* absolutes);
  /// The largest absolute value among n values; n is a multiple of 32.
  int32_t (*largest)(const int16_t* values, size_t n);
  /// Sums of the absolute weights of 16 right neurons over `count` consecutive tiles.
  void (*absoluteRights)(const int16_t* weights, size_t count, int32_t* sums);
  /// The same for the two left neurons of the tiles of a group.
  void (*absoluteLefts)(const int16_t* weights, const uint32_t* tiles, size_t count, int32_t* sums);
};

}  // namespace sparse_train
