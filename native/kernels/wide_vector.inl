// The vector kernels of the `wide` arithmetic, written once over a small set of operations that each instruction set
// provides as `struct Ops` before including this file (see avx512.cpp for the list). Everything is in the unnamed
// namespace: nothing here may be shared between instruction sets by the linker.
//
//   Tile   32 x int16, one tile of weights      Sums   16 x int32      Half   16 x int16

namespace sparse_train {
namespace {

using Tile = Ops::Tile;
using Sums = Ops::Sums;
using Half = Ops::Half;

inline const int16_t* tileAt(const int16_t* base, uint32_t tile) { return base + static_cast<size_t>(tile) * kTileLanes; }
inline int16_t* tileAt(int16_t* base, uint32_t tile) { return base + static_cast<size_t>(tile) * kTileLanes; }

inline int32_t pairOf(const int16_t* values) {
  return static_cast<int32_t>((static_cast<uint32_t>(values[1]) << 16) | (static_cast<uint32_t>(values[0]) & 0xFFFF));
}

/// The random lanes of a junction, stepped from tile to tile. Each group starts from the junction's lanes, so that no
/// long chain of additions forms. Without random rounding every lane is one half.
struct Rounding {
  Tile base;
  uint16_t stride;

  Rounding(const uint16_t* lanes, int32_t stochastic)
      : base(stochastic ? Ops::loadTile(reinterpret_cast<const int16_t*>(lanes)) : Ops::broadcast(-0x8000)),
        stride(stochastic ? kLaneStride : 0) {}

  Tile at(uint32_t ordinal) const {
    return Ops::add(base, Ops::broadcast(static_cast<int16_t>(static_cast<uint16_t>(ordinal * stride))));
  }
};

struct WeightRange {
  Tile low, high;
  bool whole;  // 16-bit weights: saturating subtraction is enough

  explicit WeightRange(const UpdateRule& rule)
      : low(Ops::broadcast(rule.weightMin)), high(Ops::broadcast(rule.weightMax)), whole(rule.weightMax == 32767) {}

  Tile clip(Tile weights) const { return whole ? weights : Ops::clamp(weights, low, high); }
};

inline Tile keepNonEdges(const TileSlab* slab, uint32_t tile, Tile before, Tile after) {
  return slab->masks == nullptr ? after : Ops::select(slab->masks[tile], after, before);
}

uint32_t listBytes(const uint8_t* bytes, size_t n, ActiveList* list) {
  list->count = 0;
  Sums total = Ops::zeroSums();
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const Tile values = Ops::widenBytes(bytes + i);
    total = Ops::multiplyAdd(total, values, Ops::broadcast(1));
    Ops::appendPairs(list, static_cast<uint32_t>(i / 2), values);
  }
  if (i < n) {
    uint8_t rest[32];
    for (size_t k = 0; k < 32; k++) rest[k] = i + k < n ? bytes[i + k] : 0;
    const Tile values = Ops::widenBytes(rest);
    total = Ops::multiplyAdd(total, values, Ops::broadcast(1));
    Ops::appendPairs(list, static_cast<uint32_t>(i / 2), values);
  }
  return static_cast<uint32_t>(Ops::total(total));
}

uint32_t listValues(const int16_t* values, size_t n, ActiveList* list) {
  list->count = 0;
  Sums total = Ops::zeroSums();
  for (size_t i = 0; i < n; i += 32) {
    const Tile tile = Ops::loadTile(values + i);
    total = Ops::multiplyAdd(total, Ops::absolute(tile), Ops::broadcast(1));
    Ops::appendPairs(list, static_cast<uint32_t>(i / 2), tile);
  }
  return static_cast<uint32_t>(Ops::total(total));
}

void forwardTiles(const TileSlab* slab, const ActiveList* list, int32_t* sums) {
  for (uint32_t k = 0; k < list->count; k++) {
    const uint32_t group = list->groups[k];
    const Tile activations = Ops::broadcastPair(list->pairs[k]);
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
      int32_t* out = sums + static_cast<size_t>(slab->blocks[tile]) * kTileRights;
      Ops::storeSums(out, Ops::multiplyAdd(Ops::loadSums(out), Ops::loadTile(tileAt(slab->weights, tile)), activations));
    }
  }
}

