// The vector kernels of mini-batches, written once over a small set of operations that each instruction set
// provides as `struct BatchOps` before including this file. A strip has 32 samples, a vector of 32-bit sums
// kLanes of them:
//
// Row: 2 * kLanes x int16 of one neuron
// Pair: kLanes pairs of int16
// Acc: kLanes x int32
// Weight: one pair of int16, the same for all lanes
//
// Sums of pairs from a strip's two halves are in an order that depends on the instruction set (pairs()
// interleaves within parts of a vector); storeRow() restores the order of the samples.

namespace sparse_train {
namespace {

using Row = BatchOps::Row;
using Pair = BatchOps::Pair;
using Acc = BatchOps::Acc;
using Weight = BatchOps::Weight;

constexpr uint32_t kLanes = BatchOps::kLanes;
constexpr uint32_t kRowLanes = 2 * kLanes;
constexpr uint32_t kVectorsPerBlock = kBatchBlock / kLanes;  // of one value per neuron of a block

/// Prefetches consecutive rows of a strip.
inline void prefetchRows(const int16_t* rows, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) BatchOps::prefetch(rows + i * kStripSamples);
}

/// FF of kRows right neurons and one vector of samples: 2 * kRows sums stay in registers over all tiles.
template <uint32_t kRows, bool kChosen, bool kFar>
inline void forwardPart(const BlockTiles& tiles, uint32_t firstRow, const int16_t* rows,
                        const int32_t* biases, int32_t* sums) {
  const int16_t* weights = tiles.weights + 2 * firstRow;
  biases += firstRow;
  sums += firstRow * kStripSamples;
  Acc low[kRows], high[kRows];
  for (uint32_t r = 0; r < kRows; r++) low[r] = high[r] = BatchOps::broadcast(biases[r]);
  for (size_t tile = 0; tile < tiles.count; tile++) {
    const int16_t* left = rows + static_cast<size_t>(tiles.groups[tile]) * (kTileLefts * kStripSamples);
    if (kFar)
      prefetchRows(
          rows + static_cast<size_t>(tiles.groups[tile + kTilesAhead]) * (kTileLefts * kStripSamples),
          kTileLefts);
    Pair first, second;
    BatchOps::pairs(BatchOps::loadRow(left), BatchOps::loadRow(left + kStripSamples), first, second);
    const int16_t* w = weights + (kChosen ? tiles.places[tile] : tile) * kTileLanes;
    for (uint32_t r = 0; r < kRows; r++) {
      const Weight weight = BatchOps::weight(w + 2 * r);
      low[r] = BatchOps::multiplyAdd(low[r], first, weight);
      high[r] = BatchOps::multiplyAdd(high[r], second, weight);
    }
  }
  for (uint32_t r = 0; r < kRows; r++) BatchOps::storeRow(sums + r * kStripSamples, low[r], high[r]);
}

/// FF of a block, kRows right neurons at a time. Leaves out neurons that the block does not have, but writes
/// their sums.
template <uint32_t kRows, bool kChosen>
inline void forwardRows(const BlockTiles& tiles, const int16_t* rows, const int32_t* biases, int32_t* sums) {
  for (uint32_t s = 0; s < kStripSamples; s += kRowLanes) {
    uint32_t r = 0;
    for (; r < tiles.rights; r += kRows) {
      (tiles.far && r == 0 ? forwardPart<kRows, kChosen, true>
                           : forwardPart<kRows, kChosen, false>)(tiles, r, rows + s, biases, sums + s);
    }
    for (; r < kTileRights; r++) {
      const Acc bias = BatchOps::broadcast(biases[r]);
      BatchOps::storeRow(sums + r * kStripSamples + s, bias, bias);
    }
  }
}

void forwardTiles(const BlockTiles* tiles, const int16_t* rows, const int32_t* biases, int32_t* sums) {
  constexpr uint32_t kRows = BatchOps::kForwardRows;
  constexpr uint32_t kMost = BatchOps::kForwardRowsAtMost;
  const bool chosen = tiles->places != nullptr;
  if (kMost > kRows && tiles->rights > kRows && tiles->rights <= kMost) {
    (chosen ? forwardRows<kMost, true> : forwardRows<kMost, false>)(*tiles, rows, biases, sums);
  } else {
    (chosen ? forwardRows<kRows, true> : forwardRows<kRows, false>)(*tiles, rows, biases, sums);
  }
}

template <bool kFar>
inline void backwardEach(const int16_t* weights, const uint32_t* tiles, const uint32_t* blocks, size_t count,
                         const int16_t* deltas, int32_t* errors) {
  constexpr uint32_t kAhead = 2;  // a tile reads 16 rows
  for (uint32_t s = 0; s < kStripSamples; s += kRowLanes) {
    Acc sums[2][kTileLefts][2];  // two chains, so that additions overlap
    for (auto& chain : sums) {
      for (auto& left : chain) left[0] = left[1] = BatchOps::broadcast(0);
    }
    for (size_t i = 0; i < count; i++) {
      // Pairs of right neurons: the weights of left neuron 0 for pairs 0 .. 7, then those of left neuron 1.
      alignas(64) int16_t turned[kTileLanes];
      BatchOps::turnTile(weights + static_cast<size_t>(tiles[i]) * kTileLanes, turned);
      const int16_t* rows = deltas + static_cast<size_t>(blocks[i]) * (kTileRights * kStripSamples) + s;
      if (kFar && s == 0) {
        prefetchRows(weights + static_cast<size_t>(tiles[i + kAhead]) * kTileLanes, 1);
        prefetchRows(deltas + static_cast<size_t>(blocks[i + kAhead]) * (kTileRights * kStripSamples),
                     kTileRights);
      }
      for (uint32_t pair = 0; pair < kTileRights / 2; pair++) {
        Pair first, second;
        BatchOps::pairs(BatchOps::loadRow(rows + 2 * pair * kStripSamples),
                        BatchOps::loadRow(rows + (2 * pair + 1) * kStripSamples), first, second);
        for (uint32_t l = 0; l < kTileLefts; l++) {
          const Weight weight = BatchOps::weight(turned + l * kTileRights + 2 * pair);
          Acc* into = sums[pair % 2][l];
          into[0] = BatchOps::multiplyAdd(into[0], first, weight);
          into[1] = BatchOps::multiplyAdd(into[1], second, weight);
        }
      }
    }
    for (uint32_t l = 0; l < kTileLefts; l++) {
      BatchOps::storeRow(errors + l * kStripSamples + s, BatchOps::add(sums[0][l][0], sums[1][l][0]),
                         BatchOps::add(sums[0][l][1], sums[1][l][1]));
    }
  }
}

void backwardTiles(const int16_t* weights, const uint32_t* tiles, const uint32_t* blocks, size_t count,
                   const int16_t* deltas, bool far, int32_t* errors) {
  (far ? backwardEach<true> : backwardEach<false>)(weights, tiles, blocks, count, deltas, errors);
}

/// BP of the tiles of a block: the block's deltas stay in pairs; the sums of each tile's left neurons are
/// loaded and stored.
void scatterTiles(const int16_t* weights, const uint32_t* groups, size_t count, const int16_t* deltas,
                  int32_t* sums) {
  constexpr size_t kSums = kTileLefts * kStripSamples;
  constexpr uint32_t kLineSums = 16;
  for (uint32_t s = 0; s < kStripSamples; s += kRowLanes) {
    Pair rows[kTileRights];
    for (uint32_t pair = 0; pair < kTileRights; pair += 2) {
      BatchOps::pairs(BatchOps::loadRow(deltas + pair * kStripSamples + s),
                      BatchOps::loadRow(deltas + (pair + 1) * kStripSamples + s), rows[pair], rows[pair + 1]);
    }
    for (size_t tile = 0; tile < count; tile++) {
      if (s == 0) {
        const int32_t* next = sums + groups[tile + kTilesAhead] * kSums;
        for (uint32_t i = 0; i < kSums; i += kLineSums)
          BatchOps::prefetch(reinterpret_cast<const int16_t*>(next + i));
      }
      alignas(64) int16_t turned[kTileLanes];
      BatchOps::turnTile(weights + tile * kTileLanes, turned);
      int32_t* out = sums + groups[tile] * kSums + s;
      Acc low[kTileLefts], high[kTileLefts];
      for (uint32_t l = 0; l < kTileLefts; l++) {
        low[l] = BatchOps::loadAcc(out + l * kStripSamples);
        high[l] = BatchOps::loadAcc(out + l * kStripSamples + kLanes);
      }
      for (uint32_t pair = 0; pair < kTileRights; pair += 2) {
        for (uint32_t l = 0; l < kTileLefts; l++) {
          const Weight weight = BatchOps::weight(turned + l * kTileRights + pair);
          low[l] = BatchOps::multiplyAdd(low[l], rows[pair], weight);
          high[l] = BatchOps::multiplyAdd(high[l], rows[pair + 1], weight);
        }
      }
      for (uint32_t l = 0; l < kTileLefts; l++) {
        BatchOps::storeAcc(out + l * kStripSamples, low[l]);
        BatchOps::storeAcc(out + l * kStripSamples + kLanes, high[l]);
      }
    }
  }
}

void takeSums(int32_t* sums, size_t rows, int32_t* ordered) {
  for (size_t i = 0; i < rows * kStripSamples; i += kRowLanes) {
    BatchOps::storeRow(ordered + i, BatchOps::loadAcc(sums + i), BatchOps::loadAcc(sums + i + kLanes));
    BatchOps::storeAcc(sums + i, BatchOps::broadcast(0));
    BatchOps::storeAcc(sums + i + kLanes, BatchOps::broadcast(0));
  }
}

void pairSamples(const StripRows* rows, int16_t* paired) {
  for (uint32_t strip = 0; strip < rows->strips; strip++) {
    BatchOps::transposePairs(rows->data + strip * rows->stride,
                             paired + static_cast<size_t>(strip) * kStripSamples * kBatchBlock);
  }
}

/// Gradients of kTiles tiles: 2 * kTiles * kVectorsPerBlock sums stay in registers over all samples.
template <uint32_t kTiles, bool kFar>
inline void gradientPart(const uint32_t* groups, const StripRows* rows, const int16_t* paired,
                         int32_t* gradients) {
  Acc sums[kTiles][kTileLefts][kVectorsPerBlock];
  for (auto& tile : sums) {
    for (auto& left : tile) {
      for (Acc& sum : left) sum = BatchOps::broadcast(0);
    }
  }
  for (uint32_t strip = 0; strip < rows->strips; strip++) {
    const int16_t* base = rows->data + strip * rows->stride;
    const int16_t* left[kTiles];
    for (uint32_t t = 0; t < kTiles; t++) {
      left[t] = base + static_cast<size_t>(groups[t]) * (kTileLefts * kStripSamples);
      if (kFar)
        prefetchRows(base + static_cast<size_t>(groups[t + kTiles]) * (kTileLefts * kStripSamples),
                     kTileLefts);
    }
    for (uint32_t s = 0; s < kStripSamples; s += 2, paired += 2 * kBatchBlock) {
      Pair deltas[kVectorsPerBlock];
      for (uint32_t v = 0; v < kVectorsPerBlock; v++) deltas[v] = BatchOps::loadPairs(paired + v * kRowLanes);
      for (uint32_t t = 0; t < kTiles; t++) {
        for (uint32_t l = 0; l < kTileLefts; l++) {
          const Weight activations = BatchOps::weight(left[t] + l * kStripSamples + s);
          for (uint32_t v = 0; v < kVectorsPerBlock; v++)
            sums[t][l][v] = BatchOps::multiplyAdd(sums[t][l][v], deltas[v], activations);
        }
      }
    }
  }
  for (uint32_t t = 0; t < kTiles; t++) {
    for (uint32_t v = 0; v < kVectorsPerBlock; v++)
      BatchOps::storeInterleaved(gradients + t * kTileLanes + v * kRowLanes, sums[t][0][v], sums[t][1][v]);
  }
}

void gradientTiles(const uint32_t* groups, size_t count, const StripRows* rows, const int16_t* paired,
                   bool far, int32_t* gradients) {
  constexpr uint32_t kTiles = BatchOps::kGradientTiles;
  static_assert(kTiles <= kTilesAhead, "reads beyond the list");
  size_t tile = 0;
  for (; tile + kTiles <= count; tile += kTiles) {
    (far ? gradientPart<kTiles, true> : gradientPart<kTiles, false>)(groups + tile, rows, paired,
                                                                     gradients + tile * kTileLanes);
  }
  for (; tile < count; tile++)
    gradientPart<1, false>(groups + tile, rows, paired, gradients + tile * kTileLanes);
}

void weighRows(const int16_t* weights, const uint32_t* neurons, size_t count, const int16_t* rows,
               int32_t bias, int32_t* sums) {
  constexpr uint32_t kChains = 4;
  for (uint32_t s = 0; s < kStripSamples; s += kRowLanes) {
    const auto row = [&](size_t i) {
      return BatchOps::loadRow(rows + static_cast<size_t>(neurons[i]) * kStripSamples + s);
    };
    Acc low[kChains], high[kChains];
    for (uint32_t c = 0; c < kChains; c++) low[c] = high[c] = BatchOps::broadcast(c == 0 ? bias : 0);
    size_t i = 0;
    Pair first, second;
    for (; i + 2 * kChains <= count; i += 2 * kChains) {
      for (uint32_t c = 0; c < kChains; c++) {
        BatchOps::pairs(row(i + 2 * c), row(i + 2 * c + 1), first, second);
        const Weight weight = BatchOps::weight(weights + i + 2 * c);
        low[c] = BatchOps::multiplyAdd(low[c], first, weight);
        high[c] = BatchOps::multiplyAdd(high[c], second, weight);
      }
    }
    for (; i < count; i += 2) {
      const bool alone = i + 1 == count;
      const int16_t pair[2] = {weights[i], alone ? int16_t{0} : weights[i + 1]};
      BatchOps::pairs(row(i), row(alone ? i : i + 1), first, second);
      low[0] = BatchOps::multiplyAdd(low[0], first, BatchOps::weight(pair));
      high[0] = BatchOps::multiplyAdd(high[0], second, BatchOps::weight(pair));
    }
    BatchOps::storeRow(sums + s, BatchOps::add(BatchOps::add(low[0], low[1]), BatchOps::add(low[2], low[3])),
                       BatchOps::add(BatchOps::add(high[0], high[1]), BatchOps::add(high[2], high[3])));
  }
}

/// Sums over the samples of `kCount` edges, each in its own vector; edges beyond `count` repeat the first
/// one.
template <uint32_t kCount>
inline void gradientSums(const StripRows* one, const StripRows* others, const uint32_t* neurons,
                         uint32_t count, Acc* sums) {
  Acc own[kCount];
  const int16_t* row[kCount];
  for (uint32_t i = 0; i < kCount; i++) {
    own[i] = BatchOps::broadcast(0);
    row[i] = others->data + static_cast<size_t>(neurons[i < count ? i : 0]) * kStripSamples;
  }
  size_t offset = 0;
  for (uint32_t strip = 0; strip < one->strips; strip++, offset += others->stride) {
    const int16_t* left = one->data + strip * one->stride;
    for (uint32_t s = 0; s < kStripSamples; s += kRowLanes) {
      const Row a = BatchOps::loadRow(left + s);
      for (uint32_t i = 0; i < kCount; i++)
        own[i] = BatchOps::dotRows(own[i], a, BatchOps::loadRow(row[i] + offset + s));
    }
  }
  for (uint32_t i = 0; i < kCount; i++) sums[i] = own[i];
}

/// Processes kLanes edges in two halves, because there are not enough registers for the addresses of more
/// rows.
inline void gradientRows(const StripRows* one, const StripRows* others, const uint32_t* neurons,
                         uint32_t count, int32_t* gradients) {
  constexpr uint32_t kHalf = kLanes / 2;
  Acc sums[kLanes];
  gradientSums<kHalf>(one, others, neurons, count, sums);
  if (count > kHalf) {
    gradientSums<kHalf>(one, others, neurons + kHalf, count - kHalf, sums + kHalf);
  } else {
    for (uint32_t i = kHalf; i < kLanes; i++) sums[i] = sums[0];
  }
  BatchOps::storeTotals(gradients, sums);
}

void gradientList(const StripRows* one, const StripRows* others, const uint32_t* neurons, size_t count,
                  int32_t* gradients) {
  size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) gradientRows(one, others, neurons + i, kLanes, gradients + i);
  if (i == count) return;
  int32_t rest[kLanes];
  const auto left = static_cast<uint32_t>(count - i);
  gradientRows(one, others, neurons + i, left, rest);
  for (uint32_t k = 0; k < left; k++) gradients[i + k] = rest[k];
}

