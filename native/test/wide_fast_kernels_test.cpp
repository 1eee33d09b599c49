// The kernels of the fast path, which take all tiles of an example. Every kernel set gives, bit for bit, the results of
// the scalar kernels for lists of active groups, or of the functions in fixed/.
#include <gtest/gtest.h>

#include <cmath>

#include "fixed/quantise.hpp"
#include "fixed/softmax.hpp"
#include "wide_samples.hpp"

namespace sparse_train {
namespace {

class FastKernelSet : public testing::TestWithParam<const KernelSet*> {
 protected:
  const WideKernels& kernels() const { return *GetParam()->wide; }
};

INSTANTIATE_TEST_SUITE_P(Isa, FastKernelSet, testing::ValuesIn(availableKernelSets()), nameOf);

size_t upTo(size_t value, size_t multiple) { return (value + multiple - 1) / multiple * multiple; }

uint32_t sumOfSizes(const Buffer<int16_t>& values) {
  uint32_t sum = 0;
  for (const int16_t value : values) sum += static_cast<uint32_t>(value < 0 ? -value : value);
  return sum;
}

// The activity bits of values, two per group, computed without a kernel.
Buffer<uint8_t> activityOf(const Buffer<int16_t>& values, size_t bytes, size_t skip = 0) {
  Buffer<uint8_t> activity(bytes, skip);
  for (size_t i = 0; i < values.size(); i++) {
    if (values[i] != 0) activity[i / 16] = static_cast<uint8_t>(activity[i / 16] | 1 << (i / 2 % 8));
  }
  return activity;
}

// --- Reading an example -----------------------------------------------------------------------------------------------

TEST_P(FastKernelSet, ExpandsBytesOfEveryLengthWithoutReadingPastThem) {
  Source source(1);
  for (size_t n = 0; n <= 200; n++) {
    for (const uint32_t zeroPercent : {0u, 50u, 95u, 100u}) {
      Buffer<uint8_t> bytes(n, n % 3);
      Buffer<int16_t> expected(upTo(n, 64), 0);
      for (size_t i = 0; i < n; i++) {
        bytes[i] = static_cast<uint8_t>(source.chance(zeroPercent) ? 0 : source.edgy(0, 255));
        expected[i] = bytes[i];
      }
      Buffer<int16_t> values = source.buffer<int16_t>(upTo(n, 64), kInt16Min, kInt16Max, n % 2);
      Buffer<uint8_t> activity = source.buffer<uint8_t>(upTo(n, 64) / 16, 0, 255, n % 2);
      EXPECT_EQ(kernels().expandBytes(bytes.begin(), n, values.begin(), activity.begin()),
                sumOfSizes(expected));
      EXPECT_TRUE(same(expected, values)) << n << " bytes";
      EXPECT_TRUE(same(activityOf(expected, activity.size()), activity)) << n << " bytes";
    }
  }
}

TEST_P(FastKernelSet, ExpandsInputsOf16BitsOfEveryLengthWithoutReadingPastThem) {
  Source source(11);
  for (size_t n = 0; n <= 200; n++) {
    for (const uint32_t zeroPercent : {0u, 50u, 95u, 100u}) {
      Buffer<int16_t> inputs = source.buffer<int16_t>(n, kInt16Min, kInt16Max, n % 3);
      Buffer<int16_t> expected(upTo(n, 64), 0);
      for (size_t i = 0; i < n; i++) {
        if (source.chance(zeroPercent)) inputs[i] = 0;
        if (source.chance(30)) inputs[i] = static_cast<int16_t>(source.between(-2049, 2049));
        expected[i] = clip<int16_t>(inputs[i], -kActivationMax, kActivationMax);
      }
      Buffer<int16_t> values = source.buffer<int16_t>(upTo(n, 64), kInt16Min, kInt16Max, n % 2);
      Buffer<uint8_t> activity = source.buffer<uint8_t>(upTo(n, 64) / 16, 0, 255, n % 2);
      EXPECT_EQ(kernels().expandFixed(inputs.begin(), n, values.begin(), activity.begin()),
                sumOfSizes(expected));
      EXPECT_TRUE(same(expected, values)) << n << " inputs";
      EXPECT_TRUE(same(activityOf(expected, activity.size()), activity)) << n << " inputs";
    }
  }
}

/// Floating-point inputs that like what is hard to round: halves of units and their neighbours, limits, infinities, NaN.
template <typename T>
T awkwardReal(Source& source) {
  switch (source.between(0, 9)) {
    case 0:
      return T{0};
    case 1:
      return source.chance(50) ? -T{0} : std::numeric_limits<T>::denorm_min();
    case 2:
      return source.chance(50) ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
    case 3:
      return std::numeric_limits<T>::quiet_NaN();
    case 4:
      return source.chance(50) ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest();
    case 5:  // around the limits
      return static_cast<T>((source.chance(50) ? 1 : -1) * (2047 + source.between(-4, 4) / 4.0) / 256);
    case 6: {  // halves of a unit, and the numbers next to them
      const T half = static_cast<T>((source.between(-600, 600) + 0.5) / 256);
      return std::nextafter(half, static_cast<T>(source.between(-10, 10)));
    }
    case 7:
      return static_cast<T>((source.between(-600, 600) + 0.5) / 256);
    default:
      return static_cast<T>(source.between(-2000000, 2000000) / 300000.0);
  }
}

template <typename T, typename Expand>
void expectConverted(Source& source, Expand expand) {
  for (size_t n = 0; n <= 200; n++) {
    for (const bool scaled : {false, true}) {
      Buffer<T> inputs(n, n % 3);
      for (T& input : inputs) input = awkwardReal<T>(source);
      Buffer<double> offset(n, n % 2), scale(n, n % 2);
      for (size_t i = 0; i < n; i++) {
        offset[i] = source.between(-300, 300) / 77.0;
        scale[i] = source.between(-500, 500) / 99.0;
      }
      Buffer<int16_t> expected(upTo(n, 64), 0);
      for (size_t i = 0; i < n; i++) {
        const auto x = static_cast<double>(inputs[i]);
        expected[i] = scaled ? quantise(x, offset[i], scale[i]) : quantise(x, 0.0, 1.0);
      }
      Buffer<int16_t> values = source.buffer<int16_t>(upTo(n, 64), kInt16Min, kInt16Max, n % 2);
      Buffer<uint8_t> activity = source.buffer<uint8_t>(upTo(n, 64) / 16, 0, 255, n % 2);
      EXPECT_EQ(expand(inputs.begin(), n, scaled ? offset.begin() : nullptr, scaled ? scale.begin() : nullptr,
                       values.begin(), activity.begin()),
                sumOfSizes(expected));
      EXPECT_TRUE(same(expected, values)) << n << " inputs, scaled " << scaled;
      EXPECT_TRUE(same(activityOf(expected, activity.size()), activity)) << n << " inputs";
    }
  }
}

TEST_P(FastKernelSet, ConvertsFloatingPointInputsOfEveryLengthWithoutReadingPastThem) {
  Source source(12);
  for (int repeat = 0; repeat < 4; repeat++) {
    expectConverted<float>(source, kernels().expandFloats);
    expectConverted<double>(source, kernels().expandDoubles);
  }
}

/// The conversion itself, by numbers worked out by hand.
TEST(Quantise, RoundsToTheNearestUnitAndClips) {
  EXPECT_EQ(quantise(0.5 / 256, 0.0, 1.0), 1);
  EXPECT_EQ(quantise(-0.5 / 256, 0.0, 1.0), 0);
  EXPECT_EQ(quantise(-1.5 / 256, 0.0, 1.0), -1);
  EXPECT_EQ(quantise(3.0, 1.0, 0.5), 256);
  EXPECT_EQ(quantise(8.0, 0.0, 1.0), 2047);
  EXPECT_EQ(quantise(-8.0, 0.0, 1.0), -2047);
  EXPECT_EQ(quantise(std::numeric_limits<double>::quiet_NaN(), 0.0, 1.0), -2047);
  EXPECT_EQ(quantise(std::numeric_limits<double>::infinity(), 0.0, 1.0), 2047);
}

TEST_P(FastKernelSet, MarksValuesOfEveryLength) {
  Source source(2);
  for (size_t n = 0; n <= 208; n += 16) {
    for (const uint32_t zeroPercent : {0u, 50u, 95u, 100u}) {
      const Buffer<int16_t> values = source.budgeted(n, 2047, 1 << 28, zeroPercent, n / 16 % 2);
      Buffer<uint8_t> activity = source.buffer<uint8_t>(n / 16, 0, 255, n / 16 % 2);
      EXPECT_EQ(kernels().markValues(values.begin(), n, activity.begin()), sumOfSizes(values));
      EXPECT_TRUE(same(activityOf(values, n / 16), activity)) << n << " values";
    }
  }
}

TEST_P(FastKernelSet, FinishesReluLayersWithTheirActivity) {
  Source source(3);
  for (int32_t fraction = 0; fraction <= 16; fraction++) {
    for (size_t n = 0; n <= 96; n += 16) {
      Buffer<int32_t> sums = source.buffer<int32_t>(n, kInt32Min, kInt32Max, n / 16 % 2);
      // Small numbers as well, around the limit and around zero.
      for (int32_t& sum : sums) {
        if (source.chance(60)) sum = source.between(-3000, 3000) * (1 << fraction) + source.between(-2, 2);
      }
      Buffer<int16_t> expected(n), values(n, n / 16 % 2);
      Buffer<uint8_t> activity = source.buffer<uint8_t>(n / 16, 0, 255);
      const uint32_t clipped = scalarKernels().finishRelu(sums.begin(), n, fraction, expected.begin());
      const ReluResult result =
          kernels().finishReluMarked(sums.begin(), n, fraction, values.begin(), activity.begin());
      EXPECT_EQ(result.clipped, clipped);
      EXPECT_EQ(result.sum, sumOfSizes(expected));
      EXPECT_TRUE(same(expected, values));
      EXPECT_TRUE(same(activityOf(expected, n / 16), activity));
    }
  }
}

TEST_P(FastKernelSet, ShiftsValues) {
  Source source(4);
  for (int32_t shift = 0; shift <= kMaxActivationShift; shift++) {
    for (size_t n = 0; n <= 128; n += 32) {
      const Buffer<int16_t> values = source.buffer<int16_t>(n, -kActivationMax, kActivationMax, n / 32 % 2);
      Buffer<int16_t> expected(n), shifted(n, shift % 2);
      for (size_t i = 0; i < n; i++) expected[i] = static_cast<int16_t>(values[i] * (1 << shift));
      kernels().shiftValues(values.begin(), n, shift, shifted.begin());
      EXPECT_TRUE(same(expected, shifted));
    }
  }
}

// --- By blocks, by lists ----------------------------------------------------------------------------------------------

// A slab with its tiles in the order of blocks.
struct SlabIndex {
  Buffer<uint32_t> starts;
  Buffer<uint16_t> tiles, groups;
  Buffer<TileRecord> records;
  Buffer<uint8_t> groupBytes, groupBits, blockBytes, blockBits;
  uint32_t firstBlock, blocks;

