// The vector kernels of the fast path (wide_kernels.hpp), written with the operations of wide_vector.inl,
// which includes this file. Each is a plain function over plain pointers, because GCC 12 keeps the addresses
// of larger objects in memory.

namespace sparse_train {
namespace {

using Row = Ops::Row;

/// The index of the lowest set bit, and the number of bits of a number; neither argument is 0.
#if defined(_MSC_VER) && !defined(__clang__)
inline uint32_t lowestBit(uint64_t bits) {
  unsigned long place;
  _BitScanForward64(&place, bits);
  return place;
}
inline uint32_t bitLength(uint32_t value) {
  unsigned long place;
  _BitScanReverse(&place, value);
  return place + 1;
}
#else
inline uint32_t lowestBit(uint64_t bits) { return static_cast<uint32_t>(__builtin_ctzll(bits)); }
inline uint32_t bitLength(uint32_t value) { return 32 - static_cast<uint32_t>(__builtin_clz(value)); }
#endif

// --- Reading an example -----------------------------------------------------------------------------------------------

uint32_t expandBytes(const uint8_t* bytes, size_t n, int16_t* values, uint8_t* activity) {
  Sums total = Ops::zeroSums();
  size_t i = 0;
  for (; i + 64 <= n; i += 64) total = Ops::expandUnit(bytes + i, values + i, activity + i / 16, total);
  if (i < n) {
    uint8_t rest[64] = {};
    memcpy(rest, bytes + i, n - i);
    total = Ops::expandUnit(rest, values + i, activity + i / 16, total);
  }
  return static_cast<uint32_t>(Ops::total(total));
}

/// Values and activity of n inputs, padded with zeros to a multiple of 64. read(i) converts inputs i to i + 31, readRest(i) those
/// from i on, if there are fewer.
template <typename Read, typename ReadRest>
SPARSE_TRAIN_INLINE uint32_t expandRow(size_t n, int16_t* values, uint8_t* activity, Read read,
                                       ReadRest readRest) {
  Sums total = Ops::zeroSums();
  const Tile ones = Ops::broadcast(1);
  const auto put = [&](size_t i, Tile tile) {
    total = Ops::multiplyAdd(total, Ops::absolute(tile), ones);
    Ops::storeTile(values + i, tile);
    const auto bits = static_cast<uint16_t>(Ops::activePairs(tile));
    memcpy(activity + i / 16, &bits, sizeof(bits));
  };
  size_t i = 0;
  for (; i + 32 <= n; i += 32) put(i, read(i));
  if (i < n) {
    put(i, readRest(i));
    i += 32;
  }
  if (i % 64 != 0) put(i, Ops::broadcast(0));
  return static_cast<uint32_t>(Ops::total(total));
}

uint32_t expandFixed(const int16_t* inputs, size_t n, int16_t* values, uint8_t* activity) {
  const Tile low = Ops::broadcast(-kActivationMax);
  const Tile high = Ops::broadcast(kActivationMax);
  return expandRow(
      n, values, activity, [&](size_t i) { return Ops::clamp(Ops::loadTile(inputs + i), low, high); },
      [&](size_t i) {
        int16_t rest[32] = {};
        memcpy(rest, inputs + i, (n - i) * sizeof(int16_t));
        return Ops::clamp(Ops::loadTile(rest), low, high);
      });
}

template <bool kScaled, typename T>
uint32_t expandReals(const T* inputs, size_t n, const double* offset, const double* scale, int16_t* values,
                     uint8_t* activity) {
  const auto convert = [](const T* x, const double* from, const double* factor, size_t i) {
    return Ops::tileOf(Ops::quantised<kScaled>(x, from, factor, i),
                       Ops::quantised<kScaled>(x, from, factor, i + 16));
  };
  return expandRow(
      n, values, activity, [&](size_t i) { return convert(inputs, offset, scale, i); },
      [&](size_t i) {
        T rest[32] = {};
        double from[32] = {}, factor[32] = {};
        memcpy(rest, inputs + i, (n - i) * sizeof(T));
        if (kScaled) {
          memcpy(from, offset + i, (n - i) * sizeof(double));
          memcpy(factor, scale + i, (n - i) * sizeof(double));
        }
        return convert(rest, from, factor, 0);
      });
}

uint32_t expandFloats(const float* inputs, size_t n, const double* offset, const double* scale,
                      int16_t* values, uint8_t* activity) {
  return offset == nullptr ? expandReals<false>(inputs, n, offset, scale, values, activity)
                           : expandReals<true>(inputs, n, offset, scale, values, activity);
}

uint32_t expandDoubles(const double* inputs, size_t n, const double* offset, const double* scale,
                       int16_t* values, uint8_t* activity) {
  return offset == nullptr ? expandReals<false>(inputs, n, offset, scale, values, activity)
                           : expandReals<true>(inputs, n, offset, scale, values, activity);
}

uint32_t markValues(const int16_t* values, size_t n, uint8_t* activity) {
  Sums total = Ops::zeroSums();
  const Tile ones = Ops::broadcast(1);
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    const Tile tile = Ops::loadTile(values + i);
    total = Ops::multiplyAdd(total, Ops::absolute(tile), ones);
    const auto bits = static_cast<uint16_t>(Ops::activePairs(tile));
    memcpy(activity + i / 16, &bits, sizeof(bits));
  }
  if (i < n) {  // 16 more
    int16_t rest[32] = {};
    memcpy(rest, values + i, 16 * sizeof(int16_t));
    const Tile tile = Ops::loadTile(rest);
    total = Ops::multiplyAdd(total, Ops::absolute(tile), ones);
    activity[i / 16] = static_cast<uint8_t>(Ops::activePairs(tile));
  }
  return static_cast<uint32_t>(Ops::total(total));
}

/// The activations of 16 relu neurons and their activity; adds what was clipped, negative, and the activations to the
/// totals.
SPARSE_TRAIN_INLINE void finishReluBlock(Sums sum, int32_t fraction, int16_t* values, uint8_t* activity,
                                         Sums& clipped, Sums& total) {
  const Sums rounded = Ops::shiftRound(Ops::clampSums(sum, 0, kSumMax), fraction);
  clipped = Ops::discountAbove(clipped, rounded, kActivationMax);
  const Sums limited = Ops::clampSums(rounded, 0, kActivationMax);
  total = Ops::addSums(total, limited);
  const Half narrow = Ops::narrow(limited);
  Ops::storeHalf(values, narrow);
  *activity = static_cast<uint8_t>(Ops::activePairsOfHalf(narrow));
}

ReluResult finishReluMarked(const int32_t* sums, size_t n, int32_t fraction, int16_t* values,
                            uint8_t* activity) {
  Sums clipped = Ops::zeroSums();
  Sums total = Ops::zeroSums();
  for (size_t i = 0; i < n; i += kTileRights)
    finishReluBlock(Ops::loadSums(sums + i), fraction, values + i, activity + i / kTileRights, clipped,
                    total);
  return {static_cast<uint32_t>(-Ops::total(clipped)), static_cast<uint32_t>(Ops::total(total))};
}

void shiftValues(const int16_t* values, size_t n, int32_t shift, int16_t* shifted) {
  for (size_t i = 0; i < n; i += 32)
    Ops::storeTile(shifted + i, Ops::shiftLeft(Ops::loadTile(values + i), shift));
}

// --- Feed-forward by blocks -------------------------------------------------------------------------------------------

/// Loads four 16-bit numbers at once, because loads limit the speed of the loop over tiles.
struct FourNumbers {
  const uint16_t* place;
  uint64_t bits = 0;

