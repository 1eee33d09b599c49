// Interleavers: the worked example; all drawn patterns are clash-free; shapes that are easy to get wrong; the checker.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "pattern/interleaver.hpp"

namespace sparse_train {
namespace {

InterleaverSpec specOf(uint32_t left, uint32_t right, uint32_t fanOut, uint32_t parallelism, int type,
                       bool dither = false, uint64_t seed = 1) {
  InterleaverSpec spec;
  spec.left = left;
  spec.right = right;
  spec.fanOut = fanOut;
  spec.parallelism = parallelism;
  spec.type = type;
  spec.dither = dither;
  spec.seed = seed;
  return spec;
}

Pattern patternOf(const InterleaverSpec& spec, Interleaver* out = nullptr) {
  EXPECT_EQ(interleaverFault(spec), "");
  std::string fault;
  const Interleaver interleaver = makeInterleaver(spec, fault);
  EXPECT_EQ(fault, "");
  if (out != nullptr) *out = interleaver;
  return interleaverPattern(spec, interleaver);
}

TEST(Interleaver, DoesTheWorkedExample) {
  // docs/edge-processing.md, section 2: edge 45 is sweep 1, clock 1 of it, memory 5: row 1, left neuron 13.
  InterleaverSpec spec = specOf(32, 16, 2, 8, 3);
  spec.starts = {2, 0, 3, 1, 2, 0, 3, 1, 2, 0, 3, 1, 2, 0, 3, 1};
  EXPECT_EQ(patternOf(spec).lefts[45], 13u);
}

TEST(Interleaver, IsClashFreeWithoutDuplicatesInEveryType) {
  const uint32_t shapes[][4] = {{9, 6, 2, 3},    {32, 16, 2, 8},     {1024, 64, 4, 128}, {64, 32, 16, 32},
                                {64, 16, 2, 32}, {800, 100, 10, 40}, {12, 12, 12, 4},    {12, 12, 1, 12},
                                {12, 4, 3, 1},   {1, 5, 5, 1}};
  for (const auto& shape : shapes) {
    for (int type = 1; type <= 3; type++) {
      for (const bool dither : {false, true}) {
        for (uint64_t seed = 0; seed < 5; seed++) {
          const InterleaverSpec spec = specOf(shape[0], shape[1], shape[2], shape[3], type, dither, seed);
          const Pattern pattern = patternOf(spec);
          const Violation violation = findViolation(pattern, spec.parallelism);
          EXPECT_EQ(violation.message, "") << shape[0] << " to " << shape[1] << ", type " << type;
          EXPECT_TRUE(sweepsAreComplete(pattern, spec.parallelism));
          EXPECT_EQ(patternFault(sortedPattern(pattern)), "");
          const Degrees degrees = degreesOf(pattern);
          EXPECT_EQ(degrees.fanOutMin, shape[2]);
          EXPECT_EQ(degrees.fanOutMax, shape[2]);
        }
      }
    }
  }
}

TEST(Interleaver, RepairsRightNeuronsThatStraddleSweeps) {
  // 800 to 100 with a fan-out of 40: a fan-in of 320 does not divide 800.
  for (int type = 1; type <= 3; type++) {
    for (const bool dither : {false, true}) {
      for (const uint32_t parallelism : {20u, 80u, 200u}) {
        Interleaver interleaver;
        const Pattern pattern = patternOf(specOf(800, 100, 40, parallelism, type, dither), &interleaver);
        EXPECT_EQ(findViolation(pattern, parallelism).message, "")
            << "type " << type << ", z " << parallelism;
        if (type == 3) {
          EXPECT_EQ(interleaver.redrawn, 0u);
        } else {
          EXPECT_GT(interleaver.redrawn, 0u);
        }
      }
    }
  }
}

TEST(Interleaver, RefusesGivenVectorsThatRepeatANeuron) {
  InterleaverSpec spec = specOf(12, 8, 2, 4, 2);  // fan-in 3, which divides 12
  EXPECT_EQ(interleaverFault(spec), "");
  spec = specOf(12, 3, 2, 4, 2);  // fan-in 8: right neuron 1 straddles the sweeps
  spec.starts = {0, 0, 0, 0, 2, 2, 2, 2};
  ASSERT_EQ(interleaverFault(spec), "");
  std::string fault;
  makeInterleaver(spec, fault);
  EXPECT_NE(fault.find("edge 12 of right neuron 1 reads left neuron 8"), std::string::npos) << fault;
  EXPECT_NE(fault.find("fan-in of 8"), std::string::npos) << fault;
}

TEST(Interleaver, NeverDrawsAConstantStartVectorAndReportsGivenOnes) {
  for (uint64_t seed = 0; seed < 200; seed++) {
    Interleaver interleaver;
    patternOf(specOf(4, 4, 4, 2, 2, false, seed), &interleaver);
    EXPECT_TRUE(interleaver.constantSweeps.empty());
  }
  InterleaverSpec spec = specOf(32, 16, 2, 8, 2);
  spec.starts = {0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 1, 2, 0, 3, 1};
  Interleaver interleaver;
  patternOf(spec, &interleaver);
  EXPECT_EQ(interleaver.constantSweeps, std::vector<uint32_t>{0});
}

TEST(Interleaver, GivesBackWhatItWasGiven) {
  for (int type = 1; type <= 3; type++) {
    Interleaver drawn;
    InterleaverSpec spec = specOf(64, 32, 4, 16, type, true, 9);
    const Pattern pattern = patternOf(spec, &drawn);
    spec.seed = 10;
    spec.starts = drawn.starts;
    spec.orders = drawn.orders;
    spec.permutation = drawn.permutation;
    EXPECT_EQ(patternOf(spec).lefts, pattern.lefts);
  }
}

TEST(Interleaver, ReachesEveryPatternOfASmallJunction) {
  // p = 9, fo = 2, n = 6, z = 3, type 3: 3^3 start vectors, 3 of which are constant and drawn again.
  std::set<std::vector<uint32_t>> seen;
  for (uint64_t seed = 0; seed < 2000; seed++)
    seen.insert(patternOf(specOf(9, 6, 2, 3, 3, false, seed)).lefts);
  EXPECT_EQ(seen.size(), 24u);
}

TEST(Interleaver, SaysWhyThereIsNone) {
  EXPECT_NE(interleaverFault(specOf(10, 4, 1, 5, 2)).find("do not divide"), std::string::npos);
  EXPECT_NE(interleaverFault(specOf(10, 5, 1, 4, 2)).find("parallelism"), std::string::npos);
  EXPECT_NE(interleaverFault(specOf(10, 5, 6, 5, 2)).find("fan-out"), std::string::npos);
  InterleaverSpec spec = specOf(8, 8, 2, 4, 3);
  spec.starts = {0, 1, 0, 1, 1, 1, 0, 1};
  EXPECT_NE(interleaverFault(spec).find("type 3"), std::string::npos);
  spec.type = 2;
  spec.starts[7] = 2;
  EXPECT_NE(interleaverFault(spec).find("not a row"), std::string::npos);
  spec = specOf(8, 8, 1, 4, 2, true);
  spec.permutation = {0, 1, 1, 3};
  EXPECT_NE(interleaverFault(spec).find("not a permutation"), std::string::npos);
  spec = specOf(8, 8, 1, 4, 1);
  spec.orders = {0, 1, 0, 1, 0, 0, 0, 1};
  EXPECT_NE(interleaverFault(spec).find("memory 2"), std::string::npos);
}

TEST(Violation, NamesTheFirstClashOrDuplicate) {
  Pattern pattern;
  pattern.left = 8;
  pattern.right = 2;
  pattern.offsets = {0, 4, 8};
  pattern.lefts = {0, 1, 2, 3, 4, 1, 6, 7};
  EXPECT_EQ(findViolation(pattern, 4).kind, Violation::Kind::none);
  pattern.lefts[6] = 5;  // in memory 1 of 4, as is left neuron 1, which is read in the same clock
  const Violation clash = findViolation(pattern, 4);
  EXPECT_EQ(clash.kind, Violation::Kind::clash);
  EXPECT_EQ(clash.edge, 6u);
  EXPECT_EQ(clash.other, 5u);
  EXPECT_EQ(clash.clock, 1u);
  EXPECT_EQ(clash.memory, 1u);
  EXPECT_EQ(findViolation(pattern, 0).kind, Violation::Kind::none);
  pattern.lefts[7] = 4;
  const Violation duplicate = findViolation(pattern, 0);
  EXPECT_EQ(duplicate.kind, Violation::Kind::duplicate);
  EXPECT_EQ(duplicate.edge, 7u);
  EXPECT_EQ(duplicate.other, 4u);
  pattern.lefts[0] = 8;
  EXPECT_EQ(findViolation(pattern, 4).kind, Violation::Kind::range);
}

}  // namespace
}  // namespace sparse_train