  SlabIndex(Slab& slab, uint32_t first, uint32_t count, size_t skip)
      : starts(count + 1, skip),
        tiles(slab.blocks.size(), skip),
        groups(slab.blocks.size(), skip),
        records(slab.blocks.size(), skip),
        groupBytes(upTo(slab.blocks.size(), 64), skip),
        groupBits(groupBytes.size(), skip),
        blockBytes(groupBytes.size(), skip),
        blockBits(groupBytes.size(), skip),
        firstBlock(first),
        blocks(count) {
    uint32_t place = 0;
    for (uint32_t b = 0; b < blocks; b++) {
      for (uint32_t group = 0; group + 1 < slab.groupStart.size(); group++) {
        for (uint32_t tile = slab.groupStart[group]; tile < slab.groupStart[group + 1]; tile++) {
          const uint32_t block = slab.blocks[tile];
          records[tile] = {static_cast<uint16_t>(group), static_cast<uint16_t>(block * kTileLanes)};
          groupBytes[tile] = static_cast<uint8_t>(group / 8);
          groupBits[tile] = static_cast<uint8_t>(1 << group % 8);
          blockBytes[tile] = static_cast<uint8_t>(block / 8);
          blockBits[tile] = static_cast<uint8_t>(1 << block % 8);
          if (slab.blocks[tile] != firstBlock + b) continue;
          tiles[place] = static_cast<uint16_t>(tile);
          groups[place++] = static_cast<uint16_t>(group);
        }
      }
      starts[b + 1] = place;
    }
  }