  explicit FourNumbers(const uint16_t* numbers) : place(numbers) {
    if constexpr (Ops::kOneLoadOfFour) memcpy(&bits, numbers, sizeof(bits));
  }
  template <int kWhich>
  size_t get() const {
    if constexpr (!Ops::kOneLoadOfFour) return place[kWhich];
    return kWhich == 3 ? bits >> 48 : (bits >> (16 * kWhich)) & 0xFFFF;
  }
};

/// Calls finish(sums) for block after block.
template <typename Finish>
SPARSE_TRAIN_INLINE void sumBlocks(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                                   const int32_t* biases, Finish finish) {
  const uint16_t* tiles = index->tiles;
  const uint16_t* groups = index->groups;
  const uint32_t* starts = index->starts;
  const uint32_t blocks = index->blocks;
  biases += static_cast<size_t>(index->firstBlock) * kTileRights;
  for (uint32_t block = 0; block < blocks; block++, biases += kTileRights) {
    Products a = Ops::zeroProducts(), b = a, c = a, d = a;
    const auto add = [&](Products& chain, size_t tile, size_t group) {
      Ops::dotTile(chain, weights + tile * kTileLanes, values + group * kTileLefts);
    };
    const uint32_t count = starts[block + 1] - starts[block];
    const uint16_t* const end = tiles + (count & ~3u);
    for (; tiles < end; tiles += 4, groups += 4) {
      const FourNumbers t(tiles), g(groups);
      if constexpr (Ops::kFourChains) {
        add(a, t.get<0>(), g.get<0>());
        add(b, t.get<1>(), g.get<1>());
        add(c, t.get<2>(), g.get<2>());
        add(d, t.get<3>(), g.get<3>());
      } else {
        add(a, t.get<0>(), g.get<0>());
        add(a, t.get<1>(), g.get<1>());
        add(a, t.get<2>(), g.get<2>());
        add(a, t.get<3>(), g.get<3>());
      }
    }
    if ((count & 2) != 0) {
      add(a, tiles[0], groups[0]);
      add(Ops::kFourChains ? b : a, tiles[1], groups[1]);
      tiles += 2;
      groups += 2;
    }
    if ((count & 1) != 0) add(Ops::kFourChains ? c : a, *tiles++, *groups++);
    if constexpr (Ops::kFourChains) a = Ops::addProducts(Ops::addProducts(a, b), Ops::addProducts(c, d));
    finish(Ops::addSums(Ops::loadSums(biases), Ops::sumsOf(a)));
  }
}

void forwardBlocks(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                   const int32_t* biases, int32_t* sums) {
  sums += static_cast<size_t>(index->firstBlock) * kTileRights;
  sumBlocks(index, weights, values, biases, [&](Sums sum) {
    Ops::storeSums(sums, sum);
    sums += kTileRights;
  });
}

ReluResult forwardRelu(const BlockIndex* index, const int16_t* weights, const int16_t* values,
                       const int32_t* biases, int32_t fraction, int16_t* activations, uint8_t* activity) {
  activations += static_cast<size_t>(index->firstBlock) * kTileRights;
  activity += index->firstBlock;
  Sums clipped = Ops::zeroSums();
  Sums total = Ops::zeroSums();
  sumBlocks(index, weights, values, biases, [&](Sums sum) {
    finishReluBlock(sum, fraction, activations, activity, clipped, total);
    activations += kTileRights;
    activity++;
  });
  return {static_cast<uint32_t>(-Ops::total(clipped)), static_cast<uint32_t>(Ops::total(total))};
}

// --- Updates by a list of tiles ---------------------------------------------------------------------------------------

/// Lists the tiles of active groups in runs, one run per group. Finds groups by 64 activity bits at a time.
inline uint32_t listRuns(const uint32_t* groupStart, uint32_t groups, const uint8_t* activity,
                         uint16_t* list) {
  uint32_t count = 0;
  for (uint32_t first = 0; first < groups; first += 64) {
    uint64_t bits;
    memcpy(&bits, activity + first / 8, sizeof(bits));
    for (; bits != 0; bits &= bits - 1) {
      const uint32_t group = first + lowestBit(bits);
      const uint32_t end = groupStart[group + 1];
      uint32_t tile = groupStart[group];
      uint16_t* place = list + count;
      count += end - tile;
      // Once at least, which is nearly always enough: how many tiles a group has cannot be predicted.
      do {
        Ops::fillTiles(place, tile);
        tile += Ops::kRun;
        place += Ops::kRun;
      } while (tile < end);
    }
  }
  return count;
}

uint32_t listTiles(const TileSlab* slab, const TileFlags* flags, uint32_t groups, const uint8_t* activity,
                   const uint8_t* moving, uint16_t* list) {
  if (groups <= Ops::kListedGroups)
    return Ops::listActive(flags, slab->groupStart[groups], groups, activity, moving, list);
  return listRuns(slab->groupStart, groups, activity, list);
}

// --- Feed-forward from the active tiles -------------------------------------------------------------------------------

/// The number of fours that hold `count` tiles of a bin.
inline uint32_t foursOf(uint32_t count) { return count == 0 ? 1 : (count + 3) / 4; }

void listBins(const TileBins* bins, uint32_t groups, const uint8_t* activity, ActiveTiles* active) {
  const Ops::Activity layer(activity, groups);
  const uint8_t* bytes = bins->groupBytes;
  const uint8_t* bits = bins->groupBits;
  uint8_t* places = active->places;
  uint8_t* const counts = active->counts;
  uint16_t* const numbers = active->bins;
  const uint32_t end = bins->starts[bins->blocks];
  uint32_t four = 0;
  for (uint32_t bin = 0; bin < end; bin++, bytes += kBinPlaces, bits += kBinPlaces) {
    const uint32_t count = Ops::listPlaces(layer.of(bytes, bits), places);
    counts[bin] = static_cast<uint8_t>(count);
    Ops::storeHalf(reinterpret_cast<int16_t*>(numbers + four), Ops::broadcastHalf(static_cast<int16_t>(bin)));
    four += foursOf(count);
    places += size_t{4} * foursOf(count);
  }
  active->fours = four;
}

/// One loop over the fours of all bins, because loops over those of a bin would be mispredicted at every bin. For that
/// sums run on from bin to bin; the differences are those of the bins, since integers that wrap lose nothing.
ReluResult forwardActive(const TileBins* bins, const ActiveTiles* active, const int16_t* weights,
                         const int16_t* values, const int32_t* biases, int32_t fraction, int32_t* room,
                         int16_t* activations, uint8_t* activity) {
  const BinPlace* const all = bins->places;
  const uint8_t* places = active->places;
  const uint16_t* const numbers = active->bins;
  const uint32_t fours = active->fours;
  Products a = Ops::zeroProducts(), b = a, c = a, d = a;
  const auto add = [&](Products& chain, const BinPlace* bin, uint32_t place) {
    uint32_t both;  // tile and group
    memcpy(&both, bin + place, sizeof(both));
    Ops::dotTile(chain, weights + static_cast<size_t>(both & 0xFFFF) * kTileLanes,
                 values + static_cast<size_t>(both >> 16) * kTileLefts);
  };
  Ops::storeSums(room, Ops::zeroSums());
  for (uint32_t i = 0; i < fours; i++, places += 4) {
    const size_t bin = numbers[i];
    const BinPlace* const tiles = all + bin * kBinPlaces;
    uint32_t four;
    memcpy(&four, places, sizeof(four));
    add(a, tiles, four & 0xFF);
    add(Ops::kFourChains ? b : a, tiles, four >> 8 & 0xFF);
    add(Ops::kFourChains ? c : a, tiles, four >> 16 & 0xFF);
    add(Ops::kFourChains ? d : a, tiles, four >> 24);
    const Products sum =
        Ops::kFourChains ? Ops::addProducts(Ops::addProducts(a, b), Ops::addProducts(c, d)) : a;
    Ops::storeSums(room + (bin + 1) * kTileRights, Ops::sumsOf(sum));
  }
  Sums clipped = Ops::zeroSums();
  Sums total = Ops::zeroSums();
  Sums before = Ops::zeroSums();
  biases += static_cast<size_t>(bins->firstBlock) * kTileRights;
  activations += static_cast<size_t>(bins->firstBlock) * kTileRights;
  activity += bins->firstBlock;
  for (uint32_t block = 0; block < bins->blocks; block++) {
    const Sums now = Ops::loadSums(room + static_cast<size_t>(bins->starts[block + 1]) * kTileRights);
    const Sums sum = Ops::addSums(Ops::subtractSums(now, before), Ops::loadSums(biases));
    finishReluBlock(sum, fraction, activations, activity, clipped, total);
    before = now;
    biases += kTileRights;
    activations += kTileRights;
    activity++;
  }
  return {static_cast<uint32_t>(-Ops::total(clipped)), static_cast<uint32_t>(Ops::total(total))};
}

/// Whether a block moves, as a factor instead of a branch, which could not be predicted.
inline uint32_t movesOf(const uint8_t* moving, uint32_t block) {
  return moving == nullptr ? 1 : moving[block / 8] >> block % 8 & 1;
}

uint32_t listMoving(const TileBins* bins, const ActiveTiles* active, const uint8_t* moving, uint16_t* list) {
  const uint8_t* places = active->places;
  const uint8_t* const counts = active->counts;
  uint32_t total = 0;
  for (uint32_t block = 0; block < bins->blocks; block++) {
    const uint32_t moves = movesOf(moving, bins->firstBlock + block);
    for (uint32_t bin = bins->starts[block]; bin < bins->starts[block + 1]; bin++) {
      const uint32_t count = counts[bin];
      Ops::tilesAt(bins->tiles + static_cast<size_t>(bin) * kBinPlaces, places, count, list + total);
      total += count * moves;
      places += size_t{4} * foursOf(count);
    }
  }
  return total;
}

template <bool kMasked, bool kWhole>
void updateListedKind(const TileSlab* slab, const TileRecord* records, const uint16_t* list, uint32_t count,
                      const int16_t* shifted, const int16_t* paired, const UpdateRule* rule) {
  const Thresholds thresholds(rule->lanes, rule->stochastic, slab->steps);
  const WeightRange range(*rule);
  const uint32_t* const masks = slab->masks;
  int16_t* const weights = slab->weights;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t tile = list[i];
    uint32_t record;
    memcpy(&record, records + tile, sizeof(record));
    const Tile activations =
        Ops::broadcastPair(pairAt(shifted + static_cast<size_t>(record & 0xFFFF) * kTileLefts));
    int16_t* const place = tileAt(weights, tile);
    const Tile before = Ops::loadTile(place);
    const Tile step =
        Ops::productHigh(activations, Ops::loadTile(paired + (record >> 16)), thresholds.at(tile));
    Tile after = Ops::subtractClip(before, step);
    if (!kWhole) after = Ops::clamp(after, range.low, range.high);
    if (kMasked) after = Ops::select(masks[tile], after, before);
    Ops::storeTile(place, after);
  }
}

