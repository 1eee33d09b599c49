// The reference of mini-batches: plain loops, one number at a time. Every other kernel set gives the same
// bits.
#include "../../fixed/rounding.hpp"
#include "../../fixed/wide_format.hpp"
#include "wide_batch_kernels.hpp"

namespace sparse_train {
namespace {

int32_t absolute(int32_t value) { return value < 0 ? -value : value; }

/// Adds a product with wrap-around. The caller has excluded overflow; written this way, it would be defined
/// behaviour.
int32_t addProduct(int32_t sum, int32_t a, int32_t b) {
  return static_cast<int32_t>(static_cast<uint32_t>(sum) + static_cast<uint32_t>(a * b));
}

void stripFromBytes(const uint8_t* const* samples, size_t columns, int16_t* rows, uint8_t* any) {
  for (size_t c = 0; c < columns; c++) {
    any[c] = 0;
    for (uint32_t s = 0; s < kStripSamples; s++) {
      rows[c * kStripSamples + s] = samples[s][c];
      any[c] |= samples[s][c];
    }
  }
}

void forwardTiles(const BlockTiles* tiles, const int16_t* rows, const int32_t* biases, int32_t* sums) {
  for (uint32_t r = 0; r < kTileRights; r++) {
    for (uint32_t s = 0; s < kStripSamples; s++) sums[r * kStripSamples + s] = biases[r];
  }
  for (size_t tile = 0; tile < tiles->count; tile++) {
    const size_t place = tiles->places == nullptr ? tile : tiles->places[tile];
    const int16_t* w = tiles->weights + place * kTileLanes;
    const int16_t* low = rows + static_cast<size_t>(tiles->groups[tile]) * kTileLefts * kStripSamples;
    const int16_t* high = low + kStripSamples;
    for (uint32_t r = 0; r < kTileRights; r++) {
      int32_t* out = sums + r * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++) {
        out[s] = addProduct(addProduct(out[s], w[2 * r], low[s]), w[2 * r + 1], high[s]);
      }
    }
  }
}

void backwardTiles(const int16_t* weights, const uint32_t* tiles, const uint32_t* blocks, size_t count,
                   const int16_t* deltas, bool, int32_t* errors) {
  for (uint32_t i = 0; i < kTileLefts * kStripSamples; i++) errors[i] = 0;
  for (size_t i = 0; i < count; i++) {
    const int16_t* w = weights + static_cast<size_t>(tiles[i]) * kTileLanes;
    for (uint32_t r = 0; r < kTileRights; r++) {
      const int16_t* row = deltas + (static_cast<size_t>(blocks[i]) * kTileRights + r) * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++) {
        errors[s] = addProduct(errors[s], w[2 * r], row[s]);
        errors[kStripSamples + s] = addProduct(errors[kStripSamples + s], w[2 * r + 1], row[s]);
      }
    }
  }
}

void scatterTiles(const int16_t* weights, const uint32_t* groups, size_t count, const int16_t* deltas,
                  int32_t* sums) {
  for (size_t tile = 0; tile < count; tile++) {
    const int16_t* w = weights + tile * kTileLanes;
    int32_t* out = sums + static_cast<size_t>(groups[tile]) * kTileLefts * kStripSamples;
    for (uint32_t r = 0; r < kTileRights; r++) {
      const int16_t* row = deltas + static_cast<size_t>(r) * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++) {
        out[s] = addProduct(out[s], w[2 * r], row[s]);
        out[kStripSamples + s] = addProduct(out[kStripSamples + s], w[2 * r + 1], row[s]);
      }
    }
  }
}

void takeSums(int32_t* sums, size_t rows, int32_t* ordered) {
  for (size_t i = 0; i < rows * kStripSamples; i++) {
    ordered[i] = sums[i];
    sums[i] = 0;
  }
}

void pairSamples(const StripRows* rows, int16_t* paired) {
  for (uint32_t strip = 0; strip < rows->strips; strip++) {
    const int16_t* in = rows->data + strip * rows->stride;
    for (uint32_t pair = 0; pair < kStripSamples / 2; pair++) {
      for (uint32_t r = 0; r < kBatchBlock; r++) {
        *paired++ = in[r * kStripSamples + 2 * pair];
        *paired++ = in[r * kStripSamples + 2 * pair + 1];
      }
    }
  }
}

void gradientTiles(const uint32_t* groups, size_t count, const StripRows* rows, const int16_t* paired, bool,
                   int32_t* gradients) {
  for (size_t tile = 0; tile < count; tile++) {
    int32_t* out = gradients + tile * kTileLanes;
    for (uint32_t lane = 0; lane < kTileLanes; lane++) out[lane] = 0;
    const int16_t* d = paired;
    for (uint32_t strip = 0; strip < rows->strips; strip++) {
      const int16_t* x =
          rows->data + strip * rows->stride + static_cast<size_t>(groups[tile]) * kTileLefts * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s += 2, d += 2 * kTileRights) {
        for (uint32_t lane = 0; lane < kTileLanes; lane++) {
          const int16_t* row = x + (lane % kTileLefts) * kStripSamples + s;
          const int16_t* pair = d + 2 * (lane / kTileLefts);
          out[lane] = addProduct(addProduct(out[lane], row[0], pair[0]), row[1], pair[1]);
        }
      }
    }
  }
}

