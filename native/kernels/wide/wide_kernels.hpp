// The operations of the `wide` arithmetic on one junction, as a table of functions: one table per instruction set, all
// bit-identical. Plain structs and C headers only: the files of an instruction set may not instantiate inline code of
// the standard library, which the linker might keep for every CPU.
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

/// The activations of a layer that are not zero, by groups of two neighbouring neurons. A zero contributes nothing to
/// any sum and its update rounds to zero, so only these are ever touched. Arrays hold a multiple of 16 entries and
/// 16 more than there are groups (vectors are stored whole).
struct ActiveList {
  uint32_t count;
  uint32_t* groups;  ///< Group numbers, ascending.
  int32_t* pairs;    ///< Activation of neuron 2g in the low 16 bits, of 2g + 1 in the high 16 bits.
};

/// A range of right blocks of a junction held as tiles, sorted by group, then block.
struct TileSlab {
  const uint32_t* groupStart;  ///< groups + 1 entries: the first tile of each group.
  const uint32_t* blocks;      ///< Right block of each tile, numbered in the whole layer.
  /// What each tile adds to the random lanes: kLaneStride times its number among the tiles of the whole junction, by group,
  /// then block. In memory, because a broadcast from there costs vector units half of one from a register.
  const uint16_t* steps;
  const uint32_t* masks;  ///< Bit per lane, set where there is an edge; null when every lane may change.
  int16_t* weights;       ///< 32 per tile, 64-byte aligned.
  int16_t* velocities;    ///< The same for momentum; null without.
  bool oneBlock;          ///< Every group has exactly one tile, of block 0.
  uint32_t leastTiles, mostTiles;  ///< No group has fewer or more tiles than these.
};

/// What an update needs besides activations and deltas.
struct UpdateRule {
  const uint16_t*
      lanes;  ///< 32 random numbers; lane i of tile n adds n * kLaneStride. For nearest: see `stochastic`.
  int32_t stochastic;  ///< 0: add 0x8000 instead of random lanes.
  int32_t shift;       ///< Activations are shifted left by this before the product.
  int16_t weightMin, weightMax;
};

/// Momentum (docs/arithmetic.md, "Updates"), with clip16 to -32768..32767:
/// v1 = clip16(v - ((v * loss + r1) >> 16)); v = clip16(v1 + (((a << shift) * d + r) >> 16));
/// w = clip(w - (clip16(v + (r2 >> 12)) >> 4)).
struct MomentumRule {
  UpdateRule update;
  const uint16_t* lossLanes;    ///< r1, as UpdateRule::lanes.
  const uint16_t* weightLanes;  ///< r2; nearest uses 0x8000 as well.
  int16_t loss;                 ///< round((1 - momentum) * 65536), 1..32767.
};

/// Deltas of a layer on their way to updates: scaled = clip((delta * multiplier + rounding) >> 15).
struct DeltaScale {
  int32_t multiplier;
  const uint16_t*
      lanes;  ///< 16 random numbers; neuron i adds the upper 15 bits of lanes[i % 16] + (i / 16) * stride.
  int32_t stochastic;  ///< 0: add 2^14 instead.
  int32_t biasShift;   ///< Bias step: scaled << biasShift, or shiftRound(scaled, -biasShift) if negative.
};

struct DeltaCounts {
  uint32_t clipped;   ///< Beyond the limit.
  uint32_t anyMoved;  ///< 0 if every scaled delta is zero.
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
  /// biases; all arrays are those of the whole layer.
  DeltaCounts (*scaleDeltas)(const int16_t* deltas, size_t first, size_t end, const DeltaScale* scale,
                             int16_t* paired, int32_t* biases);
};

}  // namespace sparse_train
