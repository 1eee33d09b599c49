// The kernels that work on lists of active groups. Every kernel set that this CPU can run equals the scalar one bit for
// bit, and the scalar one does what wide_kernels.hpp says.
#include <gtest/gtest.h>

#include "wide_samples.hpp"

namespace sparse_train {
namespace {

class WideKernelSet : public testing::TestWithParam<const KernelSet*> {
 protected:
  const WideKernels& kernels() const { return *GetParam()->wide; }
  const WideKernels& scalar() const { return scalarKernels(); }
};

INSTANTIATE_TEST_SUITE_P(Isa, WideKernelSet, testing::ValuesIn(availableKernelSets()), nameOf);

// --- Lists of active neurons ------------------------------------------------------------------------------------------

TEST_P(WideKernelSet, ListsBytesOfEveryLengthWithoutReadingPastThem) {
  Source source(1);
  for (size_t n = 0; n <= 200; n++) {
    for (const uint32_t zeroPercent : {0u, 50u, 90u, 100u}) {
      Buffer<uint8_t> bytes(n, n % 3);
      for (uint8_t& byte : bytes)
        byte = static_cast<uint8_t>(source.chance(zeroPercent) ? 0 : source.edgy(0, 255));
      ListBuffers expected((n + 1) / 2, 0), actual((n + 1) / 2, n % 2);
      const uint32_t expectedSum = scalar().listBytes(bytes.begin(), n, &expected.list);
      EXPECT_EQ(kernels().listBytes(bytes.begin(), n, &actual.list), expectedSum) << n << " bytes";
      EXPECT_TRUE(sameList(expected.list, actual.list)) << n << " bytes, " << zeroPercent << " % zero";
    }
  }
}

TEST_P(WideKernelSet, ListsBytesThatAreAllZeroAllFullOrHaveOneActive) {
  for (const size_t n : {size_t{1}, size_t{31}, size_t{32}, size_t{33}, size_t{784}, size_t{100003}}) {
    Buffer<uint8_t> bytes(n);
    ListBuffers found((n + 1) / 2, 0);
    EXPECT_EQ(kernels().listBytes(bytes.begin(), n, &found.list), 0u);
    EXPECT_EQ(found.list.count, 0u);

    std::fill(bytes.begin(), bytes.end(), static_cast<uint8_t>(255));
    EXPECT_EQ(kernels().listBytes(bytes.begin(), n, &found.list), 255 * n);
    ASSERT_EQ(found.list.count, (n + 1) / 2);
    for (uint32_t i = 0; i < found.list.count; i++) {
      EXPECT_EQ(found.list.groups[i], i);
      EXPECT_EQ(found.list.pairs[i], pairOf(255, 2 * i + 1 < n ? 255 : 0));
    }

    for (const size_t place : {size_t{0}, n / 2, n - 1}) {
      std::fill(bytes.begin(), bytes.end(), static_cast<uint8_t>(0));
      bytes[place] = 7;
      EXPECT_EQ(kernels().listBytes(bytes.begin(), n, &found.list), 7u);
      ASSERT_EQ(found.list.count, 1u);
      EXPECT_EQ(found.list.groups[0], place / 2);
      EXPECT_EQ(found.list.pairs[0], place % 2 == 0 ? pairOf(7, 0) : pairOf(0, 7));
    }
  }
}

TEST_P(WideKernelSet, ListsValues) {
  Source source(2);
  for (size_t n = 0; n <= 512; n += 32) {
    for (const int32_t limit : {1, 255, kActivationMax, kDeltaMax}) {
      for (const uint32_t zeroPercent : {0u, 50u, 90u, 100u}) {
        Buffer<int16_t> values(n, n / 32 % 2);
        for (int16_t& value : values) {
          value = static_cast<int16_t>(source.chance(zeroPercent) ? 0 : source.edgy(-limit, limit));
        }
        ListBuffers expected(n / 2, 0), actual(n / 2, 1);
        const uint32_t expectedSum = scalar().listValues(values.begin(), n, 7, &expected.list);
        EXPECT_EQ(kernels().listValues(values.begin(), n, 7, &actual.list), expectedSum) << n << " values";
        EXPECT_TRUE(sameList(expected.list, actual.list)) << n << " values, " << zeroPercent << " % zero";
      }
    }
  }
}

TEST_P(WideKernelSet, SumsTheValuesOfTheLargestLayer) {
  const size_t n = 1 << 20;
  Buffer<int16_t> values(n);
  for (size_t i = 0; i < n; i++)
    values[i] = static_cast<int16_t>(i % 2 == 0 ? kActivationMax : -kActivationMax);
  ListBuffers found(n / 2, 0);
  EXPECT_EQ(kernels().listValues(values.begin(), n, 0, &found.list), 2047u * (1u << 20));
  EXPECT_EQ(found.list.count, n / 2);
}

// --- Feed-forward and backpropagation ---------------------------------------------------------------------------------

TEST_P(WideKernelSet, ForwardEqualsScalar) {
  Source source(3);
  for (const Shape& shape : shapes()) {
    for (const uint32_t zeroPercent : {0u, 60u, 100u}) {
      std::vector<Slab> slabs = makeSlabs(shape, source);
      const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
      ListBuffers active =
          listOf(source.budgeted(size_t{2} * shape.groups, kActivationMax, budget, zeroPercent));
      Buffer<int32_t> expected =
          source.buffer<int32_t>(size_t{shape.blocks} * kTileRights, -kBiasMax, kBiasMax, shape.skip);
      Buffer<int32_t> actual = expected;
      for (Slab& slab : slabs) {
        const TileSlab view = slab.view();
        scalar().forwardTiles(&view, &active.list, expected.begin());
        kernels().forwardTiles(&view, &active.list, actual.begin());
      }
      EXPECT_TRUE(same(expected, actual)) << describe(shape);
    }
  }
}

TEST_P(WideKernelSet, ForwardAtTheLimitOfTheAccumulator) {
  // The largest layer of 16-bit weights whose sums cannot wrap: every product has its largest size and the same sign.
  const Shape shape = [] {
    Shape s;
    s.groups = static_cast<uint32_t>(kFastSumLimit / (2 * kActivationMax * weightLimit(16)));
    return s;
  }();
  for (const int32_t sign : {-1, 1}) {
    Source source(4);
    std::vector<Slab> slabs = makeSlabs(shape, source);
    std::fill(slabs[0].weights.begin(), slabs[0].weights.end(), static_cast<int16_t>(kInt16Min));
    Buffer<int16_t> values(size_t{2} * shape.groups);
    std::fill(values.begin(), values.end(), static_cast<int16_t>(sign * kActivationMax));
    ListBuffers active = listOf(values);
    Buffer<int32_t> sums(kTileRights);
    std::fill(sums.begin(), sums.end(), -sign * kBiasMax);
    const TileSlab view = slabs[0].view();
    kernels().forwardTiles(&view, &active.list, sums.begin());
    const int64_t exact =
        -sign * (int64_t{kBiasMax} + int64_t{2} * shape.groups * kActivationMax * weightLimit(16));
    for (const int32_t sum : sums) EXPECT_EQ(sum, exact);
  }
}

TEST_P(WideKernelSet, BackwardEqualsScalar) {
  Source source(5);
  for (const Shape& shape : shapes()) {
    for (const uint32_t zeroPercent : {0u, 60u, 100u}) {
      std::vector<Slab> slabs = makeSlabs(shape, source);
      const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
      const Buffer<int16_t> deltas =
          source.budgeted(size_t{shape.blocks} * kTileRights, kDeltaMax, budget, 10, shape.skip);
      ListBuffers active =
          listOf(source.budgeted(size_t{2} * shape.groups, kActivationMax, 1 << 30, zeroPercent));
      for (Slab& slab : slabs) {
        const TileSlab view = slab.view();
        // Values of listed groups are overwritten; those of the others stay.
        Buffer<int32_t> expected =
            source.buffer<int32_t>(size_t{2} * shape.groups, kInt32Min, kInt32Max, shape.skip);
        Buffer<int32_t> actual = expected;
        scalar().backwardTiles(&view, &active.list, deltas.begin(), expected.begin());
        kernels().backwardTiles(&view, &active.list, deltas.begin(), actual.begin());
        EXPECT_TRUE(same(expected, actual)) << describe(shape);
      }
    }
  }
}

// --- Updates ----------------------------------------------------------------------------------------------------------

struct RuleBuffers {
  Buffer<uint16_t> lanes, lossLanes, weightLanes;
  MomentumRule rule;