void updateListed(const TileSlab* slab, const TileRecord* records, const uint16_t* list, uint32_t count,
                  const int16_t* shifted, const int16_t* paired, const UpdateRule* rule) {
  const bool whole = rule->weightMax == 32767;
  if (slab->masks == nullptr) {
    whole ? updateListedKind<false, true>(slab, records, list, count, shifted, paired, rule)
          : updateListedKind<false, false>(slab, records, list, count, shifted, paired, rule);
  } else {
    whole ? updateListedKind<true, true>(slab, records, list, count, shifted, paired, rule)
          : updateListedKind<true, false>(slab, records, list, count, shifted, paired, rule);
  }
}

/// One loop over all tiles, because loops over the tiles of a group, two or three, would be mispredicted at every group.
template <bool kMasked>
void momentumAllKind(const TileSlab* slab, const TileRecord* records, uint32_t tiles, const int16_t* shifted,
                     const int16_t* paired, const MomentumRule* rule) {
  const MomentumPass pass(slab, rule);
  for (uint32_t tile = 0; tile < tiles; tile++) {
    uint32_t record;
    memcpy(&record, records + tile, sizeof(record));
    const Tile activations =
        Ops::broadcastPair(pairAt(shifted + static_cast<size_t>(record & 0xFFFF) * kTileLefts));
    pass.tile<kMasked>(slab, tile, activations, Ops::loadTile(paired + (record >> 16)));
  }
}

