// Formats, rounding, tables, softmax and random numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <set>
#include <vector>

#include "fixed/activation_tables.hpp"
#include "fixed/exact_exp.hpp"
#include "fixed/random.hpp"
#include "fixed/rounding.hpp"
#include "fixed/softmax.hpp"
#include "fixed/wide_format.hpp"

namespace sparse_train {
namespace {

// --- Rounding ---------------------------------------------------------------------------------------------------------

TEST(Rounding, ShiftRoundIsTheFloorOfValuePlusOneHalf) {
  RandomStream random(1, 0);
  for (int shift = 0; shift <= 20; shift++) {
    const double unit = std::ldexp(1.0, shift);
    for (int i = 0; i < 2000; i++) {
      const auto value = static_cast<int32_t>(static_cast<int64_t>(random.below(1u << 31)) - (1 << 30));
      EXPECT_EQ(shiftRound(value, shift), std::floor(value / unit + 0.5)) << value << " >> " << shift;
      EXPECT_EQ(shiftRound<int64_t>(value, shift), std::floor(value / unit + 0.5))
          << value << " >> " << shift;
    }
  }
}

TEST(Rounding, TiesGoTowardsPlusInfinity) {
  static_assert(shiftRound(3, 1) == 2 && shiftRound(-3, 1) == -1 && shiftRound(-1, 1) == 0 &&
                shiftRound(1, 1) == 1);
  static_assert(shiftRound(6, 2) == 2 && shiftRound(-6, 2) == -1 && shiftRound(5, 2) == 1 &&
                shiftRound(-7, 2) == -2);
  static_assert(shiftRound(-7, 0) == -7);
  static_assert(shiftRound(kSumMax, 15) == 1 << 15 && shiftRound(-kSumMax, 15) == -(1 << 15));
  static_assert(shiftRound(int64_t{1} << 61, 61) == 1);
}

TEST(Rounding, ClipKeepsWhatIsWithin) {
  static_assert(clip(5, -3, 3) == 3 && clip(-5, -3, 3) == -3 && clip(2, -3, 3) == 2);
  static_assert(clip(3, -3, 3) == 3 && clip(-3, -3, 3) == -3);
}

// --- Exponential, softmax, tables -------------------------------------------------------------------------------------

TEST(ExactExp, AgreesWithTheLibrary) {
  for (double x = -16.0; x <= 16.0; x += 1.0 / 512) EXPECT_NEAR(exactExp(x) / std::exp(x), 1.0, 2e-14) << x;
  for (double x = -700.0; x <= 700.0; x += 0.37) EXPECT_NEAR(exactExp(x) / std::exp(x), 1.0, 2e-13) << x;
  EXPECT_EQ(exactExp(0.0), 1.0);
}

TEST(Softmax, ExpNegativeErrsByLessThan8Units) {
  int32_t previous = 32768;
  for (int32_t x = 0; x <= 16 * 4096; x++) {
    const int32_t value = expNegative(x);
    EXPECT_NEAR(value, 32768 * std::exp(-x / 4096.0), 8.0) << x;
    EXPECT_LE(value, previous) << x;
    EXPECT_GE(value, 0) << x;
    previous = value;
  }
  EXPECT_EQ(expNegative(0), 32768);
  EXPECT_EQ(expNegative(16 * 4096), 0);
}

// Probabilities from the kernel under test. `scratch` has exactly the promised size.
std::vector<int32_t> softmaxOf(const std::vector<int32_t>& sums, int fraction) {
  std::vector<int32_t> scratch(sums.size()), probabilities(sums.size());
  softmax(sums.data(), sums.size(), fraction, scratch.data(), probabilities.data());
  return probabilities;
}

TEST(Softmax, IsCloseToSoftmaxInDoubles) {
  RandomStream random(2, 0);
  for (int trial = 0; trial < 20000; trial++) {
    const size_t n = 1 + random.below(trial % 100 == 0 ? 2000 : 20);
    const int fraction = 8 + static_cast<int>(random.below(16));
    const int64_t range = static_cast<int64_t>(1 + random.below(20)) << fraction;
    std::vector<int32_t> sums(n);
    for (int32_t& sum : sums) {
      const int64_t value = static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * range))) - range;
      sum = static_cast<int32_t>(clip<int64_t>(value, -kSumMax, kSumMax));
    }
    const double unit = std::ldexp(1.0, -fraction);
    const double largest = *std::max_element(sums.begin(), sums.end());
    double total = 0.0;
    for (const int32_t sum : sums) total += std::exp((sum - largest) * unit);