/// The rounding numbers of kLanes lanes, from `lane` on.
struct BatchRounding {
  const uint16_t* lanes;
  bool stochastic;

  Acc at(uint32_t ordinal, uint32_t lane) const {
    return stochastic ? BatchOps::randomLanes(lanes + lane, static_cast<uint16_t>(ordinal * kLaneStride))
                      : BatchOps::broadcast(0x8000);
  }
};

template <bool kMomentum, bool kDecay, bool kMasked>
inline void updateEach(int16_t* weights, int16_t* velocities, const int32_t* gradients,
                       const uint32_t* ordinals, const uint32_t* masks, size_t count, const BatchRule& rule,
                       BatchUpdate* done) {
  const bool stochastic = rule.stochastic != 0;
  const BatchRounding rounding{rule.lanes, stochastic};
  const BatchRounding lossRounding{rule.lossLanes, stochastic};
  const BatchRounding weightRounding{rule.weightLanes, stochastic};
  const BatchRounding decayRounding{rule.decayLanes, stochastic};
  const BatchOps::Multiplier step(rule.multiplier, rule.shift);
  const BatchOps::Multiplier decay(rule.decay, 0);
  uint64_t steps = 0, roundedToZero = 0;
  for (size_t tile = 0; tile < count; tile++) {
    for (uint32_t lane = 0; lane < kTileLanes; lane += kLanes) {
      const size_t place = tile * kTileLanes + lane;
      const uint32_t mask = kMasked ? masks[tile] >> lane : ~0u;
      const Acc gradient = BatchOps::loadAcc(gradients + place);
      Acc change = step.apply(gradient, rounding.at(ordinals[tile], lane));
      BatchOps::countSteps(gradient, change, mask, steps, roundedToZero);
      if (kMomentum) {
        const Acc before = BatchOps::widen(velocities + place);
        const Acc lost = BatchOps::shiftRight(
            BatchOps::add(BatchOps::multiply(before, rule.loss), lossRounding.at(ordinals[tile], lane)), 16);
        Acc velocity = BatchOps::clamp(BatchOps::subtract(before, lost), -32768, 32767);
        velocity = BatchOps::clamp(BatchOps::add(velocity, change), -32768, 32767);
        if (kMasked) velocity = BatchOps::select(mask, velocity, before);
        BatchOps::narrow(velocities + place, velocity);
        const Acc random =
            BatchOps::shiftRight(weightRounding.at(ordinals[tile], lane), 16 - kMomentumGuardBits);
        change = BatchOps::shiftRight(BatchOps::clamp(BatchOps::add(velocity, random), -32768, 32767),
                                      kMomentumGuardBits);
      }
      const Acc before = BatchOps::widen(weights + place);
      Acc weight = BatchOps::clamp(BatchOps::subtract(before, change), rule.weightMin, rule.weightMax);
      if (kDecay) {
        weight = BatchOps::subtract(weight, decay.apply(weight, decayRounding.at(ordinals[tile], lane)));
        weight = BatchOps::clamp(weight, rule.weightMin, rule.weightMax);
      }
      if (kMasked) weight = BatchOps::select(mask, weight, before);
      BatchOps::narrow(weights + place, weight);
    }
  }
  done->steps += steps;
  done->roundedToZero += roundedToZero;
}

