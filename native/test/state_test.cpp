// The state of a network: another network, on other kernels and threads, continues from it with the same bits; bytes that
// are not a state are refused and change nothing.
#include "../engine/state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "sample.hpp"

namespace sparse_train {
namespace {

class States : public testing::TestWithParam<Sample> {};

INSTANTIATE_TEST_SUITE_P(Of, States, testing::ValuesIn(samples()), [](const auto& info) {
  std::string name = info.param.name;
  for (char& letter : name) letter = letter == ' ' ? '_' : letter;
  return name;
});

/// Examples, whole batches, before a pause.
constexpr uint64_t kPaused = 80;

struct Ended {
  TrainResult result;
  std::vector<uint8_t> parameters, state;
};

Ended train(Network& network, TrainJob job) {
  Progress progress;
  Ended ended;
  ended.result = network.train(job, progress);
  ended.parameters = parametersOf(network);
  ended.state = network.exportState();
  return ended;
}

// A network that was paused after `examples` of a job. The pause leaves its pipeline as full as it was.
std::unique_ptr<Network> pausedAfter(const Sample& sample, const KernelSet* kernels, TrainJob job,
                                     uint64_t examples) {
  std::unique_ptr<Network> network = makeNetwork(specOf(sample, kernels));
  job.count = examples;
  job.drain = false;
  Progress progress;
  EXPECT_EQ(network->train(job, progress).examples, examples);
  return network;
}

TEST_P(States, ContinueWhereTheyWereTaken) {
  const Sample& sample = GetParam();
  const std::vector<const KernelSet*>& sets = availableKernelSets();
  constexpr uint32_t kExamples = 520;
  const NetworkSpec spec = specOf(sample, sets.front());
  const SampleExamples examples(sample, kExamples);
  for (const bool weighted : {false, true}) {
    if (weighted && (sample.output != Output::softmax || sample.arithmetic == Arithmetic::hardware)) continue;
    TrainJob job = examples.job();
    if (weighted) job.classWeights.assign(sample.layers.back(), 1.5);
    const std::unique_ptr<Network> whole = makeNetwork(spec);
    const Ended expected = train(*whole, job);
    size_t set = 0;
    for (const uint64_t asked : {0, 1, 2, 3, 255, 256, 519, 520}) {
      const uint64_t at = asked / sample.batchSize * sample.batchSize;  // pauses come between batches
      set = (set + 1) % sets.size();
      const std::unique_ptr<Network> first = pausedAfter(sample, sets[set], job, at);
      const std::vector<uint8_t> state = first->exportState();
      TrainJob rest = job;
      rest.first = at;
      rest.threads = 1 + at % 3;
      const std::unique_ptr<Network> second = makeNetwork(specOf(sample, sets[(set + 1) % sets.size()]));
      ASSERT_EQ(second->importState(state.data(), state.size()), "");
      EXPECT_EQ(second->exportState(), state);
      const Ended ended = train(*second, rest);
      EXPECT_EQ(ended.parameters, expected.parameters) << "taken after " << at << " on " << sets[set]->name;
      EXPECT_EQ(ended.state, expected.state);
      EXPECT_EQ(ended.result.examples, kExamples);
      EXPECT_EQ(ended.result.tally.outputs, expected.result.tally.outputs);
      EXPECT_EQ(ended.result.tally.correct, expected.result.tally.correct);
      EXPECT_EQ(ended.result.tally.loss, expected.result.tally.loss);
    }
  }
}

// As above, but the pipeline is drained outside of the call.
TEST_P(States, MayBeDrained) {
  const Sample& sample = GetParam();
  const KernelSet* kernels = availableKernelSets().back();
  const SampleExamples examples(sample, 100);
  TrainJob job = examples.job();
  if (sample.output == Output::softmax && sample.arithmetic != Arithmetic::hardware)
    job.classWeights.assign(sample.layers.back(), 1.5);
  const std::unique_ptr<Network> first = pausedAfter(sample, kernels, job, kPaused);
  const std::vector<uint8_t> state = first->exportState();
  const std::unique_ptr<Network> second = makeNetwork(specOf(sample, kernels));
  ASSERT_EQ(second->importState(state.data(), state.size()), "");
  first->drain();
  second->drain();
  EXPECT_EQ(parametersOf(*second), parametersOf(*first));
}

TEST_P(States, ThatAreNoneChangeNothing) {
  const Sample& sample = GetParam();
  const KernelSet* kernels = availableKernelSets().back();
  const SampleExamples examples(sample, 100);
  const std::unique_ptr<Network> network = pausedAfter(sample, kernels, examples.job(), kPaused);
  const std::vector<uint8_t> state = network->exportState();
  const std::unique_ptr<Network> victim = pausedAfter(sample, kernels, examples.job(), 30);
  const std::vector<uint8_t> before = victim->exportState();
  for (size_t size = 0; size < state.size(); size += 1 + size / 7) {
    // A copy of its exact size, so that a sanitizer sees every read beyond its end.
    const std::vector<uint8_t> cut(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_NE(victim->importState(cut.data(), cut.size()), "") << size << " bytes";
  }
  std::vector<uint8_t> longer = state;
  longer.push_back(0);
  EXPECT_NE(victim->importState(longer.data(), longer.size()), "");
  EXPECT_EQ(victim->exportState(), before);
}

TEST_P(States, OfAnotherNetworkAreRefused) {
  Sample other = GetParam();
  const KernelSet* kernels = availableKernelSets().back();
  const std::unique_ptr<Network> network = makeNetwork(specOf(other, kernels));
  const std::vector<uint8_t> state = network->exportState();
  other.schedule = other.schedule == Schedule::pipelined ? Schedule::sequential : Schedule::pipelined;
  const std::unique_ptr<Network> rescheduled = makeNetwork(specOf(other, kernels));
  EXPECT_NE(rescheduled->importState(state.data(), state.size()).find("another"), std::string::npos);
}

// Training from a state that passes the check has no undefined behaviour, which sanitizers would report.
TEST_P(States, ThatAreChangedAreRefusedOrHarmless) {
  const Sample& sample = GetParam();
  const KernelSet* kernels = availableKernelSets().back();
  const SampleExamples examples(sample, 100);
  const std::unique_ptr<Network> network = pausedAfter(sample, kernels, examples.job(), kPaused);
  const std::vector<uint8_t> state = network->exportState();
  RandomStream random(4, 4);
  uint32_t refused = 0;
  for (uint32_t round = 0; round < 200; round++) {
    std::vector<uint8_t> changed = state;
    for (uint32_t change = 0; change <= round % 4; change++) {
      changed[random.below(changed.size())] = static_cast<uint8_t>(random.below(256));
    }
    if (!network->importState(changed.data(), changed.size()).empty()) {
      refused++;
      continue;
    }
    TrainJob job = examples.job();
    job.count = 12;
    Progress progress;
    network->train(job, progress);
  }
  EXPECT_GT(refused, 0u);
}

// Derivatives are computed from the activations of sigmoid and tanh layers, which never exceed 1.
TEST(State, WithActivationsBeyondTheirLayerIsRefused) {
  Sample sample;
  sample.layers = {6, 5, 2};
  sample.activations = {Activation::sigmoid};
  const KernelSet* kernels = availableKernelSets().back();
  const SampleExamples examples(sample, 20);
  const std::unique_ptr<Network> network = pausedAfter(sample, kernels, examples.job(), 10);
  std::vector<uint8_t> state = network->exportState();
  const std::string name = "input";
  const auto section = std::find_end(state.begin(), state.end(), name.begin(), name.end());
  ASSERT_NE(section, state.end());
  // The section's name and length are followed by the activations of the input layer.
  const auto place = section - state.begin() + 16 + 8 + 2 * sample.layers[0];
  for (const int16_t value : {int16_t{256}, int16_t{257}, int16_t{-1}}) {
    memcpy(state.data() + place, &value, sizeof(value));
    const bool allowed = value == 256;
    EXPECT_EQ(network->importState(state.data(), state.size()).empty(), allowed) << value;
  }
}

TEST(State, PauseLeavesThePipelineAndAbortEmptiesIt) {
  const Sample sample = samples().front();
  const KernelSet* kernels = availableKernelSets().back();
  const SampleExamples examples(sample, 100);
  const std::unique_ptr<Network> network = pausedAfter(sample, kernels, examples.job(), kPaused);
  const std::vector<uint8_t> before = network->exportState();
  TrainJob job = examples.job();
  job.first = kPaused;
  Progress progress;
  progress.pause = true;
  const TrainResult paused = network->train(job, progress);
  EXPECT_TRUE(paused.paused);
  EXPECT_EQ(paused.examples, kPaused);
  EXPECT_EQ(network->exportState(), before);
  progress.abort = true;
  const TrainResult aborted = network->train(job, progress);
  EXPECT_TRUE(aborted.aborted);
  EXPECT_FALSE(aborted.paused);
  EXPECT_EQ(aborted.tally.outputs, kPaused);
}

}  // namespace
}  // namespace sparse_train