void backwardTiles(const TileSlab* slab, const ActiveList* list, const int16_t* deltas, int32_t* errors) {
  for (uint32_t k = 0; k < list->count; k++) {
    const uint32_t group = list->groups[k];
    Sums low = Ops::zeroSums();
    Sums high = Ops::zeroSums();
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
      const Tile weights = Ops::loadTile(tileAt(slab->weights, tile));
      // (d, 0) pairs pick the even lanes of the weights, (0, d) pairs the odd ones.
      const Tile even = Ops::evenLanes(deltas + static_cast<size_t>(slab->blocks[tile]) * kTileRights);
      low = Ops::multiplyAdd(low, weights, even);
      high = Ops::multiplyAdd(high, weights, Ops::oddFromEven(even));
    }
    errors[2 * static_cast<size_t>(group)] = Ops::total(low);
    errors[2 * static_cast<size_t>(group) + 1] = Ops::total(high);
  }
}

void updateTiles(const TileSlab* slab, const ActiveList* list, const int16_t* paired, const UpdateRule* rule) {
  const Rounding rounding(rule->lanes, rule->stochastic);
  const WeightRange range(*rule);
  for (uint32_t k = 0; k < list->count; k++) {
    const uint32_t group = list->groups[k];
    const Tile activations = Ops::shiftLeft(Ops::broadcastPair(list->pairs[k]), rule->shift);
    uint32_t ordinal = slab->firstOrdinal[group];
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++, ordinal++) {
      int16_t* place = tileAt(slab->weights, tile);
      const Tile before = Ops::loadTile(place);
      const Tile deltas = Ops::loadTile(tileAt(paired, slab->blocks[tile]));
      const Tile step = Ops::productHigh(activations, deltas, rounding.at(ordinal));
      Ops::storeTile(place, keepNonEdges(slab, tile, before, range.clip(Ops::subtractClip(before, step))));
    }
  }
}

void momentumTiles(const TileSlab* slab, const int16_t* values, size_t groups, const int16_t* paired,
                   const MomentumRule* momentum) {
  const UpdateRule& rule = momentum->update;
  const Rounding lossRounding(momentum->lossLanes, rule.stochastic);
  const Rounding updateRounding(rule.lanes, rule.stochastic);
  const Rounding weightRounding(momentum->weightLanes, rule.stochastic);
  const WeightRange range(rule);
  const Tile loss = Ops::broadcast(momentum->loss);
  for (size_t group = 0; group < groups; group++) {
    const Tile activations = Ops::shiftLeft(Ops::broadcastPair(pairOf(values + 2 * group)), rule.shift);
    uint32_t ordinal = slab->firstOrdinal[group];
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++, ordinal++) {
      const Tile before = Ops::loadTile(tileAt(slab->velocities, tile));
      const Tile deltas = Ops::loadTile(tileAt(paired, slab->blocks[tile]));
      Tile velocity = Ops::subtractClip(before, Ops::productHigh(before, loss, lossRounding.at(ordinal)));
      velocity = Ops::addClip(velocity, Ops::productHigh(activations, deltas, updateRounding.at(ordinal)));
      velocity = keepNonEdges(slab, tile, before, velocity);
      Ops::storeTile(tileAt(slab->velocities, tile), velocity);
      const Tile step = Ops::momentumStep(velocity, weightRounding.at(ordinal));
      const Tile weights = Ops::loadTile(tileAt(slab->weights, tile));
      Ops::storeTile(tileAt(slab->weights, tile),
                     keepNonEdges(slab, tile, weights, range.clip(Ops::subtractClip(weights, step))));
    }
  }
}