  BlockIndex view() { return {starts.begin(), tiles.begin(), groups.begin(), firstBlock, blocks}; }
  TileFlags flags() { return {groupBytes.begin(), groupBits.begin(), blockBytes.begin(), blockBits.begin()}; }
};

struct IndexedSlab {
  Slab slab;
  SlabIndex index;
};

/// The slabs of a shape, each with its index.
std::vector<IndexedSlab> makeIndexed(const Shape& shape, Source& source) {
  std::vector<IndexedSlab> all;
  std::vector<Slab> slabs = makeSlabs(shape, source);
  for (uint32_t s = 0; s < shape.slabs; s++) {
    const uint32_t first = shape.blocks * s / shape.slabs;
    SlabIndex index(slabs[s], first, shape.blocks * (s + 1) / shape.slabs - first, shape.skip);
    all.push_back({std::move(slabs[s]), std::move(index)});
  }
  return all;
}

TEST_P(FastKernelSet, SumsByBlocksWhatIsSummedByGroups) {
  Source source(5);
  for (const Shape& shape : shapes()) {
    const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
    const Buffer<int16_t> values = source.budgeted(2 * shape.groups, kActivationMax, budget, 50, shape.skip);
    const ListBuffers active = listOf(values);
    const Buffer<int32_t> biases =
        source.buffer<int32_t>(shape.blocks * kTileRights, -kBiasMax, kBiasMax, shape.skip);
    Buffer<int32_t> sums(biases.size(), shape.skip), expected = biases;
    for (IndexedSlab& part : makeIndexed(shape, source)) {
      const TileSlab view = part.slab.view();
      scalarKernels().forwardTiles(&view, &active.list, expected.begin());
      const BlockIndex index = part.index.view();
      kernels().forwardBlocks(&index, part.slab.weights.begin(), values.begin(), biases.begin(),
                              sums.begin());
    }
    EXPECT_TRUE(same(expected, sums)) << describe(shape);
  }
}

TEST_P(FastKernelSet, SumsByBlocksAndFinishesRelu) {
  Source source(8);
  for (const Shape& shape : shapes()) {
    for (const int32_t fraction : {0, 1, 7, 12, 16}) {
      const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
      const Buffer<int16_t> values =
          source.budgeted(2 * shape.groups, kActivationMax, budget, 50, shape.skip);
      const Buffer<int32_t> biases =
          source.buffer<int32_t>(shape.blocks * kTileRights, -kBiasMax, kBiasMax, shape.skip);
      Buffer<int32_t> sums(biases.size());
      Buffer<int16_t> expected(biases.size()),
          actual = source.buffer<int16_t>(biases.size(), -9, 9, shape.skip);
      Buffer<uint8_t> activity = source.buffer<uint8_t>(shape.blocks, 0, 255, shape.skip);
      ReluResult total = {0, 0};
      for (IndexedSlab& part : makeIndexed(shape, source)) {
        const BlockIndex index = part.index.view();
        scalarKernels().forwardBlocks(&index, part.slab.weights.begin(), values.begin(), biases.begin(),
                                      sums.begin());
        const ReluResult done =
            kernels().forwardRelu(&index, part.slab.weights.begin(), values.begin(), biases.begin(), fraction,
                                  actual.begin(), activity.begin());
        total.clipped += done.clipped;
        total.sum += done.sum;
      }
      EXPECT_EQ(total.clipped,
                scalarKernels().finishRelu(sums.begin(), sums.size(), fraction, expected.begin()));
      EXPECT_EQ(total.sum, sumOfSizes(expected));
      EXPECT_TRUE(same(expected, actual)) << describe(shape);
      EXPECT_TRUE(same(activityOf(expected, activity.size()), activity)) << describe(shape);
    }
  }
}

// The junctions of shapes(), and some with so many groups or blocks that lists are made in another way.
std::vector<Shape> listedShapes() {
  std::vector<Shape> all = shapes();
  for (const uint32_t groups : {392u, 511u, 512u, 513u, 530u, 1000u, 1024u, 1025u, 1100u, 2100u}) {
    Shape shape;
    shape.groups = groups;
    shape.blocks = groups % 2 == 0 ? 3 : 40;  // 40: more tiles a group than are listed at once
    shape.tilePercent = groups % 3 == 0 ? 100 : 45;
    all.push_back(shape);
  }
  for (const uint32_t blocks : {500u, 512u}) {
    Shape shape;
    shape.groups = 17;
    shape.blocks = blocks;
    shape.tilePercent = 45;
    all.push_back(shape);
  }
  return all;
}

TEST_P(FastKernelSet, ListsTheTilesOfActiveGroups) {
  Source source(6);
  for (const Shape& shape : listedShapes()) {
    for (const uint32_t zeroPercent : {0u, 60u, 97u, 100u}) {
      const Buffer<int16_t> values = source.budgeted(2 * shape.groups, 2047, 1 << 28, zeroPercent);
      const Buffer<uint8_t> activity = activityOf(values, upTo(shape.groups, 512) / 8, shape.skip);
      const Buffer<uint8_t> moving = source.buffer<uint8_t>(64, 0, 255, shape.skip);
      const auto moves = [&](uint32_t block) { return (moving[block / 8] >> block % 8 & 1) != 0; };
      for (IndexedSlab& part : makeIndexed(shape, source)) {
        std::vector<uint16_t> expected;
        for (uint32_t group = 0; group < shape.groups; group++) {
          if (values[2 * group] == 0 && values[2 * group + 1] == 0) continue;
          for (uint32_t tile = part.slab.groupStart[group]; tile < part.slab.groupStart[group + 1]; tile++)
            expected.push_back(static_cast<uint16_t>(tile));
        }
        const TileSlab view = part.slab.view();
        const TileFlags flags = part.index.flags();
        Buffer<uint16_t> list(part.slab.blocks.size() + kListPadding, shape.skip);
        const uint32_t count =
            kernels().listTiles(&view, &flags, shape.groups, activity.begin(), nullptr, list.begin());
        ASSERT_EQ(count, expected.size()) << describe(shape);
        EXPECT_TRUE(std::equal(expected.begin(), expected.end(), list.begin())) << describe(shape);

        // Tiles of blocks that do not move may be left out; all others are listed, in order.
        const uint32_t some =
            kernels().listTiles(&view, &flags, shape.groups, activity.begin(), moving.begin(), list.begin());
        EXPECT_TRUE(std::includes(expected.begin(), expected.end(), list.begin(), list.begin() + some));
        expected.erase(std::remove_if(expected.begin(), expected.end(),
                                      [&](uint16_t tile) { return !moves(part.slab.blocks[tile]); }),
                       expected.end());
        EXPECT_TRUE(std::includes(list.begin(), list.begin() + some, expected.begin(), expected.end()))
            << describe(shape);
      }
    }
  }
}

/// The bins of a slab, made by counting places instead of an index, and the weights with the null tile behind them.
struct Bins {
  Buffer<BinPlace> places;
  Buffer<uint16_t> tiles;
  Buffer<uint8_t> groupBytes, groupBits;
  Buffer<uint32_t> starts;
  Buffer<int16_t> weights;
  uint32_t firstBlock, blocks;