void momentumAll(const TileSlab* slab, const TileRecord* records, uint32_t tiles, const int16_t* shifted,
                 const int16_t* paired, const MomentumRule* rule) {
  slab->masks == nullptr ? momentumAllKind<false>(slab, records, tiles, shifted, paired, rule)
                         : momentumAllKind<true>(slab, records, tiles, shifted, paired, rule);
}

// --- The output junction ----------------------------------------------------------------------------------------------

/// Adds the sums of kRows rows, from `first` on. Each sum stays in a register.
template <uint32_t kRows>
void forwardRows(const OutputRows* rows, uint32_t first, const int16_t* values, int32_t* sums) {
  Row partial[kMostOutputs];
  for (uint32_t r = 0; r < kMostOutputs; r++) partial[r] = Ops::zeroRow();
  const size_t stride = static_cast<size_t>(rows->rows) * kOutputLefts;
  const int16_t* weights = rows->weights + static_cast<size_t>(first) * kOutputLefts;
  const int16_t* const end = values + static_cast<size_t>(rows->leftBlocks) * kOutputLefts;
  for (; values < end; values += kOutputLefts, weights += stride) {
    const Tile left = Ops::loadTile(values);
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 16
#endif
    for (uint32_t r = 0; r < kRows; r++)
      partial[r] = Ops::dotRow(partial[r], Ops::loadTile(weights + r * kOutputLefts), left);
  }
  int32_t totals[kMostOutputs];
  Ops::storeSums(totals, Ops::rowTotals(partial));
  for (uint32_t r = 0; r < kRows; r++) sums[first + r] += totals[r];
}

