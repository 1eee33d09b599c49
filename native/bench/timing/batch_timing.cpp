#include "batch_timing.hpp"

#include <algorithm>
#include <vector>

#include "../../engine/aligned_buffer.hpp"
#include "../../engine/arithmetic/wide/tile_layout.hpp"
#include "../../engine/arithmetic/wide/wide_junction.hpp"
#include "../../engine/arithmetic/wide/wide_layout.hpp"
#include "../../fixed/random.hpp"
#include "../../kernels/wide/wide_kernels.hpp"
#include "../stopwatch.hpp"

namespace sparse_train {
namespace {

constexpr uint64_t kBatchKey = 0xBA7C4;
constexpr int kBatchFraction = 12;

uint32_t blocksOf(uint32_t neurons) { return (neurons + kBatchBlock - 1) / kBatchBlock; }

/// The values of a layer for a whole batch: random numbers from 0 to `most` or, if signed, from -most to most.
struct Layer {
  Layer(uint32_t neurons, uint32_t strips, int32_t most, bool isSigned)
      : stride(static_cast<size_t>(blocksOf(neurons)) * kBlockValues),
        strips(strips),
        values(strips * stride) {
    const auto bound = static_cast<uint64_t>(isSigned ? 2 * most + 1 : most + 1);
    for (size_t i = 0; i < values.size(); i++) {
      const bool present = i % stride < static_cast<size_t>(neurons) * kStripSamples;
      const auto value = static_cast<int32_t>(randomAt(kBatchKey, i) % bound) - (isSigned ? most : 0);
      values[i] = static_cast<int16_t>(present ? value : 0);
    }
  }
  StripRows rows() const { return {values.data(), stride, strips}; }
  int16_t* strip(uint32_t s) { return values.data() + s * stride; }

