// Pre-defined patterns: no edge occurs twice, no neuron is left out, the counts are as promised, and the same seed
// gives the same pattern.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "pattern/pattern.hpp"

namespace sparse_train {
namespace {

const uint32_t kSizes[] = {1, 2, 3, 7, 16, 33, 100, 257};
const double kDensities[] = {0.0, 0.01, 0.1, 0.37, 0.5, 0.51, 0.9, 0.999, 1.0};

struct Rectangle {
  uint32_t groupSize, blockSize;
};
const Rectangle kRectangles[] = {{1, 1}, {2, 16}, {2, 1}, {1, 16}, {3, 5}};

uint64_t wish(uint32_t left, uint32_t right, double density) {
  return static_cast<uint64_t>(static_cast<double>(left) * right * density);
}

bool equal(const Pattern& a, const Pattern& b) {
  return a.left == b.left && a.right == b.right && a.offsets == b.offsets && a.lefts == b.lefts;
}

std::string sizes(const Pattern& pattern, double density) {
  return std::to_string(pattern.left) + " x " + std::to_string(pattern.right) + " at " +
         std::to_string(density);
}

// --- Dense ------------------------------------------------------------------------------------------------------------

TEST(DensePattern, HasEveryEdge) {
  for (const uint32_t left : kSizes) {
    for (const uint32_t right : kSizes) {
      const Pattern pattern = densePattern(left, right);
      EXPECT_EQ(patternFault(pattern), "");
      EXPECT_EQ(pattern.edges(), uint64_t{left} * right);
      const Degrees degrees = degreesOf(pattern);
      EXPECT_EQ(degrees.fanInMin, left);
      EXPECT_EQ(degrees.fanInMax, left);
      EXPECT_EQ(degrees.fanOutMin, right);
      EXPECT_EQ(degrees.fanOutMax, right);
    }
  }
}

// --- Dealt ------------------------------------------------------------------------------------------------------------

// Counts how many blocks of right neurons read each group of left neurons. Checks that the rows of a block form one
// rectangle after another.
std::vector<uint32_t> groupReads(const Pattern& pattern, Rectangle shape, size_t* rectanglesPerBlock) {
  std::vector<uint32_t> reads((pattern.left + shape.groupSize - 1) / shape.groupSize, 0);
  *rectanglesPerBlock = 0;
  for (uint32_t first = 0; first < pattern.right; first += shape.blockSize) {
    const auto rowOf = [&](uint32_t right) {
      return std::vector<uint32_t>(pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[right]),
                                   pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[right + 1]));
    };
    const std::vector<uint32_t> row = rowOf(first);
    for (uint32_t right = first; right < std::min(pattern.right, first + shape.blockSize); right++) {
      EXPECT_EQ(rowOf(right), row) << "rows of one block differ";
    }
    size_t rectangles = 0;
    for (size_t i = 0; i < row.size(); rectangles++) {
      const uint32_t group = row[i] / shape.groupSize;
      reads[group]++;
      for (uint32_t l = group * shape.groupSize; l < std::min(pattern.left, (group + 1) * shape.groupSize);
           l++, i++) {
        if (i >= row.size() || row[i] != l) {
          ADD_FAILURE() << "a group is read in part";
          return reads;
        }
      }
    }
    if (first == 0) *rectanglesPerBlock = rectangles;
    EXPECT_EQ(rectangles, *rectanglesPerBlock) << "blocks have different numbers of rectangles";
  }
  return reads;
}

