// The `wide` arithmetic has several ways through a junction, and chooses one for each example. All give the same bits
// (engine_test.cpp); these tests count which one was taken.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "../engine/network.hpp"
#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kExamples = 60;

// Inputs in which one value in `oneIn` is not zero, with labels.
struct Examples {
  std::vector<uint8_t> inputs;
  std::vector<int32_t> labels;
  std::vector<uint32_t> order;

  Examples(const NetworkSpec& spec, uint32_t oneIn, uint32_t count = kExamples)
      : inputs(size_t{count} * spec.layers.front()), labels(count), order(count) {
    RandomStream random(3, 1);
    for (uint8_t& input : inputs)
      input = static_cast<uint8_t>(random.below(oneIn) == 0 ? 1 + random.below(255) : 0);
    for (int32_t& label : labels) label = static_cast<int32_t>(random.below(spec.layers.back()));
    std::iota(order.begin(), order.end(), 0u);
  }

  TrainJob job(const double& rate) const {
    TrainJob job;
    job.inputs.data = inputs.data();
    job.targets.labels = labels.data();
    job.order = order.data();
    job.count = order.size();
    job.rates = &rate;
    job.rateCount = 1;
    return job;
  }
};

/// 784-64-10, first junction tiled with a tenth of the edges, second dense.
NetworkSpec specOf(std::vector<uint32_t> layers, double density = 0.1) {
  NetworkSpec spec;
  spec.layers = std::move(layers);
  spec.activations.assign(spec.layers.size() - 2, Activation::relu);
  spec.seed = 5;
  spec.kernels = availableKernelSets().back();
  for (uint32_t j = 0; j + 1 < spec.layers.size(); j++) {
    const uint32_t left = spec.layers[j], right = spec.layers[j + 1];
    const bool last = j + 2 == spec.layers.size();
    const auto edges = static_cast<uint64_t>(density * left * right);
    spec.patterns.push_back(last || density == 1.0
                                ? densePattern(left, right)
                                : dealtPattern(left, right, edges, kTileLefts, kTileRights, spec.seed, j));
  }
  return spec;
}

std::vector<PathCounts> pathsOf(NetworkSpec spec, uint32_t oneIn, uint32_t threads = 1) {
  const Examples examples(spec, oneIn);
  const double rate = 0.02;
  Network network(std::move(spec));
  TrainJob job = examples.job(rate);
  job.threads = threads;
  Progress progress;
  network.train(job, progress);
  return network.telemetry().paths;
}

TEST(WidePaths, TakeTheWholeLayerWhereManyInputsAreActive) {
  for (const uint32_t threads : {1u, 3u}) {
    const std::vector<PathCounts> paths = pathsOf(specOf({784, 64, 10}), 4, threads);
    EXPECT_EQ(paths[0].forwardsWhole, kExamples);
    EXPECT_EQ(paths[0].forwardsListed, 0u);
    EXPECT_EQ(paths[0].updatesWhole, kExamples);
    EXPECT_EQ(paths[0].updatesListed, 0u);
    EXPECT_EQ(paths[0].outputsTogether, 0u);
  }
}

TEST(WidePaths, LeaveSilentTilesOutWhereSomeInputsAreSilent) {
  for (const uint32_t threads : {1u, 3u}) {
    const std::vector<PathCounts> some = pathsOf(specOf({784, 64, 10}), 4, threads);
    EXPECT_EQ(some[0].forwardsActive, kExamples);
    EXPECT_EQ(some[0].updatesActive, kExamples);
    const std::vector<PathCounts> all = pathsOf(specOf({784, 64, 10}), 1, threads);
    EXPECT_EQ(all[0].forwardsWhole, kExamples);
    EXPECT_EQ(all[0].forwardsActive, 0u);
    EXPECT_EQ(all[0].updatesActive, 0u);
  }
}

/// Tiles that were found for an example must not be taken for those of another one, which a state puts in its place.
TEST(WidePaths, FindTheTilesOfExamplesInAStateAgain) {
  const NetworkSpec spec = specOf({784, 64, 10});
  const Examples own(spec, 4), others(spec, 3);
  const double rate = 0.02;
  Progress progress;
  std::vector<std::vector<int16_t>> weights;
  std::vector<uint8_t> state;
  for (const bool restored : {false, true}) {
    Network network(spec);
    TrainJob job = (restored ? others : own).job(rate);
    job.drain = false;  // the last examples are still in the pipeline
    network.train(job, progress);
    if (restored) {
      ASSERT_EQ(network.importState(state.data(), state.size()), "");
    } else {
      state = network.exportState();
    }
    network.drain();
    weights.emplace_back(spec.patterns[0].edges());
    network.readWeights(0, weights.back());
  }
  EXPECT_EQ(weights[0], weights[1]);
}

