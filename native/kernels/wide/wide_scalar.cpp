// The reference: plain loops, one number at a time, compiled without auto-vectorisation. Every other kernel
// set gives the same bits.
#include "../../fixed/quantise.hpp"
#include "../../fixed/random.hpp"
#include "../../fixed/rounding.hpp"
#include "../../fixed/softmax.hpp"
#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"
#include "wide_scalar_values.inl"

namespace sparse_train {
namespace {

int32_t lowHalf(int32_t pair) { return static_cast<int16_t>(pair & 0xFFFF); }
int32_t highHalf(int32_t pair) { return pair >> 16; }

int32_t packPair(int32_t low, int32_t high) {
  return static_cast<int32_t>((static_cast<uint32_t>(high) << 16) | (static_cast<uint32_t>(low) & 0xFFFF));
}

void append(ActiveList* list, uint32_t group, int32_t pair) {
  list->groups[list->count] = group;
  list->pairs[list->count] = pair;
  list->count++;
}

uint32_t listBytes(const uint8_t* bytes, size_t n, ActiveList* list) {
  uint32_t sum = 0;
  list->count = 0;
  for (size_t i = 0; i < n; i += 2) {
    const int32_t low = bytes[i];
    const int32_t high = i + 1 < n ? bytes[i + 1] : 0;
    sum += static_cast<uint32_t>(low + high);
    if ((low | high) != 0) append(list, static_cast<uint32_t>(i / 2), packPair(low, high));
  }
  return sum;
}

uint32_t listValues(const int16_t* values, size_t n, uint32_t firstGroup, ActiveList* list) {
  uint32_t sum = 0;
  list->count = 0;
  for (size_t i = 0; i < n; i += 2) {
    const int32_t low = values[i];
    const int32_t high = values[i + 1];
    sum += static_cast<uint32_t>((low < 0 ? -low : low) + (high < 0 ? -high : high));
    if ((low | high) != 0) append(list, firstGroup + static_cast<uint32_t>(i / 2), packPair(low, high));
  }
  return sum;
}

void forwardTiles(const TileSlab* slab, const ActiveList* list, int32_t* sums) {
  for (uint32_t k = 0; k < list->count; k++) {
    const uint32_t group = list->groups[k];
    const int32_t low = lowHalf(list->pairs[k]);
    const int32_t high = highHalf(list->pairs[k]);
    for (uint32_t tile = slab->groupStart[group]; tile < slab->groupStart[group + 1]; tile++) {
      const int16_t* weights = slab->weights + static_cast<size_t>(tile) * kTileLanes;
      int32_t* out = sums + static_cast<size_t>(slab->blocks[tile]) * kTileRights;
      for (uint32_t r = 0; r < kTileRights; r++) out[r] += low * weights[2 * r] + high * weights[2 * r + 1];
    }
  }
}

void backwardTiles(const TileSlab* slab, const ActiveList* list, const int16_t* deltas, int32_t* errors) {
  for (uint32_t k = 0; k < list->count; k++) {
    const uint32_t group = list->groups[k];
    int32_t low = 0;
    int32_t high = 0;
    for (uint32_t tile = slab->groupStart[group]; tile < slab->groupStart[group + 1]; tile++) {
      const int16_t* weights = slab->weights + static_cast<size_t>(tile) * kTileLanes;
      const int16_t* in = deltas + static_cast<size_t>(slab->blocks[tile]) * kTileRights;
      for (uint32_t r = 0; r < kTileRights; r++) {
        low += in[r] * weights[2 * r];
        high += in[r] * weights[2 * r + 1];
      }
    }
    errors[2 * static_cast<size_t>(group)] = low;
    errors[2 * static_cast<size_t>(group) + 1] = high;
  }
}

/// Calls visit(tile, step) for the tiles of a group.
template <typename Visit>
void forTiles(const TileSlab* slab, size_t group, Visit visit) {
  for (uint32_t tile = slab->groupStart[group]; tile < slab->groupStart[group + 1]; tile++) {
    visit(tile, slab->steps[tile]);
  }
}

void updateTiles(const TileSlab* slab, const ActiveList* list, const int16_t* paired,
                 const UpdateRule* rule) {
  for (uint32_t k = 0; k < list->count; k++) {
    const int32_t pair = list->pairs[k];
    forTiles(slab, list->groups[k], [&](uint32_t tile, uint16_t offset) {
      int16_t* weights = slab->weights + static_cast<size_t>(tile) * kTileLanes;
      const int16_t* in = paired + static_cast<size_t>(slab->blocks[tile]) * kTileLanes;
      for (uint32_t lane = 0; lane < kTileLanes; lane++) {
        if (!hasEdge(slab, tile, lane)) continue;
        const int32_t activation = (lane % 2 == 0 ? lowHalf(pair) : highHalf(pair)) * (1 << rule->shift);
        const int32_t product =
            activation * in[lane] + roundingLane(rule->lanes, rule->stochastic, offset, lane);
        weights[lane] = clipWeight(weights[lane] - (product >> 16), *rule);
      }
    });
  }
}

/// A tile with momentum; `pair` holds its two activations, shifted, `in` the deltas of its block.
void momentumTile(const TileSlab* slab, uint32_t tile, const int32_t* pair, const int16_t* in,
                  const MomentumRule* momentum) {
  const UpdateRule& rule = momentum->update;
  const uint16_t offset = slab->steps[tile];
  int16_t* weights = slab->weights + static_cast<size_t>(tile) * kTileLanes;
  int16_t* velocities = slab->velocities + static_cast<size_t>(tile) * kTileLanes;
  for (uint32_t lane = 0; lane < kTileLanes; lane++) {
    if (!hasEdge(slab, tile, lane)) continue;
    const int32_t lossRound = roundingLane(momentum->lossLanes, rule.stochastic, offset, lane);
    const int32_t updateRound = roundingLane(rule.lanes, rule.stochastic, offset, lane);
    const int32_t weightRound = roundingLane(momentum->weightLanes, rule.stochastic, offset, lane);
    int32_t velocity = velocities[lane];
    velocity = clip<int32_t>(velocity - ((velocity * momentum->loss + lossRound) >> 16), -32768, 32767);
    velocity = clip<int32_t>(velocity + ((pair[lane % 2] * in[lane] + updateRound) >> 16), -32768, 32767);
    velocities[lane] = static_cast<int16_t>(velocity);
    const int32_t rounded = velocity + (weightRound >> (16 - kMomentumGuardBits));
    const int32_t step = (rounded > 32767 ? 32767 : rounded) >> kMomentumGuardBits;
    weights[lane] = clipWeight(weights[lane] - step, rule);
  }
}

void momentumTiles(const TileSlab* slab, const int16_t* values, size_t groups, const int16_t* paired,
                   const MomentumRule* momentum) {
  const int32_t factor = 1 << momentum->update.shift;
  for (size_t group = 0; group < groups; group++) {
    const int32_t pair[2] = {values[2 * group] * factor, values[2 * group + 1] * factor};
    for (uint32_t tile = slab->groupStart[group]; tile < slab->groupStart[group + 1]; tile++)
      momentumTile(slab, tile, pair, paired + static_cast<size_t>(slab->blocks[tile]) * kTileLanes, momentum);
  }
}

void decayTiles(const TileSlab* slab, size_t groups, int16_t factor, const UpdateRule* rule) {
  for (size_t group = 0; group < groups; group++) {
    forTiles(slab, group, [&](uint32_t tile, uint16_t offset) {
      int16_t* weights = slab->weights + static_cast<size_t>(tile) * kTileLanes;
      for (uint32_t lane = 0; lane < kTileLanes; lane++) {
        const int32_t product =
            weights[lane] * factor + roundingLane(rule->lanes, rule->stochastic, offset, lane);
        weights[lane] = clipWeight(weights[lane] - (product >> 16), *rule);
      }
    });
  }
}

uint32_t finishRelu(const int32_t* sums, size_t n, int32_t fraction, int16_t* activations) {
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i++) {
    const int32_t value = shiftRound(clip<int32_t>(sums[i], 0, kSumMax), fraction);
    if (value > kActivationMax) clipped++;
    activations[i] = static_cast<int16_t>(value > kActivationMax ? kActivationMax : value);
  }
  return clipped;
}

uint32_t finishReluDeltas(const int32_t* errors, const int16_t* activations, size_t n, int32_t fraction,
                          int16_t* deltas) {
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i++) {
    if (activations[i] <= 0) {
      deltas[i] = 0;
      continue;
    }
    const int32_t value = shiftRound(clip<int32_t>(errors[i], -kSumMax, kSumMax), fraction);
    if (value != clip16(value)) clipped++;
    deltas[i] = static_cast<int16_t>(clip16(value));
  }
  return clipped;
}