  Bins(const Slab& slab, const SlabIndex& index, size_t skip)
      : starts(index.blocks + 1, skip), firstBlock(index.firstBlock), blocks(index.blocks) {
    constexpr uint32_t kMost = kBinPlaces - 1;
    const auto null = static_cast<uint16_t>(slab.blocks.size());
    std::vector<BinPlace> all;
    std::vector<bool> taken;
    for (uint32_t b = 0; b < blocks; b++) {
      uint32_t room = 0;
      for (uint32_t i = index.starts[b]; i < index.starts[b + 1]; i++) {
        if (room == 0) {
          all.resize((all.size() + kBinPlaces - 1) / kBinPlaces * kBinPlaces, BinPlace{null, 0});
          room = kMost;
        }
        all.push_back({index.tiles[i], index.groups[i]});
        room--;
      }
      all.resize((all.size() + kBinPlaces - 1) / kBinPlaces * kBinPlaces, BinPlace{null, 0});
      starts[b + 1] = static_cast<uint32_t>(all.size() / kBinPlaces);
    }
    places = toBuffer(all, skip);
    tiles = Buffer<uint16_t>(all.size(), skip);
    groupBytes = Buffer<uint8_t>(all.size(), skip);
    groupBits = Buffer<uint8_t>(all.size(), skip);
    for (size_t i = 0; i < all.size(); i++) {
      tiles[i] = all[i].tile;
      if (all[i].tile == null) continue;
      groupBytes[i] = static_cast<uint8_t>(all[i].group / 8);
      groupBits[i] = static_cast<uint8_t>(1 << all[i].group % 8);
    }
    weights = Buffer<int16_t>(slab.weights.size() + kTileLanes, skip);
    std::copy(slab.weights.begin(), slab.weights.end(), weights.begin());
  }

  uint32_t count() const { return starts[blocks]; }
  TileBins view() {
    return {places.begin(), tiles.begin(), groupBytes.begin(), groupBits.begin(), starts.begin(),
            firstBlock,     blocks};
  }
};

struct ActiveBuffers {
  Buffer<uint8_t> places, counts;
  Buffer<uint16_t> bins;
  ActiveTiles tiles;

  ActiveBuffers(uint32_t count, size_t skip)
      : places((count + 1) * kBinPlaces, skip),
        counts(count, skip),
        bins((count + 1) * kBinPlaces / 4, skip),
        tiles{places.begin(), bins.begin(), counts.begin(), 0} {}
};

/// Calls check(bins, activity, values, zeroPercent) for the bins of all slabs of some shapes.
template <typename Check>
void forBins(uint64_t seed, Check check) {
  Source source(seed);
  for (const Shape& shape : listedShapes()) {
    if (shape.groups > kMostBinGroups) continue;
    for (const uint32_t zeroPercent : {0u, 60u, 97u, 100u}) {
      const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
      const Buffer<int16_t> values =
          source.budgeted(2 * shape.groups, kActivationMax, budget, zeroPercent, shape.skip);
      const Buffer<uint8_t> activity = activityOf(values, upTo(shape.groups, 512) / 8, shape.skip);
      for (IndexedSlab& part : makeIndexed(shape, source)) {
        Bins bins(part.slab, part.index, shape.skip);
        check(shape, part, bins, values, activity, source);
      }
    }
  }
}

TEST_P(FastKernelSet, FindsTheActiveTilesOfBins) {
  forBins(21, [&](const Shape& shape, IndexedSlab& part, Bins& bins, const Buffer<int16_t>& values,
                  const Buffer<uint8_t>& activity, Source& source) {
    ActiveBuffers found(bins.count(), shape.skip);
    const TileBins view = bins.view();
    kernels().listBins(&view, shape.groups, activity.begin(), &found.tiles);
    std::vector<uint16_t> expected, moved;
    const Buffer<uint8_t> moving = source.buffer<uint8_t>(64, 0, 255, shape.skip);
    uint32_t four = 0;
    for (uint32_t b = 0; b < bins.blocks; b++) {
      const uint32_t block = bins.firstBlock + b;
      for (uint32_t bin = bins.starts[b]; bin < bins.starts[b + 1]; bin++) {
        uint32_t count = 0;
        for (uint32_t i = bin * kBinPlaces; i < (bin + 1) * kBinPlaces; i++) {
          const BinPlace place = bins.places[i];
          if (place.tile == part.slab.blocks.size()) continue;
          if (values[2 * place.group] == 0 && values[2 * place.group + 1] == 0) continue;
          ASSERT_LT(four + count / 4, found.tiles.fours);
          EXPECT_EQ(found.places[4 * four + count], i % kBinPlaces) << describe(shape);
          EXPECT_EQ(found.bins[four + count / 4], bin) << describe(shape);
          count++;
          expected.push_back(place.tile);
          if ((moving[block / 8] >> block % 8 & 1) != 0) moved.push_back(place.tile);
        }
        EXPECT_EQ(found.counts[bin], count) << describe(shape);
        const uint32_t fours = std::max(1u, (count + 3) / 4);
        for (; count < 4 * fours; count++)
          EXPECT_EQ(found.places[4 * four + count], kBinPlaces - 1) << describe(shape);
        EXPECT_EQ(found.bins[four], bin) << describe(shape);
        four += fours;
      }
    }
    ASSERT_EQ(found.tiles.fours, four) << describe(shape);

    Buffer<uint16_t> list(part.slab.blocks.size() + kListPadding, shape.skip);
    ASSERT_EQ(kernels().listMoving(&view, &found.tiles, nullptr, list.begin()), expected.size());
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), list.begin())) << describe(shape);
    if (shape.blocks > kMostMoving) return;
    ASSERT_EQ(kernels().listMoving(&view, &found.tiles, moving.begin(), list.begin()), moved.size());
    EXPECT_TRUE(std::equal(moved.begin(), moved.end(), list.begin())) << describe(shape);
  });
}

