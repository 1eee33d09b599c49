// Moving edges: the fan-in stays, tiles stay whole, the weakest edges move, and they move to the right places.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "engine/train/augment.hpp"
#include "engine/train/gradient_record.hpp"
#include "fixed/random.hpp"
#include "pattern/pattern.hpp"
#include "pattern/rewire.hpp"

namespace sparse_train {
namespace {

std::vector<int16_t> weightsOf(const Pattern& pattern) {
  std::vector<int16_t> weights(pattern.edges());
  for (size_t edge = 0; edge < weights.size(); edge++)
    weights[edge] = static_cast<int16_t>(irwinHall(randomAt(7, edge)) >> 3);
  return weights;
}

void noGradients(uint32_t, std::vector<int64_t>&) { FAIL() << "gradients are not asked for"; }

uint64_t kept(const Pattern& before, const Pattern& after) {
  uint64_t count = 0;
  forKeptEdges(before, after, [&](uint64_t a, uint64_t b) {
    EXPECT_EQ(before.lefts[a], after.lefts[b]);
    count++;
  });
  return count;
}

TEST(Rewire, KeepsFanInAndWholeTilesForAnyLayers) {
  for (const uint32_t left : {1u, 2u, 7u, 33u, 100u}) {
    for (const uint32_t right : {1u, 3u, 16u, 35u}) {
      for (const bool tiled : {true, false}) {
        const uint64_t edges = std::max<uint64_t>(1, uint64_t{left} * right / 4);
        const Pattern before = dealtPattern(left, right, edges, tiled ? 2 : 1, tiled ? 16 : 1, 3, 0);
        const std::vector<int16_t> weights = weightsOf(before);
        for (const uint32_t share : {0u, 20000u, 65536u}) {
          const Pattern after = rewired(before, weights.data(), {share, false, 3, 17}, 0, noGradients);
          const std::string what = std::to_string(left) + " x " + std::to_string(right);
          EXPECT_EQ(patternFault(after), "") << what;
          EXPECT_EQ(after.offsets, before.offsets) << what;
          if (tiled) {
            EXPECT_TRUE(hasWholeTiles(after)) << what;
          }
          if (share == 0) {
            EXPECT_EQ(after.lefts, before.lefts) << what;
          }
        }
      }
    }
  }
}

TEST(Rewire, MovesTheShareThatIsAskedFor) {
  const Pattern before = dealtPattern(100, 20, 200, 1, 1, 1, 0);  // 10 of 100 each
  const Pattern after =
      rewired(before, weightsOf(before).data(), {65536 * 3 / 10, false, 1, 1}, 0, noGradients);
  EXPECT_EQ(kept(before, after), 140u);
}

TEST(Rewire, DropsTheWeakestEdgesOfEveryNeuron) {
  const Pattern before = dealtPattern(60, 9, 90, 1, 1, 5, 0);
  const std::vector<int16_t> weights = weightsOf(before);
  const Pattern after = rewired(before, weights.data(), {32768, false, 5, 2}, 0, noGradients);
  std::vector<bool> stays(before.edges(), false);
  forKeptEdges(before, after, [&](uint64_t a, uint64_t) { stays[a] = true; });
  for (uint32_t right = 0; right < before.right; right++) {
    int weakestKept = 1 << 20;
    int strongestGone = -1;
    for (uint64_t edge = before.offsets[right]; edge < before.offsets[right + 1]; edge++) {
      const int magnitude = std::abs(weights[edge]);
      if (stays[edge]) weakestKept = std::min(weakestKept, magnitude);
      if (!stays[edge]) strongestGone = std::max(strongestGone, magnitude);
    }
    EXPECT_LE(strongestGone, weakestKept);
  }
}

TEST(Rewire, GrowsWhereTheGradientIsLargestAndNowhereWithoutOne) {
  const Pattern before = dealtPattern(50, 10, 50, 1, 1, 2, 0);
  const auto gradients = [](uint32_t right, std::vector<int64_t>& sums) {
    for (uint32_t left = 0; left < sums.size(); left++)
      sums[left] = left < 40 ? 0 : -static_cast<int64_t>(left + right);
  };
  const Pattern after = rewired(before, weightsOf(before).data(), {65536, true, 2, 1}, 0, gradients);
  for (uint32_t right = 0; right < 10; right++) {
    const auto begin = before.lefts.begin() + static_cast<int64_t>(before.offsets[right]);
    const auto end = before.lefts.begin() + static_cast<int64_t>(before.offsets[right + 1]);
    std::vector<uint32_t> free;  // absent before and with a gradient, largest first
    for (uint32_t left = 50; left-- > 40;) {
      if (std::find(begin, end, left) == end) free.push_back(left);
    }
    for (uint64_t i = 0; i < std::min<uint64_t>(5, free.size()); i++) {
      const auto from = after.lefts.begin() + static_cast<int64_t>(after.offsets[right]);
      const auto to = after.lefts.begin() + static_cast<int64_t>(after.offsets[right + 1]);
      EXPECT_NE(std::find(from, to, free[i]), to) << "neuron " << right << ", input " << free[i];
    }
  }
  const auto none = [](uint32_t, std::vector<int64_t>& sums) { std::fill(sums.begin(), sums.end(), 0); };
  EXPECT_EQ(rewired(before, weightsOf(before).data(), {65536, true, 2, 1}, 0, none).lefts, before.lefts);
}

TEST(Rewire, ChoosesByItsSeedTimeAndJunction) {
  const Pattern before = dealtPattern(100, 20, 200, 1, 1, 1, 0);
  const std::vector<int16_t> weights = weightsOf(before);
  const auto move = [&](uint64_t seed, uint64_t time, uint32_t junction) {
    return rewired(before, weights.data(), {30000, false, seed, time}, junction, noGradients).lefts;
  };
  EXPECT_EQ(move(1, 2, 3), move(1, 2, 3));
  EXPECT_NE(move(1, 2, 3), move(2, 2, 3));
  EXPECT_NE(move(1, 2, 3), move(1, 3, 3));
  EXPECT_NE(move(1, 2, 3), move(1, 2, 2));
}

TEST(HasWholeTiles, TellsTilesFromOtherPatterns) {
  EXPECT_TRUE(hasWholeTiles(densePattern(5, 35)));
  EXPECT_TRUE(hasWholeTiles(dealtPattern(101, 50, 900, 2, 16, 1, 0)));
  EXPECT_FALSE(hasWholeTiles(dealtPattern(100, 50, 900, 1, 16, 1, 0)));
  EXPECT_FALSE(hasWholeTiles(dealtPattern(100, 50, 900, 2, 8, 1, 0)));
}

TEST(GradientRecord, AddsProductsOfActivationsAndDeltas) {
  GradientRecord record;
  std::vector<uint32_t> groups = {0, 2};
  std::vector<int32_t> pairs = {(-3 * 65536) | 5, 7};  // neurons 0, 1: 5, -3; neurons 4, (5): 7
  const int16_t deltas[] = {2, -32767, 0};
  const ActiveList list = {2, groups.data(), pairs.data()};
  record.add(list, deltas, 3);
  record.add(list, deltas, 3);
  std::vector<int64_t> gradients(5, 99);
  record.ofNeuron(1, gradients);
  EXPECT_EQ(gradients, (std::vector<int64_t>{-327670, 196602, 0, 0, -458738}));
  record.ofNeuron(2, gradients);
  EXPECT_EQ(gradients, (std::vector<int64_t>{0, 0, 0, 0, 0}));
  record.clear();
  EXPECT_TRUE(record.empty());
}

TEST(Augment, MovesAndMirrorsWholePixels) {
  const std::vector<uint16_t> image = {1, 2, 3, 4, 5, 6};  // two rows of three
  const auto varied = [&](Variation variation) {
    std::vector<uint16_t> to(6, 99);
    vary(variation, 3, 6, 2, reinterpret_cast<const uint8_t*>(image.data()),
         reinterpret_cast<uint8_t*>(to.data()));
    return to;
  };
  EXPECT_EQ(varied({0, 0, false}), image);
  EXPECT_EQ(varied({1, 0, false}), (std::vector<uint16_t>{0, 1, 2, 0, 4, 5}));
  EXPECT_EQ(varied({-2, 1, false}), (std::vector<uint16_t>{0, 0, 0, 3, 0, 0}));
  EXPECT_EQ(varied({0, 0, true}), (std::vector<uint16_t>{3, 2, 1, 6, 5, 4}));
  EXPECT_EQ(varied({1, -1, true}), (std::vector<uint16_t>{0, 6, 5, 0, 0, 0}));
  EXPECT_EQ(varied({5, 0, true}), (std::vector<uint16_t>(6, 0)));
  EXPECT_EQ(varied({0, -5, false}), (std::vector<uint16_t>(6, 0)));
}

TEST(Augment, UsesEveryOffsetAboutEquallyOften) {
  std::vector<int> right(5, 0), down(5, 0);
  int mirrored = 0;
  for (uint64_t number = 0; number < 5000; number++) {
    const Variation variation = variationOf({28, 2, true}, 1, number);
    ASSERT_LE(std::abs(variation.right), 2);
    ASSERT_LE(std::abs(variation.down), 2);
    right[static_cast<size_t>(variation.right + 2)]++;
    down[static_cast<size_t>(variation.down + 2)]++;
    mirrored += variation.mirrored ? 1 : 0;
  }
  for (const int count : right) EXPECT_NEAR(count, 1000, 150);
  for (const int count : down) EXPECT_NEAR(count, 1000, 150);
  EXPECT_NEAR(mirrored, 2500, 200);
}

}  // namespace
}  // namespace sparse_train
