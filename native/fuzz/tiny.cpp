#include "tiny.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"

/// Networks are made and dropped all the time: free memory soon, and record only short stacks of allocations.
extern "C" const char* __asan_default_options() {
  return "malloc_context_size=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=16";
}

namespace sparse_train {
namespace {

constexpr uint32_t kMostLayers = 4;

/// A finite double with arbitrary bits.
double anyFinite(Bytes& bytes) {
  const auto bits = bytes.ConsumeIntegral<uint64_t>();
  double value = 0.0;
  memcpy(&value, &bits, sizeof(value));
  return std::isfinite(value) ? value : 1.0;
}

void drawFormat(Bytes& bytes, NetworkSpec& spec) {
  if (spec.arithmetic == Arithmetic::wide) {
    spec.format.bits = bytes.ConsumeIntegralInRange(4, 16);
    spec.format.fraction = bytes.ConsumeIntegralInRange(0, spec.format.bits - 1);
    spec.format.stochastic = bytes.ConsumeBool();
    return;
  }
  if (spec.arithmetic != Arithmetic::hardware) return;
  // The tables of 12 to 16 bits are large and slow to make.
  const int widths[] = {4, 6, 8, 32};
  spec.hardware.format.width = bytes.PickValueInArray(widths);
  spec.hardware.format.integerBits = bytes.ConsumeIntegralInRange(0, 29);
  while (!hardwareFormatFault(spec.hardware.format).empty()) spec.hardware.format.integerBits /= 2;
  spec.hardware.tableFloor = bytes.ConsumeIntegralInRange(0, 1);
  spec.hardware.cost = bytes.ConsumeBool() ? HardwareCost::crossEntropy : HardwareCost::quadratic;
}

void drawOptimizer(Bytes& bytes, NetworkSpec& spec) {
  if (spec.arithmetic == Arithmetic::hardware) return;
  const double momenta[] = {0.0, 0.0, 0.5, 0.9, 0.9999};
  spec.momentum = bytes.PickValueInArray(momenta);
  const double decays[] = {0.0, 0.0, 1e-4, 1.0};
  spec.weightDecay = bytes.PickValueInArray(decays);
  if (spec.arithmetic != Arithmetic::floating || spec.momentum != 0.0 || bytes.ConsumeBool()) return;
  spec.optimizer.kind = bytes.ConsumeBool() ? OptimizerSpec::Kind::adam : OptimizerSpec::Kind::adamw;
  spec.optimizer.beta1 = bytes.ConsumeBool() ? 0.9 : 0.0;
  spec.optimizer.beta2 = bytes.ConsumeBool() ? 0.999 : 0.0;
  spec.optimizer.epsilon = bytes.ConsumeBool() ? 1e-8 : 0.0;
}

/// A learning rate that the network accepts for batches of this size.
double anyRate(Bytes& bytes, const Network& network, uint32_t batchSize) {
  const double rates[] = {0.0, 0.0625, 0.5, 1.0, 4.656612873077393e-10, 1e-30, 64.0, 1e6, 1e300};
  const double rate = bytes.ConsumeBool() ? bytes.PickValueInArray(rates) : std::fabs(anyFinite(bytes));
  if (network.rateFault(rate, batchSize).empty()) return rate;
  return network.spec().arithmetic == Arithmetic::hardware ? 0.0625 : 0.0;
}

Pattern drawnPattern(Bytes& bytes, uint32_t left, uint32_t right, uint32_t junction) {
  const uint64_t cells = uint64_t{left} * right;
  const auto edges = bytes.ConsumeIntegralInRange<uint64_t>(1, cells);
  const uint64_t seed = bytes.ConsumeIntegral<uint8_t>();
  switch (bytes.ConsumeIntegralInRange(0, 3)) {
    case 0:
      return dealtPattern(left, right, edges, kTileLefts, kTileRights, seed, junction);
    case 1:
      return dealtPattern(left, right, edges, 1, 1, seed, junction);
    case 2:
      return randomPattern(left, right, edges, seed, junction);
    default:
      return densePattern(left, right);
  }
}

}  // namespace

void require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "does not hold: %s\n", what);
  abort();
}