template <bool kMomentum, bool kDecay>
inline void updateMasked(int16_t* weights, int16_t* velocities, const int32_t* gradients,
                         const uint32_t* ordinals, const uint32_t* masks, size_t count, const BatchRule& rule,
                         BatchUpdate* done) {
  masks == nullptr ? updateEach<kMomentum, kDecay, false>(weights, velocities, gradients, ordinals, masks,
                                                          count, rule, done)
                   : updateEach<kMomentum, kDecay, true>(weights, velocities, gradients, ordinals, masks,
                                                         count, rule, done);
}

void updateTiles(int16_t* weights, int16_t* velocities, const int32_t* gradients, const uint32_t* ordinals,
                 const uint32_t* masks, size_t count, const BatchRule* rule, BatchUpdate* done) {
  if (rule->loss == 0) {
    rule->decay == 0
        ? updateMasked<false, false>(weights, velocities, gradients, ordinals, masks, count, *rule, done)
        : updateMasked<false, true>(weights, velocities, gradients, ordinals, masks, count, *rule, done);
  } else {
    rule->decay == 0
        ? updateMasked<true, false>(weights, velocities, gradients, ordinals, masks, count, *rule, done)
        : updateMasked<true, true>(weights, velocities, gradients, ordinals, masks, count, *rule, done);
  }
}