TEST(DealtPattern, DealsRectanglesEvenly) {
  for (const Rectangle shape : kRectangles) {
    for (const uint32_t left : kSizes) {
      for (const uint32_t right : kSizes) {
        for (const double density : kDensities) {
          const uint64_t edges = wish(left, right, density);
          const Pattern pattern = dealtPattern(left, right, edges, shape.groupSize, shape.blockSize, 1, 0);
          SCOPED_TRACE(sizes(pattern, density) + " in " + std::to_string(shape.groupSize) + " x " +
                       std::to_string(shape.blockSize));
          ASSERT_EQ(patternFault(pattern), "");
          size_t perBlock = 0;
          const std::vector<uint32_t> reads = groupReads(pattern, shape, &perBlock);
          const auto [least, most] = std::minmax_element(reads.begin(), reads.end());
          EXPECT_LE(*most - *least, 1u) << "groups are not read evenly";

          const uint64_t groups = reads.size();
          const uint64_t blocks = (right + shape.blockSize - 1) / shape.blockSize;
          if (perBlock * blocks >= groups) {
            EXPECT_GE(*least, 1u) << "a left neuron is left out";
          }
          // The number of rectangles that is nearest to the requested one and possible.
          const double exact = static_cast<double>(edges) / right / shape.groupSize;
          EXPECT_NEAR(static_cast<double>(perBlock), std::clamp(exact, 1.0, static_cast<double>(groups)),
                      0.5);
          if (left % shape.groupSize == 0) {
            EXPECT_EQ(pattern.edges(), uint64_t{right} * shape.groupSize * perBlock);
          }
        }
      }
    }
  }
}

TEST(DealtPattern, HasFixedFanInAndFanOutsWithinOneWhenStructured) {
  for (const uint32_t left : kSizes) {
    for (const uint32_t right : kSizes) {
      for (const double density : kDensities) {
        const Pattern pattern = dealtPattern(left, right, wish(left, right, density), 1, 1, 3, 1);
        SCOPED_TRACE(sizes(pattern, density));
        const Degrees degrees = degreesOf(pattern);
        EXPECT_EQ(degrees.fanInMin, degrees.fanInMax);
        EXPECT_LE(degrees.fanOutMax - degrees.fanOutMin, pattern.edges() % left == 0 ? 0u : 1u);
      }
    }
  }
}

TEST(DealtPattern, IsDenseAtFullDensity) {
  for (const Rectangle shape : kRectangles) {
    for (const uint32_t left : kSizes) {
      for (const uint32_t right : kSizes) {
        const Pattern pattern =
            dealtPattern(left, right, uint64_t{left} * right, shape.groupSize, shape.blockSize, 5, 0);
        // A last group of one neuron counts as a whole group, so at full density half a group may be missing.
        if (left % shape.groupSize == 0) {
          EXPECT_TRUE(equal(pattern, densePattern(left, right))) << sizes(pattern, 1.0);
        }
      }
    }
  }
}

TEST(DealtPattern, DependsOnSeedAndJunctionAlone) {
  const auto make = [](uint64_t seed, uint64_t junction) {
    return dealtPattern(784, 256, 20000, 2, 16, seed, junction);
  };
  EXPECT_TRUE(equal(make(1, 0), make(1, 0)));
  EXPECT_FALSE(equal(make(1, 0), make(2, 0)));
  EXPECT_FALSE(equal(make(1, 0), make(1, 1)));
}

// --- Random -----------------------------------------------------------------------------------------------------------

TEST(RandomPattern, HasExactlyItsEdgesAndLeavesNoNeuronOut) {
  for (const uint32_t left : kSizes) {
    for (const uint32_t right : kSizes) {
      for (const double density : kDensities) {
        for (const uint64_t edges : {wish(left, right, density), uint64_t{std::max(left, right)}}) {
          const Pattern pattern = randomPattern(left, right, edges, 1, 0);
          SCOPED_TRACE(sizes(pattern, density) + ", " + std::to_string(edges) + " edges");
          ASSERT_EQ(patternFault(pattern), "");
          EXPECT_EQ(pattern.edges(), edges);
          if (edges < std::max(left, right)) continue;
          EXPECT_GE(degreesOf(pattern).fanInMin, 1u);
          EXPECT_GE(degreesOf(pattern).fanOutMin, 1u);
        }
      }
    }
  }
}

TEST(RandomPattern, SpreadsItsEdgesEvenly) {
  for (const double density : {0.1, 0.9}) {
    const Pattern pattern = randomPattern(1000, 1000, wish(1000, 1000, density), 1, 0);
    const Degrees degrees = degreesOf(pattern);  // six standard deviations of a binomial, 9.5 each
    EXPECT_GE(degrees.fanInMin, 1000 * density - 60);
    EXPECT_LE(degrees.fanInMax, 1000 * density + 60);
    EXPECT_GE(degrees.fanOutMin, 1000 * density - 60);
    EXPECT_LE(degrees.fanOutMax, 1000 * density + 60);
    EXPECT_NE(degrees.fanInMin, degrees.fanInMax);
  }
}

