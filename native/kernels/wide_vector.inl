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

inline const int16_t* tileAt(const int16_t* base, uint32_t tile) {
  return base + static_cast<size_t>(tile) * kTileLanes;
}
inline int16_t* tileAt(int16_t* base, uint32_t tile) { return base + static_cast<size_t>(tile) * kTileLanes; }

inline int32_t pairOf(const int16_t* values) {
  return static_cast<int32_t>((static_cast<uint32_t>(values[1]) << 16) |
                              (static_cast<uint32_t>(values[0]) & 0xFFFF));
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
      : low(Ops::broadcast(rule.weightMin)),
        high(Ops::broadcast(rule.weightMax)),
        whole(rule.weightMax == 32767) {}

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

constexpr uint32_t kRunCapacity = 512;
constexpr uint32_t kRunStep = 4;  // entries written at once, needed or not

/// Calls visit(tiles, pairs, count) for the tiles of the groups of the list, in order, each with the activations of its
/// group: many groups in one flat sequence, so that the loops over it do not end (and mispredict) after the two or
/// three tiles of every group.
template <typename Visit>
inline void forRuns(const TileSlab* slab, const ActiveList* list, Visit visit) {
  uint32_t tiles[kRunCapacity + 2 * kRunStep];
  int32_t pairs[kRunCapacity + 2 * kRunStep];
  const uint32_t* groups = list->groups;
  const int32_t* activations = list->pairs;
  const uint32_t* starts = slab->groupStart;
  const uint32_t groupCount = list->count;
  uint32_t count = 0;  // a local: the compiler must not think that writing the arrays changes it
  for (uint32_t k = 0; k < groupCount; k++) {
    uint32_t tile = starts[groups[k]];
    const uint32_t end = starts[groups[k] + 1];
    for (;;) {
      Ops::fillRun(tiles + count, tile, pairs + count, activations[k]);
      if (end - tile <= kRunStep) break;  // the usual case: a group has few tiles
      tile += kRunStep;
      count += kRunStep;
      if (count >= kRunCapacity) {
        visit(tiles, pairs, count);
        count = 0;
      }
    }
    count += end - tile;
    if (count >= kRunCapacity) {
      visit(tiles, pairs, count);
      count = 0;
    }
  }
  if (count > 0) visit(tiles, pairs, count);
}

/// A layer of one block: its sums stay in registers, in several chains so that additions overlap.
inline void forwardOneBlock(const TileSlab* slab, const ActiveList* list, int32_t* sums) {
  constexpr uint32_t kChains = 4;
  Sums chains[kChains] = {Ops::loadSums(sums), Ops::zeroSums(), Ops::zeroSums(), Ops::zeroSums()};
  uint32_t k = 0;
  for (; k + kChains <= list->count; k += kChains) {
    for (uint32_t c = 0; c < kChains; c++) {
      const int16_t* weights = tileAt(slab->weights, slab->groupStart[list->groups[k + c]]);
      chains[c] = Ops::multiplyAdd(chains[c], Ops::loadTile(weights), Ops::broadcastPair(list->pairs[k + c]));
    }
  }
  for (; k < list->count; k++) {
    const int16_t* weights = tileAt(slab->weights, slab->groupStart[list->groups[k]]);
    chains[0] = Ops::multiplyAdd(chains[0], Ops::loadTile(weights), Ops::broadcastPair(list->pairs[k]));
  }
  Ops::storeSums(sums, Ops::addSums(Ops::addSums(chains[0], chains[1]), Ops::addSums(chains[2], chains[3])));
}

void forwardTiles(const TileSlab* slab, const ActiveList* list, int32_t* sums) {
  if (slab->oneBlock) {
    forwardOneBlock(slab, list, sums);
    return;
  }
  const TileSlab own = *slab;  // in registers: vector stores may alias anything, also what `slab` points to
  forRuns(slab, list, [&](const uint32_t* tiles, const int32_t* pairs, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t tile = tiles[i];
      int32_t* out = sums + static_cast<size_t>(own.blocks[tile]) * kTileRights;
      const Tile weights = Ops::loadTile(tileAt(own.weights, tile));
      Ops::storeSums(out, Ops::multiplyAdd(Ops::loadSums(out), weights, Ops::broadcastPair(pairs[i])));
    }
  });
}

