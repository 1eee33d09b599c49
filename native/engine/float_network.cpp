#include "float_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../fixed/random.hpp"

namespace sparse_train {
namespace {

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

float logOf(float probability) { return std::log(std::max(probability, 1e-30f)); }

}  // namespace

FloatNetwork::FloatNetwork(NetworkSpec given) : Network(std::move(given)), junctions_(Network::junctions()) {
  const std::vector<uint32_t>& sizes = spec().layers;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    const Pattern& pattern = spec().patterns[j];
    junction.start.assign(static_cast<size_t>(pattern.left) + 1, 0);
    for (const uint32_t left : pattern.lefts) junction.start[left + 1]++;
    for (uint32_t left = 0; left < pattern.left; left++) junction.start[left + 1] += junction.start[left];
    junction.rights.resize(pattern.edges());
    junction.weights.resize(pattern.edges());
    if (spec().momentum > 0.0) junction.velocities.resize(pattern.edges());
    junction.biases.resize(pattern.right);
    junction.sums.resize(pattern.right);
    junction.deltas.resize(pattern.right);
    junction.errors.resize(pattern.left);

    const double edges = static_cast<double>(pattern.edges());
    const bool relu = j + 1 < junctions_.size() && spec().activations[j] == Activation::relu;
    const double variance =
        relu ? 2.0 * pattern.right / edges : 2.0 / (edges / pattern.right + edges / pattern.left);
    const double scale = std::sqrt(variance) / 37837.22771;  // as in the wide arithmetic
    const uint64_t key = streamKey(spec().seed, junctionStream(kInitialWeightStream, j));
    uint64_t edge = 0;
    forEdges(j, [&](uint32_t place, uint32_t right) {
      junction.rights[place] = right;
      junction.weights[place] = static_cast<float>(irwinHall(randomAt(key, edge++)) * scale);
    });
  }
  layers_.resize(junctions_.size());
  for (uint32_t layer = 0; layer < junctions_.size(); layer++) {
    layers_[layer].assign(slots(), std::vector<float>(sizes[layer]));
  }
  targets_.resize(slots());
  scores_.resize(outputs());
}

/// Calls visit(place, right) for the edges in pattern order.
template <typename Visit>
void FloatNetwork::forEdges(uint32_t j, Visit visit) const {
  const Pattern& pattern = spec().patterns[j];
  std::vector<uint32_t> next(junctions_[j].start.begin(), junctions_[j].start.end() - 1);
  for (uint32_t right = 0; right < pattern.right; right++) {
    for (uint64_t edge = pattern.offsets[right]; edge < pattern.offsets[right + 1]; edge++) {
      visit(next[pattern.lefts[edge]]++, right);
    }
  }
}

void FloatNetwork::readWeights(uint32_t j, void* weights) const {
  auto* out = static_cast<float*>(weights);
  forEdges(j, [&](uint32_t place, uint32_t) { *out++ = junctions_[j].weights[place]; });
}

void FloatNetwork::writeWeights(uint32_t j, const void* weights) {
  const auto* in = static_cast<const float*>(weights);
  forEdges(j, [&](uint32_t place, uint32_t) { junctions_[j].weights[place] = *in++; });
}

void FloatNetwork::readBiases(uint32_t j, void* biases) const {
  memcpy(biases, junctions_[j].biases.data(), junctions_[j].biases.size() * sizeof(float));
}

void FloatNetwork::writeBiases(uint32_t j, const void* biases) {
  memcpy(junctions_[j].biases.data(), biases, junctions_[j].biases.size() * sizeof(float));
}

Telemetry FloatNetwork::telemetry() const {
  Telemetry telemetry;
  telemetry.inputs = inputsPresented();
  telemetry.weightsAtLimit.assign(junctions_.size(), 0.0);
  telemetry.activationsClipped = telemetry.weightsAtLimit;
  telemetry.deltasClipped = telemetry.weightsAtLimit;
  return telemetry;
}

void FloatNetwork::configure(uint32_t, const std::vector<double>& classWeights) {
  classWeights_ = classWeights;
}