uint32_t scaleDeltas(const int16_t* deltas, size_t first, size_t end, const DeltaScale* scale,
                     int16_t* paired, int32_t* biases, uint8_t* moving) {
  uint32_t moved = 0;
  for (size_t byte = first / kTileRights / 8; byte * 8 * kTileRights < end; byte++) moving[byte] = 0;
  for (size_t i = first; i < end; i++) {
    const auto offset = static_cast<uint16_t>((i / kTileRights) * kLaneStride);
    const int32_t rounding = roundingLane(scale->lanes, scale->stochastic, offset, i % kTileRights) >> 1;
    const int32_t scaled = (deltas[i] * scale->multiplier + rounding) >> kRateFraction;
    if (scaled != 0) {
      const size_t block = i / kTileRights;
      moving[block / 8] = static_cast<uint8_t>(moving[block / 8] | 1u << block % 8);
      moved = 1;
    }
    paired[2 * i] = static_cast<int16_t>(scaled);
    paired[2 * i + 1] = static_cast<int16_t>(scaled);
    const int32_t step =
        scale->biasShift >= 0 ? scaled * (1 << scale->biasShift) : shiftRound(scaled, -scale->biasShift);
    biases[i] = clip<int32_t>(biases[i] - step, -kBiasMax, kBiasMax);
  }
  return moved;
}

}  // namespace
}  // namespace sparse_train

#include "wide_fast_scalar.inl"
#include "wide_table.inl"

namespace sparse_train {

const WideKernels* wideKernelsScalar() {
  static constexpr WideKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
