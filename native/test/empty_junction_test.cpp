// Junctions without edges, which a given pattern may have, train like any other.
#include <gtest/gtest.h>

#include <algorithm>

#include "../kernels/kernel_set.hpp"
#include "sample.hpp"

namespace sparse_train {
namespace {

class EmptyJunctions : public testing::TestWithParam<Sample> {};

INSTANTIATE_TEST_SUITE_P(Of, EmptyJunctions, testing::ValuesIn(samples()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& letter : name) letter = letter == ' ' ? '_' : letter;
  return name;
});

/// Sanitizers notice pointers that are computed from empty arrays.
TEST_P(EmptyJunctions, TrainAndPredict) {
  const Sample& sample = GetParam();
  for (const KernelSet* kernels : availableKernelSets()) {
    NetworkSpec spec = specOf(sample, kernels);
    for (Pattern& pattern : spec.patterns) {
      pattern.lefts.clear();
      std::fill(pattern.offsets.begin(), pattern.offsets.end(), 0);
    }
    const std::unique_ptr<Network> network = makeNetwork(spec);
    const SampleExamples examples(sample, 50);
    const TrainJob job = examples.job();
    Progress progress;
    EXPECT_EQ(network->train(job, progress).examples, 50u);
    EXPECT_LT(network->predictOne(job.inputs, nullptr), network->outputs());
  }
}

// The spread of initial weights is computed from the number of edges. Without edges it would be infinite or NaN.
TEST(EmptyJunction, OfHardwareHasBiasesOfZero) {
  Sample sample;
  sample.layers = {8, 4};
  sample.arithmetic = Arithmetic::hardware;
  sample.hardware = {12, 3};
  NetworkSpec spec = specOf(sample, availableKernelSets().front());
  spec.patterns[0].lefts.clear();
  std::fill(spec.patterns[0].offsets.begin(), spec.patterns[0].offsets.end(), 0);
  const std::unique_ptr<Network> network = makeNetwork(spec);
  std::vector<int32_t> biases(4, 7);
  network->readBiases(0, biases);
  EXPECT_EQ(biases, std::vector<int32_t>(4, 0));
}

}  // namespace
}  // namespace sparse_train
