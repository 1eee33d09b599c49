#include "sample.hpp"

#include <cstring>

#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"

namespace sparse_train {

std::vector<Sample> samples() {
  using A = Activation;
  std::vector<Sample> all;
  const auto add = [&all](const char* name, std::vector<uint32_t> layers,
                          std::vector<Activation> activations) -> Sample& {
    all.push_back({});
    all.back().name = name;
    all.back().layers = std::move(layers);
    all.back().activations = std::move(activations);
    return all.back();
  };
  add("default", {100, 96, 10}, {A::relu});
  add("sequential", {100, 96, 10}, {A::relu}).schedule = Schedule::sequential;
  add("eight bits", {100, 96, 10}, {A::relu}).format = {8, 5, false};
  Sample& momentum = add("momentum and decay", {100, 96, 10}, {A::relu});
  momentum.momentum = 0.9;
  momentum.weightDecay = 0.001;
  Sample& list = add("list with momentum", {101, 77, 7}, {A::relu});
  list.tiled = false;
  list.momentum = 0.5;
  add("four junctions", {55, 70, 33, 40, 6}, {A::relu, A::tanh, A::sigmoid}).output = Output::sigmoid;
  add("regression", {37, 48, 3}, {A::tanh}).output = Output::linear;
  Sample& wideBatches = add("batches", {101, 96, 7}, {A::relu});
  wideBatches.batchSize = 8;
  wideBatches.momentum = 0.9;
  wideBatches.weightDecay = 0.001;
  Sample& listBatches = add("batches on a list", {101, 77, 7}, {A::tanh});
  listBatches.batchSize = 40;
  listBatches.tiled = false;
  Sample& floating = add("float", {55, 40, 33, 6}, {A::relu, A::sigmoid});
  floating.arithmetic = Arithmetic::floating;
  floating.momentum = 0.9;
  Sample& floatingRegression = add("float regression", {55, 40, 6}, {A::tanh});
  floatingRegression.arithmetic = Arithmetic::floating;
  floatingRegression.output = Output::linear;
  Sample& adam = add("float batches with Adam", {55, 40, 6}, {A::relu});
  adam.arithmetic = Arithmetic::floating;
  adam.batchSize = 8;
  adam.adam = true;
  Sample& batches = add("float batches with momentum", {55, 40, 6}, {A::relu});
  batches.arithmetic = Arithmetic::floating;
  batches.batchSize = 8;
  batches.momentum = 0.9;
  Sample& hardware = add("hardware", {64, 48, 32, 16}, {A::sigmoid, A::relu});
  hardware.arithmetic = Arithmetic::hardware;
  hardware.hardware = {12, 3};
  Sample& words = add("hardware of 32 bits", {64, 48, 16}, {A::relu});
  words.arithmetic = Arithmetic::hardware;
  words.hardware = {32, 7};
  words.output = Output::sigmoid;
  words.schedule = Schedule::sequential;
  return all;
}

NetworkSpec specOf(const Sample& sample, const KernelSet* kernels) {
  NetworkSpec spec;
  spec.layers = sample.layers;
  spec.activations = sample.activations;
  spec.output = sample.output;
  spec.schedule = sample.schedule;
  spec.arithmetic = sample.arithmetic;
  spec.format = sample.format;
  spec.momentum = sample.momentum;
  spec.weightDecay = sample.weightDecay;
  if (sample.adam) spec.optimizer.kind = OptimizerSpec::Kind::adamw;
  spec.seed = 5;
  spec.kernels = kernels;
  if (sample.arithmetic == Arithmetic::hardware) {
    spec.hardware.format = sample.hardware;
    for (const Activation activation : sample.activations) {
      spec.hardware.activations.push_back(activation == Activation::relu ? HardwareActivation::relu
                                                                         : HardwareActivation::sigmoid);
    }
    spec.hardware.activations.push_back(HardwareActivation::sigmoid);
  }
  for (uint32_t j = 0; j + 1 < spec.layers.size(); j++) {
    const uint32_t left = spec.layers[j];
    const uint32_t right = spec.layers[j + 1];
    const uint64_t edges = static_cast<uint64_t>(left) * right / 3;
    const bool tiled = sample.tiled && right > 16;
    spec.patterns.push_back(
        dealtPattern(left, right, edges, tiled ? kTileLefts : 1, tiled ? kTileRights : 1, spec.seed, j));
  }
  return spec;
}

std::vector<uint8_t> parametersOf(const Network& network) {
  std::vector<uint8_t> all;
  for (uint32_t j = 0; j < network.junctions(); j++) {
    const WeightType type = network.capabilities().weights;
    const auto append = [&all](const auto& numbers) {
      const auto* bytes = reinterpret_cast<const uint8_t*>(numbers.data());
      all.insert(all.end(), bytes, bytes + numbers.size() * sizeof(numbers[0]));
    };
    visitWeightType(type, [&](auto zero) {
      std::vector weights(network.spec().patterns[j].edges(), zero);
      network.readWeights(j, weights);
      append(weights);
    });
    visitBiasType(type, [&](auto zero) {
      std::vector biases(network.spec().layers[j + 1], zero);
      network.readBiases(j, biases);
      append(biases);
    });
  }
  return all;
}

SampleExamples::SampleExamples(const Sample& sample, uint32_t count)
    : output_(sample.output), batchSize_(sample.batchSize) {
  RandomStream random(9, 9);
  const uint32_t columns = sample.layers.front();
  const uint32_t outputs = sample.layers.back();
  inputs_.resize(static_cast<size_t>(count) * columns);
  for (uint8_t& input : inputs_) input = static_cast<uint8_t>(random.below(3) == 0 ? random.below(256) : 0);
  for (uint32_t i = 0; i < count; i++) {
    order_.push_back((i * 37) % count);
    labels_.push_back(static_cast<int32_t>((inputs_[static_cast<size_t>(i) * columns] + i) % outputs));
    for (uint32_t o = 0; o < outputs; o++) {
      flags_.push_back(static_cast<uint8_t>(random.below(2)));
      values_.push_back((random.below(4001) - 2000.0) / 1000.0);
    }
  }
  const bool hardware = sample.arithmetic == Arithmetic::hardware;
  rates_ = hardware ? std::vector<double>{0.125, 0.0625} : std::vector<double>{0.015, 0.005};
}

TrainJob SampleExamples::job() const {
  TrainJob job;
  job.inputs.data = inputs_.data();
  if (output_ == Output::softmax) job.targets.labels = labels_.data();
  if (output_ == Output::sigmoid) job.targets.flags = flags_.data();
  if (output_ == Output::linear) job.targets.values = values_.data();
  job.order = order_.data();
  job.count = order_.size();
  job.rates = rates_.data();
  job.rateCount = rates_.size();
  job.rateInterval = order_.size() / 2 + 1;
  job.batchSize = batchSize_;
  return job;
}

}  // namespace sparse_train