const KernelSet* anyKernels(Bytes& bytes) {
  const auto& sets = availableKernelSets();
  return sets[bytes.ConsumeIntegralInRange<size_t>(0, sets.size() - 1)];
}

NetworkSpec anySpec(Bytes& bytes, uint32_t widest) {
  NetworkSpec spec;
  spec.kernels = anyKernels(bytes);
  spec.seed = bytes.ConsumeIntegral<uint8_t>();
  const Arithmetic arithmetics[] = {Arithmetic::wide, Arithmetic::hardware, Arithmetic::floating};
  spec.arithmetic = bytes.PickValueInArray(arithmetics);
  const auto layers = bytes.ConsumeIntegralInRange<uint32_t>(2, kMostLayers);
  for (uint32_t layer = 0; layer < layers; layer++) {
    spec.layers.push_back(bytes.ConsumeIntegralInRange<uint32_t>(1, widest));
  }
  const bool hardware = spec.arithmetic == Arithmetic::hardware;
  const Output outputs[] = {Output::softmax, Output::sigmoid, Output::linear};
  spec.output = outputs[bytes.ConsumeIntegralInRange(0, hardware ? 1 : 2)];
  spec.schedule = bytes.ConsumeBool() ? Schedule::pipelined : Schedule::sequential;
  const Activation activations[] = {Activation::relu, Activation::sigmoid, Activation::tanh};
  for (uint32_t layer = 1; layer + 1 < layers; layer++) {
    spec.activations.push_back(activations[bytes.ConsumeIntegralInRange(0, hardware ? 1 : 2)]);
  }
  drawFormat(bytes, spec);
  drawOptimizer(bytes, spec);
  if (!hardware) return spec;
  for (const Activation activation : spec.activations) {
    spec.hardware.activations.push_back(activation == Activation::relu ? HardwareActivation::relu
                                                                       : HardwareActivation::sigmoid);
  }
  spec.hardware.activations.push_back(bytes.ConsumeBool() ? HardwareActivation::relu
                                                          : HardwareActivation::sigmoid);
  return spec;
}

KeptNetwork& keptNetwork(uint32_t index, const KernelSet* kernels) {
  static std::map<std::pair<uint32_t, const KernelSet*>, KeptNetwork> all;
  KeptNetwork& kept = all[{index, kernels}];
  if (kept.network == nullptr) {
    std::vector<uint8_t> drawn(400);
    RandomStream random(1, index);
    for (uint8_t& byte : drawn) byte = static_cast<uint8_t>(random.below(256));
    Bytes bytes(drawn.data(), drawn.size());
    NetworkSpec spec = anySpec(bytes, index % 4 == 0 ? 20 : 8);
    spec.kernels = kernels;
    for (uint32_t j = 0; j + 1 < spec.layers.size(); j++)
      spec.patterns.push_back(drawnPattern(bytes, spec.layers[j], spec.layers[j + 1], j));
    kept.network = makeNetwork(spec);
    kept.start = kept.network->exportState();
    const TinyExamples examples(bytes, *kept.network, 4);
    TrainJob job = examples.job();
    job.drain = false;
    Progress progress;
    kept.network->train(job, progress);
    kept.busy = kept.network->exportState();
    kept.restore(kept.start);
  }
  return kept;
}

void KeptNetwork::restore(const std::vector<uint8_t>& state) {
  require(network->importState(state.data(), state.size()).empty(), "what a network exported is its state");
}