  size_t stride;
  uint32_t strips;
  AlignedBuffer<int16_t> values;
};

/// The time of the fastest run, in seconds; runs are repeated for about `seconds`.
template <typename Run>
double fastest(double seconds, Run run) {
  double least = 1e300;
  const Stopwatch whole;
  do {
    const Stopwatch watch;
    run();
    least = std::min(least, watch.seconds());
  } while (whole.seconds() < seconds);
  return least;
}

/// Counts the bytes that each pass must read and write at least; sums stay in registers.
void countBytes(const Pattern& pattern, uint32_t strips, bool scatters, BatchTiming& timing) {
  constexpr double kRow = kStripSamples * sizeof(int16_t);
  const double lefts = pattern.left * kRow;
  const double rights = pattern.right * kRow;
  const auto edges = static_cast<double>(pattern.edges());
  if (timing.tiles) {
    constexpr double kTile = kTileLanes * sizeof(int16_t);
    constexpr double kNumber = sizeof(uint32_t);
    const auto tiles = static_cast<double>(countTiles(pattern));
    timing.forward = {timing.forward.seconds, strips * tiles * (kTile + kNumber),
                      strips * tiles * kTileLefts * kRow, lefts};
    timing.backward = {timing.backward.seconds, strips * tiles * (kTile + 2 * kNumber),
                       strips * tiles * kTileRights * kRow, rights};
    if (scatters) {  // sums of left neurons are read and written
      constexpr double kSums = kStripSamples * sizeof(int32_t);
      timing.backward = {timing.backward.seconds, strips * tiles * (kTile + kNumber),
                         strips * (tiles * 2 * kTileLefts * kSums + rights), pattern.left * kSums};
    }
    timing.update = {timing.update.seconds, tiles * (2 * kTile + 2 * kNumber),
                     strips * tiles * kTileLefts * kRow, lefts};
    return;
  }
  constexpr double kEdge = sizeof(int16_t) + sizeof(uint32_t);
  timing.forward = {timing.forward.seconds, strips * edges * kEdge, strips * edges * kRow, lefts};
  timing.backward = {timing.backward.seconds, strips * edges * kEdge, strips * edges * kRow, rights};
  timing.update = {timing.update.seconds, edges * 3 * kEdge, strips * edges * kRow, rights};
}

}  // namespace

BatchTiming timeBatch(const BatchTask& task) {
  const Pattern& pattern = *task.pattern;
  const WideKernels& wide = *task.kernels->wide;
  const uint32_t strips = (task.samples + kStripSamples - 1) / kStripSamples;
  BatchTiming timing;
  timing.tiles = laidOutAsTiles(pattern);
  timing.edges = pattern.edges();
  const std::unique_ptr<WideBatchJunction> junction =
      makeWideBatchJunction(pattern, task.kernels->wideBatch, timing.tiles, true, false);
  std::vector<int16_t> weights(pattern.edges());
  for (size_t i = 0; i < weights.size(); i++)
    weights[i] = static_cast<int16_t>(static_cast<int32_t>(randomAt(kBatchKey, i) & 1023) - 512);
  junction->writeWeights(weights.data());

  Layer left(pattern.left, strips, 255, false), right(pattern.right, strips, 255, false);
  Layer deltas(pattern.right, strips, 100, true), before(pattern.left, strips, 100, true);
  std::vector<int32_t> biases(static_cast<size_t>(blocksOf(pattern.right)) * kBatchBlock);
  std::vector<int32_t> absolutes(biases.size());
  alignas(64) int32_t sums[kBlockValues];
  WideBatchScratch scratch;

  timing.forward.seconds = fastest(task.seconds, [&] {
    for (uint32_t strip = 0; strip < strips; strip++) {
      for (uint32_t block = 0; block < blocksOf(pattern.right); block++) {
        const StripInput input = {left.strip(strip), 255, nullptr};
        junction->forward(block, input, biases.data() + block * kBatchBlock, scratch, sums);
        wide.finishRelu(sums, kBlockValues, kBatchFraction,
                        right.strip(strip) + static_cast<size_t>(block) * kBlockValues);
      }
    }
  });
  AlignedBuffer<int32_t> scattered(
      junction->scatters() ? static_cast<size_t>(blocksOf(pattern.left)) * kBlockValues : 0);
  timing.backward.seconds = fastest(task.seconds, [&] {
    for (uint32_t strip = 0; strip < strips; strip++) {
      if (junction->scatters()) junction->scatter(deltas.strip(strip), scattered.data());
      const int32_t largest = task.kernels->wideBatch->largest(deltas.strip(strip), deltas.stride);
      for (uint32_t block = 0; block < blocksOf(pattern.left); block++) {
        const size_t place = static_cast<size_t>(block) * kBlockValues;
        junction->backward(block, deltas.strip(strip), largest, scattered.data(), sums);
        wide.finishReluDeltas(sums, left.strip(strip) + place, kBlockValues, kBatchFraction,
                              before.strip(strip) + place);
      }
    }
  });
  uint16_t lanes[kTileLanes];
  for (uint32_t i = 0; i < kTileLanes; i++) lanes[i] = static_cast<uint16_t>(randomAt(kBatchKey, i));
  const BatchRule rule = {1000, 10, 1, lanes, -32768, 32767, 0, lanes, lanes, 0, lanes};
  BatchUpdate done{};
  timing.update.seconds = fastest(task.seconds, [&] {
    for (uint32_t block = 0; block < blocksOf(pattern.right); block++) {
      StripRows rows = deltas.rows();
      rows.data += static_cast<size_t>(block) * kBlockValues;
      int32_t ofBiases[kBatchBlock];
      task.kernels->wideBatch->sumRows(&rows, ofBiases,
                                       absolutes.data() + static_cast<size_t>(block) * kBatchBlock);
    }
    const WideBatchRows rows = {left.rows(),
                                deltas.rows(),
                                255,
                                absolutes.data(),
                                *std::max_element(absolutes.begin(), absolutes.end()),
                                nullptr};
    for (uint32_t unit = 0; unit < junction->updateUnits(); unit++) junction->update(unit, rows, rule, done);
    for (uint32_t unit = 0; unit < junction->settleUnits(); unit++) junction->settle(unit);
  });
  timing.junctionBytes = junction->bytes();
  countBytes(pattern, strips, junction->scatters(), timing);
  timing.layerBytes = (left.values.size() + deltas.values.size()) * sizeof(int16_t);
  return timing;
}

}  // namespace sparse_train
