// Backpropagation through tiles with sums that 32 bits cannot hold, against sums of all edges in 64 bits.
#include "../engine/arithmetic/wide/tile_layout.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"

namespace sparse_train {
namespace {

/// Runs backwardExact() on each slab, and returns the errors of all left neurons.
std::vector<int64_t> errorsOf(const Pattern& pattern, const std::vector<int16_t>& weights,
                              const AlignedBuffer<int16_t>& deltas, uint32_t slabs, const KernelSet* set) {
  TileLayout layout(pattern, set->wide, false);
  layout.partition(slabs);
  layout.writeWeights(weights.data());
  const uint32_t groups = (pattern.left + kTileLefts - 1) / kTileLefts;
  std::vector<uint32_t> numbers(groups + 16);
  std::iota(numbers.begin(), numbers.end(), 0u);
  std::vector<int32_t> pairs(groups + 16, 1);
  const ActiveList list = {groups, numbers.data(), pairs.data()};
  std::vector<int64_t> total(pattern.left), ofSlab(size_t{groups} * kTileLefts);
  for (uint32_t slab = 0; slab < layout.slabs(); slab++) {
    layout.backwardExact(slab, list, deltas.data(), ofSlab.data());
    for (uint32_t l = 0; l < pattern.left; l++) total[l] += ofSlab[l];
  }
  return total;
}

/// Up to 31 blocks of a dense junction are passed at a time.
TEST(TileLayout, BackpropagatesSumsThat32BitsCannotHold) {
  constexpr uint32_t kLeft = 37;
  for (const uint32_t right : {20u, 496u, 600u}) {
    for (const bool dense : {true, false}) {
      const Pattern pattern =
          dense ? densePattern(kLeft, right)
                : dealtPattern(kLeft, right, kLeft * right / 3, kTileLefts, kTileRights, 1, 0);
      RandomStream random(right, dense ? 1 : 0);
      for (const int32_t delta : {0, 128, 255, -32767}) {  // 0: random weights and deltas
        const auto number = [&](int32_t least) {
          return static_cast<int16_t>(
              least + static_cast<int32_t>(random.below(static_cast<uint32_t>(32768 - least))));
        };
        std::vector<int16_t> weights(pattern.edges());
        for (int16_t& weight : weights) weight = delta != 0 ? INT16_MIN : number(-32768);
        AlignedBuffer<int16_t> deltas((right + 31) / 32 * 32);
        for (uint32_t r = 0; r < right; r++)
          deltas[r] = delta != 0 ? static_cast<int16_t>(delta) : number(-32767);
        std::vector<int64_t> expected(kLeft);
        for (uint32_t r = 0; r < right; r++) {
          for (uint64_t edge = pattern.offsets[r]; edge < pattern.offsets[r + 1]; edge++)
            expected[pattern.lefts[edge]] += int64_t{deltas[r]} * weights[edge];
        }
        for (const KernelSet* set : availableKernelSets()) {
          for (const uint32_t slabs : {1u, 2u})
            EXPECT_EQ(errorsOf(pattern, weights, deltas, slabs, set), expected)
                << set->name << ", " << right << " right neurons, " << slabs << " slabs";
        }
      }
    }
  }
}

}  // namespace
}  // namespace sparse_train