void weighRows(const int16_t* weights, const uint32_t* neurons, size_t count, const int16_t* rows,
               int32_t bias, int32_t* sums) {
  for (uint32_t s = 0; s < kStripSamples; s++) sums[s] = bias;
  for (size_t i = 0; i < count; i++) {
    const int16_t* row = rows + static_cast<size_t>(neurons[i]) * kStripSamples;
    for (uint32_t s = 0; s < kStripSamples; s++) sums[s] = addProduct(sums[s], weights[i], row[s]);
  }
}

void gradientList(const StripRows* one, const StripRows* others, const uint32_t* neurons, size_t count,
                  int32_t* gradients) {
  for (size_t i = 0; i < count; i++) {
    int32_t sum = 0;
    for (uint32_t strip = 0; strip < one->strips; strip++) {
      const int16_t* a = one->data + strip * one->stride;
      const int16_t* b =
          others->data + strip * others->stride + static_cast<size_t>(neurons[i]) * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++) sum = addProduct(sum, a[s], b[s]);
    }
    gradients[i] = sum;
  }
}

/// The rounding number of a lane.
int32_t roundingOf(const uint16_t* lanes, int32_t stochastic, uint32_t ordinal, uint32_t lane) {
  if (!stochastic) return 0x8000;
  return static_cast<uint16_t>(lanes[lane] + ordinal * kLaneStride);
}

/// (value * multiplier + (r << (16 + shift))) >> (32 + shift).
int32_t scaled(int32_t value, int32_t multiplier, int32_t r, int32_t shift) {
  const int64_t product = static_cast<int64_t>(value) * multiplier;
  return static_cast<int32_t>((product + (static_cast<int64_t>(r) << (16 + shift))) >> (32 + shift));
}

void updateTiles(int16_t* weights, int16_t* velocities, const int32_t* gradients, const uint32_t* ordinals,
                 const uint32_t* masks, size_t count, const BatchRule* rule, BatchUpdate* done) {
  for (size_t tile = 0; tile < count; tile++) {
    const uint32_t ordinal = ordinals[tile];
    for (uint32_t lane = 0; lane < kTileLanes; lane++) {
      if (masks != nullptr && ((masks[tile] >> lane) & 1) == 0) continue;
      const size_t place = tile * kTileLanes + lane;
      const auto random = [&](const uint16_t* lanes) {
        return roundingOf(lanes, rule->stochastic, ordinal, lane);
      };
      const int32_t step = scaled(gradients[place], rule->multiplier, random(rule->lanes), rule->shift);
      if (gradients[place] != 0) {
        done->steps++;
        if (step == 0) done->roundedToZero++;
      }
      int32_t change = step;
      if (rule->loss != 0) {
        int32_t velocity = velocities[place];
        velocity = clip<int32_t>(velocity - ((velocity * rule->loss + random(rule->lossLanes)) >> 16), -32768,
                                 32767);
        velocity = clip<int32_t>(velocity + step, -32768, 32767);
        velocities[place] = static_cast<int16_t>(velocity);
        const int32_t rounded = velocity + (random(rule->weightLanes) >> (16 - kMomentumGuardBits));
        change = (rounded > 32767 ? 32767 : rounded) >> kMomentumGuardBits;
      }
      int32_t weight = clip<int32_t>(weights[place] - change, rule->weightMin, rule->weightMax);
      if (rule->decay != 0) {
        weight -= scaled(weight, rule->decay, random(rule->decayLanes), 0);
        weight = clip<int32_t>(weight, rule->weightMin, rule->weightMax);
      }
      weights[place] = static_cast<int16_t>(weight);
    }
  }
}

void sumRows(const StripRows* rows, int32_t* sums, int32_t* absolutes) {
  for (uint32_t r = 0; r < kBatchBlock; r++) {
    sums[r] = 0;
    absolutes[r] = 0;
    for (uint32_t strip = 0; strip < rows->strips; strip++) {
      const int16_t* row = rows->data + strip * rows->stride + r * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++) {
        sums[r] += row[s];
        absolutes[r] += absolute(row[s]);
      }
    }
  }
}

int32_t largest(const int16_t* values, size_t n) {
  int32_t most = 0;
  for (size_t i = 0; i < n; i++) most = absolute(values[i]) > most ? absolute(values[i]) : most;
  return most;
}

void absoluteRights(const int16_t* weights, size_t count, int32_t* sums) {
  for (uint32_t r = 0; r < kTileRights; r++) sums[r] = 0;
  for (size_t i = 0; i < count * kTileLanes; i++) sums[i % kTileLanes / kTileLefts] += absolute(weights[i]);
}

void absoluteLefts(const int16_t* weights, const uint32_t* tiles, size_t count, int32_t* sums) {
  sums[0] = 0;
  sums[1] = 0;
  for (size_t i = 0; i < count; i++) {
    const int16_t* w = weights + static_cast<size_t>(tiles[i]) * kTileLanes;
    for (uint32_t lane = 0; lane < kTileLanes; lane++) sums[lane % kTileLefts] += absolute(w[lane]);
  }
}

const WideBatchKernels kKernels = {
    stripFromBytes, forwardTiles, backwardTiles, scatterTiles, takeSums, pairSamples,    gradientTiles,
    weighRows,      gradientList, updateTiles,   sumRows,      largest,  absoluteRights, absoluteLefts,
};

}  // namespace

const WideBatchKernels* wideBatchKernelsScalar() { return &kKernels; }

}  // namespace sparse_train