    const std::vector<int32_t> probabilities = softmaxOf(sums, fraction);
    int64_t whole = 0;
    for (size_t i = 0; i < n; i++) {
      EXPECT_NEAR(probabilities[i], kDeltaOne * std::exp((sums[i] - largest) * unit) / total, 8.0)
          << i << " of " << n << ", fraction " << fraction;
      EXPECT_GE(probabilities[i], 0);
      EXPECT_LE(probabilities[i], kDeltaOne);
      whole += probabilities[i];
    }
    EXPECT_LE(std::llabs(whole - kDeltaOne), static_cast<int64_t>(n / 2 + 1))
        << n << " classes, fraction " << fraction;
  }
}

TEST(Softmax, HandlesTheExtremes) {
  for (int fraction = 8; fraction <= 23; fraction++) {
    EXPECT_EQ(softmaxOf({-kSumMax}, fraction), std::vector<int32_t>{kDeltaOne});
    EXPECT_EQ(softmaxOf({7, 7, 7, 7}, fraction), std::vector<int32_t>(4, kDeltaOne / 4));
    EXPECT_EQ(softmaxOf({-kSumMax, kSumMax, -kSumMax}, fraction), (std::vector<int32_t>{0, kDeltaOne, 0}));
    EXPECT_EQ(softmaxOf({kSumMax, kSumMax}, fraction), std::vector<int32_t>(2, kDeltaOne / 2));
  }
  EXPECT_EQ(softmaxOf(std::vector<int32_t>(1 << 14, 5), 20), std::vector<int32_t>(1 << 14, 1));
  EXPECT_EQ(softmaxOf(std::vector<int32_t>(1 << 20, -5), 20), std::vector<int32_t>(1 << 20, 0));
}

TEST(ActivationTables, AreTheRoundedFunctions) {
  const ActivationTables& tables = activationTables();
  for (int u = -kActivationMax; u <= kActivationMax; u++) {
    const int i = u + kActivationMax;
    const double x = u / 256.0;
    const double sigma = 1.0 / (1.0 + std::exp(-x));
    EXPECT_NEAR(tables.sigmoid[i], sigma * 256.0, 0.5 + 1e-9) << u;
    EXPECT_NEAR(tables.tanh[i], std::tanh(x) * 256.0, 0.5 + 1e-9) << u;
    EXPECT_NEAR(tables.sigmoidOutput[i], sigma * kDeltaOne, 0.5 + 1e-9) << u;
    if (i == 0) continue;
    EXPECT_GE(tables.sigmoid[i], tables.sigmoid[i - 1]) << u;
    EXPECT_GE(tables.tanh[i], tables.tanh[i - 1]) << u;
    EXPECT_GE(tables.sigmoidOutput[i], tables.sigmoidOutput[i - 1]) << u;
  }
  EXPECT_EQ(tables.sigmoid[kActivationMax], 128);
  EXPECT_EQ(tables.tanh[kActivationMax], 0);
  EXPECT_EQ(tables.sigmoidOutput[kActivationMax], kDeltaOne / 2);
}

/// Tables are part of the numeric contract: the same entries on every machine.
TEST(ActivationTables, AreTheSameEverywhere) {
  const ActivationTables& tables = activationTables();
  uint64_t digest = 0;
  for (int i = 0; i < kTableSize; i++) {
    for (const int16_t entry : {tables.sigmoid[i], tables.tanh[i], tables.sigmoidOutput[i]}) {
      digest = mix64(digest ^ static_cast<uint16_t>(entry));
    }
  }
  EXPECT_EQ(digest, 0x4C170660A6D7B5F3ull);
}

// --- Formats and learning rates ---------------------------------------------------------------------------------------

TEST(WideFormat, WeightsHaveTheirBits) {
  for (int bits = 4; bits <= 16; bits++) {
    const WideFormat format{bits, bits - 4, true};
    EXPECT_EQ(format.weightMin(), -std::ldexp(1.0, bits - 1));
    EXPECT_EQ(format.weightMax(), std::ldexp(1.0, bits - 1) - 1);
  }
}

TEST(LearningRate, ShiftIsTheSmallestThatFits) {
  for (int fraction = 0; fraction <= 15; fraction++) {
    for (const int guardBits : {0, kMomentumGuardBits}) {
      for (double rate = 1e-6; rate < 100.0; rate *= 1.07) {
        const auto fits = [&](int shift) {
          return rate * std::ldexp(1.0, fraction + guardBits - 6 - shift) <= 1.0;
        };
        const int shift = updateShift(rate, fraction, guardBits);
        if (shift < 0) {
          EXPECT_EQ(shift, -1);
          EXPECT_FALSE(fits(kMaxActivationShift)) << rate << ", fraction " << fraction;
        } else {
          EXPECT_LE(shift, kMaxActivationShift);
          EXPECT_TRUE(fits(shift)) << rate << ", fraction " << fraction;
          EXPECT_TRUE(shift == 0 || !fits(shift - 1)) << rate << ", fraction " << fraction;
        }
      }
    }
  }
}