void forwardOutputs(const OutputRows* rows, const int16_t* values, const int32_t* biases, int32_t* sums) {
  Ops::storeSums(sums, Ops::loadSums(biases));
  uint32_t first = 0;
  if (rows->rows == 10) return forwardRows<10>(rows, 0, values, sums);
  if (Ops::kRowsAtOnce == 16 && rows->rows == 16) return forwardRows<16>(rows, 0, values, sums);
  for (; first + 8 <= rows->rows; first += 8) forwardRows<8>(rows, first, values, sums);
  if (first + 4 <= rows->rows) {
    forwardRows<4>(rows, first, values, sums);
    first += 4;
  }
  if (first < rows->rows) forwardRows<2>(rows, first, values, sums);
}

/// Errors of 32 left neurons as two vectors of 16: lanes 4k to 4k + 3 of `low` are those of left neurons 8k to 8k + 3, of
/// `high` those of 8k + 4 to 8k + 7.
struct Errors {
  Sums low = Ops::zeroSums();
  Sums high = Ops::zeroSums();
};

void errorsOutputs(const OutputRows* rows, const int16_t* deltas, int32_t* errors) {
  const int16_t* weights = rows->weights;
  for (uint32_t block = 0; block < rows->leftBlocks; block++, errors += kOutputLefts) {
    Errors sum;
    for (uint32_t r = 0; r < rows->rows; r += 2, weights += 2 * kOutputLefts)
      Ops::addErrors(sum.low, sum.high, Ops::loadTile(weights), Ops::loadTile(weights + kOutputLefts),
                     deltas + r);
    int32_t low[16], high[16];
    Ops::storeSums(low, sum.low);
    Ops::storeSums(high, sum.high);
    for (uint32_t k = 0; k < 4; k++) {
      memcpy(errors + 8 * k, low + 4 * k, 4 * sizeof(int32_t));
      memcpy(errors + 8 * k + 4, high + 4 * k, 4 * sizeof(int32_t));
    }
  }
}