TEST_P(FastKernelSet, SumsActiveTilesAsAllTiles) {
  forBins(22, [&](const Shape& shape, IndexedSlab& part, Bins& bins, const Buffer<int16_t>& values,
                  const Buffer<uint8_t>& activity, Source& source) {
    const int32_t fraction = source.between(0, 16);
    const Buffer<int32_t> biases =
        source.buffer<int32_t>(shape.blocks * kTileRights, -kBiasMax, kBiasMax, shape.skip);
    Buffer<int16_t> expected(biases.size()), actual(biases.size(), shape.skip);
    Buffer<uint8_t> expectedBits(shape.blocks), bits(shape.blocks, shape.skip);
    const BlockIndex index = part.index.view();
    const ReluResult all =
        scalarKernels().forwardRelu(&index, part.slab.weights.begin(), values.begin(), biases.begin(),
                                    fraction, expected.begin(), expectedBits.begin());
    ActiveBuffers found(bins.count(), shape.skip);
    Buffer<int32_t> room =
        source.buffer<int32_t>((bins.count() + 1) * kTileRights, kInt32Min, kInt32Max, shape.skip);
    const TileBins view = bins.view();
    kernels().listBins(&view, shape.groups, activity.begin(), &found.tiles);
    const ReluResult active =
        kernels().forwardActive(&view, &found.tiles, bins.weights.begin(), values.begin(), biases.begin(),
                                fraction, room.begin(), actual.begin(), bits.begin());
    EXPECT_EQ(active.clipped, all.clipped) << describe(shape);
    EXPECT_EQ(active.sum, all.sum) << describe(shape);
    EXPECT_TRUE(same(expected, actual)) << describe(shape);
    EXPECT_TRUE(same(expectedBits, bits)) << describe(shape);
  });
}

/// How weights move, with random numbers and with nearest rounding.
std::vector<UpdateRule> rulesOf(int bits, const Buffer<uint16_t>& lanes, int32_t shift) {
  const auto low = static_cast<int16_t>(-weightLimit(bits));
  const auto high = static_cast<int16_t>(weightLimit(bits) - 1);
  return {{lanes.begin(), 1, shift, low, high}, {lanes.begin(), 0, shift, low, high}};
}

TEST_P(FastKernelSet, UpdatesListedTilesAsThoseOfActiveGroups) {
  Source source(7);
  for (const Shape& shape : shapes()) {
    const Buffer<int16_t> values = source.budgeted(2 * shape.groups, kActivationMax, 1 << 28, 40, shape.skip);
    const ListBuffers active = listOf(values);
    const int32_t shift = source.between(0, kMaxActivationShift);
    Buffer<int16_t> shifted = values;
    for (int16_t& value : shifted) value = static_cast<int16_t>(value * (1 << shift));
    const Buffer<uint8_t> activity = activityOf(values, upTo(shape.groups, 512) / 8);
    const Buffer<int16_t> paired =
        source.buffer<int16_t>(shape.blocks * kTileLanes, -kDeltaMax, kDeltaMax, shape.skip);
    const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, shape.skip);
    for (const UpdateRule& rule : rulesOf(shape.bits, lanes, shift)) {
      for (IndexedSlab& part : makeIndexed(shape, source)) {
        Slab expected = part.slab;
        const TileSlab expectedView = expected.view();
        scalarKernels().updateTiles(&expectedView, &active.list, paired.begin(), &rule);
        const TileSlab view = part.slab.view();
        Buffer<uint16_t> list(part.slab.blocks.size() + kListPadding);
        const TileFlags flags = part.index.flags();
        const uint32_t count =
            scalarKernels().listTiles(&view, &flags, shape.groups, activity.begin(), nullptr, list.begin());
        kernels().updateListed(&view, part.index.records.begin(), list.begin(), count, shifted.begin(),
                               paired.begin(), &rule);
        EXPECT_TRUE(same(expected.weights, part.slab.weights)) << describe(shape);
      }
    }
  }
}

TEST_P(FastKernelSet, MovesAllTilesWithMomentumAsByGroups) {
  Source source(13);
  for (const Shape& shape : shapes()) {
    const Buffer<int16_t> values = source.budgeted(2 * shape.groups, kActivationMax, 1 << 28, 40, shape.skip);
    const int32_t shift = source.between(0, kMaxActivationShift);
    Buffer<int16_t> shifted = values;
    for (int16_t& value : shifted) value = static_cast<int16_t>(value * (1 << shift));
    const Buffer<int16_t> paired =
        source.buffer<int16_t>(shape.blocks * kTileLanes, -kDeltaMax, kDeltaMax, shape.skip);
    const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, shape.skip);
    const Buffer<uint16_t> lossLanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, shape.skip);
    const Buffer<uint16_t> weightLanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, shape.skip);
    for (const UpdateRule& update : rulesOf(shape.bits, lanes, shift)) {
      const MomentumRule rule = {update, lossLanes.begin(), weightLanes.begin(),
                                 static_cast<int16_t>(source.edgy(1, 32767))};
      for (IndexedSlab& part : makeIndexed(shape, source)) {
        Slab expected = part.slab;
        const TileSlab expectedView = expected.view();
        scalarKernels().momentumTiles(&expectedView, values.begin(), shape.groups, paired.begin(), &rule);
        const TileSlab view = part.slab.view();
        kernels().momentumAll(&view, part.index.records.begin(),
                              static_cast<uint32_t>(part.slab.blocks.size()), shifted.begin(), paired.begin(),
                              &rule);
        EXPECT_TRUE(same(expected.velocities, part.slab.velocities)) << describe(shape);
        EXPECT_TRUE(same(expected.weights, part.slab.weights)) << describe(shape);
      }
    }
  }
}

// --- Lists of edges ---------------------------------------------------------------------------------------------------

