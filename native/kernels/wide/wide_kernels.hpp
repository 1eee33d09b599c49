// The operations of the `wide` arithmetic on one junction, as tables of functions: one table per instruction
// set, all bit-identical. Plain structs and C headers only: the files of an instruction set must not
// instantiate inline code of the standard library, because the linker might keep that copy for every CPU.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sparse_train {

constexpr uint32_t kTileLefts = 2;    ///< A tile is 2 left ...
constexpr uint32_t kTileRights = 16;  ///< ... x 16 right neurons ...
constexpr uint32_t kTileLanes =
    32;  ///< ... = 32 weights; weight 2 * r + l joins right r and left l of the tile.
constexpr uint16_t kLaneStride =
    0x9E37;  ///< Step of the random lanes from tile to tile (2^16 / golden ratio).

/// The nonzero activations of a layer, by groups of two neighbouring neurons. A zero contributes nothing to
/// any sum, and its update rounds to zero, so only these groups are ever touched. Arrays hold a multiple of
/// 16 entries and 16 more than there are groups, because whole vectors are stored.
struct ActiveList {
  uint32_t count;
  uint32_t* groups;  ///< Group numbers, ascending.
  int32_t* pairs;    ///< Activation of neuron 2g in the low 16 bits, of 2g + 1 in the high 16 bits.
};

/// A range of right blocks of a junction stored as tiles, sorted by group, then block.
struct TileSlab {
  const uint32_t* groupStart;  ///< groups + 1 entries: the first tile of each group.
  const uint32_t* blocks;      ///< Right block of each tile, numbered in the whole layer.
  /// The number that each tile adds to the random lanes: kLaneStride times its index among the tiles of the
  /// whole junction, by group, then block. Kept in memory, because a broadcast from memory costs vector units
  /// half as much as one from a register.
  const uint16_t* steps;
  const uint32_t* masks;  ///< One bit per lane, set if there is an edge; null if every lane may change.
  int16_t* weights;       ///< 32 per tile, 64-byte aligned.
  int16_t* velocities;    ///< The same for momentum; null without momentum.
  bool oneBlock;          ///< Whether every group has exactly one tile, of block 0.
  uint32_t leastTiles, mostTiles;  ///< The smallest and the largest number of tiles in a group.
  bool everyBlock;  ///< Every group has a tile of every block of the slab, ascending: the junction is dense.
};

/// The inputs of an update besides activations and deltas.
struct UpdateRule {
  const uint16_t* lanes;  ///< 32 random numbers; lane i of tile n adds n * kLaneStride.
  int32_t stochastic;     ///< 0: add 0x8000 instead of random lanes.
  int32_t shift;          ///< Bits by which activations are shifted left before the product.
  int16_t weightMin, weightMax;
};

/// Momentum (docs/arithmetic.md, "Updates"), with clip16 to -32768..32767:
/// v1 = clip16(v - ((v * loss + r1) >> 16)); v = clip16(v1 + (((a << shift) * d + r) >> 16));
/// w = clip(w - (clip16(v + (r2 >> 12)) >> 4)).
struct MomentumRule {
  UpdateRule update;
  const uint16_t* lossLanes;    ///< r1, as UpdateRule::lanes.
  const uint16_t* weightLanes;  ///< r2; nearest rounding uses 0x8000 as well.
  int16_t loss;                 ///< round((1 - momentum) * 65536), 1..32767.
};

/// Scales the deltas of a layer for updates: scaled = (delta * multiplier + rounding) >> 15, which fits
/// because deltas are within +-32767.
struct DeltaScale {
  int32_t multiplier;  ///< 0 to 2^15.
  const uint16_t*
      lanes;  ///< 16 random numbers; neuron i adds the upper 15 bits of lanes[i % 16] + (i / 16) * stride.
  int32_t stochastic;  ///< 0: add 2^14 instead.
  int32_t
      biasShift;  ///< The step of biases: scaled << biasShift, or shiftRound(scaled, -biasShift) if negative.
};