/// A rare case: counts how many deltas of 32 left neurons with positive values are beyond the limit.
uint32_t countClipped(const Errors& rounded, const int16_t* values) {
  int32_t low[16], high[16];
  Ops::storeSums(low, rounded.low);
  Ops::storeSums(high, rounded.high);
  uint32_t clipped = 0;
  for (uint32_t l = 0; l < kOutputLefts; l++) {
    const int32_t delta = l % 8 < 4 ? low[l / 8 * 4 + l % 4] : high[l / 8 * 4 + l % 4];
    if (values[l] > 0 && (delta > kDeltaMax || delta < -kDeltaMax)) clipped++;
  }
  return clipped;
}

/// The random numbers for updates of rows: the rounding number of lane i of row r in left block b is lanes[2r
/// + i % 2] + (16 b + i / 2) * kLaneStride.
struct RowRule {
  int16_t lanes[kTileLanes];     // thresholds
  uint16_t offsets[kTileLanes];  // of the lanes of a row in left block 0, subtracted from them
  uint16_t step;                 // of the offsets from left block to left block
  WeightRange range;

  explicit RowRule(const UpdateRule& rule) : range(rule) {
    const Tile given = rule.stochastic ? Ops::loadTile(reinterpret_cast<const int16_t*>(rule.lanes))
                                       : Ops::broadcast(-0x8000);
    Ops::storeTile(lanes, Ops::threshold(given));
    const uint16_t stride = rule.stochastic ? kLaneStride : 0;
    for (uint32_t i = 0; i < kTileLanes; i++) offsets[i] = static_cast<uint16_t>(i / kTileLefts * stride);
    step = static_cast<uint16_t>(kOutputLefts / kTileLefts * stride);
  }

  Tile firstOffsets() const { return Ops::loadTile(reinterpret_cast<const int16_t*>(offsets)); }
  Tile nextOffsets(Tile now) const { return Ops::add(now, Ops::broadcast(static_cast<int16_t>(step))); }
};

/// Row r after the update.
template <bool kWhole>
SPARSE_TRAIN_INLINE Tile updatedRow(Tile before, Tile activations, const int16_t* paired,
                                    const int16_t* lanes, uint32_t r, Tile offsets,
                                    const WeightRange& range) {
  const Tile threshold = Ops::subtract(Ops::broadcastPair(pairAt(lanes + 2 * r)), offsets);
  const Tile delta = Ops::broadcastPair(pairAt(paired + 2 * r));
  const Tile after = Ops::subtractClip(before, Ops::productHigh(activations, delta, threshold));
  return kWhole ? after : Ops::clamp(after, range.low, range.high);
}

template <bool kWhole>
void updateRows(const OutputRows* rows, const int16_t* values, const int16_t* paired,
                const UpdateRule* rule) {
  const RowRule rounding(*rule);
  Tile offsets = rounding.firstOffsets();
  int16_t* weights = rows->weights;
  const uint32_t rowCount = rows->rows;
  for (uint32_t block = 0; block < rows->leftBlocks; block++, values += kOutputLefts) {
    const Tile activations = Ops::shiftLeft(Ops::loadTile(values), rule->shift);
    for (uint32_t r = 0; r < rowCount; r++, weights += kOutputLefts) {
      Ops::storeTile(weights, updatedRow<kWhole>(Ops::loadTile(weights), activations, paired, rounding.lanes,
                                                 r, offsets, rounding.range));
    }
    offsets = rounding.nextOffsets(offsets);
  }
}

void updateOutputs(const OutputRows* rows, const int16_t* values, const int16_t* paired,
                   const UpdateRule* rule) {
  rule->weightMax == 32767 ? updateRows<true>(rows, values, paired, rule)
                           : updateRows<false>(rows, values, paired, rule);
}

