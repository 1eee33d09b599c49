// Every kernel set of mini-batches equals the scalar one bit for bit, even with the largest allowed numbers.
#include <gtest/gtest.h>

#include <vector>

#include "../engine/aligned_buffer.hpp"
#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide_batch/wide_batch_kernels.hpp"

namespace sparse_train {
namespace {

class WideBatchKernelsTest : public testing::TestWithParam<const char*> {
 protected:
  const WideBatchKernels& scalar_ = *kernelSetByName("scalar")->wideBatch;
  const WideBatchKernels& tested_ = *kernelSetByName(GetParam())->wideBatch;
  RandomStream random_{3, 14};

  int16_t below(int32_t most) {
    return static_cast<int16_t>(static_cast<int32_t>(random_.below(2 * static_cast<uint64_t>(most) + 1)) -
                                most);
  }
  AlignedBuffer<int16_t> values(size_t n, int32_t most) {
    AlignedBuffer<int16_t> made(n);
    for (size_t i = 0; i < n; i++) made[i] = below(most);
    return made;
  }
  /// With room for reading ahead.
  std::vector<uint32_t> numbers(size_t n, uint32_t bound) {
    std::vector<uint32_t> made(n + kTilesAhead);
    for (uint32_t& number : made) number = random_.below(bound);
    return made;
  }
  static void expectSame(const std::vector<int32_t>& expected, const std::vector<int32_t>& actual) {
    ASSERT_EQ(expected, actual);
  }
};

constexpr uint32_t kNeurons = 48;
constexpr size_t kStride = kNeurons * kStripSamples;

TEST_P(WideBatchKernelsTest, StripFromBytes) {
  for (const size_t columns : {1, 15, 16, 33, 100}) {
    std::vector<std::vector<uint8_t>> rows(kStripSamples, std::vector<uint8_t>(columns));
    const uint8_t* samples[kStripSamples];
    for (uint32_t s = 0; s < kStripSamples; s++) {
      for (uint8_t& byte : rows[s])
        byte = random_.below(8) == 0 ? static_cast<uint8_t>(random_.below(256)) : 0;
      samples[s] = rows[s].data();
    }
    std::vector<int16_t> expected(columns * kStripSamples), actual(expected.size());
    std::vector<uint8_t> expectedAny(columns, 1), actualAny(columns, 2);
    scalar_.stripFromBytes(samples, columns, expected.data(), expectedAny.data());
    tested_.stripFromBytes(samples, columns, actual.data(), actualAny.data());
    ASSERT_EQ(expected, actual);
    ASSERT_EQ(expectedAny, actualAny);
  }
}

TEST_P(WideBatchKernelsTest, SumsOfTiles) {
  const AlignedBuffer<int16_t> rows = values(kStride, 2047);
  const AlignedBuffer<int16_t> deltas = values(kStride, 3000);
  const std::vector<int32_t> biases = {1, -1, 1 << 29, -(1 << 29), 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  for (const size_t count : {0, 1, 2, 5, 20}) {
    const AlignedBuffer<int16_t> weights = values((count + 3) * kTileLanes, 16000);
    const std::vector<uint32_t> groups = numbers(count, kNeurons / 2);
    std::vector<int32_t> expected(kTileRights * kStripSamples), actual(expected.size());
    for (const uint32_t rights : {1, 10, 16}) {
      AlignedBuffer<int16_t> cut = values(weights.size(), 16000);
      for (size_t i = 0; i < cut.size(); i++) {
        if (i % kTileLanes >= 2 * rights) cut[i] = 0;
      }
      const std::vector<uint32_t> chosen = numbers(count, static_cast<uint32_t>(count + 3));
      for (const uint32_t* places : {static_cast<const uint32_t*>(nullptr), chosen.data()}) {
        const BlockTiles near = {cut.data(), groups.data(), places, count, rights, false};
        BlockTiles far = near;
        far.far = count > 2;
        scalar_.forwardTiles(&near, rows.data(), biases.data(), expected.data());
        tested_.forwardTiles(&far, rows.data(), biases.data(), actual.data());
        expectSame(expected, actual);
      }
    }

    const std::vector<uint32_t> tiles = numbers(count, static_cast<uint32_t>(count + 3));
    const std::vector<uint32_t> blocks = numbers(count, kNeurons / kTileRights);
    expected.assign(kTileLefts * kStripSamples, 1);
    actual.assign(kTileLefts * kStripSamples, 2);
    scalar_.backwardTiles(weights.data(), tiles.data(), blocks.data(), count, deltas.data(), false,
                          expected.data());
    tested_.backwardTiles(weights.data(), tiles.data(), blocks.data(), count, deltas.data(), count > 2,
                          actual.data());
    expectSame(expected, actual);
  }
}

TEST_P(WideBatchKernelsTest, SumsOfTilesByRightNeurons) {
  const AlignedBuffer<int16_t> deltas = values(kBatchBlock * kStripSamples, 2047);
  for (const size_t count : {0, 1, 2, 5, 17, 40}) {
    const AlignedBuffer<int16_t> weights = values(count * kTileLanes, 4000);
    std::vector<uint32_t> groups = numbers(count, kNeurons / 2);  // some are listed more than once
    groups.resize(count + kTilesAhead);
    std::vector<int32_t> expected(kNeurons * kStripSamples), actual(kNeurons * kStripSamples);
    std::vector<int32_t> expectedRows(expected.size()), actualRows(actual.size());
    for (int round = 0; round < 2; round++) {  // sums are added to
      scalar_.scatterTiles(weights.data(), groups.data(), count, deltas.data(), expected.data());
      tested_.scatterTiles(weights.data(), groups.data(), count, deltas.data(), actual.data());
    }
    scalar_.takeSums(expected.data(), kNeurons, expectedRows.data());
    tested_.takeSums(actual.data(), kNeurons, actualRows.data());
    expectSame(expectedRows, actualRows);
    for (const int32_t left : actual) ASSERT_EQ(left, 0);
  }
}

TEST_P(WideBatchKernelsTest, SumsOfLists) {
  const AlignedBuffer<int16_t> rows = values(kStride, 2047);
  for (const size_t count : {0, 1, 2, 7, 8, 9, 16, 23, 40}) {
    const AlignedBuffer<int16_t> weights = values(count, 20000);
    const std::vector<uint32_t> neurons = numbers(count, kNeurons);
    std::vector<int32_t> expected(kStripSamples), actual(kStripSamples);
    scalar_.weighRows(weights.data(), neurons.data(), count, rows.data(), -77, expected.data());
    tested_.weighRows(weights.data(), neurons.data(), count, rows.data(), -77, actual.data());
    expectSame(expected, actual);
  }
}

TEST_P(WideBatchKernelsTest, Gradients) {
  for (const uint32_t strips : {1u, 2u, 5u}) {
    // One strip may hold the largest of all numbers.
    const AlignedBuffer<int16_t> left = values(strips * kStride, 2047);
    AlignedBuffer<int16_t> right = values(strips * kStride, strips == 1 ? 32767 : 6000);
    const StripRows lefts = {left.data(), kStride, strips};
    const StripRows rights = {right.data(), kStride, strips};
    AlignedBuffer<int16_t> expectedPairs(strips * kStripSamples * kBatchBlock), pairs(expectedPairs.size());
    scalar_.pairSamples(&rights, expectedPairs.data());
    tested_.pairSamples(&rights, pairs.data());
    for (size_t i = 0; i < pairs.size(); i++) ASSERT_EQ(expectedPairs[i], pairs[i]) << i;

    for (const size_t count : {1, 2, 3, 6, 13, 40}) {
      const std::vector<uint32_t> groups = numbers(count, kNeurons / 2);
      std::vector<int32_t> expected(count * kTileLanes), actual(expected.size());
      scalar_.gradientTiles(groups.data(), count, &lefts, pairs.data(), false, expected.data());
      tested_.gradientTiles(groups.data(), count, &lefts, pairs.data(), count > 10, actual.data());
      expectSame(expected, actual);
      const std::vector<uint32_t> neurons = numbers(count, kNeurons);
      expected.resize(count);
      actual.resize(count);
      scalar_.gradientList(&lefts, &rights, neurons.data(), count, expected.data());
      tested_.gradientList(&lefts, &rights, neurons.data(), count, actual.data());
      expectSame(expected, actual);
    }

    std::vector<int32_t> expectedSums(kBatchBlock), sums(kBatchBlock), expectedSizes(kBatchBlock),
        sizes(kBatchBlock);
    scalar_.sumRows(&rights, expectedSums.data(), expectedSizes.data());
    tested_.sumRows(&rights, sums.data(), sizes.data());
    expectSame(expectedSums, sums);
    expectSame(expectedSizes, sizes);
    right[right.size() - 1] = -32767;
    EXPECT_EQ(tested_.largest(right.data(), right.size()), 32767);
    EXPECT_EQ(tested_.largest(left.data(), left.size()), scalar_.largest(left.data(), left.size()));
  }
}

TEST_P(WideBatchKernelsTest, AbsoluteWeights) {
  constexpr size_t kCount = 30;
  AlignedBuffer<int16_t> weights = values(kCount * kTileLanes, 32767);
  for (size_t i = 0; i < weights.size(); i += 3) weights[i] = -32768;
  const std::vector<uint32_t> tiles = numbers(kCount, kCount);
  std::vector<int32_t> expected(kTileRights), actual(kTileRights);
  scalar_.absoluteRights(weights.data(), kCount, expected.data());
  tested_.absoluteRights(weights.data(), kCount, actual.data());
  expectSame(expected, actual);
  scalar_.absoluteLefts(weights.data(), tiles.data(), kCount, expected.data());
  tested_.absoluteLefts(weights.data(), tiles.data(), kCount, actual.data());
  expectSame(expected, actual);
}

TEST_P(WideBatchKernelsTest, Updates) {
  constexpr size_t kCount = 9;
  uint16_t lanes[4][kTileLanes];
  for (auto& set : lanes) {
    for (uint16_t& lane : set) lane = static_cast<uint16_t>(random_.below(65536));
  }
  for (int variant = 0; variant < 64; variant++) {
    const bool masked = (variant & 1) != 0;
    const int bits = (variant & 2) != 0 ? 16 : 8;
    BatchRule rule = {};
    rule.multiplier = (variant & 4) != 0 ? 1 << 30 : 1 + static_cast<int32_t>(random_.below(1 << 20));
    rule.shift = static_cast<int32_t>(random_.below(17));
    rule.stochastic = (variant & 8) != 0;
    rule.lanes = lanes[0];
    rule.weightMin = static_cast<int16_t>(-(1 << (bits - 1)));
    rule.weightMax = static_cast<int16_t>((1 << (bits - 1)) - 1);
    rule.loss = (variant & 16) != 0 ? 6554 : 0;
    rule.lossLanes = lanes[1];
    rule.weightLanes = lanes[2];
    rule.decay = (variant & 32) != 0 ? 2000000000 : 0;
    rule.decayLanes = lanes[3];
    std::vector<int32_t> gradients(kCount * kTileLanes);
    const int scale = static_cast<int>(random_.below(31));
    for (size_t i = 0; i < gradients.size(); i++) {
      gradients[i] = static_cast<int32_t>(static_cast<uint32_t>(random_.next())) >> scale;
      if (i % 5 == 0) gradients[i] = 0;
    }
    gradients[1] = INT32_MAX;
    gradients[2] = -INT32_MAX;
    std::vector<uint32_t> ordinals = numbers(kCount, 100000);
    std::vector<uint32_t> masks(kCount);
    for (uint32_t& mask : masks) mask = static_cast<uint32_t>(random_.next());
    std::vector<int16_t> weights(gradients.size()), velocities(gradients.size());
    for (int16_t& weight : weights) weight = below(rule.weightMax);
    for (int16_t& velocity : velocities) velocity = below(32767);
    weights[3] = rule.weightMin;
    velocities[4] = -32768;
    std::vector<int16_t> otherWeights = weights, otherVelocities = velocities;
    BatchUpdate expected{}, actual{};
    scalar_.updateTiles(weights.data(), velocities.data(), gradients.data(), ordinals.data(),
                        masked ? masks.data() : nullptr, kCount, &rule, &expected);
    tested_.updateTiles(otherWeights.data(), otherVelocities.data(), gradients.data(), ordinals.data(),
                        masked ? masks.data() : nullptr, kCount, &rule, &actual);
    ASSERT_EQ(weights, otherWeights) << "variant " << variant;
    ASSERT_EQ(velocities, otherVelocities) << "variant " << variant;
    EXPECT_EQ(expected.steps, actual.steps) << "variant " << variant;
    EXPECT_EQ(expected.roundedToZero, actual.roundedToZero) << "variant " << variant;
  }
}

std::vector<const char*> names() {
  std::vector<const char*> names;
  for (const KernelSet* kernels : availableKernelSets()) names.push_back(kernels->name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Sets, WideBatchKernelsTest, testing::ValuesIn(names()),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace sparse_train