// --- The fast path: all tiles of an example, without lists of groups
// -------------------------------------------------
//
// The activations of a layer are int16 values, padded with zeros, with one activity bit per group: bit g % 8
// of byte g / 8 is set if values 2g and 2g + 1 are not both zero. Activity takes a multiple of 64 bytes;
// bytes that no kernel writes are zero. Arrays of values, weights, biases and sums are aligned to 64 bytes.
// Numbers of tiles, groups and blocks are below 2^16 - 64.

constexpr uint32_t kMostOutputs = 16;       ///< Right neurons of an output junction stored as OutputRows.
constexpr uint32_t kOutputLefts = 32;       ///< Left neurons that are stored together in OutputRows.
constexpr uint32_t kPredictedTogether = 4;  ///< Examples that predictions process together.
constexpr uint32_t kListPadding =
    64;  ///< Lists of tiles have room for this many more entries, because whole vectors are stored.

/// The tiles of a slab in another order than in memory: by right block, then group.
struct BlockIndex {
  const uint32_t* starts;  ///< blocks + 1 entries: where each block's entries begin; the first one is 0.
  const uint16_t* tiles;   ///< The number of each tile in the slab.
  const uint16_t* groups;  ///< Its left group.
  uint32_t firstBlock;     ///< The index in the layer of the slab's first block ...
  uint32_t blocks;         ///< ... and the number of its blocks.
};

/// The position of a tile, one record per tile in the order of the slab.
struct TileRecord {
  uint16_t group;
  uint16_t
      deltas;  ///< Where the scaled deltas of its block begin among those of the layer: kTileLanes times the block.
};
constexpr uint32_t kMostRecordedBlocks = (1u << 16) / kTileLanes;  ///< Of a layer, so that records hold them.

/// Where the bits of a tile are, one entry a tile in the order of the slab, padded with zeros to a multiple of 64: its group's
/// in the activity of the left layer, and its block's among those of the blocks that move. Low bits only, if there are more.
struct TileFlags {
  const uint8_t *groupBytes, *groupBits;
  const uint8_t *blockBytes, *blockBits;
};
constexpr uint32_t kMostMoving = 512;  ///< Blocks whose bits are looked at; more are all taken for moving.

constexpr uint32_t kBinPlaces = 64;        ///< Places of a bin, the last of which is always empty.
constexpr uint32_t kMostBinGroups = 1024;  ///< Left groups of a junction whose tiles are in bins.

/// A tile in a bin.
struct BinPlace {
  uint16_t tile, group;
};

/// The tiles of a slab in bins. A bin holds tiles of one block, ascending by group; a block with more than
/// kBinPlaces - 1 tiles has several. Empty places name the null tile, which follows the tiles of the slab in memory
/// and whose weights are zero, and group 0. All arrays have kBinPlaces entries per bin.
struct TileBins {
  const BinPlace* places;
  const uint16_t* tiles;        ///< BinPlace::tile of the places.
  const uint8_t* groupBytes;    ///< The byte of the group in the activity of the left layer ...
  const uint8_t* groupBits;     ///< ... and its bit there; 0 in empty places.
  const uint32_t* starts;       ///< blocks + 1 entries: the first bin of each block.
  uint32_t firstBlock, blocks;  ///< As in BlockIndex.
};

/// The tiles of a slab that are active for one example, four at a time; empty places complete the last four of
/// a bin. Every bin has at least one four.
struct ActiveTiles {
  uint8_t* places;  ///< Four places in a bin per four. Room for kBinPlaces per bin, and kBinPlaces more.
  uint16_t* bins;   ///< The bin of each four. Room for kBinPlaces / 4 per bin, and as many more.
  uint8_t* counts;  ///< The number of active tiles in each bin.
  uint32_t fours;
};