/// A random junction as a list of edges: the right neurons of each left one differ.
struct Edges {
  uint32_t lefts, rights;
  Buffer<uint32_t> start, ends, firstOrdinal;
  Buffer<int16_t> weights;

  Edges(uint32_t leftCount, uint32_t rightCount, uint32_t percent, int bits, size_t skip, Source& source)
      : lefts(leftCount),
        rights(rightCount),
        start(upTo(leftCount, 2) + 1, skip),
        firstOrdinal(leftCount, skip) {
    std::vector<uint32_t> all;
    uint32_t ordinal = static_cast<uint32_t>(source.between(0, 70000));
    for (uint32_t left = 0; left < lefts; left++) {
      firstOrdinal[left] = ordinal;
      for (uint32_t right = 0; right < rights; right++) {
        if (source.chance(percent)) all.push_back(right);
      }
      start[left + 1] = static_cast<uint32_t>(all.size());
      ordinal +=
          start[left + 1] - start[left] + static_cast<uint32_t>(source.between(0, 40));  // of other slabs
    }
    start[start.size() - 1] = static_cast<uint32_t>(all.size());
    weights =
        source.buffer<int16_t>(all.size() + kEdgePadding, -weightLimit(bits), weightLimit(bits) - 1, skip);
    all.resize(all.size() + kEdgePadding);
    ends = toBuffer(all, skip);
  }
  EdgeSlab view() { return {start.begin(), ends.begin(), firstOrdinal.begin(), weights.begin()}; }
};

TEST_P(FastKernelSet, PassesOverListsOfEdgesAsOneByOne) {
  Source source(14);
  for (int bits = 4; bits <= 16; bits++) {
    for (const uint32_t lefts : {1u, 2u, 15u, 16u, 17u, 40u}) {
      for (const uint32_t percent : {0u, 3u, 30u, 100u}) {
        const size_t skip = lefts % 2;
        const uint32_t rights = lefts % 5 == 0 ? 48 : 16 * static_cast<uint32_t>(source.between(1, 5)) - 3;
        const size_t padded = upTo(rights, 16);
        Edges edges(lefts, rights, percent, bits, skip, source);
        const int64_t budget = kFastSumLimit / weightLimit(bits);
        Buffer<int16_t> values = source.budgeted(upTo(lefts, 2), kActivationMax, budget, 40, skip);
        if (lefts % 2 != 0) values[lefts] = 0;
        const ListBuffers active = listOf(values);
        const EdgeSlab view = edges.view();

        const Buffer<int32_t> biases = source.buffer<int32_t>(padded, -kBiasMax, kBiasMax, skip);
        Buffer<int32_t> expectedSums = biases, sums = biases;
        scalarKernels().forwardEdges(&view, &active.list, expectedSums.begin());
        kernels().forwardEdges(&view, &active.list, sums.begin());
        EXPECT_TRUE(same(expectedSums, sums)) << lefts << " left neurons, " << percent << " %";

        Buffer<int16_t> deltas = source.budgeted(padded, kDeltaMax, budget, 20, skip);
        Buffer<int16_t> room(2 * padded, skip);
        Buffer<int32_t> expectedErrors = source.buffer<int32_t>(upTo(lefts, 2), -9, 9, skip);
        Buffer<int32_t> errors = expectedErrors;
        scalarKernels().backwardEdges(&view, &active.list, deltas.begin(), padded, room.begin(),
                                      expectedErrors.begin());
        kernels().backwardEdges(&view, &active.list, deltas.begin(), padded, room.begin(), errors.begin());
        EXPECT_TRUE(same(expectedErrors, errors)) << lefts << " left neurons, " << percent << " %";

        const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, skip);
        Buffer<int16_t> paired(2 * padded, skip);
        for (size_t i = 0; i < padded; i++)
          paired[2 * i] = paired[2 * i + 1] = static_cast<int16_t>(source.edgy(-kDeltaMax, kDeltaMax));
        for (const UpdateRule& rule : rulesOf(bits, lanes, source.between(0, kMaxActivationShift))) {
          Edges expected = edges;
          const EdgeSlab expectedView = expected.view();
          scalarKernels().updateEdges(&expectedView, &active.list, paired.begin(), &rule);
          kernels().updateEdges(&view, &active.list, paired.begin(), &rule);
          EXPECT_TRUE(same(expected.weights, edges.weights)) << lefts << " left neurons, " << percent << " %";
        }
      }
    }
  }
}

// --- The output junction ----------------------------------------------------------------------------------------------

/// A dense junction with at most 16 right neurons, as rows and as tiles of one block.
struct Outputs {
  uint32_t lefts, rights, leftBlocks, rowCount;
  Slab slab;
  Buffer<int16_t> weights;

  Outputs(uint32_t leftCount, uint32_t rightCount, int bits, size_t skip, Source& source)
      : lefts(leftCount),
        rights(rightCount),
        leftBlocks((leftCount + kOutputLefts - 1) / kOutputLefts),
        rowCount((rightCount + 1) / 2 * 2),
        weights(static_cast<size_t>(leftBlocks) * rowCount * kOutputLefts, skip) {
    Shape shape;
    shape.groups = (lefts + 1) / 2;
    shape.bits = bits;
    slab = std::move(makeSlabs(shape, source)[0]);
    for (uint32_t tile = 0; tile < shape.groups; tile++) {
      for (uint32_t lane = 0; lane < kTileLanes; lane++) {
        int16_t& weight = slab.weights[tile * kTileLanes + lane];
        if (2 * tile + lane % 2 >= lefts || lane / 2 >= rights) weight = 0;
      }
    }
    forWeights([](int16_t& row, int16_t& tile) { row = tile; });
  }

  OutputRows rows() { return {weights.begin(), leftBlocks, rowCount}; }

  template <typename Visit>
  void forWeights(Visit visit) {
    for (uint32_t l = 0; l < lefts; l++) {
      for (uint32_t r = 0; r < rights; r++)
        visit(weights[(static_cast<size_t>(l / 32) * rowCount + r) * 32 + l % 32],
              slab.weights[static_cast<size_t>(l / 2) * kTileLanes + 2 * r + l % 2]);
    }
  }

  // The rows that are expected after the same update of the tiles.
  Buffer<int16_t> rowsOfTiles() {
    Outputs copy = *this;
    copy.weights = Buffer<int16_t>(weights.size());
    copy.forWeights([](int16_t& row, int16_t& tile) { row = tile; });
    return copy.weights;
  }