void FloatNetwork::readInput(const InputView& inputs, uint64_t row, float* values) const {
  const uint32_t columns = spec().layers[0];
  const size_t start = static_cast<size_t>(row) * columns;
  const auto scaled = [&](double x, uint32_t c) {
    return static_cast<float>((x - (inputs.offset == nullptr ? 0.0 : inputs.offset[c])) *
                              (inputs.scale == nullptr ? 1.0 : inputs.scale[c]));
  };
  for (uint32_t c = 0; c < columns; c++) {
    switch (inputs.type) {
      case InputView::Type::bytes:
        values[c] = static_cast<const uint8_t*>(inputs.data)[start + c] / 256.0f;
        break;
      case InputView::Type::fixed:
        values[c] = static_cast<const int16_t*>(inputs.data)[start + c] / 256.0f;
        break;
      case InputView::Type::float32:
        values[c] = scaled(static_cast<double>(static_cast<const float*>(inputs.data)[start + c]), c);
        break;
      case InputView::Type::float64:
        values[c] = scaled(static_cast<const double*>(inputs.data)[start + c], c);
        break;
    }
  }
}

void FloatNetwork::load(const InFlight& input, const InputView& inputs, const TargetView& targets,
                        uint64_t row) {
  readInput(inputs, row, layers_[0][input.slot].data());
  Target& target = targets_[input.slot];
  if (targets.labels != nullptr) {
    target.label = targets.labels[row];
    return;
  }
  target.values.resize(outputs());
  for (uint32_t i = 0; i < outputs(); i++) {
    const size_t index = row * outputs() + i;
    target.values[i] = targets.flags != nullptr ? static_cast<float>(targets.flags[index])
                                                : static_cast<float>(targets.values[index]);
  }
}

/// In a block, everything reads the state of its start: sums begin with the biases before these are updated.
void FloatNetwork::prepare(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.forward != nullptr) junction.sums = junction.biases;
}

void FloatNetwork::forward(const Junction& junction, const std::vector<float>& left, float* sums) const {
  for (uint32_t l = 0; l < left.size(); l++) {
    if (left[l] == 0.0f) continue;
    for (uint32_t edge = junction.start[l]; edge < junction.start[l + 1]; edge++) {
      sums[junction.rights[edge]] += left[l] * junction.weights[edge];
    }
  }
}

void FloatNetwork::sweep(uint32_t j, uint32_t, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.forward != nullptr) forward(junction, layers_[j][work.forward->slot], junction.sums.data());
  if (work.backward == nullptr) return;

  const std::vector<float>& left = layers_[j][work.backward->slot];
  const auto rate = static_cast<float>(work.backward->rate);
  const auto momentum = static_cast<float>(spec().momentum);
  for (uint32_t l = 0; l < left.size(); l++) {
    const uint32_t end = junction.start[l + 1];
    if (j > 0) {
      float error = 0.0f;
      for (uint32_t edge = junction.start[l]; edge < end; edge++) {
        error += junction.deltas[junction.rights[edge]] * junction.weights[edge];
      }
      junction.errors[l] = error;
    }
    if (momentum > 0.0f) {
      for (uint32_t edge = junction.start[l]; edge < end; edge++) {
        float& velocity = junction.velocities[edge];
        velocity = momentum * velocity + rate * left[l] * junction.deltas[junction.rights[edge]];
        junction.weights[edge] -= velocity;
      }
    } else if (left[l] != 0.0f) {
      for (uint32_t edge = junction.start[l]; edge < end; edge++) {
        junction.weights[edge] -= rate * left[l] * junction.deltas[junction.rights[edge]];
      }
    }
  }
  for (size_t r = 0; r < junction.biases.size(); r++) junction.biases[r] -= rate * junction.deltas[r];
  if (spec().weightDecay > 0.0 && (work.backward->number + 1) % kDecayInterval == 0) {
    const auto keep = static_cast<float>(1.0 - work.backward->rate * spec().weightDecay * kDecayInterval);
    for (float& weight : junction.weights) weight *= keep;
  }
}

void FloatNetwork::activate(uint32_t layer, const float* sums, float* values) const {
  for (uint32_t i = 0; i < spec().layers[layer]; i++) {
    switch (spec().activations[layer - 1]) {
      case Activation::relu:
        values[i] = std::max(sums[i], 0.0f);
        break;
      case Activation::sigmoid:
        values[i] = sigmoid(sums[i]);
        break;
      case Activation::tanh:
        values[i] = std::tanh(sums[i]);
        break;
    }
  }
}