/// The last junction, if it is dense, has at most kMostOutputs right neurons and its rounding places are
/// those of tiles. Weight [(l / 32 * rows + r) * 32 + l % 32] connects left neuron l and right neuron r. As
/// tiles, tile l / 2 would hold it in lane 2r + l % 2.
struct OutputRows {
  int16_t* weights;     ///< leftBlocks * rows * 32; zero where there is no neuron.
  uint32_t leftBlocks;  ///< Blocks of 32 left neurons.
  uint32_t rows;        ///< Right neurons, rounded up to an even number: 2 to 16.
};

/// A range of right neurons of a junction stored as a list of edges, by left neuron.
struct EdgeSlab {
  const uint32_t*
      start;  ///< The first edge of each left neuron; left neurons, rounded up to an even number, + 1 entries.
  const uint32_t* rights;  ///< The right neuron of each edge, and kEdgePadding zeros.
  const uint32_t*
      firstOrdinal;  ///< The number in the junction of each left neuron's first edge; as many as left neurons.
  int16_t* weights;  ///< And kEdgePadding more.
};
constexpr uint32_t kEdgePadding = 16;  ///< Whole vectors are read and written.

struct ReluResult {
  uint32_t clipped;  ///< Values beyond the format's limit.
  uint32_t sum;      ///< Of all values.
};

struct SoftmaxResult {
  int32_t probability;  ///< Of the label, in units of 2^-14.
  uint32_t correct;     ///< 1 if the label's sum is the largest, the first of equals.
  uint32_t clipped;     ///< Deltas beyond the limit.
};

struct WideKernels {
  /// Lists the non-zero pairs of n bytes, never reading past n. Returns the sum of the values.
  uint32_t (*listBytes)(const uint8_t* bytes, size_t n, ActiveList* list);
  /// The same for 16-bit activations; `values` is padded with zeros to a multiple of 32, which n counts. Returns the sum
  /// of absolute values (at most 2^31 for the largest layer of 2^20 neurons). `firstGroup` numbers the first pair.
  uint32_t (*listValues)(const int16_t* values, size_t n, uint32_t firstGroup, ActiveList* list);

  /// sums[16 * block + r] += activation * weight over the list. 32-bit wrap-around: the caller has shown that it
  /// cannot happen.
  void (*forwardTiles)(const TileSlab* slab, const ActiveList* list, int32_t* sums);
  /// errors[2g], errors[2g + 1] = sum of delta * weight over the slab's tiles, for the groups of the list. `deltas`:
  /// of the right layer, padded to whole blocks.
  void (*backwardTiles)(const TileSlab* slab, const ActiveList* list, const int16_t* deltas, int32_t* errors);
  /// w = clip(w - (((a << shift) * d + r) >> 16)) for the tiles of the groups of the list. `paired`: scaled deltas of
  /// the right layer, each twice in a row.
  void (*updateTiles)(const TileSlab* slab, const ActiveList* list, const int16_t* paired,
                      const UpdateRule* rule);
  /// The same with momentum, for every tile of `groups` groups: `values` holds every left activation, two per group.
  void (*momentumTiles)(const TileSlab* slab, const int16_t* values, size_t groups, const int16_t* paired,
                        const MomentumRule* rule);
  /// w = clip(w - ((w * factor + r) >> 16)) for every tile of `groups` groups.
  void (*decayTiles)(const TileSlab* slab, size_t groups, int16_t factor, const UpdateRule* rule);

  /// relu(shiftRound(sum, fraction)) of n neurons (a multiple of 16; sums include the bias). Returns how many were
  /// clipped at the format's limit.
  uint32_t (*finishRelu)(const int32_t* sums, size_t n, int32_t fraction, int16_t* activations);
  /// Deltas of a relu layer: clip16(shiftRound(error, fraction)) where the activation is positive, else 0.
  /// Returns the number clipped.
  uint32_t (*finishReluDeltas)(const int32_t* errors, const int16_t* activations, size_t n, int32_t fraction,
                               int16_t* deltas);
  /// Scaled deltas (each twice) of the neurons from `first` to before `end` (multiples of 16) and the step of their
  /// biases; all arrays are those of the whole layer. Bit b % 8 of byte b / 8 of `moving` becomes 1 if scaled deltas of block
  /// b are not all zero, otherwise 0, as bits of blocks beyond the range in the same bytes. Returns 0 if every scaled delta is
  /// zero, otherwise 1.
  uint32_t (*scaleDeltas)(const int16_t* deltas, size_t first, size_t end, const DeltaScale* scale,
                          int16_t* paired, int32_t* biases, uint8_t* moving);