/// The memory of single predictions follows a junction that is divided for other threads or gets another pattern.
TEST(WidePaths, PredictSinglyWhatFourTogetherAreInJunctionsThatChange) {
  NetworkSpec spec = specOf({784, 64, 10}, 0.05);
  const Pattern denser = specOf({784, 64, 10}, 0.6).patterns[0];
  const Examples examples(spec, 4, 8);
  const double rate = 0.02;
  Network network(std::move(spec));
  Progress progress;
  const auto compare = [&](const char* when) {
    std::vector<float> together(80), alone(80);
    std::vector<uint32_t> decisions(8);
    InputView view;
    view.data = examples.inputs.data();
    network.predict(view, 8, 1, together.data(), decisions.data(), progress);
    for (uint32_t i = 0; i < 8; i++) {
      view.data = examples.inputs.data() + size_t{784} * i;
      EXPECT_EQ(network.predictOne(view, alone.data() + size_t{10} * i), decisions[i]) << when;
    }
    EXPECT_EQ(together, alone) << when;
  };
  compare("at first");
  TrainJob job = examples.job(rate);
  job.threads = 2;
  network.train(job, progress);
  compare("divided");
  network.setPattern(0, denser);
  network.train(job, progress);
  compare("denser");
}

TEST(WidePaths, PassOverOutputsOnce) {
  const std::vector<PathCounts> paths = pathsOf(specOf({784, 64, 10}), 4);
  EXPECT_EQ(paths[1].forwardsWhole, kExamples);
  EXPECT_EQ(paths[1].outputsTogether, kExamples);
}

TEST(WidePaths, TakeAListWhereHardlyAnyInputIsActive) {
  const std::vector<PathCounts> paths = pathsOf(specOf({784, 64, 10}), 200);
  EXPECT_EQ(paths[0].forwardsWhole, 0u);
  EXPECT_EQ(paths[0].forwardsListed, kExamples);
  EXPECT_EQ(paths[1].forwardsWhole, kExamples);
}

TEST(WidePaths, TakeAListBeforeDenseJunctions) {
  const std::vector<PathCounts> paths = pathsOf(specOf({784, 64, 10}, 1.0), 4);
  EXPECT_EQ(paths[0].forwardsListed, kExamples);
  EXPECT_EQ(paths[0].updatesListed, kExamples);
}

TEST(WidePaths, TakeAListWhereSumsMightNotFit) {
  NetworkSpec spec = specOf({2000, 32, 10}, 0.5);
  const std::vector<PathCounts> paths = pathsOf(std::move(spec), 1);  // 2000 inputs of 128 on average
  EXPECT_EQ(paths[0].forwardsWhole, 0u);
  EXPECT_EQ(paths[0].updatesWhole, kExamples);
}

TEST(WidePaths, HaveMomentumPassOverTilesAlone) {
  NetworkSpec spec = specOf({784, 64, 10});
  spec.momentum = 0.9;
  const std::vector<PathCounts> paths = pathsOf(std::move(spec), 4);
  EXPECT_EQ(paths[0].forwardsWhole, kExamples);
  EXPECT_EQ(paths[0].updatesWhole + paths[0].updatesListed, 0u);
  EXPECT_EQ(paths[1].outputsTogether, 0u);
}

TEST(WidePaths, HaveOutputsBehindTanhPassedTwice) {
  NetworkSpec spec = specOf({784, 64, 10});
  spec.activations = {Activation::tanh};
  const std::vector<PathCounts> paths = pathsOf(std::move(spec), 4);
  EXPECT_EQ(paths[1].outputsTogether, 0u);
  EXPECT_EQ(paths[1].updatesWhole, kExamples);
}

/// Predictions in fours, of one example at a time, and by the kernels of mini-batches are the same.
TEST(WidePaths, PredictFourTogetherWithTheSameScores) {
  for (const KernelSet* kernels : availableKernelSets()) {
    for (const std::vector<uint32_t>& layers :
         {std::vector<uint32_t>{784, 64, 10}, {99, 70, 50, 7}, {301, 33, 16}}) {
      for (const double density : {0.1, 1.0}) {
        NetworkSpec spec = specOf(layers, density);
        spec.kernels = kernels;
        const Examples examples(spec, 3, 43);
        const double rate = 0.02;
        Network network(spec);
        Progress progress;
        network.train(examples.job(rate), progress);
        const uint32_t outputs = layers.back();
        InputView inputs;
        inputs.data = examples.inputs.data();
        std::vector<float> scores(43 * outputs), single(outputs);
        std::vector<uint32_t> decisions(43);
        network.predict(inputs, 43, 2, scores.data(), decisions.data(), progress);
        EXPECT_EQ(network.telemetry().paths.back().predictedFour, 40u);
        for (uint32_t i = 0; i < 43; i++) {
          InputView one;
          one.data = examples.inputs.data() + size_t{i} * layers.front();
          EXPECT_EQ(network.predictOne(one, single.data()), decisions[i]);
          EXPECT_TRUE(std::equal(single.begin(), single.end(), scores.begin() + i * outputs)) << i;
        }
      }
    }
  }
}

TEST(WidePaths, PredictOneByOneBehindTanh) {
  NetworkSpec spec = specOf({784, 64, 10});
  spec.activations = {Activation::tanh};
  const Examples examples(spec, 3);
  Network network(spec);
  InputView inputs;
  inputs.data = examples.inputs.data();
  std::vector<uint32_t> decisions(kExamples);
  Progress progress;
  network.predict(inputs, kExamples, 1, nullptr, decisions.data(), progress);
  EXPECT_EQ(network.telemetry().paths.back().predictedFour, 0u);
}