  RuleBuffers(Source& source, int bits, int shift, bool stochastic, size_t skip)
      : lanes(source.buffer<uint16_t>(kTileLanes, 0, 65535, skip)),
        lossLanes(source.buffer<uint16_t>(kTileLanes, 0, 65535, skip)),
        weightLanes(source.buffer<uint16_t>(kTileLanes, 0, 65535, skip)) {
    rule.update = {lanes.begin(), stochastic ? 1 : 0, shift, static_cast<int16_t>(-weightLimit(bits)),
                   static_cast<int16_t>(weightLimit(bits) - 1)};
    rule.lossLanes = lossLanes.begin();
    rule.weightLanes = weightLanes.begin();
    rule.loss = static_cast<int16_t>(source.edgy(1, 32767));
  }
};

/// Scaled deltas, each twice.
Buffer<int16_t> pairedDeltas(const Shape& shape, Source& source) {
  Buffer<int16_t> paired(size_t{shape.blocks} * kTileLanes, shape.skip);
  for (size_t i = 0; i < paired.size(); i += 2) {
    paired[i] = paired[i + 1] = static_cast<int16_t>(source.edgy(-kDeltaMax, kDeltaMax));
  }
  return paired;
}

TEST_P(WideKernelSet, UpdateEqualsScalar) {
  Source source(6);
  for (const Shape& shape : shapes()) {
    for (int shift = 0; shift <= kMaxActivationShift; shift++) {
      for (const bool stochastic : {false, true}) {
        const RuleBuffers rules(source, shape.bits, shift, stochastic, shape.skip);
        const Buffer<int16_t> paired = pairedDeltas(shape, source);
        const uint32_t zeroPercent = static_cast<uint32_t>(shift) * 25;
        ListBuffers active =
            listOf(source.budgeted(size_t{2} * shape.groups, kActivationMax, 1 << 30, zeroPercent));
        std::vector<Slab> expected = makeSlabs(shape, source);
        std::vector<Slab> actual = expected;
        for (size_t s = 0; s < expected.size(); s++) {
          const TileSlab before = expected[s].view();
          const TileSlab after = actual[s].view();
          scalar().updateTiles(&before, &active.list, paired.begin(), &rules.rule.update);
          kernels().updateTiles(&after, &active.list, paired.begin(), &rules.rule.update);
          EXPECT_TRUE(same(expected[s].weights, actual[s].weights))
              << describe(shape) << ", shift " << shift << ", stochastic " << stochastic;
          EXPECT_TRUE(same(expected[s].velocities, actual[s].velocities));
        }
      }
    }
  }
}

TEST_P(WideKernelSet, MomentumEqualsScalar) {
  Source source(7);
  for (const Shape& shape : shapes()) {
    for (int shift = 0; shift <= kMaxActivationShift; shift++) {
      for (const bool stochastic : {false, true}) {
        const RuleBuffers rules(source, shape.bits, shift, stochastic, shape.skip);
        const Buffer<int16_t> paired = pairedDeltas(shape, source);
        const Buffer<int16_t> values = source.budgeted(size_t{2} * shape.groups, kActivationMax, 1 << 30,
                                                       static_cast<uint32_t>(shift) * 25, shape.skip);
        std::vector<Slab> expected = makeSlabs(shape, source);
        std::vector<Slab> actual = expected;
        for (size_t s = 0; s < expected.size(); s++) {
          const TileSlab before = expected[s].view();
          const TileSlab after = actual[s].view();
          scalar().momentumTiles(&before, values.begin(), shape.groups, paired.begin(), &rules.rule);
          kernels().momentumTiles(&after, values.begin(), shape.groups, paired.begin(), &rules.rule);
          EXPECT_TRUE(same(expected[s].velocities, actual[s].velocities))
              << describe(shape) << ", shift " << shift << ", stochastic " << stochastic;
          EXPECT_TRUE(same(expected[s].weights, actual[s].weights))
              << describe(shape) << ", shift " << shift << ", stochastic " << stochastic;
        }
      }
    }
  }
}

TEST_P(WideKernelSet, DecayEqualsScalar) {
  Source source(8);
  for (const Shape& shape : shapes()) {
    for (const int32_t factor : {0, 1, 2, 100, 16384, 32767}) {
      for (const bool stochastic : {false, true}) {
        const RuleBuffers rules(source, shape.bits, 0, stochastic, shape.skip);
        std::vector<Slab> expected = makeSlabs(shape, source);
        std::vector<Slab> actual = expected;
        for (size_t s = 0; s < expected.size(); s++) {
          const TileSlab before = expected[s].view();
          const TileSlab after = actual[s].view();
          scalar().decayTiles(&before, shape.groups, static_cast<int16_t>(factor), &rules.rule.update);
          kernels().decayTiles(&after, shape.groups, static_cast<int16_t>(factor), &rules.rule.update);
          EXPECT_TRUE(same(expected[s].weights, actual[s].weights))
              << describe(shape) << ", factor " << factor << ", stochastic " << stochastic;
        }
      }
    }
  }
}

TEST_P(WideKernelSet, LeavesWhatIsNoEdgeAlone) {
  Source source(9);
  Shape shape;
  shape.groups = 11;
  shape.blocks = 3;
  shape.masks = Masks::kRandom;
  const RuleBuffers rules(source, 16, 4, true, 0);
  const Buffer<int16_t> paired = pairedDeltas(shape, source);
  const Buffer<int16_t> values = source.budgeted(size_t{2} * shape.groups, kActivationMax, 1 << 30, 0);
  ListBuffers active = listOf(values);
  std::vector<Slab> slabs = makeSlabs(shape, source);
  const Slab before = slabs[0];
  const TileSlab view = slabs[0].view();
  kernels().updateTiles(&view, &active.list, paired.begin(), &rules.rule.update);
  kernels().momentumTiles(&view, values.begin(), shape.groups, paired.begin(), &rules.rule);
  kernels().decayTiles(&view, shape.groups, 32767, &rules.rule.update);
  for (size_t i = 0; i < slabs[0].weights.size(); i++) {
    if (((before.masks[i / kTileLanes] >> (i % kTileLanes)) & 1) != 0) continue;
    EXPECT_EQ(slabs[0].weights[i], 0);
    EXPECT_EQ(slabs[0].velocities[i], before.velocities[i]);
  }
}

TEST_P(WideKernelSet, SlabsTogetherEqualTheUndividedJunction) {
  Shape whole;
  whole.groups = 23;
  whole.blocks = 7;
  whole.tilePercent = 60;
  whole.firstOrdinal = 100;
  Shape divided = whole;
  divided.slabs = 3;
  // The same draws in the same order give both the same tiles. Weights are then copied by (group, block).
  Source first(10), second(10), source(11);
  std::vector<Slab> one = makeSlabs(whole, first);
  std::vector<Slab> three = makeSlabs(divided, second);
  const auto copyWeights = [&](bool toSlabs) {
    size_t tile = 0;
    for (uint32_t group = 0; group < whole.groups; group++) {
      for (Slab& slab : three) {
        for (uint32_t t = slab.groupStart[group]; t < slab.groupStart[group + 1]; t++, tile++) {
          ASSERT_EQ(slab.blocks[t], one[0].blocks[tile]);
          int16_t* part = slab.weights.begin() + size_t{t} * kTileLanes;
          int16_t* all = one[0].weights.begin() + tile * kTileLanes;
          if (toSlabs) {
            std::copy(all, all + kTileLanes, part);
          } else {
            ASSERT_TRUE(std::equal(all, all + kTileLanes, part)) << "tile " << tile;
          }
        }
      }
    }
  };
  copyWeights(true);
  const RuleBuffers rules(source, 16, 2, true, 0);
  const Buffer<int16_t> paired = pairedDeltas(whole, source);
  ListBuffers active = listOf(source.budgeted(size_t{2} * whole.groups, kActivationMax, 1 << 30, 30));
  const TileSlab view = one[0].view();
  kernels().updateTiles(&view, &active.list, paired.begin(), &rules.rule.update);
  for (Slab& slab : three) {
    const TileSlab part = slab.view();
    kernels().updateTiles(&part, &active.list, paired.begin(), &rules.rule.update);
  }
  copyWeights(false);
}

// --- Neurons ----------------------------------------------------------------------------------------------------------

TEST_P(WideKernelSet, FinishReluEqualsScalar) {
  Source source(12);
  for (const size_t n : {size_t{0}, size_t{16}, size_t{48}, size_t{1600}}) {
    for (int fraction = 0; fraction <= 15; fraction++) {
      for (const int32_t limit : {kInt32Max, kSumMax, (kActivationMax + 2) << fraction}) {
        const int64_t low = limit == kInt32Max ? int64_t{kInt32Min} : -int64_t{limit};
        const Buffer<int32_t> sums = source.buffer<int32_t>(n, low, limit, n / 16 % 2);
        Buffer<int16_t> expected(n), actual(n, 1);
        const uint32_t clipped = scalar().finishRelu(sums.begin(), n, fraction, expected.begin());
        EXPECT_EQ(kernels().finishRelu(sums.begin(), n, fraction, actual.begin()), clipped);
        EXPECT_TRUE(same(expected, actual)) << n << " neurons, fraction " << fraction << ", limit " << limit;
      }
    }
  }
}

TEST_P(WideKernelSet, FinishReluDeltasEqualsScalar) {
  Source source(13);
  for (const size_t n : {size_t{0}, size_t{16}, size_t{48}, size_t{1600}}) {
    for (int fraction = 0; fraction <= 15; fraction++) {
      for (const int32_t limit : {kInt32Max, kSumMax, (kDeltaMax + 2) << fraction}) {
        const int64_t low = limit == kInt32Max ? int64_t{kInt32Min} : -int64_t{limit};
        const Buffer<int32_t> errors = source.buffer<int32_t>(n, low, limit, n / 16 % 2);
        const Buffer<int16_t> activations =
            source.buffer<int16_t>(n, -kActivationMax, kActivationMax, n / 16 % 2);
        Buffer<int16_t> expected(n), actual(n, 1);
        const uint32_t clipped =
            scalar().finishReluDeltas(errors.begin(), activations.begin(), n, fraction, expected.begin());
        EXPECT_EQ(
            kernels().finishReluDeltas(errors.begin(), activations.begin(), n, fraction, actual.begin()),
            clipped);
        EXPECT_TRUE(same(expected, actual)) << n << " neurons, fraction " << fraction << ", limit " << limit;
      }
    }
  }
}

TEST_P(WideKernelSet, ScaleDeltasEqualsScalar) {
  Source source(14);
  for (const size_t n : {size_t{0}, size_t{16}, size_t{48}, size_t{1600}}) {
    for (int biasShift = -15; biasShift <= 15; biasShift++) {
      for (const bool stochastic : {false, true}) {
        Buffer<int16_t> deltas = source.buffer<int16_t>(n, -kDeltaMax, kDeltaMax, n / 16 % 2);
        for (size_t i = 0; i < n; i += kTileRights) {  // blocks that may not move
          if (source.chance(40)) std::fill_n(deltas.begin() + i, kTileRights, int16_t{0});
        }
        const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileRights, 0, 65535, n / 16 % 2);
        const DeltaScale scale{source.edgy(1, 32768), lanes.begin(), stochastic ? 1 : 0, biasShift};
        Buffer<int32_t> expectedBiases = source.buffer<int32_t>(n, -kBiasMax, kBiasMax, n / 16 % 2);
        Buffer<int32_t> actualBiases = expectedBiases;
        Buffer<int16_t> expected(2 * n), actual(2 * n, 1);
        const size_t middle =
            n / 32 * 16;  // two calls for the halves of a layer equal one call for the whole layer
        const size_t blocks = n / kTileRights;
        Buffer<uint8_t> expectedMoving((blocks + 7) / 8), first(expectedMoving.size()), second = first;
        const uint32_t moved = scalar().scaleDeltas(deltas.begin(), 0, n, &scale, expected.begin(),
                                                    expectedBiases.begin(), expectedMoving.begin());
        const uint32_t low = kernels().scaleDeltas(deltas.begin(), 0, middle, &scale, actual.begin(),
                                                   actualBiases.begin(), first.begin());
        const uint32_t high = kernels().scaleDeltas(deltas.begin(), middle, n, &scale, actual.begin(),
                                                    actualBiases.begin(), second.begin());
        EXPECT_EQ(low | high, moved);
        for (size_t i = 0; i < first.size(); i++) first[i] |= second[i];
        EXPECT_TRUE(same(expectedMoving, first)) << n << " neurons, multiplier " << scale.multiplier;
        EXPECT_TRUE(same(expected, actual)) << n << " neurons, multiplier " << scale.multiplier;
        EXPECT_TRUE(same(expectedBiases, actualBiases)) << n << " neurons, bias shift " << biasShift;
      }
    }
  }
}

TEST_P(WideKernelSet, ScaleDeltasOfTheLargestLayer) {  // the lanes' steps wrap around many times
  Source source(15);
  const size_t n = 1 << 20;
  const Buffer<int16_t> deltas = source.buffer<int16_t>(n, -kDeltaMax, kDeltaMax);
  const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileRights, 0, 65535);
  const DeltaScale scale{12345, lanes.begin(), 1, 3};
  Buffer<int32_t> expectedBiases(n), actualBiases(n);
  Buffer<int16_t> expected(2 * n), actual(2 * n);
  Buffer<uint8_t> expectedMoving(n / kTileRights / 8), moving(expectedMoving.size());
  scalar().scaleDeltas(deltas.begin(), 0, n, &scale, expected.begin(), expectedBiases.begin(),
                       expectedMoving.begin());
  kernels().scaleDeltas(deltas.begin(), 0, n, &scale, actual.begin(), actualBiases.begin(), moving.begin());
  EXPECT_TRUE(same(expectedMoving, moving));
  EXPECT_TRUE(same(expected, actual));
  EXPECT_TRUE(same(expectedBiases, actualBiases));
}