  std::string text() const { return std::to_string(lefts) + " to " + std::to_string(rights); }
};

/// n numbers, then zeros.
Buffer<int16_t> zerosAfter(Buffer<int16_t> values, size_t n) {
  std::fill(values.begin() + n, values.end(), int16_t{0});
  return values;
}

template <typename Test>
void forOutputs(Source& source, Test test) {
  for (const uint32_t lefts : {1u, 2u, 31u, 32u, 33u, 64u, 255u, 256u}) {
    for (uint32_t rights = 1; rights <= kMostOutputs; rights++) {
      const int bits = rights % 4 == 0 ? static_cast<int>(4 + lefts % 12) : 16;
      Outputs outputs(lefts, rights, bits, (lefts + rights) % 2, source);
      const int64_t budget = kFastSumLimit / weightLimit(bits);
      const size_t padded = static_cast<size_t>(outputs.leftBlocks) * kOutputLefts;
      const Buffer<int16_t> values =
          zerosAfter(source.budgeted(padded, kActivationMax, budget, 40, lefts % 2), lefts);
      test(outputs, values, bits, budget);
    }
  }
}

TEST_P(FastKernelSet, SumsOutputs) {
  Source source(8);
  forOutputs(source, [&](Outputs& outputs, const Buffer<int16_t>& values, int, int64_t) {
    Buffer<int32_t> biases = source.buffer<int32_t>(kMostOutputs, -kBiasMax, kBiasMax, 1), expected = biases,
                    sums(kMostOutputs, 1);
    const ListBuffers active = listOf(values);
    const TileSlab view = outputs.slab.view();
    scalarKernels().forwardTiles(&view, &active.list, expected.begin());
    const OutputRows rows = outputs.rows();
    kernels().forwardOutputs(&rows, values.begin(), biases.begin(), sums.begin());
    EXPECT_TRUE(same(expected, sums)) << outputs.text();
  });
}

// The errors of all left neurons, computed from the tiles.
Buffer<int32_t> errorsOf(Outputs& outputs, const Buffer<int16_t>& deltas, size_t padded) {
  Buffer<int16_t> ones(upTo(outputs.lefts, 2));
  std::fill(ones.begin(), ones.end(), int16_t{1});
  const ListBuffers everyGroup = listOf(ones);
  Buffer<int32_t> errors(padded);
  const TileSlab view = outputs.slab.view();
  scalarKernels().backwardTiles(&view, &everyGroup.list, deltas.begin(), errors.begin());
  return errors;
}

TEST_P(FastKernelSet, TakesErrorsOfOutputsBack) {
  Source source(9);
  forOutputs(source, [&](Outputs& outputs, const Buffer<int16_t>& values, int, int64_t budget) {
    const Buffer<int16_t> deltas =
        zerosAfter(source.budgeted(kMostOutputs, kDeltaMax, budget, 20, 1), outputs.rights);
    Buffer<int32_t> errors(values.size(), 1);
    const OutputRows rows = outputs.rows();
    kernels().errorsOutputs(&rows, deltas.begin(), errors.begin());
    EXPECT_TRUE(same(errorsOf(outputs, deltas, values.size()), errors)) << outputs.text();
  });
}

Buffer<int16_t> twice(const Buffer<int16_t>& values) {
  Buffer<int16_t> paired(2 * values.size(), 1);
  for (size_t i = 0; i < paired.size(); i++) paired[i] = values[i / 2];
  return paired;
}

TEST_P(FastKernelSet, UpdatesOutputs) {
  Source source(10);
  forOutputs(source, [&](Outputs& outputs, const Buffer<int16_t>& values, int bits, int64_t) {
    const Buffer<int16_t> paired =
        twice(zerosAfter(source.buffer<int16_t>(kMostOutputs, -kDeltaMax, kDeltaMax), outputs.rights));
    const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, 1);
    const ListBuffers active = listOf(values);
    for (const UpdateRule& rule : rulesOf(bits, lanes, source.between(0, kMaxActivationShift))) {
      const TileSlab view = outputs.slab.view();
      scalarKernels().updateTiles(&view, &active.list, paired.begin(), &rule);
      const OutputRows rows = outputs.rows();
      kernels().updateOutputs(&rows, values.begin(), paired.begin(), &rule);
      EXPECT_TRUE(same(outputs.rowsOfTiles(), outputs.weights)) << outputs.text();
    }
  });
}

TEST_P(FastKernelSet, TakesReluDeltasOfOutputsBackAndUpdatesThem) {
  Source source(11);
  uint32_t everClipped = 0;
  forOutputs(source, [&](Outputs& outputs, const Buffer<int16_t>& values, int bits, int64_t budget) {
    for (const int32_t moves : {0, 1}) {
      const int32_t fraction = source.between(0, 16);
      const Buffer<int16_t> deltas =
          zerosAfter(source.budgeted(kMostOutputs, kDeltaMax, budget, 20, 1), outputs.rights);
      const Buffer<int16_t> paired =
          twice(zerosAfter(source.buffer<int16_t>(kMostOutputs, -kDeltaMax, kDeltaMax), outputs.rights));
      const Buffer<uint16_t> lanes = source.buffer<uint16_t>(kTileLanes, 0, 0xFFFF, 1);
      const ListBuffers active = listOf(values);
      for (const UpdateRule& rule : rulesOf(bits, lanes, source.between(0, kMaxActivationShift))) {
        const Buffer<int32_t> errors = errorsOf(outputs, deltas, values.size());
        Buffer<int16_t> expected(values.size()), leftDeltas(values.size(), 1);
        const uint32_t clipped = scalarKernels().finishReluDeltas(errors.begin(), values.begin(),
                                                                  values.size(), fraction, expected.begin());
        everClipped += clipped;
        const TileSlab view = outputs.slab.view();
        if (moves != 0) scalarKernels().updateTiles(&view, &active.list, paired.begin(), &rule);
        const OutputRows rows = outputs.rows();
        EXPECT_EQ(kernels().backwardOutputs(&rows, values.begin(), deltas.begin(), paired.begin(), moves,
                                            fraction, &rule, leftDeltas.begin()),
                  clipped);
        EXPECT_TRUE(same(expected, leftDeltas)) << outputs.text();
        EXPECT_TRUE(same(outputs.rowsOfTiles(), outputs.weights)) << outputs.text();
      }
    }
  });
  EXPECT_GT(everClipped, 1000u);
}