template <bool kMoves, bool kWhole>
uint32_t backwardRows(const OutputRows* rows, const int16_t* values, const int16_t* deltas,
                      const int16_t* paired, int32_t fraction, const UpdateRule* rule, int16_t* leftDeltas) {
  const RowRule rounding(*rule);
  Tile offsets = rounding.firstOffsets();
  int16_t* weights = rows->weights;
  const uint32_t rowCount = rows->rows;
  uint32_t clipped = 0;
  for (uint32_t block = 0; block < rows->leftBlocks;
       block++, values += kOutputLefts, leftDeltas += kOutputLefts) {
    const Tile left = Ops::loadTile(values);
    const Tile activations = Ops::shiftLeft(left, rule->shift);
    Errors sum;
    for (uint32_t r = 0; r < rowCount; r += 2, weights += 2 * kOutputLefts) {
      const Tile even = Ops::loadTile(weights);
      const Tile odd = Ops::loadTile(weights + kOutputLefts);
      Ops::addErrors(sum.low, sum.high, even, odd, deltas + r);
      if (!kMoves) continue;
      Ops::storeTile(
          weights, updatedRow<kWhole>(even, activations, paired, rounding.lanes, r, offsets, rounding.range));
      Ops::storeTile(weights + kOutputLefts, updatedRow<kWhole>(odd, activations, paired, rounding.lanes,
                                                                r + 1, offsets, rounding.range));
    }
    if (kMoves) offsets = rounding.nextOffsets(offsets);
    const Errors rounded = {Ops::shiftRound(Ops::clampSums(sum.low, -kSumMax, kSumMax), fraction),
                            Ops::shiftRound(Ops::clampSums(sum.high, -kSumMax, kSumMax), fraction)};
    if (Ops::anyBeyond(rounded.low, rounded.high, kDeltaMax)) clipped += countClipped(rounded, values);
    Ops::storeTile(leftDeltas, Ops::deltasOf(rounded.low, rounded.high, left));
  }
  return clipped;
}

uint32_t backwardOutputs(const OutputRows* rows, const int16_t* values, const int16_t* deltas,
                         const int16_t* paired, int32_t moves, int32_t fraction, const UpdateRule* rule,
                         int16_t* leftDeltas) {
  if (moves == 0) return backwardRows<false, true>(rows, values, deltas, paired, fraction, rule, leftDeltas);
  return rule->weightMax == 32767
             ? backwardRows<true, true>(rows, values, deltas, paired, fraction, rule, leftDeltas)
             : backwardRows<true, false>(rows, values, deltas, paired, fraction, rule, leftDeltas);
}

// --- Softmax ----------------------------------------------------------------------------------------------------------

SoftmaxResult softmaxDeltas(int32_t* sums, uint32_t n, int32_t sumFraction, int32_t label,
                            int32_t classWeight, int16_t* deltas) {
  constexpr int32_t kLimit = 16 * 4096;  // e^-16 is below half of the smallest probability
  alignas(64) static constexpr int32_t kNumbers[kMostOutputs] = {0, 1, 2,  3,  4,  5,  6,  7,
                                                                 8, 9, 10, 11, 12, 13, 14, 15};
  const Sums numbers = Ops::loadSums(kNumbers);
  const Sums inside = Ops::below(numbers, static_cast<int32_t>(n));
  const Sums given = Ops::clampSums(Ops::loadSums(sums), -kSumMax, kSumMax);
  Ops::storeSums(sums, given);
  const Sums shown =
      Ops::bitOr(Ops::bitAnd(given, inside), Ops::bitAndNot(inside, Ops::broadcastSum(INT32_MIN)));
  const int32_t largest = Ops::largestSum(shown);

  // Sums lie within +-2^30, so differences fit 32 unsigned bits.
  Sums below = Ops::subtractSums(Ops::broadcastSum(largest), given);
  if (sumFraction >= 12) {
    below = Ops::minUnsigned(Ops::shiftRightUnsigned(below, sumFraction - 12), kLimit);
  } else {
    below = Ops::minUnsigned(Ops::shiftLeftSums(Ops::minUnsigned(below, kLimit), 12 - sumFraction), kLimit);
  }
  // Like expNegative() in fixed/softmax.hpp.
  const Sums exponent = Ops::shiftRight(Ops::multiplyBy(below, 5909), 12);
  const Sums part = Ops::bitAnd(exponent, Ops::broadcastSum(4095));
  const auto term = [&](int32_t constant, Sums p) {
    return Ops::addSums(Ops::broadcastSum(constant), Ops::shiftRight(Ops::multiplySmall(p, part), 12));
  };
  const Sums power = term(32768, term(-22665, term(7580, Ops::broadcastSum(-1299))));
  const Sums exponentials = Ops::bitAnd(Ops::shiftRightEach(power, Ops::shiftRight(exponent, 12)), inside);

  const auto total = static_cast<uint32_t>(Ops::total(exponentials));
  const auto length = static_cast<int32_t>(bitLength(total));
  const auto reciprocal = static_cast<int32_t>((uint64_t{1} << (kDeltaFraction + length)) / total);
  // At most 2^15 * 2^15 plus the half.
  const Sums probabilities = Ops::shiftRound(Ops::multiplyBy(exponentials, reciprocal), length);

  const Sums isLabel = Ops::equals(numbers, Ops::broadcastSum(label));
  Sums values = Ops::subtractSums(probabilities, Ops::bitAnd(isLabel, Ops::broadcastSum(kDeltaOne)));
  uint32_t clipped = 0;
  if (classWeight != 256) {
    values = Ops::shiftRound(Ops::multiplyBy(values, classWeight), 8);
    clipped = static_cast<uint32_t>(
        -Ops::total(Ops::discountAbove(Ops::zeroSums(), Ops::absoluteSums(values), kDeltaMax)));
    values = Ops::clampSums(values, -kDeltaMax, kDeltaMax);
  }
  Ops::storeHalf(deltas, Ops::narrow(values));
  const uint32_t best = lowestBit(Ops::laneMask(Ops::equals(shown, Ops::broadcastSum(largest))));
  return {Ops::total(Ops::bitAnd(probabilities, isLabel)), best == static_cast<uint32_t>(label) ? 1u : 0u,
          clipped};
}