/// Where the sums of four examples might not fit 32 bits, each example is summed alone, exactly. The inputs' sums are
/// tested first, then those of a hidden layer.
TEST(WidePaths, PredictFourExactlyWhereSumsAreLarge) {
  for (const std::vector<uint32_t>& layers : {std::vector<uint32_t>{4000, 32, 10}, {64, 64, 10}}) {
    Network network(specOf(layers, 1.0));
    for (uint32_t j = 0; j < 2; j++) {
      std::vector<int16_t> weights(network.spec().patterns[j].edges(), 32767);
      weights[0] = 5;
      network.writeWeights(j, weights);
    }
    const std::vector<uint8_t> rows(size_t{4} * layers[0], 255);
    InputView inputs;
    inputs.data = rows.data();
    std::vector<float> scores(40);
    std::vector<uint32_t> decisions(4);
    Progress progress;
    network.predict(inputs, 4, 1, scores.data(), decisions.data(), progress);
    for (uint32_t i = 0; i < 4; i++) {
      EXPECT_EQ(decisions[i], 0u);  // all sums are clipped at the same limit: the first is the decision
      for (uint32_t o = 0; o < 10; o++) EXPECT_EQ(scores[10 * i + o], scores[0]);
    }
  }
}

/// Errors of a hidden neuron with so many edges that 32 bits would wrap, beside one whose single edge fits: both move against
/// their errors, whatever the sign.
TEST(WidePaths, BackpropagateExactlyWhereErrorsAreLarge) {
  constexpr uint32_t kOutputs = 64;
  for (const double target : {-100.0, 100.0}) {
    NetworkSpec spec;
    spec.layers = {4, 2, kOutputs};
    spec.activations = {Activation::relu};
    spec.output = Output::linear;
    spec.seed = 5;
    spec.kernels = availableKernelSets().back();
    spec.patterns.push_back(densePattern(4, 2));
    Pattern pattern;  // neuron 0 leads to all outputs, neuron 1 to the first
    pattern.left = 2;
    pattern.right = kOutputs;
    pattern.offsets = {0};
    for (uint32_t right = 0; right < kOutputs; right++) {
      pattern.lefts.push_back(0);
      if (right == 0) pattern.lefts.push_back(1);
      pattern.offsets.push_back(pattern.lefts.size());
    }
    spec.patterns.push_back(pattern);
    Network network(spec);
    const std::vector<int16_t> weights(pattern.edges(), 32767);
    network.writeWeights(1, weights);
    const std::vector<int32_t> before(2, 1 << 20);  // both neurons are active
    network.writeBiases(0, before);

    const std::vector<uint8_t> inputs(4, 0);
    const std::vector<double> targets(kOutputs, target);
    const uint32_t order = 0;
    const double rate = 0.01;
    TrainJob job;
    job.inputs.data = inputs.data();
    job.targets.values = targets.data();
    job.order = &order;
    job.count = 1;
    job.rates = &rate;
    job.rateCount = 1;
    job.drain = true;
    Progress progress;
    network.train(job, progress);
    std::vector<int32_t> after(2);
    network.readBiases(0, after);
    for (uint32_t i = 0; i < 2; i++) EXPECT_EQ(after[i] < before[i], target < 0) << i << ", " << target;
  }
}

// Sparse rows, read whole if they have many values and as a list if they have few, keep nothing of the previous example.
TEST(WidePaths, TakeSparseRowsLikeWholeRows) {
  const NetworkSpec spec = specOf({100, 64, 10}, 0.3);
  for (const uint32_t oneIn : {3u, 20u, 80u}) {
    const Examples examples(spec, oneIn);
    std::vector<uint8_t> values;
    std::vector<uint32_t> columns;
    std::vector<uint64_t> starts{0};
    for (size_t i = 0; i < examples.inputs.size(); i++) {
      if (examples.inputs[i] != 0) {
        values.push_back(examples.inputs[i]);
        columns.push_back(static_cast<uint32_t>(i % 100));
      }
      if (i % 100 == 99) starts.push_back(values.size());
    }
    const double rate = 0.02;
    std::vector<std::vector<int16_t>> weights;
    for (const bool sparse : {false, true}) {
      Network network(spec);
      TrainJob job = examples.job(rate);
      if (sparse) {
        job.inputs.data = values.data();
        job.inputs.columns = columns.data();
        job.inputs.starts = starts.data();
      }
      Progress progress;
      network.train(job, progress);
      if (oneIn == 3) {
        EXPECT_EQ(network.telemetry().paths[0].forwardsWhole, kExamples);
      }
      weights.emplace_back(spec.patterns[0].edges());
      network.readWeights(0, weights.back());
    }
    EXPECT_EQ(weights[0], weights[1]) << "one value in " << oneIn;
  }
}

}  // namespace
}  // namespace sparse_train