// --- Softmax and random numbers ---------------------------------------------------------------------------------------

void expectSoftmax(const WideKernels& kernels, Buffer<int32_t> sums, uint32_t n, int32_t sumFraction,
                   int32_t label, int32_t classWeight) {
  std::vector<int32_t> limited(sums.begin(), sums.begin() + n), scratch(n), probabilities(n);
  for (int32_t& sum : limited) sum = std::clamp(sum, -kSumMax, kSumMax);
  softmax(limited.data(), n, sumFraction, scratch.data(), probabilities.data());
  Buffer<int16_t> expected(kMostOutputs), deltas(kMostOutputs, 1);
  uint32_t clipped = 0;
  for (uint32_t i = 0; i < n; i++) {
    const int64_t delta = probabilities[i] - (static_cast<int32_t>(i) == label ? kDeltaOne : 0);
    const int64_t weighted = shiftRound<int64_t>(delta * classWeight, 8);
    if (weighted > kDeltaMax || weighted < -kDeltaMax) clipped++;
    expected[i] = static_cast<int16_t>(std::clamp<int64_t>(weighted, -kDeltaMax, kDeltaMax));
  }
  const auto best = std::max_element(limited.begin(), limited.end()) - limited.begin();
  const SoftmaxResult result =
      kernels.softmaxDeltas(sums.begin(), n, sumFraction, label, classWeight, deltas.begin());
  EXPECT_EQ(result.probability, probabilities[label]);
  EXPECT_EQ(result.correct, best == label ? 1u : 0u);
  EXPECT_EQ(result.clipped, clipped);
  EXPECT_TRUE(same(expected, deltas)) << n << " outputs, fraction " << sumFraction;
  EXPECT_TRUE(std::equal(limited.begin(), limited.end(), sums.begin())) << "clipped sums";
}

TEST_P(FastKernelSet, MakesSoftmaxAndDeltas) {
  Source source(12);
  for (int32_t sumFraction = 8; sumFraction <= 24; sumFraction++) {
    for (uint32_t n = 1; n <= kMostOutputs; n++) {
      for (int variant = 0; variant < 8; variant++) {
        Buffer<int32_t> sums = source.buffer<int32_t>(kMostOutputs, kInt32Min, kInt32Max, variant % 2);
        if (variant > 2) {  // within a few units of each other, where probabilities differ
          const int64_t range = int64_t{4 << variant} << sumFraction >> 5;
          for (uint32_t i = 0; i < n; i++)
            sums[i] = source.edgy(-std::min<int64_t>(range, kSumMax), std::min<int64_t>(range, kSumMax));
        }
        const int32_t label = source.between(0, n - 1);
        const int32_t classWeight = variant % 3 == 0 ? 256 : source.edgy(0, 127 * 256);
        expectSoftmax(kernels(), sums, n, sumFraction, label, classWeight);
      }
    }
  }
}

TEST_P(FastKernelSet, TheFirstOfEqualSumsIsTheDecision) {
  for (uint32_t n = 2; n <= kMostOutputs; n++) {
    for (const int32_t value : {-kSumMax, -5, 0, kSumMax}) {
      Buffer<int32_t> sums(kMostOutputs);
      std::fill(sums.begin(), sums.end(), value);
      for (uint32_t label = 0; label < n; label++)
        expectSoftmax(kernels(), sums, n, 20, static_cast<int32_t>(label), 256);
    }
  }
}

TEST_P(FastKernelSet, DrawsTheLanesOfAStream) {
  Source source(13);
  for (int i = 0; i < 200; i++) {
    const uint64_t key = streamKey(static_cast<uint64_t>(i), 77);
    const uint64_t input = i < 3 ? static_cast<uint64_t>(i) : randomAt(key, 1) >> (i % 64);
    Buffer<uint16_t> expected(kTileLanes), lanes(kTileLanes, i % 2);
    for (uint32_t lane = 0; lane < kTileLanes; lane++)
      expected[lane] = static_cast<uint16_t>(randomAt(key, 8 * input + lane / 4) >> (16 * (lane % 4)));
    kernels().drawLanes(key, input, lanes.begin());
    EXPECT_TRUE(same(expected, lanes)) << "input " << input;
  }
}

// --- Predictions of four ----------------------------------------------------------------------------------------------

TEST_P(FastKernelSet, PredictsReluLayersOfFourExamples) {
  Source source(15);
  for (const Shape& shape : shapes()) {
    const int32_t fraction = source.between(0, 16);
    const size_t neurons = shape.blocks * kTileRights, stride = neurons + 16,
                 values = upTo(2 * shape.groups, 32);
    const int64_t budget = kFastSumLimit / weightLimit(shape.bits);
    const Buffer<int32_t> biases = source.buffer<int32_t>(neurons, -kBiasMax, kBiasMax, shape.skip);
    Buffer<int16_t> inputs(kPredictedTogether * values, shape.skip);
    for (uint32_t m = 0; m < kPredictedTogether; m++) {
      const Buffer<int16_t> one = source.budgeted(2 * shape.groups, kActivationMax, budget, 50);
      std::copy(one.begin(), one.end(), inputs.begin() + m * values);
    }
    Buffer<int16_t> hidden(3 * stride + neurons, shape.skip), expected(3 * stride + neurons);
    for (IndexedSlab& part : makeIndexed(shape, source)) {
      const BlockIndex index = part.index.view();
      kernels().forwardFour(&index, part.slab.weights.begin(), inputs.begin(), values, biases.begin(),
                            fraction, hidden.begin(), stride);
      const size_t first = index.firstBlock * kTileRights;
      for (uint32_t m = 0; m < kPredictedTogether; m++) {
        Buffer<int32_t> sums(neurons);
        scalarKernels().forwardBlocks(&index, part.slab.weights.begin(), inputs.begin() + m * values,
                                      biases.begin(), sums.begin());
        scalarKernels().finishRelu(sums.begin() + first, index.blocks * kTileRights, fraction,
                                   expected.begin() + m * stride + first);
      }
    }
    EXPECT_TRUE(same(expected, hidden)) << describe(shape);
  }
}

}  // namespace
}  // namespace sparse_train