void decayTiles(const TileSlab* slab, size_t groups, int16_t factor, const UpdateRule* rule) {
  const Rounding rounding(rule->lanes, rule->stochastic);
  const WeightRange range(*rule);
  const Tile factors = Ops::broadcast(factor);
  for (size_t group = 0; group < groups; group++) {
    uint32_t ordinal = slab->firstOrdinal[group];
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++, ordinal++) {
      int16_t* place = tileAt(slab->weights, tile);
      const Tile weights = Ops::loadTile(place);
      const Tile step = Ops::productHigh(weights, factors, rounding.at(ordinal));
      Ops::storeTile(place, range.clip(Ops::subtractClip(weights, step)));
    }
  }
}

uint32_t finishRelu(const int32_t* sums, size_t n, int32_t fraction, int16_t* activations) {
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i += kTileRights) {
    const Sums rounded = Ops::shiftRound(Ops::clampSums(Ops::loadSums(sums + i), 0, kSumMax), fraction);
    clipped += Ops::countAbove(rounded, kActivationMax);
    Ops::storeHalf(activations + i, Ops::narrow(Ops::clampSums(rounded, 0, kActivationMax)));
  }
  return clipped;
}

uint32_t finishReluDeltas(const int32_t* errors, const int16_t* activations, size_t n, int32_t fraction,
                          int16_t* deltas) {
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i += kTileRights) {
    const Sums active = Ops::positiveMask(Ops::loadHalf(activations + i));
    const Sums rounded = Ops::shiftRound(Ops::clampSums(Ops::loadSums(errors + i), -kSumMax, kSumMax), fraction);
    const Sums masked = Ops::bitAnd(rounded, active);
    clipped += Ops::countOutside(masked, kDeltaMax);
    Ops::storeHalf(deltas + i, Ops::narrow(Ops::clampSums(masked, -kDeltaMax, kDeltaMax)));
  }
  return clipped;
}

uint32_t scaleDeltas(const int16_t* deltas, size_t n, const DeltaScale* scale, int16_t* paired, int32_t* biases) {
  uint32_t clipped = 0;
  const Half lanes = scale->stochastic ? Ops::loadHalf(reinterpret_cast<const int16_t*>(scale->lanes))
                                       : Ops::broadcastHalf(-0x8000);
  const uint16_t stride = scale->stochastic ? kLaneStride : 0;
  for (size_t i = 0; i < n; i += kTileRights) {
    const auto offset = static_cast<int16_t>(static_cast<uint16_t>((i / kTileRights) * stride));
    const Sums rounding = Ops::upperBits(Ops::addHalf(lanes, Ops::broadcastHalf(offset)));
    const Sums product = Ops::multiplyBy(Ops::widen(Ops::loadHalf(deltas + i)), scale->multiplier);
    const Sums value = Ops::shiftRight(Ops::addSums(product, rounding), kRateFraction);
    clipped += Ops::countOutside(value, kDeltaMax);
    const Sums scaled = Ops::clampSums(value, -kDeltaMax, kDeltaMax);
    Ops::storeTile(paired + 2 * i, Ops::twice(scaled));
    const Sums step = scale->biasShift >= 0 ? Ops::shiftLeftSums(scaled, scale->biasShift)
                                            : Ops::shiftRound(scaled, -scale->biasShift);
    Ops::storeSums(biases + i, Ops::clampSums(Ops::subtractSums(Ops::loadSums(biases + i), step), -kBiasMax, kBiasMax));
  }
  return clipped;
}

constexpr WideKernels makeKernels(const char* name) {
  return {name,          listBytes,  listValues, forwardTiles,     backwardTiles, updateTiles,
          momentumTiles, decayTiles, finishRelu, finishReluDeltas, scaleDeltas};
}

}  // namespace
}  // namespace sparse_train