  // The fast path.

  /// Values and activity of n bytes, never reading past n. Writes whole units of 64 values and 4 bytes of activity, up to
  /// the next multiple of 64 values. Returns the sum of the values.
  uint32_t (*expandBytes)(const uint8_t* bytes, size_t n, int16_t* values, uint8_t* activity);
  /// The same for 16-bit inputs, clipped to +-kActivationMax; returns the sum of absolute values.
  uint32_t (*expandFixed)(const int16_t* inputs, size_t n, int16_t* values, uint8_t* activity);
  /// The same for floating-point inputs, as quantise() converts them (fixed/quantise.hpp). `offset` and `scale` have n entries,
  /// or are both null.
  uint32_t (*expandFloats)(const float* inputs, size_t n, const double* offset, const double* scale,
                           int16_t* values, uint8_t* activity);
  uint32_t (*expandDoubles)(const double* inputs, size_t n, const double* offset, const double* scale,
                            int16_t* values, uint8_t* activity);
  /// The activity of n values, a multiple of 16: n / 16 bytes. Returns the sum of absolute values.
  uint32_t (*markValues)(const int16_t* values, size_t n, uint8_t* activity);
  /// As finishRelu, with the activity of the results: n / 16 bytes.
  ReluResult (*finishReluMarked)(const int32_t* sums, size_t n, int32_t fraction, int16_t* values,
                                 uint8_t* activity);
  /// shifted = values << shift, for n values, a multiple of 32.
  void (*shiftValues)(const int16_t* values, size_t n, int32_t shift, int16_t* shifted);

  /// sums[16 * block + r] = biases[16 * block + r] + sum of activation * weight over all tiles of the slab's blocks; biases
  /// and sums are those of the whole layer. 32-bit wrap-around, as in forwardTiles.
  void (*forwardBlocks)(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                        const int32_t* biases, int32_t* sums);
  /// finishReluMarked(forwardBlocks()) for the slab's blocks, whose sums stay in registers; `activations` and
  /// `activity` cover the whole layer.
  ReluResult (*forwardRelu)(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                            const int32_t* biases, int32_t fraction, int16_t* activations, uint8_t* activity);
  /// The numbers of the slab's tiles in active groups, ascending; returns how many. `groups` describes the
  /// left layer. Tiles of blocks whose update changes nothing may be left out: bit b % 8 of byte b / 8 of
  /// `moving`, 64 bytes, is set if block b of the layer changes; null: all blocks change. `list` has room for
  /// all tiles and kListPadding more.
  uint32_t (*listTiles)(const TileSlab* slab, const TileFlags* flags, uint32_t groups,
                        const uint8_t* activity, const uint8_t* moving, uint16_t* list);
  /// Finds the active tiles in the bins of a slab. `activity` has 64 bytes for up to 512 groups of the left layer,
  /// otherwise 128.
  void (*listBins)(const TileBins* bins, uint32_t groups, const uint8_t* activity, ActiveTiles* active);
  /// forwardRelu() from the active tiles. `room`: for kTileRights sums per bin, and kTileRights more.
  ReluResult (*forwardActive)(const TileBins* bins, const ActiveTiles* active, const int16_t* weights,
                              const int16_t* values, const int32_t* biases, int32_t fraction, int32_t* room,
                              int16_t* activations, uint8_t* activity);
  /// The numbers of the active tiles, by block, then group; returns how many. `moving`: see listTiles; here it has
  /// a bit for every block of the layer. `list` has room for all tiles and kListPadding more.
  uint32_t (*listMoving)(const TileBins* bins, const ActiveTiles* active, const uint8_t* moving,
                         uint16_t* list);
  /// Like updateTiles, for `count` listed tiles. `shifted`: all left activations, already shifted by
  /// rule->shift.
  void (*updateListed)(const TileSlab* slab, const TileRecord* records, const uint16_t* list, uint32_t count,
                       const int16_t* shifted, const int16_t* paired, const UpdateRule* rule);
  /// Like momentumTiles, for the `tiles` tiles of the slab. `shifted`: all left activations, already shifted by
  /// rule->update.shift.
  void (*momentumAll)(const TileSlab* slab, const TileRecord* records, uint32_t tiles, const int16_t* shifted,
                      const int16_t* paired, const MomentumRule* rule);