// --- The scalar set against the formulas, in 64-bit integers ----------------------------------------------------------

int64_t clip64(int64_t value, int64_t low, int64_t high) { return std::min(std::max(value, low), high); }

/// floor(value / 2^shift).
int64_t floorShift(int64_t value, int shift) {
  const int64_t unit = int64_t{1} << shift;
  return (value - ((value % unit) + unit) % unit) / unit;
}

TEST(ScalarKernels, UpdatesFollowTheirFormulas) {
  Source source(20);
  for (const Shape& shape : shapes()) {
    const int shift = source.between(0, kMaxActivationShift);
    const bool stochastic = source.chance(50);
    const RuleBuffers rules(source, shape.bits, shift, stochastic, 0);
    const Buffer<int16_t> paired = pairedDeltas(shape, source);
    const Buffer<int16_t> values = source.budgeted(size_t{2} * shape.groups, kActivationMax, 1 << 30, 20);
    ListBuffers active = listOf(values);
    const std::vector<Slab> before = makeSlabs(shape, source);
    std::vector<Slab> updated = before, moved = before, decayed = before;
    for (size_t s = 0; s < before.size(); s++) {
      const TileSlab updateView = updated[s].view(), moveView = moved[s].view(),
                     decayView = decayed[s].view();
      scalarKernels().updateTiles(&updateView, &active.list, paired.begin(), &rules.rule.update);
      scalarKernels().momentumTiles(&moveView, values.begin(), shape.groups, paired.begin(), &rules.rule);
      scalarKernels().decayTiles(&decayView, shape.groups, rules.rule.loss, &rules.rule.update);
      const int64_t low = rules.rule.update.weightMin, high = rules.rule.update.weightMax;
      for (uint32_t group = 0; group < shape.groups; group++) {
        for (uint32_t tile = before[s].groupStart[group]; tile < before[s].groupStart[group + 1]; tile++) {
          const uint64_t ordinal = before[s].ordinals[tile];
          for (uint32_t lane = 0; lane < kTileLanes; lane++) {
            const size_t i = size_t{tile} * kTileLanes + lane;
            const auto random = [&](const Buffer<uint16_t>& lanes) {
              return stochastic ? static_cast<int64_t>((lanes[lane] + ordinal * kLaneStride) % 65536) : 32768;
            };
            const bool edge = !before[s].masked || ((before[s].masks[tile] >> lane) & 1) != 0;
            const int64_t weight = before[s].weights[i];
            const int64_t activation = int64_t{values[2 * group + lane % 2]} * (int64_t{1} << shift);
            const int64_t product = activation * paired[size_t{before[s].blocks[tile]} * kTileLanes + lane];

            const int64_t step = floorShift(product + random(rules.lanes), 16);
            EXPECT_EQ(updated[s].weights[i], edge ? clip64(weight - step, low, high) : weight);

            const int64_t decay = floorShift(weight * rules.rule.loss + random(rules.lanes), 16);
            EXPECT_EQ(decayed[s].weights[i], clip64(weight - decay, low, high));

            int64_t velocity = before[s].velocities[i];
            velocity -= floorShift(velocity * rules.rule.loss + random(rules.lossLanes), 16);
            velocity = clip64(clip64(velocity, kInt16Min, kInt16Max) + step, kInt16Min, kInt16Max);
            const int64_t rounded =
                clip64(velocity + floorShift(random(rules.weightLanes), 12), kInt16Min, kInt16Max);
            EXPECT_EQ(moved[s].velocities[i], edge ? velocity : before[s].velocities[i]);
            EXPECT_EQ(moved[s].weights[i],
                      edge ? clip64(weight - floorShift(rounded, 4), low, high) : weight);
          }
        }
      }
    }
  }
}