TEST(LearningRate, MultiplierIsRoundedAndFits) {
  for (int fraction = 0; fraction <= 15; fraction++) {
    for (const int guardBits : {0, kMomentumGuardBits}) {
      for (double largest = 1e-6; largest < 100.0; largest *= 1.07) {
        const int shift = updateShift(largest, fraction, guardBits);
        if (shift < 0) continue;
        for (const double part : {1.0, 0.5, 0.3, 0.001}) {  // a schedule lowers the rate, but the shift stays
          const double rate = largest * part;
          const int32_t multiplier = rateMultiplier(rate, fraction, guardBits, shift);
          const double exact = rate * std::ldexp(1.0, fraction + guardBits - 6 - shift + kRateFraction);
          EXPECT_NEAR(multiplier, exact, 0.5 + 1e-9);
          EXPECT_GE(multiplier, 0);
          EXPECT_LE(multiplier, 1 << kRateFraction);  // so that its product with a delta fits 31 bits
        }
      }
    }
  }
}

TEST(WideFormat, ShiftedActivationsFit16Bits) {
  static_assert((kActivationMax << kMaxActivationShift) <= std::numeric_limits<int16_t>::max());
  static_assert(int64_t{kActivationMax << kMaxActivationShift} * kDeltaMax + 65535 <=
                std::numeric_limits<int32_t>::max());
  static_assert(int64_t{kDeltaMax} * (1 << kRateFraction) + (1 << 15) <= std::numeric_limits<int32_t>::max());
  static_assert(kFastSumLimit + kBiasMax <= std::numeric_limits<int32_t>::max());
}

// --- Random numbers ---------------------------------------------------------------------------------------------------

TEST(Random, MixesLikeSplitMix64) {  // the published generator's first outputs from seed 0
  EXPECT_EQ(mix64(0), 0xE220A8397B1DCDAFull);
  EXPECT_EQ(mix64(0x9E3779B97F4A7C15ull), 0x6E789E6AA1B965F4ull);
  EXPECT_EQ(mix64(0x9E3779B97F4A7C15ull * 2), 0x06C45D188009454Full);
}

TEST(Random, NumbersDependOnSeedStreamAndCounterAlone) {
  RandomStream stream(42, 7);
  const uint64_t key = streamKey(42, 7);
  for (uint64_t counter = 0; counter < 100; counter++) EXPECT_EQ(stream.next(), randomAt(key, counter));

  std::set<uint64_t> keys;
  for (uint64_t seed = 0; seed < 20; seed++) {
    for (uint64_t junction = 0; junction < 10; junction++) {
      for (const Stream purpose : {kPatternStream, kInitialWeightStream, kUpdateRoundingStream,
                                   kDeltaRoundingStream, kDecayRoundingStream, kMomentumRoundingStream}) {
        keys.insert(streamKey(seed, junctionStream(purpose, junction)));
      }
    }
    keys.insert(streamKey(seed, kShuffleStream));
  }
  EXPECT_EQ(keys.size(), 20u * (10 * 6 + 1));
}

TEST(Random, BelowCoversItsRangeEvenly) {
  RandomStream random(3, 0);
  std::vector<int> counts(10, 0);
  for (int i = 0; i < 100000; i++) {
    const uint32_t value = random.below(10);
    ASSERT_LT(value, 10u);
    counts[value]++;
  }
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);  // five standard deviations
  for (int i = 0; i < 100; i++) EXPECT_EQ(random.below(1), 0u);
  bool upperHalf = false;
  for (int i = 0; i < 100; i++) upperHalf |= random.below(uint64_t{1} << 32) >= 1u << 31;
  EXPECT_TRUE(upperHalf);
}

TEST(Random, IrwinHallHasItsMeanAndVariance) {
  EXPECT_EQ(irwinHall(0), -131070);
  EXPECT_EQ(irwinHall(~uint64_t{0}), 131070);
  RandomStream random(4, 0);
  const int n = 200000;
  double sum = 0.0, squares = 0.0;
  for (int i = 0; i < n; i++) {
    const double value = irwinHall(random.next());
    sum += value;
    squares += value * value;
  }
  const double sigma = std::sqrt(std::ldexp(1.0, 32) / 3.0);
  EXPECT_NEAR(sum / n, 0.0, 5.0 * sigma / std::sqrt(n));
  EXPECT_NEAR(std::sqrt(squares / n) / sigma, 1.0, 0.01);
}

}  // namespace
}  // namespace sparse_train