  // The output junction. `values` has 32 * leftBlocks left neurons. All arrays of right neurons have 16
  // entries (`paired` twice as many), zero where there is no neuron.

  /// sums[r] = biases[r] + sum of activation * weight.
  void (*forwardOutputs)(const OutputRows* rows, const int16_t* values, const int32_t* biases, int32_t* sums);
  /// errors[l] = sum of delta * weight.
  void (*errorsOutputs)(const OutputRows* rows, const int16_t* deltas, int32_t* errors);
  /// The deltas of a relu layer, equal to finishReluDeltas(errorsOutputs()), from the weights before the
  /// update; then, if `moves` is not 0, updateOutputs(). Returns how many deltas were clipped.
  uint32_t (*backwardOutputs)(const OutputRows* rows, const int16_t* values, const int16_t* deltas,
                              const int16_t* paired, int32_t moves, int32_t fraction, const UpdateRule* rule,
                              int16_t* leftDeltas);
  /// Like updateTiles: the rounding number of the edge from l to r is lanes[2r + l % 2] + l / 2 *
  /// kLaneStride. `values` are not yet shifted.
  void (*updateOutputs)(const OutputRows* rows, const int16_t* values, const int16_t* paired,
                        const UpdateRule* rule);
  /// The softmax of the first n of 16 sums, which it clips to +-2^30 (docs/arithmetic.md, "Softmax", "Output
  /// deltas"). sumFraction: the fraction bits of the sums, 8 to 24. classWeight: the weight of the label, in
  /// units of 1/256, at most 2^16. Deltas from n on are 0, sums from n on are unspecified.
  SoftmaxResult (*softmaxDeltas)(int32_t* sums, uint32_t n, int32_t sumFraction, int32_t label,
                                 int32_t classWeight, int16_t* deltas);

  /// The 32 random lanes of a stream for input number `input`: lane 4q + i is bits 16i to 16i + 15 of
  /// randomAt(key, 8 * input + q).
  void (*drawLanes)(uint64_t key, uint64_t input, uint16_t* lanes);

  // Junctions stored as lists of edges. The edges of a left neuron lead to different right neurons. Arrays of right neurons are
  // those of the whole layer.

  /// sums[right] += activation * weight over the list. 32-bit wrap-around, as in forwardTiles.
  void (*forwardEdges)(const EdgeSlab* slab, const ActiveList* list, int32_t* sums);
  /// errors[2g], errors[2g + 1] = sum of delta * weight over the slab's edges, for the groups of the list. `n`: the number of
  /// deltas, a multiple of 16; `room`: for 2 n numbers.
  void (*backwardEdges)(const EdgeSlab* slab, const ActiveList* list, const int16_t* deltas, size_t n,
                        int16_t* room, int32_t* errors);
  /// Like updateTiles: edge n of the junction rounds with lane n % 32 of tile n / 32.
  void (*updateEdges)(const EdgeSlab* slab, const ActiveList* list, const int16_t* paired,
                      const UpdateRule* rule);

  /// Predictions of four examples together: the relu layer behind the slab's blocks, relu(shiftRound(sum, fraction)) clipped
  /// at the limit. Values of example m begin at values + m * valuesStride, its results are
  /// hidden[m * stride + 16 * block + r].
  void (*forwardFour)(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                      size_t valuesStride, const int32_t* biases, int32_t fraction, int16_t* hidden,
                      size_t stride);
};

}  // namespace sparse_train