void sumRows(const StripRows* rows, int32_t* sums, int32_t* absolutes) {
  const Row ones = BatchOps::broadcastRow(1);
  for (uint32_t first = 0; first < kBatchBlock; first += kLanes) {
    Acc plain[kLanes], sizes[kLanes];
    for (uint32_t i = 0; i < kLanes; i++) plain[i] = sizes[i] = BatchOps::broadcast(0);
    for (uint32_t strip = 0; strip < rows->strips; strip++) {
      const int16_t* base = rows->data + strip * rows->stride + first * kStripSamples;
      for (uint32_t i = 0; i < kLanes; i++) {
        for (uint32_t s = 0; s < kStripSamples; s += kRowLanes) {
          const Row row = BatchOps::loadRow(base + i * kStripSamples + s);
          plain[i] = BatchOps::dotRows(plain[i], row, ones);
          sizes[i] = BatchOps::dotRows(sizes[i], BatchOps::absolute(row), ones);
        }
      }
    }
    BatchOps::storeTotals(sums + first, plain);
    BatchOps::storeTotals(absolutes + first, sizes);
  }
}

int32_t largest(const int16_t* values, size_t n) {
  Row most = BatchOps::broadcastRow(0);
  for (size_t i = 0; i < n; i += kRowLanes)
    most = BatchOps::larger(most, BatchOps::absolute(BatchOps::loadRow(values + i)));
  alignas(64) int16_t lanes[kRowLanes];
  BatchOps::storeRowOf16(lanes, most);
  int32_t all = 0;
  for (const int16_t lane : lanes) all = lane > all ? lane : all;
  return all;
}

