// The learner's loops: every kernel set equals the scalar reference, also at the limits of the formats.
#include "kernels/learner/learner_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

#include "engine/aligned_buffer.hpp"
#include "fixed/random.hpp"
#include "kernels/kernel_set.hpp"

namespace sparse_train {
namespace {

// Rows of weights that are two slots wide; only the second half of each is read. Also matching values.
struct Sample {
  AlignedBuffer<int16_t> weights;
  std::vector<int16_t*> rows;
  std::vector<int16_t> values;
  std::vector<uint16_t> salts;
  alignas(64) std::array<int16_t, kLearnerWidth> factors;
  alignas(64) std::array<uint16_t, kLearnerLanes> lanes;

  Sample(uint64_t seed, uint32_t count, bool extreme) : weights(size_t{2} * kLearnerWidth * (count + 1)) {
    RandomStream random(seed, 1);
    const auto word = [&]() -> int16_t {
      const uint32_t bits = random.below(65536);
      if (extreme && bits % 4 == 0) return bits % 8 == 0 ? 32767 : -32767;
      return static_cast<int16_t>(static_cast<int32_t>(bits) - 32768);
    };
    const auto most = static_cast<int32_t>(32767 / std::max(1u, count));
    for (size_t i = 0; i < weights.size(); i++) weights[i] = std::max<int16_t>(word(), -32767);
    for (uint32_t i = 0; i < count; i++) {
      rows.push_back(weights.data() + size_t{2} * kLearnerWidth * i);
      const auto size = static_cast<int32_t>(random.below(static_cast<uint64_t>(most) + 1));
      values.push_back(static_cast<int16_t>(extreme ? (i % 2 == 0 ? most : -most) : size - most / 2));
      salts.push_back(static_cast<uint16_t>(random.below(65536)));
    }
    for (int16_t& factor : factors) factor = std::max<int16_t>(word(), -32767);
    for (uint16_t& lane : lanes) lane = static_cast<uint16_t>(random.below(65536));
  }

  LearnerRows view() const {
    return {rows.data(), values.data(), salts.data(), static_cast<uint32_t>(rows.size()), kLearnerWidth};
  }
};

class LearnerKernelsTest : public testing::TestWithParam<const KernelSet*> {
 protected:
  const LearnerKernels& kernels() const { return *GetParam()->learner; }
  const LearnerKernels& reference() const { return *availableKernelSets().front()->learner; }
};

TEST_P(LearnerKernelsTest, SumsLikeTheReference) {
  for (const uint32_t count : {0u, 1u, 2u, 3u, 25u, 64u}) {
    for (const bool extreme : {false, true}) {
      const Sample sample(count + 7, count, extreme);
      std::array<int32_t, kLearnerWidth> expected;
      std::array<int32_t, kLearnerWidth> sums;
      reference().weightedSum(sample.view(), expected.data());
      kernels().weightedSum(sample.view(), sums.data());
      EXPECT_EQ(sums, expected) << count << " rows" << (extreme ? ", extreme" : "");
    }
  }
}

TEST_P(LearnerKernelsTest, MultipliesLikeTheReference) {
  for (uint64_t seed = 0; seed < 20; seed++) {
    Sample sample(seed, 1, seed % 2 == 1);
    for (int16_t& factor : sample.factors) factor = static_cast<int16_t>(std::abs(factor) >> 4);
    for (size_t i = 0; i < sample.weights.size(); i++) {
      sample.weights[i] = static_cast<int16_t>(sample.weights[i] >> 2);
    }
    EXPECT_EQ(kernels().dot(sample.factors.data(), sample.rows[0]),
              reference().dot(sample.factors.data(), sample.rows[0]));
  }
}

TEST_P(LearnerKernelsTest, UpdatesLikeTheReferenceAndNothingElse) {
  for (const uint32_t count : {1u, 2u, 25u}) {
    for (const bool extreme : {false, true}) {
      for (const int16_t limit : {int16_t{8191}, int16_t{32767}}) {
        const Sample expected(count, count, extreme);
        const Sample sample(count, count, extreme);
        reference().update(expected.view(), expected.factors.data(), expected.lanes.data(), 0x7A9A, limit);
        kernels().update(sample.view(), sample.factors.data(), sample.lanes.data(), 0x7A9A, limit);
        for (size_t i = 0; i < sample.weights.size(); i++) {
          ASSERT_EQ(sample.weights[i], expected.weights[i]) << "word " << i << " of " << count << " rows";
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllSets, LearnerKernelsTest, testing::ValuesIn(availableKernelSets()),
                         [](const auto& info) { return std::string(info.param->name); });

// The reference gives the results that were worked out by hand.
TEST(LearnerKernels, UpdateRoundsByTheLaneAndClips) {
  Sample sample(1, 1, false);
  int16_t* row = sample.rows[0] + kLearnerWidth;
  std::fill_n(row, kLearnerWidth, int16_t{100});
  sample.values[0] = 256;
  sample.salts[0] = 1;
  sample.factors.fill(0);
  sample.lanes.fill(0);
  sample.factors[0] = 255;  // 65280, one short of carrying with rho 255
  sample.lanes[0] = 254;    // rho = 254 + 1
  sample.factors[1] = 255;
  sample.lanes[1] = 255;     // rho = 256: carries
  sample.factors[2] = -1;    // floor((-256 + 1) / 65536) = -1
  sample.factors[32] = 255;  // rho = 254 + 1 + 0x3D4D: carries
  sample.factors[3] = 32767;
  availableKernelSets().front()->learner->update(sample.view(), sample.factors.data(), sample.lanes.data(), 0,
                                                 220);
  EXPECT_EQ(row[0], 100);
  EXPECT_EQ(row[1], 101);
  EXPECT_EQ(row[2], 99);
  EXPECT_EQ(row[32], 101);
  EXPECT_EQ(row[3], 220);  // 100 + 127, clipped
}

}  // namespace
}  // namespace sparse_train