void FloatNetwork::score(const float* sums, float* scores) const {
  const uint32_t width = outputs();
  switch (spec().output) {
    case Output::softmax: {
      const float largest = *std::max_element(sums, sums + width);
      float total = 0.0f;
      for (uint32_t i = 0; i < width; i++) total += scores[i] = std::exp(sums[i] - largest);
      for (uint32_t i = 0; i < width; i++) scores[i] /= total;
      break;
    }
    case Output::sigmoid:
      for (uint32_t i = 0; i < width; i++) scores[i] = sigmoid(sums[i]);
      break;
    case Output::linear:
      std::copy(sums, sums + width, scores);
  }
}

void FloatNetwork::finish(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.backward != nullptr && j > 0) {
    Junction& before = junctions_[j - 1];
    const std::vector<float>& left = layers_[j][work.backward->slot];
    for (size_t i = 0; i < left.size(); i++) {
      const float a = left[i];
      const Activation activation = spec().activations[j - 1];
      const float slope = activation == Activation::relu      ? (a > 0.0f ? 1.0f : 0.0f)
                          : activation == Activation::sigmoid ? a * (1.0f - a)
                                                              : 1.0f - a * a;
      before.deltas[i] = junction.errors[i] * slope;
    }
  }
  if (work.forward == nullptr) return;
  if (j + 1 < junctions_.size()) {
    activate(j + 1, junction.sums.data(), layers_[j + 1][work.forward->slot].data());
    return;
  }

  const Target& target = targets_[work.forward->slot];
  const uint32_t width = outputs();
  score(junction.sums.data(), scores_.data());
  if (spec().output == Output::softmax) {
    const float weight = classWeights_.empty() ? 1.0f : static_cast<float>(classWeights_[target.label]);
    for (uint32_t i = 0; i < width; i++) {
      junction.deltas[i] = weight * (scores_[i] - (static_cast<int32_t>(i) == target.label ? 1.0f : 0.0f));
    }
    if (std::max_element(scores_.begin(), scores_.end()) - scores_.begin() == target.label) tally_.correct++;
    tally_.loss -= logOf(scores_[target.label]);
  } else {
    bool allRight = spec().output == Output::sigmoid;
    for (uint32_t i = 0; i < width; i++) {
      const float error = scores_[i] - target.values[i];
      junction.deltas[i] = error;
      if (spec().output == Output::linear) {
        tally_.loss += 0.5 * error * error;
      } else {
        allRight = allRight && (scores_[i] > 0.5f) == (target.values[i] != 0.0f);
        tally_.loss -= logOf(target.values[i] != 0.0f ? scores_[i] : 1.0f - scores_[i]);
      }
    }
    if (allRight) tally_.correct++;
  }
  tally_.outputs++;
}

class FloatNetwork::FloatScratch final : public Network::Scratch {
 public:
  explicit FloatScratch(const FloatNetwork& network) {
    for (const uint32_t size : network.spec().layers) layers.emplace_back(size);
  }
  std::vector<std::vector<float>> layers;
  std::vector<float> sums;
};

std::unique_ptr<Network::Scratch> FloatNetwork::makeScratch() const {
  return std::make_unique<FloatScratch>(*this);
}

void FloatNetwork::infer(Scratch& given, const InputView& inputs, uint64_t row, float* scores,
                         uint32_t* decision) const {
  auto& scratch = static_cast<FloatScratch&>(given);
  readInput(inputs, row, scratch.layers[0].data());
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    scratch.sums = junctions_[j].biases;
    forward(junctions_[j], scratch.layers[j], scratch.sums.data());
    if (j + 1 < junctions_.size()) activate(j + 1, scratch.sums.data(), scratch.layers[j + 1].data());
  }
  const auto largest = std::max_element(scratch.sums.begin(), scratch.sums.end());
  if (decision != nullptr) *decision = static_cast<uint32_t>(largest - scratch.sums.begin());
  if (scores != nullptr) score(scratch.sums.data(), scores);
}

}  // namespace sparse_train