/// Errors of a layer before one block: one tile a group, sixteen neurons summed together.
inline void backwardOneBlock(const TileSlab* slab, const ActiveList* list, const int16_t* deltas,
                             int32_t* errors) {
  constexpr uint32_t kTogether = 8;
  const Tile even = Ops::evenLanes(deltas);
  const Tile odd = Ops::oddFromEven(even);
  uint32_t k = 0;
  for (; k + kTogether <= list->count; k += kTogether) {
    Sums partial[2 * kTogether];
    for (uint32_t i = 0; i < kTogether; i++) {
      const Tile weights = Ops::loadTile(tileAt(slab->weights, slab->groupStart[list->groups[k + i]]));
      partial[2 * i] = Ops::multiplyAdd(Ops::zeroSums(), weights, even);
      partial[2 * i + 1] = Ops::multiplyAdd(Ops::zeroSums(), weights, odd);
    }
    int32_t totals[2 * kTogether];
    Ops::storeSums(totals, Ops::totals(partial));
    for (uint32_t i = 0; i < kTogether; i++) {
      errors[2 * static_cast<size_t>(list->groups[k + i])] = totals[2 * i];
      errors[2 * static_cast<size_t>(list->groups[k + i]) + 1] = totals[2 * i + 1];
    }
  }
  for (; k < list->count; k++) {
    const size_t group = list->groups[k];
    const Tile weights = Ops::loadTile(tileAt(slab->weights, slab->groupStart[group]));
    errors[2 * group] = Ops::total(Ops::multiplyAdd(Ops::zeroSums(), weights, even));
    errors[2 * group + 1] = Ops::total(Ops::multiplyAdd(Ops::zeroSums(), weights, odd));
  }
}

void backwardTiles(const TileSlab* slab, const ActiveList* list, const int16_t* deltas, int32_t* errors) {
  if (slab->oneBlock) {
    backwardOneBlock(slab, list, deltas, errors);
    return;
  }
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

/// The inner loop of updateTiles: with masks or not, with weights of 16 bits or fewer.
template <bool kMasked, bool kWhole>
inline void updateRuns(const TileSlab* slab, const ActiveList* list, const int16_t* paired,
                       const UpdateRule* rule) {
  const Rounding rounding(rule->lanes, rule->stochastic);
  const WeightRange range(*rule);
  const TileSlab own = *slab;  // as in forwardTiles
  const int32_t shift = rule->shift;
  forRuns(slab, list, [&](const uint32_t* tiles, const int32_t* pairs, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t tile = tiles[i];
      int16_t* place = tileAt(own.weights, tile);
      const Tile before = Ops::loadTile(place);
      const Tile deltas = Ops::loadTile(tileAt(paired, own.blocks[tile]));
      const Tile activations = Ops::shiftLeft(Ops::broadcastPair(pairs[i]), shift);
      const Tile step = Ops::productHigh(activations, deltas, rounding.at(own.ordinals[tile]));
      Tile after = Ops::subtractClip(before, step);
      if (!kWhole) after = Ops::clamp(after, range.low, range.high);
      if (kMasked) after = Ops::select(own.masks[tile], after, before);
      Ops::storeTile(place, after);
    }
  });
}

void updateTiles(const TileSlab* slab, const ActiveList* list, const int16_t* paired,
                 const UpdateRule* rule) {
  const bool whole = rule->weightMax == 32767;
  if (slab->masks == nullptr) {
    whole ? updateRuns<false, true>(slab, list, paired, rule)
          : updateRuns<false, false>(slab, list, paired, rule);
  } else {
    whole ? updateRuns<true, true>(slab, list, paired, rule)
          : updateRuns<true, false>(slab, list, paired, rule);
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
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
      const uint32_t ordinal = slab->ordinals[tile];
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
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
      const uint32_t ordinal = slab->ordinals[tile];
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
    const Sums rounded =
        Ops::shiftRound(Ops::clampSums(Ops::loadSums(errors + i), -kSumMax, kSumMax), fraction);
    const Sums masked = Ops::bitAnd(rounded, active);
    clipped += Ops::countOutside(masked, kDeltaMax);
    Ops::storeHalf(deltas + i, Ops::narrow(Ops::clampSums(masked, -kDeltaMax, kDeltaMax)));
  }
  return clipped;
}

uint32_t scaleDeltas(const int16_t* deltas, size_t n, const DeltaScale* scale, int16_t* paired,
                     int32_t* biases) {
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
    Ops::storeSums(biases + i,
                   Ops::clampSums(Ops::subtractSums(Ops::loadSums(biases + i), step), -kBiasMax, kBiasMax));
  }
  return clipped;
}

constexpr WideKernels makeKernels(const char* name) {
  return {name,          listBytes,  listValues, forwardTiles,     backwardTiles, updateTiles,
          momentumTiles, decayTiles, finishRelu, finishReluDeltas, scaleDeltas};
}

}  // namespace
}  // namespace sparse_train
