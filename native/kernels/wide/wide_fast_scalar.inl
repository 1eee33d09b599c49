// The reference of the fast path, included by wide_scalar.cpp.

#include "wide_scalar_values.inl"

namespace sparse_train {
namespace {

bool hasBit(const uint8_t* bits, uint32_t number) { return ((bits[number / 8] >> (number % 8)) & 1) != 0; }

uint32_t markValues(const int16_t* values, size_t n, uint8_t* activity) {
  uint32_t sum = 0;
  for (size_t byte = 0; byte < n / 16; byte++) {
    uint32_t bits = 0;
    for (uint32_t bit = 0; bit < 8; bit++) {
      const int32_t low = values[16 * byte + 2 * bit];
      const int32_t high = values[16 * byte + 2 * bit + 1];
      sum += static_cast<uint32_t>((low < 0 ? -low : low) + (high < 0 ? -high : high));
      bits |= static_cast<uint32_t>((low | high) != 0) << bit;
    }
    activity[byte] = static_cast<uint8_t>(bits);
  }
  return sum;
}

/// Values and activity of n inputs, which convert(i) reads.
template <typename Convert>
uint32_t expandRow(size_t n, int16_t* values, uint8_t* activity, Convert convert) {
  const size_t padded = (n + 63) / 64 * 64;
  for (size_t i = 0; i < padded; i++) values[i] = i < n ? convert(i) : int16_t{0};
  return markValues(values, padded, activity);
}

uint32_t expandBytes(const uint8_t* bytes, size_t n, int16_t* values, uint8_t* activity) {
  return expandRow(n, values, activity, [&](size_t i) { return int16_t{bytes[i]}; });
}

uint32_t expandFixed(const int16_t* inputs, size_t n, int16_t* values, uint8_t* activity) {
  return expandRow(n, values, activity, [&](size_t i) {
    return static_cast<int16_t>(clip<int32_t>(inputs[i], -kActivationMax, kActivationMax));
  });
}

uint32_t expandFloats(const float* inputs, size_t n, const double* offset, const double* scale,
                      int16_t* values, uint8_t* activity) {
  return expandRow(n, values, activity, [&](size_t i) {
    return offset == nullptr ? quantise(static_cast<double>(inputs[i]), 0.0, 1.0)
                             : quantise(static_cast<double>(inputs[i]), offset[i], scale[i]);
  });
}

uint32_t expandDoubles(const double* inputs, size_t n, const double* offset, const double* scale,
                       int16_t* values, uint8_t* activity) {
  return expandRow(n, values, activity, [&](size_t i) {
    return offset == nullptr ? quantise(inputs[i], 0.0, 1.0) : quantise(inputs[i], offset[i], scale[i]);
  });
}

ReluResult finishReluMarked(const int32_t* sums, size_t n, int32_t fraction, int16_t* values,
                            uint8_t* activity) {
  const uint32_t clipped = finishRelu(sums, n, fraction, values);
  return {clipped, markValues(values, n, activity)};
}

void shiftValues(const int16_t* values, size_t n, int32_t shift, int16_t* shifted) {
  for (size_t i = 0; i < n; i++) shifted[i] = static_cast<int16_t>(values[i] * (1 << shift));
}

/// Sums of block `b` of an index.
void sumBlock(const BlockIndex* index, uint32_t b, const int16_t* weights, const int16_t* values,
              const int32_t* biases, int32_t* sums) {
  for (uint32_t r = 0; r < kTileRights; r++) sums[r] = biases[r];
  for (uint32_t i = index->starts[b]; i < index->starts[b + 1]; i++) {
    const int16_t* tile = weights + static_cast<size_t>(index->tiles[i]) * kTileLanes;
    const int16_t* pair = values + static_cast<size_t>(index->groups[i]) * kTileLefts;
    for (uint32_t r = 0; r < kTileRights; r++) sums[r] += pair[0] * tile[2 * r] + pair[1] * tile[2 * r + 1];
  }
}

void forwardBlocks(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                   const int32_t* biases, int32_t* sums) {
  for (uint32_t b = 0; b < index->blocks; b++) {
    const size_t first = static_cast<size_t>(index->firstBlock + b) * kTileRights;
    sumBlock(index, b, weights, values, biases + first, sums + first);
  }
}

ReluResult forwardRelu(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                       const int32_t* biases, int32_t fraction, int16_t* activations, uint8_t* activity) {
  ReluResult result = {0, 0};
  for (uint32_t b = 0; b < index->blocks; b++) {
    const size_t block = index->firstBlock + b;
    int32_t sums[kTileRights];
    sumBlock(index, b, weights, values, biases + block * kTileRights, sums);
    const ReluResult done =
        finishReluMarked(sums, kTileRights, fraction, activations + block * kTileRights, activity + block);
    result.clipped += done.clipped;
    result.sum += done.sum;
  }
  return result;
}

uint32_t listTiles(const TileSlab* slab, const TileFlags*, uint32_t groups, const uint8_t* activity,
                   const uint8_t* moving, uint16_t* list) {
  uint32_t count = 0;
  for (uint32_t group = 0; group < groups; group++) {
    if (!hasBit(activity, group)) continue;
    for (uint32_t tile = slab->groupStart[group]; tile < slab->groupStart[group + 1]; tile++) {
      if (moving == nullptr || hasBit(moving, slab->blocks[tile]))
        list[count++] = static_cast<uint16_t>(tile);
    }
  }
  return count;
}

void listBins(const TileBins* bins, uint32_t, const uint8_t* activity, ActiveTiles* active) {
  uint8_t* places = active->places;
  active->fours = 0;
  for (uint32_t bin = 0; bin < bins->starts[bins->blocks]; bin++) {
    const size_t first = static_cast<size_t>(bin) * kBinPlaces;
    uint32_t count = 0;
    for (uint32_t place = 0; place < kBinPlaces; place++) {
      if ((activity[bins->groupBytes[first + place]] & bins->groupBits[first + place]) != 0)
        places[count++] = static_cast<uint8_t>(place);
    }
    active->counts[bin] = static_cast<uint8_t>(count);
    while (count % 4 != 0 || count == 0) places[count++] = kBinPlaces - 1;
    for (uint32_t four = 0; four < count / 4; four++)
      active->bins[active->fours++] = static_cast<uint16_t>(bin);
    places += count;
  }
}

/// Calls visit(number of the place) for the active tiles of a bin; returns the places of the next bin.
template <typename Visit>
const uint8_t* forActive(const ActiveTiles* active, uint32_t bin, const uint8_t* places, Visit visit) {
  const uint32_t count = active->counts[bin];
  for (uint32_t i = 0; i < count; i++) visit(bin * kBinPlaces + places[i]);
  return places + (count == 0 ? 4 : (count + 3) / 4 * 4);
}

ReluResult forwardActive(const TileBins* bins, const ActiveTiles* active, const int16_t* weights,
                         const int16_t* values, const int32_t* biases, int32_t fraction, int32_t*,
                         int16_t* activations, uint8_t* activity) {
  ReluResult result = {0, 0};
  const uint8_t* places = active->places;
  for (uint32_t b = 0; b < bins->blocks; b++) {
    const size_t block = bins->firstBlock + b;
    int32_t sums[kTileRights];
    for (uint32_t r = 0; r < kTileRights; r++) sums[r] = biases[block * kTileRights + r];
    for (uint32_t bin = bins->starts[b]; bin < bins->starts[b + 1]; bin++) {
      places = forActive(active, bin, places, [&](uint32_t number) {
        const BinPlace place = bins->places[number];
        const int16_t* tile = weights + static_cast<size_t>(place.tile) * kTileLanes;
        const int16_t* pair = values + static_cast<size_t>(place.group) * kTileLefts;
        for (uint32_t r = 0; r < kTileRights; r++)
          sums[r] += pair[0] * tile[2 * r] + pair[1] * tile[2 * r + 1];
      });
    }
    const ReluResult done =
        finishReluMarked(sums, kTileRights, fraction, activations + block * kTileRights, activity + block);
    result.clipped += done.clipped;
    result.sum += done.sum;
  }
  return result;
}

uint32_t listMoving(const TileBins* bins, const ActiveTiles* active, const uint8_t* moving, uint16_t* list) {
  uint32_t count = 0;
  const uint8_t* places = active->places;
  for (uint32_t b = 0; b < bins->blocks; b++) {
    const bool moves = moving == nullptr || hasBit(moving, bins->firstBlock + b);
    for (uint32_t bin = bins->starts[b]; bin < bins->starts[b + 1]; bin++) {
      places = forActive(active, bin, places, [&](uint32_t number) {
        if (moves) list[count++] = bins->tiles[number];
      });
    }
  }
  return count;
}

void updateListed(const TileSlab* slab, const TileRecord* records, const uint16_t* list, uint32_t count,
                  const int16_t* shifted, const int16_t* paired, const UpdateRule* rule) {
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t tile = list[i];
    int16_t* weights = slab->weights + static_cast<size_t>(tile) * kTileLanes;
    const int16_t* in = paired + static_cast<size_t>(records[tile].deltas);
    const int16_t* pair = shifted + static_cast<size_t>(records[tile].group) * kTileLefts;
    for (uint32_t lane = 0; lane < kTileLanes; lane++) {
      if (!hasEdge(slab, tile, lane)) continue;
      const int32_t product =
          pair[lane % 2] * in[lane] + roundingLane(rule->lanes, rule->stochastic, slab->steps[tile], lane);
      weights[lane] = clipWeight(weights[lane] - (product >> 16), *rule);
    }
  }
}

void momentumAll(const TileSlab* slab, const TileRecord* records, uint32_t tiles, const int16_t* shifted,
                 const int16_t* paired, const MomentumRule* rule) {
  for (uint32_t tile = 0; tile < tiles; tile++) {
    const int16_t* values = shifted + static_cast<size_t>(records[tile].group) * kTileLefts;
    const int32_t pair[2] = {values[0], values[1]};
    momentumTile(slab, tile, pair, paired + records[tile].deltas, rule);
  }
}

int16_t* outputWeight(const OutputRows* rows, uint32_t left, uint32_t right) {
  return rows->weights + (static_cast<size_t>(left / kOutputLefts) * rows->rows + right) * kOutputLefts +
         left % kOutputLefts;
}

void forwardOutputs(const OutputRows* rows, const int16_t* values, const int32_t* biases, int32_t* sums) {
  for (uint32_t r = 0; r < kMostOutputs; r++) sums[r] = biases[r];
  for (uint32_t l = 0; l < rows->leftBlocks * kOutputLefts; l++) {
    for (uint32_t r = 0; r < rows->rows; r++) sums[r] += values[l] * *outputWeight(rows, l, r);
  }
}

int32_t errorOf(const OutputRows* rows, uint32_t left, const int16_t* deltas) {
  int32_t error = 0;
  for (uint32_t r = 0; r < rows->rows; r++) error += deltas[r] * *outputWeight(rows, left, r);
  return error;
}

void errorsOutputs(const OutputRows* rows, const int16_t* deltas, int32_t* errors) {
  for (uint32_t l = 0; l < rows->leftBlocks * kOutputLefts; l++) errors[l] = errorOf(rows, l, deltas);
}

void updateOutputs(const OutputRows* rows, const int16_t* values, const int16_t* paired,
                   const UpdateRule* rule) {
  for (uint32_t l = 0; l < rows->leftBlocks * kOutputLefts; l++) {
    const int32_t activation = values[l] * (1 << rule->shift);
    const auto offset = static_cast<uint16_t>(l / kTileLefts * kLaneStride);
    for (uint32_t r = 0; r < rows->rows; r++) {
      int16_t* weight = outputWeight(rows, l, r);
      const int32_t product = activation * paired[2 * r] +
                              roundingLane(rule->lanes, rule->stochastic, offset, 2 * r + l % kTileLefts);
      *weight = clipWeight(*weight - (product >> 16), *rule);
    }
  }
}

uint32_t backwardOutputs(const OutputRows* rows, const int16_t* values, const int16_t* deltas,
                         const int16_t* paired, int32_t moves, int32_t fraction, const UpdateRule* rule,
                         int16_t* leftDeltas) {
  uint32_t clipped = 0;
  for (uint32_t l = 0; l < rows->leftBlocks * kOutputLefts; l++) {
    const int32_t error = clip<int32_t>(errorOf(rows, l, deltas), -kSumMax, kSumMax);
    const int32_t delta = values[l] > 0 ? shiftRound(error, fraction) : 0;
    if (delta != clip16(delta)) clipped++;
    leftDeltas[l] = static_cast<int16_t>(clip16(delta));
  }
  if (moves != 0) updateOutputs(rows, values, paired, rule);
  return clipped;
}

SoftmaxResult softmaxDeltas(int32_t* sums, uint32_t n, int32_t sumFraction, int32_t label,
                            int32_t classWeight, int16_t* deltas) {
  int32_t exponentials[kMostOutputs], probabilities[kMostOutputs];
  for (uint32_t i = 0; i < n; i++) sums[i] = clip<int32_t>(sums[i], -kSumMax, kSumMax);
  softmax(sums, n, sumFraction, exponentials, probabilities);
  SoftmaxResult result = {0, 0, 0};
  uint32_t best = 0;
  for (uint32_t i = 0; i < kMostOutputs; i++) {
    deltas[i] = 0;
    if (i >= n) continue;
    if (sums[i] > sums[best]) best = i;
    const bool isLabel = static_cast<int32_t>(i) == label;
    if (isLabel) result.probability = probabilities[i];
    const int32_t delta = shiftRound((probabilities[i] - (isLabel ? kDeltaOne : 0)) * classWeight, 8);
    if (delta != clip16(delta)) result.clipped++;
    deltas[i] = static_cast<int16_t>(clip16(delta));
  }
  result.correct = static_cast<int32_t>(best) == label ? 1 : 0;
  return result;
}

void drawLanes(uint64_t key, uint64_t input, uint16_t* lanes) {
  for (uint64_t q = 0; q < kTileLanes / 4; q++) {
    const uint64_t bits = randomAt(key, input * (kTileLanes / 4) + q);
    for (uint32_t i = 0; i < 4; i++) lanes[4 * q + i] = static_cast<uint16_t>(bits >> (16 * i));
  }
}

void forwardFour(const BlockIndex* index, const int16_t* weights, const int16_t* values, size_t valuesStride,
                 const int32_t* biases, int32_t fraction, int16_t* hidden, size_t stride) {
  for (uint32_t b = 0; b < index->blocks; b++) {
    const size_t first = static_cast<size_t>(index->firstBlock + b) * kTileRights;
    for (uint32_t m = 0; m < kPredictedTogether; m++) {
      int32_t sums[kTileRights];
      sumBlock(index, b, weights, values + m * valuesStride, biases + first, sums);
      finishRelu(sums, kTileRights, fraction, hidden + m * stride + first);
    }
  }
}

/// Calls visit(edge) for the edges of the left neurons in a list, with their neuron and its activation.
template <typename Visit>
void forEdges(const EdgeSlab* slab, const ActiveList* list, Visit visit) {
  for (uint32_t k = 0; k < list->count; k++) {
    for (uint32_t side = 0; side < kTileLefts; side++) {
      const uint32_t left = list->groups[k] * kTileLefts + side;
      const int32_t activation = side == 0 ? lowHalf(list->pairs[k]) : highHalf(list->pairs[k]);
      for (uint32_t edge = slab->start[left]; edge < slab->start[left + 1]; edge++)
        visit(edge, left, activation);
    }
  }
}

void forwardEdges(const EdgeSlab* slab, const ActiveList* list, int32_t* sums) {
  forEdges(slab, list, [&](uint32_t edge, uint32_t, int32_t activation) {
    sums[slab->rights[edge]] += activation * slab->weights[edge];
  });
}

void backwardEdges(const EdgeSlab* slab, const ActiveList* list, const int16_t* deltas, size_t, int16_t*,
                   int32_t* errors) {
  for (uint32_t k = 0; k < list->count; k++) {
    errors[size_t{list->groups[k]} * kTileLefts] = 0;
    errors[size_t{list->groups[k]} * kTileLefts + 1] = 0;
  }
  forEdges(slab, list, [&](uint32_t edge, uint32_t left, int32_t) {
    errors[left] += deltas[slab->rights[edge]] * slab->weights[edge];
  });
}

void updateEdges(const EdgeSlab* slab, const ActiveList* list, const int16_t* paired,
                 const UpdateRule* rule) {
  forEdges(slab, list, [&](uint32_t edge, uint32_t left, int32_t activation) {
    const uint32_t ordinal = slab->firstOrdinal[left] + (edge - slab->start[left]);
    const int32_t rounding =
        roundingLane(rule->lanes, rule->stochastic, static_cast<uint16_t>(ordinal / kTileLanes * kLaneStride),
                     ordinal % kTileLanes);
    const int32_t product =
        activation * (1 << rule->shift) * paired[size_t{2} * slab->rights[edge]] + rounding;
    slab->weights[edge] = clipWeight(slab->weights[edge] - (product >> 16), *rule);
  });
}

}  // namespace
}  // namespace sparse_train