void drawLanes(uint64_t key, uint64_t input, uint16_t* lanes) {
  Ops::drawNumbers(key, input * (kTileLanes / 4), lanes);
}

// --- Predictions of four ----------------------------------------------------------------------------------------------

/// Sums of one block for kCount examples, a tile loaded once for them; two chains if there are registers.
template <uint32_t kCount>
SPARSE_TRAIN_INLINE void forwardSeveral(const int16_t* weights, const uint16_t* tiles, const uint16_t* groups,
                                        uint32_t count, const int16_t* values, size_t stride, Sums* sums) {
  Products a[kCount], b[kCount];
  for (uint32_t m = 0; m < kCount; m++) a[m] = b[m] = Ops::zeroProducts();
  const auto add = [&](Products* chains, size_t tile, size_t group) {
    const Tile one = Ops::loadTile(weights + tile * kTileLanes);
    const int16_t* const pair = values + group * kTileLefts;
    for (uint32_t m = 0; m < kCount; m++) Ops::dotPair(chains[m], one, pair + m * stride);
  };
  Products* const second = Ops::kTwoOfEach ? b : a;
  uint32_t i = 0;
  for (; i + 4 <= count; i += 4) {
    const FourNumbers t(tiles + i), g(groups + i);
    add(a, t.get<0>(), g.get<0>());
    add(second, t.get<1>(), g.get<1>());
    add(a, t.get<2>(), g.get<2>());
    add(second, t.get<3>(), g.get<3>());
  }
  for (; i < count; i++) add(a, tiles[i], groups[i]);
  for (uint32_t m = 0; m < kCount; m++)
    sums[m] = Ops::sumsOf(Ops::kTwoOfEach ? Ops::addProducts(a[m], b[m]) : a[m]);
}

void forwardFour(const BlockIndex* index, const int16_t* weights, const int16_t* values, size_t valuesStride,
                 const int32_t* biases, int32_t fraction, int16_t* hidden, size_t stride) {
  constexpr uint32_t kAtOnce = Ops::kExamplesAtOnce;
  const uint32_t blocks = index->blocks;
  const uint16_t* tiles = index->tiles;
  const uint16_t* groups = index->groups;
  biases += static_cast<size_t>(index->firstBlock) * kTileRights;
  hidden += static_cast<size_t>(index->firstBlock) * kTileRights;
  for (uint32_t block = 0; block < blocks; block++, biases += kTileRights, hidden += kTileRights) {
    const uint32_t count = index->starts[block + 1] - index->starts[block];
    for (uint32_t first = 0; first < kPredictedTogether; first += kAtOnce) {
      Sums sums[kAtOnce];
      forwardSeveral<kAtOnce>(weights, tiles, groups, count, values + first * valuesStride, valuesStride,
                              sums);
      for (uint32_t m = 0; m < kAtOnce; m++) {
        const Sums sum = Ops::clampSums(Ops::addSums(sums[m], Ops::loadSums(biases)), 0, kSumMax);
        const Sums value = Ops::clampSums(Ops::shiftRound(sum, fraction), 0, kActivationMax);
        Ops::storeHalf(hidden + (first + m) * stride, Ops::narrow(value));
      }
    }
    tiles += count;
    groups += count;
  }
}

}  // namespace
}  // namespace sparse_train