/// Adds absolute weights times `which`, which is -1 or 0. Uses -|w|, because -32768 also fits 16 bits.
inline Acc addAbsolutes(Acc sums, const int16_t* weights, Weight which) {
  return BatchOps::multiplyAdd(sums, BatchOps::negativeAbsolute(BatchOps::loadPairs(weights)), which);
}

void absoluteRights(const int16_t* weights, size_t count, int32_t* sums) {
  constexpr int16_t kBoth[2] = {-1, -1};
  const Weight both = BatchOps::weight(kBoth);
  for (uint32_t v = 0; v < kVectorsPerBlock; v++) {
    Acc total = BatchOps::broadcast(0);
    for (size_t i = 0; i < count; i++)
      total = addAbsolutes(total, weights + i * kTileLanes + v * kRowLanes, both);
    BatchOps::storeAcc(sums + v * kLanes, total);
  }
}

void absoluteLefts(const int16_t* weights, const uint32_t* tiles, size_t count, int32_t* sums) {
  constexpr int16_t kWhich[2][2] = {{-1, 0}, {0, -1}};
  const Weight first = BatchOps::weight(kWhich[0]);
  const Weight second = BatchOps::weight(kWhich[1]);
  Acc low = BatchOps::broadcast(0);
  Acc high = BatchOps::broadcast(0);
  for (size_t i = 0; i < count; i++) {
    BatchOps::prefetch(weights + static_cast<size_t>(tiles[i + kTilesAhead]) * kTileLanes);
    const int16_t* tile = weights + static_cast<size_t>(tiles[i]) * kTileLanes;
    for (uint32_t v = 0; v < kVectorsPerBlock; v++) {
      low = addAbsolutes(low, tile + v * kRowLanes, first);
      high = addAbsolutes(high, tile + v * kRowLanes, second);
    }
  }
  sums[0] = BatchOps::total(low);
  sums[1] = BatchOps::total(high);
}

void stripFromBytes(const uint8_t* const* samples, size_t columns, int16_t* rows, uint8_t* any) {
  size_t c = 0;
  for (; c + 16 <= columns; c += 16) BatchOps::transposeBytes(samples, c, rows + c * kStripSamples, any + c);
  for (; c < columns; c++) {
    any[c] = 0;
    for (uint32_t s = 0; s < kStripSamples; s++) {
      rows[c * kStripSamples + s] = samples[s][c];
      any[c] |= samples[s][c];
    }
  }
}

constexpr WideBatchKernels makeBatchKernels() {
  return {stripFromBytes, forwardTiles, backwardTiles, scatterTiles, takeSums, pairSamples,    gradientTiles,
          weighRows,      gradientList, updateTiles,   sumRows,      largest,  absoluteRights, absoluteLefts};
}

}  // namespace
}  // namespace sparse_train