TEST(RandomPattern, DependsOnSeedAndJunctionAlone) {
  for (const uint64_t edges : {uint64_t{500}, uint64_t{9000}}) {
    const auto make = [edges](uint64_t seed, uint64_t junction) {
      return randomPattern(100, 100, edges, seed, junction);
    };
    EXPECT_TRUE(equal(make(1, 0), make(1, 0)));
    EXPECT_FALSE(equal(make(1, 0), make(2, 0)));
    EXPECT_FALSE(equal(make(1, 0), make(1, 1)));
  }
}

// --- Large layers -----------------------------------------------------------------------------------------------------

constexpr uint32_t kMillion = 1000000;

void expectSound(const Pattern& pattern, uint64_t edges) {
  EXPECT_EQ(patternFault(pattern), "");
  EXPECT_EQ(pattern.edges(), edges);
  EXPECT_GE(degreesOf(pattern).fanInMin, 1u);
  EXPECT_GE(degreesOf(pattern).fanOutMin, 1u);
}

TEST(LargePattern, DealsMillionsOfNeurons) {
  expectSound(dealtPattern(kMillion, kMillion, kMillion, 1, 1, 1, 0), kMillion);
  const Pattern tiles =
      dealtPattern(kMillion, kMillion, 2 * kMillion, 2, 16, 1, 0);  // too few to reach everyone
  EXPECT_EQ(patternFault(tiles), "");
  EXPECT_EQ(tiles.edges(), 2u * kMillion);
  expectSound(dealtPattern(kMillion, 10, kMillion, 1, 1, 1, 0), kMillion);
  expectSound(dealtPattern(10, kMillion, kMillion, 1, 1, 1, 0), kMillion);
}

TEST(LargePattern, DrawsMillionsOfNeurons) {
  expectSound(randomPattern(kMillion, kMillion, kMillion, 1, 0), kMillion);
  expectSound(randomPattern(kMillion, 10, kMillion, 1, 0), kMillion);
  expectSound(randomPattern(10, kMillion, kMillion, 1, 0), kMillion);
  expectSound(randomPattern(2, kMillion, kMillion + 1, 1, 0), kMillion + 1);
}

// --- Checks -----------------------------------------------------------------------------------------------------------

TEST(PatternFault, NamesWhatIsWrong) {
  const auto faultOf = [](std::vector<uint64_t> offsets, std::vector<uint32_t> lefts) {
    Pattern pattern;
    pattern.left = 4;
    pattern.right = 2;
    pattern.offsets = std::move(offsets);
    pattern.lefts = std::move(lefts);
    return patternFault(pattern);
  };
  EXPECT_EQ(faultOf({0, 2, 3}, {0, 3, 1}), "");
  EXPECT_EQ(faultOf({0, 0, 0}, {}), "");
  EXPECT_NE(faultOf({}, {}), "");
  EXPECT_NE(faultOf({0, 3}, {0, 3, 1}), "");
  EXPECT_NE(faultOf({1, 2, 3}, {0, 3, 1}), "");
  EXPECT_NE(faultOf({0, 2, 4}, {0, 3, 1}), "");
  EXPECT_NE(faultOf({0, 2, 2}, {0, 3, 1}), "");
  EXPECT_NE(faultOf({0, 9, 3}, {0, 3, 1}).find("right neuron 0"), std::string::npos);
  EXPECT_NE(faultOf({0, 2, 3}, {0, 4, 1}).find("reads left neuron 4"), std::string::npos);
  EXPECT_NE(faultOf({0, 2, 3}, {3, 3, 1}).find("duplicate"), std::string::npos);
  EXPECT_NE(faultOf({0, 2, 3}, {3, 0, 1}).find("out of order"), std::string::npos);
}

}  // namespace
}  // namespace sparse_train
