// Whole networks: one seed gives one digest on every kernel set, with every number of threads and on every
// architecture. The digests below are part of the contract (docs/arithmetic.md): if one of them changes, the arithmetic
// has changed.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cfenv>
#include <string>
#include <vector>

#include "../engine/network.hpp"
#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"
#include "../learner/learner.hpp"

namespace sparse_train {
namespace {

struct Configuration {
  std::string name;
  std::vector<uint32_t> layers;
  uint64_t digest;       ///< trained online
  uint64_t batchDigest;  ///< trained in batches of 88
  std::vector<Activation> activations;
  Output output = Output::softmax;
  Schedule schedule = Schedule::pipelined;
  bool stochastic = true;
  int bits = 16, fraction = 12;
  double momentum = 0.0, weightDecay = 0.0;
  bool tiled = true;
  bool denseOutputs = false;  ///< the last junction has every edge
};

std::vector<Configuration> configurations() {
  using A = Activation;
  return {
      {"default", {100, 96, 10}, 0xCD49E98E657EA3A0, 0x141AB3EAA4981FA2, {A::relu}},
      {"nearest",
       {100, 96, 10},
       0x857E3F014266F523,
       0x8A8297E51B8831DC,
       {A::relu},
       Output::softmax,
       Schedule::pipelined,
       false},
      {"sequential",
       {100, 96, 10},
       0x08005D76D33C6B94,
       0x51EE2EDC97EFD6AD,
       {A::relu},
       Output::softmax,
       Schedule::sequential},
      {"eight bits",
       {100, 96, 10},
       0x4497987336759F4B,
       0x25F4CCD7EB2B7E33,
       {A::relu},
       Output::softmax,
       Schedule::pipelined,
       true,
       8,
       5},
      {"momentum and decay",
       {100, 96, 10},
       0xAFD2B0F022A8BEA6,
       0x0A337B3DD1C472F5,
       {A::relu},
       Output::softmax,
       Schedule::pipelined,
       true,
       16,
       12,
       0.9,
       0.001},
      {"list layout",
       {101, 77, 7},
       0x75520938418C607A,
       0x98FF2CCD7E0BA870,
       {A::relu},
       Output::softmax,
       Schedule::pipelined,
       true,
       16,
       12,
       0.0,
       0.0,
       false},
      {"four junctions",
       {55, 70, 33, 40, 6},
       0x5B26EAAEB98ADF1E,
       0x7129E18F697D815B,
       {A::relu, A::tanh, A::sigmoid},
       Output::sigmoid},
      {"regression", {37, 48, 3}, 0x62F6B4E236AC7316, 0x3B8065230D5CA872, {A::tanh}, Output::linear},
      {"dense outputs",
       {101, 96, 10},
       0x76377B3A02C93A7D,
       0x2F38DB417E516237,
       {A::relu},
       Output::softmax,
       Schedule::pipelined,
       true,
       16,
       12,
       0.0,
       0.0,
       true,
       true},
      {"dense outputs, an odd layer, decay",
       {64, 45, 7},
       0x3E558CCB0F8160A9,
       0x627DB452337564E9,
       {A::relu},
       Output::softmax,
       Schedule::sequential,
       true,
       12,
       8,
       0.0,
       0.01,
       true,
       true},
      {"dense outputs behind tanh, nearest",
       {64, 70, 33, 16},
       0x8EE4F7CDDAD6478E,
       0x4BF9FCC6D0F8536D,
       {A::relu, A::tanh},
       Output::sigmoid,
       Schedule::pipelined,
       false,
       16,
       12,
       0.0,
       0.0,
       true,
       true},
      {"dense outputs behind sigmoid",
       {64, 33, 5},
       0xE642B7A43F4837AA,
       0x9238D71DA3D8FB7B,
       {A::sigmoid},
       Output::linear,
       Schedule::pipelined,
       true,
       16,
       12,
       0.0,
       0.0,
       true,
       true},
  };
}

NetworkSpec specOf(const Configuration& configuration, const KernelSet* kernels) {
  NetworkSpec spec;
  spec.layers = configuration.layers;
  spec.activations = configuration.activations;
  spec.output = configuration.output;
  spec.schedule = configuration.schedule;
  spec.format = {configuration.bits, configuration.fraction, configuration.stochastic};
  spec.momentum = configuration.momentum;
  spec.weightDecay = configuration.weightDecay;
  spec.seed = 5;
  spec.kernels = kernels;
  for (uint32_t j = 0; j + 1 < spec.layers.size(); j++) {
    const uint32_t left = spec.layers[j];
    const uint32_t right = spec.layers[j + 1];
    const uint64_t edges = static_cast<uint64_t>(left) * right / 3;
    if (configuration.denseOutputs && j + 2 == spec.layers.size()) {
      spec.patterns.push_back(densePattern(left, right));
      continue;
    }
    spec.patterns.push_back(configuration.tiled && right > 16
                                ? dealtPattern(left, right, edges, kTileLefts, kTileRights, spec.seed, j)
                                : dealtPattern(left, right, edges, 1, 1, spec.seed, j));
  }
  return spec;
}

/// FNV-1a over weights and biases.
uint64_t digestOf(const Network& network) {
  uint64_t hash = 0xCBF29CE484222325ull;
  const auto add = [&hash](uint64_t value) {
    for (int byte = 0; byte < 8; byte++) hash = (hash ^ ((value >> (8 * byte)) & 0xFF)) * 0x100000001B3ull;
  };
  for (uint32_t j = 0; j < network.junctions(); j++) {
    std::vector<int16_t> weights(network.spec().patterns[j].edges());
    network.readWeights(j, weights);
    for (const int16_t weight : weights) add(static_cast<uint64_t>(weight));
    std::vector<int32_t> biases(network.spec().layers[j + 1]);
    network.readBiases(j, biases);
    for (const int32_t bias : biases) add(static_cast<uint64_t>(bias));
  }
  return hash;
}

/// Trains on 700 made-up examples, most inputs zero, in two calls of which the first leaves the pipeline full.
/// `batch`: examples per update.
uint64_t trainedDigest(const Configuration& configuration, const KernelSet* kernels, uint32_t threads,
                       uint32_t batch = 1) {
  constexpr uint32_t kExamples = 700;
  const std::unique_ptr<Network> network = makeNetwork(specOf(configuration, kernels));
  RandomStream random(9, 9);
  const uint32_t columns = configuration.layers.front();
  const uint32_t outputs = configuration.layers.back();
  std::vector<uint8_t> inputs(static_cast<size_t>(kExamples) * columns);
  std::vector<int32_t> labels(kExamples);
  std::vector<uint8_t> flags(static_cast<size_t>(kExamples) * outputs);
  std::vector<double> values(flags.size());
  std::vector<uint32_t> order(kExamples);
  for (uint8_t& input : inputs) input = static_cast<uint8_t>(random.below(3) == 0 ? random.below(256) : 0);
  for (uint32_t i = 0; i < kExamples; i++) {
    order[i] = (i * 37) % kExamples;
    labels[i] = static_cast<int32_t>((inputs[static_cast<size_t>(i) * columns] + i) % outputs);
    for (uint32_t o = 0; o < outputs; o++) {
      flags[i * outputs + o] = static_cast<uint8_t>(random.below(2));
      values[i * outputs + o] = (random.below(4001) - 2000.0) / 1000.0;
    }
  }
  const double rates[2] = {0.015, 0.005};
  TrainJob job;
  job.inputs.data = inputs.data();
  if (configuration.output == Output::softmax) job.targets.labels = labels.data();
  if (configuration.output == Output::sigmoid) job.targets.flags = flags.data();
  if (configuration.output == Output::linear) job.targets.values = values.data();
  job.order = order.data();
  job.count = 300;
  job.rates = rates;
  job.rateCount = 2;
  job.rateInterval = 200;
  job.threads = threads;
  job.drain = false;
  job.batchSize = batch;
  Progress progress;
  EXPECT_EQ(network->train(job, progress).examples, 300u);
  job.order += 300;
  job.count = kExamples - 300;
  job.drain = true;
  if (batch > 1) {  // then online, after batches
    job.count -= 50;
    EXPECT_EQ(network->train(job, progress).tally.outputs, job.count);
    job.order += job.count;
    job.count = 50;
    job.batchSize = 1;
    EXPECT_EQ(network->train(job, progress).tally.outputs, job.count);
    return digestOf(*network);
  }
  EXPECT_EQ(network->train(job, progress).tally.outputs,
            kExamples - 300 + (configuration.schedule == Schedule::pipelined ? network->junctions() - 1 : 0));
  return digestOf(*network);
}

TEST(Engine, OneSeedOneDigest) {
  for (const Configuration& configuration : configurations()) {
    for (const KernelSet* kernels : availableKernelSets()) {
      for (const uint32_t threads : {1u, 2u, 3u, 7u}) {
        EXPECT_EQ(trainedDigest(configuration, kernels, threads), configuration.digest)
            << configuration.name << " on " << kernels->name << " with " << threads << " threads";
      }
    }
  }
}

TEST(Engine, OneSeedOneDigestInMiniBatches) {
  for (const Configuration& configuration : configurations()) {
    for (const KernelSet* kernels : availableKernelSets()) {
      for (const uint32_t threads : {1u, 2u, 3u, 7u}) {
        EXPECT_EQ(trainedDigest(configuration, kernels, threads, 88), configuration.batchDigest)
            << configuration.name << " on " << kernels->name << " with " << threads << " threads";
      }
    }
  }
}

TEST(Engine, AnotherLibrarysRoundingModeChangesNoWeight) {
  const Configuration configuration = configurations().front();
  NetworkSpec spec = specOf(configuration, availableKernelSets().front());
  spec.arithmetic = Arithmetic::floating;
  std::vector<float> input(configuration.layers.front());
  for (size_t i = 0; i < input.size(); i++)
    input[i] = 1e-38F * static_cast<float>(i % 7) + (i % 3 == 0 ? 0.3F : 0.0F);
  const auto trained = [&] {
    const std::unique_ptr<Network> network = makeNetwork(spec);
    InputView view;
    view.type = InputView::Type::float32;
    view.data = input.data();
    for (int32_t k = 0; k < 50; k++) {
      const int32_t label = k % 10;
      TargetView target;
      target.labels = &label;
      network->learn(view, target, 0.05);
    }
    network->drain();
    std::vector<float> weights(network->spec().patterns[0].edges());
    network->readWeights(0, weights);
    return weights;
  };
  const std::vector<float> expected = trained();
  for (const int mode : {FE_UPWARD, FE_TOWARDZERO}) {
    ASSERT_EQ(std::fesetround(mode), 0);
    const std::vector<float> got = trained();
    EXPECT_EQ(std::fegetround(), mode) << "the caller's mode comes back";
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(got, expected);
  }
}

TEST(Engine, AnotherLibrarysRoundingModeChangesNoShareOfALearner) {
  const auto learned = [] {
    Learner learner(*availableKernelSets().front()->learner, 1, true);
    for (const uint64_t key : {11u, 22u}) learner.addSlot(key, true);
    for (const uint64_t key : {33u, 44u}) learner.addOutput(key);
    std::array<double, kLearnerMembers + 1> out{};
    for (int32_t k = 0; k < 60; k++) {
      const uint32_t slots[] = {1, 2};
      const auto value = static_cast<int16_t>(k * 37 % 500 - 250);
      const int16_t values[] = {value, 200};
      out.back() = learner.learn({slots, values, 2, 2},
                                 {k < 2       ? k
                                  : value > 0 ? 1
                                              : 0,
                                  0},
                                 false)
                       .probability;
    }
    std::copy_n(learner.state().shares.begin(), kLearnerMembers, out.begin());
    return out;
  };
  const auto expected = learned();
  for (const int mode : {FE_UPWARD, FE_TOWARDZERO}) {
    ASSERT_EQ(std::fesetround(mode), 0);
    const auto got = learned();
    EXPECT_EQ(std::fegetround(), mode) << "the caller's mode comes back";
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(got, expected);
  }
}

TEST(Engine, AnAbortedRunLeavesAnEmptyPipeline) {
  const Configuration configuration = configurations().front();
  const std::unique_ptr<Network> network = makeNetwork(specOf(configuration, availableKernelSets().front()));
  const std::vector<uint8_t> input(configuration.layers.front(), 100);
  const int32_t label = 3;
  const uint32_t order[2] = {0, 0};
  const double rate = 0.01;
  TrainJob job;
  job.inputs.data = input.data();
  job.targets.labels = &label;
  job.order = order;
  job.count = 2;
  job.rates = &rate;
  job.rateCount = 1;
  Progress progress;
  progress.abort = true;
  const TrainResult result = network->train(job, progress);
  EXPECT_TRUE(result.aborted);
  EXPECT_EQ(result.examples, 0u);
  const uint64_t before = digestOf(*network);
  network->drain();
  EXPECT_EQ(digestOf(*network), before);
}

}  // namespace
}  // namespace sparse_train
