#include "wide_junction.hpp"

#include "wide_list.hpp"
#include "wide_tiles.hpp"

namespace sparse_train {
namespace {

int32_t roundingOf(const uint16_t* lanes, int32_t stochastic, uint32_t ordinal, uint32_t lane) {
  return stochastic ? static_cast<uint16_t>(lanes[lane] + ordinal * kLaneStride) : 0x8000;
}

/// (value * multiplier + (r << (16 + shift))) >> (32 + shift).
int32_t scaled(int64_t value, int32_t multiplier, int64_t r, int32_t shift) {
  return static_cast<int32_t>((value * multiplier + (r << (16 + shift))) >> (32 + shift));
}

}  // namespace

std::unique_ptr<WideBatchJunction> makeWideBatchJunction(const Pattern& pattern,
                                                         const WideBatchKernels* kernels, bool tiles,
                                                         bool backward, bool momentum) {
  if (tiles) return std::make_unique<WideBatchTiles>(pattern, kernels, backward, momentum);
  return std::make_unique<WideBatchList>(pattern, kernels, momentum);
}

void updateExactly(int16_t* weights, int16_t* velocities, const int64_t* gradients, const uint32_t* ordinals,
                   const uint32_t* masks, size_t count, const BatchRule& rule, BatchUpdate& done) {
  for (size_t place = 0; place < count * kTileLanes; place++) {
    const auto lane = static_cast<uint32_t>(place % kTileLanes);
    const size_t tile = place / kTileLanes;
    if (masks != nullptr && ((masks[tile] >> lane) & 1) == 0) continue;
    const auto random = [&](const uint16_t* lanes) {
      return roundingOf(lanes, rule.stochastic, ordinals[tile], lane);
    };
    const int32_t step = scaled(gradients[place], rule.multiplier, random(rule.lanes), rule.shift);
    if (gradients[place] != 0) {
      done.steps++;
      if (step == 0) done.roundedToZero++;
    }
    int32_t change = step;
    if (rule.loss != 0) {
      int32_t velocity = velocities[place];
      velocity =
          clip<int32_t>(velocity - ((velocity * rule.loss + random(rule.lossLanes)) >> 16), -32768, 32767);
      velocity = clip<int32_t>(velocity + step, -32768, 32767);
      velocities[place] = static_cast<int16_t>(velocity);
      const int32_t rounded = velocity + (random(rule.weightLanes) >> (16 - kMomentumGuardBits));
      change = clip<int32_t>(rounded, -32768, 32767) >> kMomentumGuardBits;
    }
    int32_t weight = clip<int32_t>(weights[place] - change, rule.weightMin, rule.weightMax);
    if (rule.decay != 0) {
      weight -= scaled(weight, rule.decay, random(rule.decayLanes), 0);
      weight = clip<int32_t>(weight, rule.weightMin, rule.weightMax);
    }
    weights[place] = static_cast<int16_t>(weight);
  }
}

}  // namespace sparse_train