void TinyExamples::drawInputs(Bytes& bytes, uint32_t columns) {
  const InputView::Type types[] = {InputView::Type::bytes, InputView::Type::fixed, InputView::Type::float32,
                                   InputView::Type::float64};
  job_.inputs.type = bytes.PickValueInArray(types);
  inputs_ = bytes.ConsumeBytes<uint8_t>(size_t{count_} * columns * job_.inputs.elementSize());
  inputs_.resize(size_t{count_} * columns * job_.inputs.elementSize());
  job_.inputs.data = inputs_.data();
  if (bytes.ConsumeBool()) return;
  for (uint32_t column = 0; column < columns; column++) {
    offsets_.push_back(anyFinite(bytes));
    scales_.push_back(anyFinite(bytes));
  }
  job_.inputs.offset = offsets_.data();
  job_.inputs.scale = scales_.data();
}

void TinyExamples::drawTargets(Bytes& bytes, const NetworkSpec& spec) {
  const uint32_t outputs = spec.layers.back();
  for (uint32_t i = 0; i < count_; i++) {
    labels_.push_back(bytes.ConsumeIntegralInRange<int32_t>(0, static_cast<int32_t>(outputs) - 1));
    for (uint32_t o = 0; spec.output != Output::softmax && o < outputs; o++) {
      flags_.push_back(bytes.ConsumeBool());
      values_.push_back(anyFinite(bytes));
    }
  }
  if (spec.output == Output::softmax) job_.targets.labels = labels_.data();
  if (spec.output == Output::sigmoid) job_.targets.flags = flags_.data();
  if (spec.output == Output::linear) job_.targets.values = values_.data();
}

TinyExamples::TinyExamples(Bytes& bytes, const Network& network, uint32_t count) : count_(count) {
  const NetworkSpec& spec = network.spec();
  const bool hardware = spec.arithmetic == Arithmetic::hardware;
  const uint32_t columns = spec.layers.front();
  job_.batchSize = bytes.ConsumeBool() ? 1 : bytes.ConsumeIntegralInRange<uint32_t>(2, count + 1);
  if (job_.batchSize > 1 && network.capabilities().batches == nullptr) job_.batchSize = 1;
  rates_ = {anyRate(bytes, network, job_.batchSize), anyRate(bytes, network, job_.batchSize)};
  job_.rates = rates_.data();
  job_.rateCount = rates_.size();
  job_.rateInterval = 1 + count / 2;
  job_.drain = bytes.ConsumeBool();
  if (!hardware && spec.output == Output::softmax && bytes.ConsumeBool()) {
    for (uint32_t output = 0; output < spec.layers.back(); output++)
      job_.classWeights.push_back(127.0 * bytes.ConsumeProbability<double>());
  }
  if (job_.batchSize == 1 && bytes.ConsumeBool()) {
    job_.augmentation.width = bytes.ConsumeIntegralInRange<uint32_t>(1, columns);
    while (columns % job_.augmentation.width != 0) job_.augmentation.width--;
    job_.augmentation.shift = bytes.ConsumeBool() ? 1024 : bytes.ConsumeIntegralInRange<uint32_t>(0, 3);
    job_.augmentation.mirror = bytes.ConsumeBool();
  }
  if (job_.batchSize == 1 && network.capabilities().patterns != nullptr)
    job_.record = bytes.ConsumeIntegralInRange<uint64_t>(0, 4);
  for (uint32_t i = 0; i < count; i++) order_.push_back(bytes.ConsumeIntegralInRange<uint32_t>(0, count - 1));
  job_.order = order_.data();
  job_.count = count;
  drawTargets(bytes, spec);
  drawInputs(bytes, columns);
}

std::vector<uint8_t> allParameters(const Network& network) {
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

void trainAndPredict(Network& network, const TrainJob& job) {
  Progress progress;
  const TrainResult result = network.train(job, progress);
  require(result.examples == job.count, "every example was presented");
  std::vector<float> scores(job.count * network.outputs());
  std::vector<uint32_t> decisions(job.count);
  network.predict(job.inputs, job.count, 1, scores.data(), decisions.data(), progress);
  for (const uint32_t decision : decisions)
    require(decision < network.outputs(), "a decision is an output neuron");
  if (job.count > 0)
    require(network.predictOne(job.inputs, scores.data()) < network.outputs(), "so is that of one example");
}

}  // namespace sparse_train