TEST(ScalarKernels, SumsFollowTheirFormulas) {
  Source source(21);
  for (const Shape& shape : shapes()) {
    std::vector<Slab> slabs = makeSlabs(shape, source);
    const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
    const Buffer<int16_t> values = source.budgeted(size_t{2} * shape.groups, kActivationMax, budget, 30);
    const Buffer<int16_t> deltas = source.budgeted(size_t{shape.blocks} * kTileRights, kDeltaMax, budget, 10);
    ListBuffers active = listOf(values);
    Buffer<int32_t> sums(size_t{shape.blocks} * kTileRights);
    std::vector<int64_t> exactSums(sums.size());
    for (Slab& slab : slabs) {
      const TileSlab view = slab.view();
      Buffer<int32_t> errors(size_t{2} * shape.groups);
      std::vector<int64_t> exactErrors(errors.size());
      scalarKernels().forwardTiles(&view, &active.list, sums.begin());
      scalarKernels().backwardTiles(&view, &active.list, deltas.begin(), errors.begin());
      for (uint32_t group = 0; group < shape.groups; group++) {
        const bool listed = values[2 * group] != 0 || values[2 * group + 1] != 0;
        for (uint32_t tile = slab.groupStart[group]; tile < slab.groupStart[group + 1]; tile++) {
          for (uint32_t lane = 0; lane < kTileLanes; lane++) {
            const int64_t weight = slab.weights[size_t{tile} * kTileLanes + lane];
            const size_t left = 2 * group + lane % 2;
            const size_t right = size_t{slab.blocks[tile]} * kTileRights + lane / 2;
            exactSums[right] += weight * values[left];
            if (listed) exactErrors[left] += weight * deltas[right];
          }
        }
      }
      for (size_t i = 0; i < exactErrors.size(); i++) EXPECT_EQ(errors[i], exactErrors[i]) << describe(shape);
    }
    for (size_t i = 0; i < exactSums.size(); i++) EXPECT_EQ(sums[i], exactSums[i]) << describe(shape);
  }
}

