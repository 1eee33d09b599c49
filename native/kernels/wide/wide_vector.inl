// The vector kernels of the `wide` arithmetic, written once over a small set of operations that each instruction set
// provides as `struct Ops` before including this file (see wide_avx512.cpp for the list). Everything is in the unnamed
// namespace: nothing here may be shared between instruction sets by the linker.
//
//   Tile   32 x int16, one tile of weights      Sums   16 x int32      Half   16 x int16

#include <string.h>
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace sparse_train {
namespace {

#if defined(__GNUC__)
#define SPARSE_TRAIN_INLINE inline __attribute__((always_inline))
#else
#define SPARSE_TRAIN_INLINE inline
#endif

using Tile = Ops::Tile;
using Sums = Ops::Sums;
using Half = Ops::Half;
using Products = Ops::Products;

inline const int16_t* tileAt(const int16_t* base, uint32_t tile) {
  return base + static_cast<size_t>(tile) * kTileLanes;
}
inline int16_t* tileAt(int16_t* base, uint32_t tile) { return base + static_cast<size_t>(tile) * kTileLanes; }

/// Two neighbouring values as they are stored in memory.
inline int32_t pairAt(const int16_t* values) {
  int32_t pair;
  memcpy(&pair, values, sizeof(pair));
  return pair;
}

/// The random lanes of a junction, advanced from tile to tile. With nearest rounding every lane is one half.
struct Rounding {
  Tile base;
  const uint16_t* steps;
  uint32_t keep;

  Rounding(const uint16_t* lanes, int32_t stochastic, const uint16_t* tileSteps)
      : base(stochastic ? Ops::loadTile(reinterpret_cast<const int16_t*>(lanes)) : Ops::broadcast(-0x8000)),
        steps(stochastic ? tileSteps : kNoSteps),
        keep(stochastic ? 0xFFFFFFFF : 0) {}

  Tile step(uint32_t tile) const { return Ops::broadcast(static_cast<int16_t>(steps[tile & keep])); }
  Tile at(uint32_t tile) const { return Ops::add(base, step(tile)); }

 private:
  static constexpr uint16_t kNoSteps[1] = {0};
};

/// The random lanes as thresholds, which show by comparison whether a product's low half carries: ~r, in the
/// form that Ops::threshold() returns.
struct Thresholds {
  Tile base;
  const uint16_t* steps;
  uint32_t keep;

  Thresholds(const uint16_t* lanes, int32_t stochastic, const uint16_t* tileSteps)
      : base(Ops::threshold(Rounding(lanes, stochastic, tileSteps).base)),
        steps(stochastic ? tileSteps : kNoSteps),
        keep(stochastic ? 0xFFFFFFFF : 0) {}

  Tile step(uint32_t tile) const { return Ops::broadcast(static_cast<int16_t>(steps[tile & keep])); }
  Tile at(uint32_t tile) const { return Ops::subtract(base, step(tile)); }

 private:
  static constexpr uint16_t kNoSteps[1] = {0};
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

/// The destination of the next pairs of a list. A copy of its own, so that the compiler knows that storing
/// vectors does not change it.
struct PairWriter {
  uint32_t* groups;
  int32_t* pairs;
  uint32_t count = 0;

  explicit PairWriter(const ActiveList& list) : groups(list.groups), pairs(list.pairs) {}

  void append(uint32_t first, Tile values) {
    count += Ops::appendPairs(groups + count, pairs + count, first, values);
  }
};

uint32_t listBytes(const uint8_t* bytes, size_t n, ActiveList* list) {
  PairWriter writer(*list);
  Sums total = Ops::zeroSums();
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const Tile values = Ops::widenBytes(bytes + i);
    total = Ops::multiplyAdd(total, values, Ops::broadcast(1));
    writer.append(static_cast<uint32_t>(i / 2), values);
  }
  if (i < n) {
    uint8_t rest[32];
    for (size_t k = 0; k < 32; k++) rest[k] = i + k < n ? bytes[i + k] : 0;
    const Tile values = Ops::widenBytes(rest);
    total = Ops::multiplyAdd(total, values, Ops::broadcast(1));
    writer.append(static_cast<uint32_t>(i / 2), values);
  }
  list->count = writer.count;
  return static_cast<uint32_t>(Ops::total(total));
}

uint32_t listValues(const int16_t* values, size_t n, uint32_t firstGroup, ActiveList* list) {
  PairWriter writer(*list);
  Sums total = Ops::zeroSums();
  for (size_t i = 0; i < n; i += 32) {
    const Tile tile = Ops::loadTile(values + i);
    total = Ops::multiplyAdd(total, Ops::absolute(tile), Ops::broadcast(1));
    writer.append(firstGroup + static_cast<uint32_t>(i / 2), tile);
  }
  list->count = writer.count;
  return static_cast<uint32_t>(Ops::total(total));
}

constexpr uint32_t kRunCapacity = 256;
constexpr uint32_t kRunStep = 4;  // entries written at once, needed or not

/// The tiles that some groups have beyond those that every group has, as flat sequences. `kStep`: 1 if no
/// group has more than one of them.
template <uint32_t kStep, typename Pass>
SPARSE_TRAIN_INLINE void forOddTiles(const TileSlab* slab, const ActiveList* list, const Pass& pass) {
  uint32_t tiles[kRunCapacity + kRunStep];
  int32_t pairs[kRunCapacity + kRunStep];
  const uint32_t* groups = list->groups;
  const int32_t* activations = list->pairs;
  const uint32_t* starts = slab->groupStart;
  const uint32_t groupCount = list->count;
  const uint32_t least = slab->leastTiles;
  uint32_t k = 0;
  uint32_t tile = 0;  // the rest of a group: tiles `tile` to `end`
  uint32_t end = 0;
  int32_t pair = 0;
  while (k < groupCount || tile < end) {
    uint32_t count = 0;
    while (count < kRunCapacity) {
      if (tile >= end) {  // the usual case: a group has few tiles
        if (k == groupCount) break;
        tile = starts[groups[k]] + least;
        end = starts[groups[k] + 1];
        pair = activations[k++];
      }
      if (kStep == 1) {
        tiles[count] = tile;
        pairs[count] = pair;
      } else {
        Ops::fillRun(tiles + count, tile, pairs + count, pair);
      }
      const uint32_t left = end - tile;
      count += left < kStep ? left : kStep;
      tile += kStep;
    }
    uint32_t i = 0;
    for (; i + 2 <= count; i += 2)
      pass.two(tiles[i], pass.activations(pairs[i]), tiles[i + 1], pass.activations(pairs[i + 1]));
    if (i < count) pass.template group<1>(tiles[i], pass.activations(pairs[i]));
  }
}

/// The tiles that every group has, kTiles of them.
template <uint32_t kTiles, typename Pass>
SPARSE_TRAIN_INLINE void forEvenTiles(const TileSlab* slab, const ActiveList* list, const Pass& pass) {
  const uint32_t* groups = list->groups;
  const int32_t* pairs = list->pairs;
  const uint32_t* starts = slab->groupStart;
  const uint32_t groupCount = list->count;
  for (uint32_t k = 0; k < groupCount; k++)
    pass.template group<kTiles>(starts[groups[k]], pass.activations(pairs[k]));
}

/// The same for many tiles, in steps of four.
template <typename Pass>
SPARSE_TRAIN_INLINE void forManyTiles(const TileSlab* slab, const ActiveList* list, const Pass& pass) {
  const uint32_t least = slab->leastTiles;
  for (uint32_t k = 0; k < list->count; k++) {
    const Tile activations = pass.activations(list->pairs[k]);
    uint32_t tile = slab->groupStart[list->groups[k]];
    const uint32_t end = tile + least;
    for (; tile + 4 <= end; tile += 4) pass.template group<4>(tile, activations);
    for (; tile < end; tile++) pass.template group<1>(tile, activations);
  }
}

/// Drives a pass over the tiles of the groups in the list: pass.group<n>(first, activations) receives n tiles
/// of one group, pass.two(...) any two. First come the tiles that every group has, in loops of constant
/// length, then the remaining ones in flat sequences. Loops that end after two or three tiles, depending on
/// the group, would be mispredicted.
template <typename Pass>
SPARSE_TRAIN_INLINE void forTiles(const TileSlab* slab, const ActiveList* list, const Pass& pass) {
  const uint32_t least = slab->leastTiles;
  switch (least) {
    case 0:
      break;
    case 1:
      forEvenTiles<1>(slab, list, pass);
      break;
    case 2:
      forEvenTiles<2>(slab, list, pass);
      break;
    case 3:
      forEvenTiles<3>(slab, list, pass);
      break;
    default:
      forManyTiles(slab, list, pass);
  }
  if (slab->mostTiles == least) return;
  if (slab->mostTiles == least + 1) {
    forOddTiles<1>(slab, list, pass);
  } else {
    forOddTiles<kRunStep>(slab, list, pass);
  }
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

/// Every load of sums comes before the stores of its step: a load that may depend on the preceding store
/// waits for it, whatever its address (measured: 6.4 cycles per tile; 3.3 with two tiles per step).
struct ForwardPass {
  const uint32_t* blocks;
  const int16_t* weights;
  int32_t* sums;

  Tile activations(int32_t pair) const { return Ops::broadcastPair(pair); }

  int32_t* sumsOf(uint32_t tile) const { return sums + static_cast<size_t>(blocks[tile]) * kTileRights; }

  Sums add(const int32_t* place, uint32_t tile, Tile activations) const {
    return Ops::multiplyAdd(Ops::loadSums(place), Ops::loadTile(tileAt(weights, tile)), activations);
  }

  /// The tiles of a group belong to different blocks.
  template <uint32_t kTiles>
  SPARSE_TRAIN_INLINE void group(uint32_t first, Tile activations) const {
    int32_t* places[kTiles];
    Sums results[kTiles];
    for (uint32_t t = 0; t < kTiles; t++) {
      places[t] = sumsOf(first + t);
      results[t] = add(places[t], first + t, activations);
    }
    for (uint32_t t = 0; t < kTiles; t++) Ops::storeSums(places[t], results[t]);
  }

  SPARSE_TRAIN_INLINE void two(uint32_t tileA, Tile activationsA, uint32_t tileB, Tile activationsB) const {
    int32_t* placeA = sumsOf(tileA);
    int32_t* placeB = sumsOf(tileB);
    const Sums a = add(placeA, tileA, activationsA);
    if (placeA == placeB) {
      Ops::storeSums(placeA, Ops::multiplyAdd(a, Ops::loadTile(tileAt(weights, tileB)), activationsB));
      return;
    }
    const Sums b = add(placeB, tileB, activationsB);
    Ops::storeSums(placeA, a);
    Ops::storeSums(placeB, b);
  }
};

constexpr uint32_t kDenseFrom = 4;  // blocks; with fewer there are loops of that length

/// A dense slab: the sums of kBlocks blocks stay in registers while all active groups are added.
template <uint32_t kBlocks>
void forwardDense(const TileSlab* slab, const ActiveList* list, uint32_t firstTile, int32_t* sums) {
  const uint32_t* const groups = list->groups;
  const int32_t* const pairs = list->pairs;
  const uint32_t count = list->count;
  const size_t stride = static_cast<size_t>(slab->mostTiles) * kTileLanes;
  const int16_t* const weights = tileAt(slab->weights, firstTile);
  Products total[kBlocks];
  for (uint32_t b = 0; b < kBlocks; b++) total[b] = Ops::zeroProducts();
  for (uint32_t k = 0; k < count; k++) {
    const Tile pair = Ops::broadcastPair(pairs[k]);
    const int16_t* const tiles = weights + groups[k] * stride;
    for (uint32_t b = 0; b < kBlocks; b++) Ops::dotLoaded(total[b], tiles + b * kTileLanes, pair);
  }
  for (uint32_t b = 0; b < kBlocks; b++) {
    int32_t* const place = sums + static_cast<size_t>(slab->blocks[firstTile + b]) * kTileRights;
    Ops::storeSums(place, Ops::addSums(Ops::loadSums(place), Ops::sumsOf(total[b])));
  }
}

void forwardEveryBlock(const TileSlab* slab, const ActiveList* list, int32_t* sums) {
  constexpr uint32_t kMany = Ops::kDenseBlocks;
  constexpr uint32_t kSome = kMany >= 16 ? 4 : 1;
  const uint32_t blocks = slab->mostTiles;
  uint32_t b = 0;
  for (; b + kMany <= blocks; b += kMany) forwardDense<kMany>(slab, list, b, sums);
  for (; b + kSome <= blocks; b += kSome) forwardDense<kSome>(slab, list, b, sums);
  for (; b < blocks; b++) forwardDense<1>(slab, list, b, sums);
}

void forwardTiles(const TileSlab* slab, const ActiveList* list, int32_t* sums) {
  if (slab->oneBlock) {
    forwardOneBlock(slab, list, sums);
    return;
  }
  if (slab->everyBlock && slab->mostTiles >= kDenseFrom) {
    forwardEveryBlock(slab, list, sums);
    return;
  }
  forTiles(slab, list, ForwardPass{slab->blocks, slab->weights, sums});
}

/// The errors of a layer to the left of a single block: one tile per group, sixteen neurons summed together.
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

/// Products of the deltas with the weights of a group's tiles, by right neuron: those of its even left neuron in partial[0], of
/// its odd one in partial[1].
SPARSE_TRAIN_INLINE void multiplyGroup(const TileSlab* slab, uint32_t group, const int16_t* deltas,
                                       Sums* partial) {
  const uint32_t* const blocks = slab->blocks;
  const uint32_t end = slab->groupStart[group + 1];
  Sums low = Ops::zeroSums();
  Sums high = Ops::zeroSums();
  for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
    const Tile weights = Ops::loadTile(tileAt(slab->weights, tile));
    // (d, 0) pairs pick the even lanes of the weights, (0, d) pairs the odd ones.
    const Tile even = Ops::evenLanes(deltas + static_cast<size_t>(blocks[tile]) * kTileRights);
    low = Ops::multiplyAdd(low, weights, even);
    high = Ops::multiplyAdd(high, weights, Ops::oddFromEven(even));
  }
  partial[0] = low;
  partial[1] = high;
}

/// Eight groups at a time, because 16 vectors are summed in a tree that costs less than 16 single sums.
void backwardTiles(const TileSlab* slab, const ActiveList* list, const int16_t* deltas, int32_t* errors) {
  if (slab->oneBlock) {
    backwardOneBlock(slab, list, deltas, errors);
    return;
  }
  constexpr uint32_t kTogether = 8;
  const uint32_t* const groups = list->groups;
  const uint32_t count = list->count;
  uint32_t k = 0;
  for (; k + kTogether <= count; k += kTogether) {
    Sums partial[2 * kTogether];
    for (uint32_t i = 0; i < kTogether; i++) multiplyGroup(slab, groups[k + i], deltas, partial + 2 * i);
    int32_t totals[2 * kTogether];
    Ops::storeSums(totals, Ops::totals(partial));
    for (uint32_t i = 0; i < kTogether; i++)
      memcpy(errors + 2 * static_cast<size_t>(groups[k + i]), totals + 2 * i, 2 * sizeof(int32_t));
  }
  for (; k < count; k++) {
    Sums partial[2];
    multiplyGroup(slab, groups[k], deltas, partial);
    int32_t* const place = errors + 2 * static_cast<size_t>(groups[k]);
    place[0] = Ops::total(partial[0]);
    place[1] = Ops::total(partial[1]);
  }
}

/// With or without masks, for weights of 16 bits or fewer.
template <bool kMasked, bool kWhole>
struct UpdatePass {
  const uint32_t* blocks;
  const uint32_t* masks;
  int16_t* weights;
  const int16_t* paired;
  Thresholds thresholds;
  WeightRange range;
  int32_t shift;

  UpdatePass(const TileSlab* slab, const int16_t* scaledDeltas, const UpdateRule* rule)
      : blocks(slab->blocks),
        masks(slab->masks),
        weights(slab->weights),
        paired(scaledDeltas),
        thresholds(rule->lanes, rule->stochastic, slab->steps),
        range(*rule),
        shift(rule->shift) {}

  Tile activations(int32_t pair) const { return Ops::shiftLeft(Ops::broadcastPair(pair), shift); }

  SPARSE_TRAIN_INLINE void update(uint32_t tile, Tile activations) const {
    int16_t* place = tileAt(weights, tile);
    const Tile before = Ops::loadTile(place);
    const Tile deltas = Ops::loadTile(tileAt(paired, blocks[tile]));
    const Tile step = Ops::productHigh(activations, deltas, thresholds.at(tile));
    Tile after = Ops::subtractClip(before, step);
    if (!kWhole) after = Ops::clamp(after, range.low, range.high);
    if (kMasked) after = Ops::select(masks[tile], after, before);
    Ops::storeTile(place, after);
  }

  template <uint32_t kTiles>
  SPARSE_TRAIN_INLINE void group(uint32_t first, Tile activations) const {
    for (uint32_t t = 0; t < kTiles; t++) update(first + t, activations);
  }

  SPARSE_TRAIN_INLINE void two(uint32_t tileA, Tile activationsA, uint32_t tileB, Tile activationsB) const {
    update(tileA, activationsA);
    update(tileB, activationsB);
  }
};

template <bool kMasked, bool kWhole>
void updateKind(const TileSlab* slab, const ActiveList* list, const int16_t* paired, const UpdateRule* rule) {
  forTiles(slab, list, UpdatePass<kMasked, kWhole>(slab, paired, rule));
}

/// A dense slab without masks: the deltas of kBlocks blocks stay in registers, and thresholds advance from
/// tile to tile.
template <uint32_t kBlocks, bool kWhole>
void updateDense(const TileSlab* slab, const ActiveList* list, uint32_t firstTile, const int16_t* paired,
                 const UpdateRule* rule) {
  const Thresholds thresholds(rule->lanes, rule->stochastic, slab->steps);
  const WeightRange range(*rule);
  const Tile stride = Ops::broadcast(static_cast<int16_t>(rule->stochastic ? kLaneStride : 0));
  const uint32_t* const groups = list->groups;
  const int32_t* const pairs = list->pairs;
  const uint32_t count = list->count;
  const uint32_t tilesOfGroup = slab->mostTiles;
  const int32_t shift = rule->shift;
  Tile deltas[kBlocks];
  for (uint32_t b = 0; b < kBlocks; b++)
    deltas[b] = Ops::loadTile(tileAt(paired, slab->blocks[firstTile + b]));
  for (uint32_t k = 0; k < count; k++) {
    const Tile activations = Ops::shiftLeft(Ops::broadcastPair(pairs[k]), shift);
    const uint32_t tile = groups[k] * tilesOfGroup + firstTile;
    Tile threshold = thresholds.at(tile);
    int16_t* const weights = tileAt(slab->weights, tile);
    for (uint32_t b = 0; b < kBlocks; b++) {
      int16_t* const place = weights + b * kTileLanes;
      const Tile after =
          Ops::subtractClip(Ops::loadTile(place), Ops::productHigh(activations, deltas[b], threshold));
      Ops::storeTile(place, kWhole ? after : Ops::clamp(after, range.low, range.high));
      threshold = Ops::subtract(threshold, stride);
    }
  }
}

template <bool kWhole>
void updateEveryBlock(const TileSlab* slab, const ActiveList* list, const int16_t* paired,
                      const UpdateRule* rule) {
  constexpr uint32_t kMany = Ops::kDenseBlocks;
  constexpr uint32_t kSome = kMany >= 16 ? 4 : 1;
  const uint32_t blocks = slab->mostTiles;
  uint32_t b = 0;
  for (; b + kMany <= blocks; b += kMany) updateDense<kMany, kWhole>(slab, list, b, paired, rule);
  for (; b + kSome <= blocks; b += kSome) updateDense<kSome, kWhole>(slab, list, b, paired, rule);
  for (; b < blocks; b++) updateDense<1, kWhole>(slab, list, b, paired, rule);
}

void updateTiles(const TileSlab* slab, const ActiveList* list, const int16_t* paired,
                 const UpdateRule* rule) {
  const bool whole = rule->weightMax == 32767;
  if (slab->everyBlock && slab->masks == nullptr && slab->mostTiles >= kDenseFrom) {
    whole ? updateEveryBlock<true>(slab, list, paired, rule)
          : updateEveryBlock<false>(slab, list, paired, rule);
  } else if (slab->masks == nullptr) {
    whole ? updateKind<false, true>(slab, list, paired, rule)
          : updateKind<false, false>(slab, list, paired, rule);
  } else {
    whole ? updateKind<true, true>(slab, list, paired, rule)
          : updateKind<true, false>(slab, list, paired, rule);
  }
}

/// What the update of a tile with momentum needs besides activations and deltas.
struct MomentumPass {
  Thresholds loss, update;
  Rounding weight;
  WeightRange range;
  Tile factor;

  MomentumPass(const TileSlab* slab, const MomentumRule* rule)
      : loss(rule->lossLanes, rule->update.stochastic, slab->steps),
        update(rule->update.lanes, rule->update.stochastic, slab->steps),
        weight(rule->weightLanes, rule->update.stochastic, slab->steps),
        range(rule->update),
        factor(Ops::broadcast(rule->loss)) {}

  template <bool kMasked>
  SPARSE_TRAIN_INLINE void tile(const TileSlab* slab, uint32_t tile, Tile activations, Tile deltas) const {
    const Tile step = loss.step(tile);  // the same for all three
    const Tile before = Ops::loadTile(tileAt(slab->velocities, tile));
    Tile velocity =
        Ops::subtractClip(before, Ops::productHigh(before, factor, Ops::subtract(loss.base, step)));
    velocity =
        Ops::addClip(velocity, Ops::productHigh(activations, deltas, Ops::subtract(update.base, step)));
    if (kMasked) velocity = Ops::select(slab->masks[tile], velocity, before);
    Ops::storeTile(tileAt(slab->velocities, tile), velocity);
    const Tile change = Ops::momentumStep(velocity, Ops::add(weight.base, step));
    const Tile weights = Ops::loadTile(tileAt(slab->weights, tile));
    const Tile after = range.clip(Ops::subtractClip(weights, change));
    Ops::storeTile(tileAt(slab->weights, tile),
                   kMasked ? Ops::select(slab->masks[tile], after, weights) : after);
  }
};

template <bool kMasked>
void momentumGroups(const TileSlab* slab, const int16_t* values, size_t groups, const int16_t* paired,
                    const MomentumRule* momentum) {
  const MomentumPass pass(slab, momentum);
  for (size_t group = 0; group < groups; group++) {
    const Tile activations =
        Ops::shiftLeft(Ops::broadcastPair(pairAt(values + 2 * group)), momentum->update.shift);
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
      pass.tile<kMasked>(slab, tile, activations, Ops::loadTile(tileAt(paired, slab->blocks[tile])));
    }
  }
}

void momentumTiles(const TileSlab* slab, const int16_t* values, size_t groups, const int16_t* paired,
                   const MomentumRule* momentum) {
  slab->masks == nullptr ? momentumGroups<false>(slab, values, groups, paired, momentum)
                         : momentumGroups<true>(slab, values, groups, paired, momentum);
}

void decayTiles(const TileSlab* slab, size_t groups, int16_t factor, const UpdateRule* rule) {
  const Thresholds thresholds(rule->lanes, rule->stochastic, slab->steps);
  const WeightRange range(*rule);
  const Tile factors = Ops::broadcast(factor);
  for (size_t group = 0; group < groups; group++) {
    const uint32_t end = slab->groupStart[group + 1];
    for (uint32_t tile = slab->groupStart[group]; tile < end; tile++) {
      int16_t* place = tileAt(slab->weights, tile);
      const Tile weights = Ops::loadTile(place);
      const Tile step = Ops::productHigh(weights, factors, thresholds.at(tile));
      Ops::storeTile(place, range.clip(Ops::subtractClip(weights, step)));
    }
  }
}

// Counts are kept in vectors as negative numbers (a comparison gives -1 where it holds) and summed at the
// end.

uint32_t finishRelu(const int32_t* sums, size_t n, int32_t fraction, int16_t* activations) {
  Sums clipped = Ops::zeroSums();
  for (size_t i = 0; i < n; i += kTileRights) {
    const Sums rounded = Ops::shiftRound(Ops::clampSums(Ops::loadSums(sums + i), 0, kSumMax), fraction);
    clipped = Ops::discountAbove(clipped, rounded, kActivationMax);
    Ops::storeHalf(activations + i, Ops::narrow(Ops::clampSums(rounded, 0, kActivationMax)));
  }
  return static_cast<uint32_t>(-Ops::total(clipped));
}

uint32_t finishReluDeltas(const int32_t* errors, const int16_t* activations, size_t n, int32_t fraction,
                          int16_t* deltas) {
  Sums clipped = Ops::zeroSums();
  for (size_t i = 0; i < n; i += kTileRights) {
    const Sums active = Ops::positiveMask(Ops::loadHalf(activations + i));
    const Sums rounded =
        Ops::shiftRound(Ops::clampSums(Ops::loadSums(errors + i), -kSumMax, kSumMax), fraction);
    const Sums masked = Ops::bitAnd(rounded, active);
    clipped = Ops::discountAbove(clipped, Ops::absoluteSums(masked), kDeltaMax);
    Ops::storeHalf(deltas + i, Ops::narrow(Ops::clampSums(masked, -kDeltaMax, kDeltaMax)));
  }
  return static_cast<uint32_t>(-Ops::total(clipped));
}

uint32_t scaleDeltas(const int16_t* deltas, size_t first, size_t end, const DeltaScale* scale,
                     int16_t* paired, int32_t* biases, uint8_t* moving) {
  const Half lanes = scale->stochastic ? Ops::loadHalf(reinterpret_cast<const int16_t*>(scale->lanes))
                                       : Ops::broadcastHalf(-0x8000);
  const uint16_t stride = scale->stochastic ? kLaneStride : 0;
  const int32_t multiplier = scale->multiplier;
  const int32_t biasShift = scale->biasShift;
  uint32_t any = 0;
  uint32_t bits = 0;
  const size_t blocks = end / kTileRights;
  for (size_t block = first / kTileRights; block < blocks; block++) {
    const size_t i = block * kTileRights;
    const auto offset = static_cast<int16_t>(static_cast<uint16_t>(block * stride));
    const Sums rounding = Ops::upperBits(Ops::addHalf(lanes, Ops::broadcastHalf(offset)));
    const Sums product = Ops::multiplyBy(Ops::widen(Ops::loadHalf(deltas + i)), multiplier);
    const Sums scaled = Ops::shiftRight(Ops::addSums(product, rounding), kRateFraction);
    Ops::storeTile(paired + 2 * i, Ops::twice(scaled));
    const Sums step =
        biasShift >= 0 ? Ops::shiftLeftSums(scaled, biasShift) : Ops::shiftRound(scaled, -biasShift);
    Ops::storeSums(biases + i,
                   Ops::clampSums(Ops::subtractSums(Ops::loadSums(biases + i), step), -kBiasMax, kBiasMax));
    bits |= Ops::anySet(scaled) << (block % 8);
    moving[block / 8] = static_cast<uint8_t>(bits);
    any |= bits;
    if (block % 8 == 7) bits = 0;
  }
  return any != 0 ? 1 : 0;
}

}  // namespace
}  // namespace sparse_train

#include "wide_edges_vector.inl"
#include "wide_fast_vector.inl"
#include "wide_table.inl"