TEST(ScalarKernels, NeuronsFollowTheirFormulas) {
  Source source(22);
  const size_t n = 1600;
  for (int fraction = 0; fraction <= 15; fraction++) {
    const int64_t half = fraction == 0 ? 0 : int64_t{1} << (fraction - 1);
    const int32_t limit = fraction % 2 == 0 ? kInt32Max : kDeltaMax << fraction;
    const Buffer<int32_t> sums = source.buffer<int32_t>(n, -int64_t{limit}, limit);
    const Buffer<int16_t> activations = source.buffer<int16_t>(n, -kActivationMax, kActivationMax);
    Buffer<int16_t> relu(n), deltas(n);
    const uint32_t reluClipped = scalarKernels().finishRelu(sums.begin(), n, fraction, relu.begin());
    const uint32_t deltasClipped =
        scalarKernels().finishReluDeltas(sums.begin(), activations.begin(), n, fraction, deltas.begin());
    uint32_t reluBeyond = 0, deltasBeyond = 0;
    for (size_t i = 0; i < n; i++) {
      const int64_t rounded = floorShift(clip64(sums[i], -kSumMax, kSumMax) + half, fraction);
      EXPECT_EQ(relu[i], clip64(rounded, 0, kActivationMax));
      reluBeyond += rounded > kActivationMax ? 1 : 0;
      const bool active = activations[i] > 0;
      EXPECT_EQ(deltas[i], active ? clip64(rounded, -kDeltaMax, kDeltaMax) : 0);
      deltasBeyond += active && (rounded > kDeltaMax || rounded < -kDeltaMax) ? 1 : 0;
    }
    EXPECT_EQ(reluClipped, reluBeyond);
    EXPECT_EQ(deltasClipped, deltasBeyond);
  }

  for (int biasShift = -15; biasShift <= 15; biasShift++) {
    const bool stochastic = biasShift % 2 == 0;
    const Buffer<int16_t> deltas = source.buffer<int16_t>(n, -kDeltaMax, kDeltaMax);
    const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileRights, 0, 65535);
    const DeltaScale scale{source.edgy(1, 32768), lanes.begin(), stochastic ? 1 : 0, biasShift};
    const Buffer<int32_t> before = source.buffer<int32_t>(n, -kBiasMax, kBiasMax);
    Buffer<int32_t> biases = before;
    Buffer<int16_t> paired(2 * n);
    Buffer<uint8_t> moving((n / kTileRights + 7) / 8), expectedMoving(moving.size());
    const uint32_t anyMoved = scalarKernels().scaleDeltas(deltas.begin(), 0, n, &scale, paired.begin(),
                                                          biases.begin(), moving.begin());
    bool moved = false;
    for (size_t i = 0; i < n; i++) {
      const int64_t random = stochastic ? (lanes[i % 16] + (i / 16) * kLaneStride) % 65536 / 2 : 1 << 14;
      const int64_t scaled = floorShift(int64_t{deltas[i]} * scale.multiplier + random, kRateFraction);
      EXPECT_LE(scaled < 0 ? -scaled : scaled, kDeltaMax);
      moved = moved || scaled != 0;
      if (scaled != 0)
        expectedMoving[i / 128] = static_cast<uint8_t>(expectedMoving[i / 128] | 1 << i / 16 % 8);
      EXPECT_EQ(paired[2 * i], scaled);
      EXPECT_EQ(paired[2 * i + 1], scaled);
      const int64_t step = biasShift >= 0 ? scaled * (int64_t{1} << biasShift)
                                          : floorShift(scaled + (int64_t{1} << (-biasShift - 1)), -biasShift);
      EXPECT_EQ(biases[i], clip64(before[i] - step, -kBiasMax, kBiasMax));
    }
    EXPECT_EQ(anyMoved, moved ? 1u : 0u);
  }
}

}  // namespace
}  // namespace sparse_train
