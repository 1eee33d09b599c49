#include "float_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fixed/random.hpp"

namespace sparse_train {

FloatNetwork::FloatNetwork(NetworkSpec given)
    : Network(std::move(given)),
      junctions_(Network::junctions()),
      works_(Network::junctions()),
      output_(spec()) {
  const std::vector<uint32_t>& sizes = spec().layers;
  const bool adam = spec().optimizer.kind != OptimizerSpec::Kind::sgd;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    FloatJunction& junction = junctions_[j];
    const Pattern& pattern = spec().patterns[j];
    junction.edges = edgesByLeft(pattern);
    junction.weights.resize(pattern.edges());
    junction.biases.resize(pattern.right);
    if (adam || spec().momentum > 0.0) junction.first.resize(pattern.edges());
    if (adam) {
      junction.second.resize(pattern.edges());
      junction.biasFirst.resize(pattern.right);
      junction.biasSecond.resize(pattern.right);
    }
    works_[j].sums.resize(pattern.right);
    works_[j].deltas.resize(pattern.right);
    works_[j].errors.resize(pattern.left);
    initialiseWeights(j);
  }
  layers_.resize(junctions_.size());
  for (uint32_t layer = 0; layer < junctions_.size(); layer++) {
    layers_[layer].assign(slots(), std::vector<float>(sizes[layer]));
  }
  targets_.resize(slots());
  scores_.resize(outputs());
}

void FloatNetwork::initialiseWeights(uint32_t j) {
  const Pattern& pattern = spec().patterns[j];
  const double edges = static_cast<double>(pattern.edges());
  const bool relu = j + 1 < junctions_.size() && spec().activations[j] == Activation::relu;
  const double variance =
      relu ? 2.0 * pattern.right / edges : 2.0 / (edges / pattern.right + edges / pattern.left);
  const double scale = std::sqrt(variance) / 37837.22771;  // as in the wide arithmetic
  const uint64_t key = streamKey(spec().seed, junctionStream(kInitialWeightStream, j));
  FloatJunction& junction = junctions_[j];
  for (uint64_t edge = 0; edge < pattern.edges(); edge++) {
    junction.weights[junction.edges.places[edge]] =
        static_cast<float>(irwinHall(randomAt(key, edge)) * scale);
  }
}

void FloatNetwork::readWeights(uint32_t j, void* weights) const {
  auto* out = static_cast<float*>(weights);
  for (const uint32_t place : junctions_[j].edges.places) *out++ = junctions_[j].weights[place];
}

void FloatNetwork::writeWeights(uint32_t j, const void* weights) {
  const auto* in = static_cast<const float*>(weights);
  for (const uint32_t place : junctions_[j].edges.places) junctions_[j].weights[place] = *in++;
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
  output_.setClassWeights(classWeights);
}

void FloatNetwork::prepareBatches(uint32_t size, const TrainJob& job) {
  output_.setClassWeights(job.classWeights);
  if (batches_ == nullptr) batches_ = std::make_unique<FloatBatches>(spec(), junctions_, output_);
  batches_->prepare(size, job.threads);
}

void FloatNetwork::trainBatch(const Batch& batch, Team& team) { batches_->train(batch, team, tally_); }

void FloatNetwork::load(const InFlight& input, const InputView& inputs, const TargetView& targets,
                        uint64_t row) {
  readFloatRow(inputs, row, spec().layers[0], layers_[0][input.slot].data());
  targets_[input.slot].read(targets, row, outputs());
}

/// In a block, everything reads the state of its start: sums begin with the biases before these are updated.
void FloatNetwork::prepare(uint32_t j, const BlockWork& work) {
  if (work.forward != nullptr) works_[j].sums = junctions_[j].biases;
}

void FloatNetwork::forward(const FloatJunction& junction, const std::vector<float>& left, float* sums) {
  for (uint32_t l = 0; l < left.size(); l++) {
    if (left[l] == 0.0f) continue;
    for (uint32_t edge = junction.edges.start[l]; edge < junction.edges.start[l + 1]; edge++) {
      sums[junction.edges.rights[edge]] += left[l] * junction.weights[edge];
    }
  }
}

void FloatNetwork::sweep(uint32_t j, uint32_t, const BlockWork& work) {
  FloatJunction& junction = junctions_[j];
  if (work.forward != nullptr) forward(junction, layers_[j][work.forward->slot], works_[j].sums.data());
  if (work.backward == nullptr) return;

  const std::vector<float>& left = layers_[j][work.backward->slot];
  const std::vector<float>& deltas = works_[j].deltas;
  const std::vector<uint32_t>& rights = junction.edges.rights;
  const auto rate = static_cast<float>(work.backward->rate);
  const auto momentum = static_cast<float>(spec().momentum);
  for (uint32_t l = 0; l < left.size(); l++) {
    const uint32_t start = junction.edges.start[l];
    const uint32_t end = junction.edges.start[l + 1];
    if (j > 0) {
      float error = 0.0f;
      for (uint32_t edge = start; edge < end; edge++) error += deltas[rights[edge]] * junction.weights[edge];
      works_[j].errors[l] = error;
    }
    if (momentum > 0.0f) {
      for (uint32_t edge = start; edge < end; edge++) {
        float& velocity = junction.first[edge];
        velocity = momentum * velocity + rate * left[l] * deltas[rights[edge]];
        junction.weights[edge] -= velocity;
      }
    } else if (left[l] != 0.0f) {
      for (uint32_t edge = start; edge < end; edge++) {
        junction.weights[edge] -= rate * left[l] * deltas[rights[edge]];
      }
    }
  }
  for (size_t r = 0; r < junction.biases.size(); r++) junction.biases[r] -= rate * deltas[r];
  if (spec().weightDecay > 0.0 && (work.backward->number + 1) % kDecayInterval == 0) {
    const auto keep = static_cast<float>(1.0 - work.backward->rate * spec().weightDecay * kDecayInterval);
    for (float& weight : junction.weights) weight *= keep;
  }
}

void FloatNetwork::finish(uint32_t j, const BlockWork& work) {
  if (work.backward != nullptr && j > 0) {
    const std::vector<float>& left = layers_[j][work.backward->slot];
    std::vector<float>& deltas = works_[j - 1].deltas;
    deltas = works_[j].errors;
    slopeFloats(spec().activations[j - 1], left.data(), deltas.data(), left.size());
  }
  if (work.forward == nullptr) return;
  if (j + 1 < junctions_.size()) {
    std::vector<float>& values = layers_[j + 1][work.forward->slot];
    values = works_[j].sums;
    activateFloats(spec().activations[j], values.data(), values.size());
    return;
  }
  output_.score(works_[j].sums.data(), scores_.data());
  const FloatCost cost = output_.cost(scores_.data(), targets_[work.forward->slot], works_[j].deltas.data());
  tally_.outputs++;
  tally_.loss += cost.loss;
  if (cost.correct) tally_.correct++;
}

class FloatNetwork::FloatScratch final : public Network::Scratch {
 public:
  explicit FloatScratch(const FloatNetwork& network) {
    for (const uint32_t size : network.spec().layers) layers.emplace_back(size);
  }
  std::vector<std::vector<float>> layers;  ///< that of the outputs holds sums
};

std::unique_ptr<Network::Scratch> FloatNetwork::makeScratch() const {
  return std::make_unique<FloatScratch>(*this);
}

void FloatNetwork::infer(Scratch& given, const InputView& inputs, uint64_t row, float* scores,
                         uint32_t* decision) const {
  std::vector<std::vector<float>>& layers = static_cast<FloatScratch&>(given).layers;
  readFloatRow(inputs, row, spec().layers[0], layers[0].data());
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    layers[j + 1] = junctions_[j].biases;
    forward(junctions_[j], layers[j], layers[j + 1].data());
    if (j + 1 < junctions_.size())
      activateFloats(spec().activations[j], layers[j + 1].data(), layers[j + 1].size());
  }
  const std::vector<float>& sums = layers.back();
  if (decision != nullptr)
    *decision = static_cast<uint32_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
  if (scores != nullptr) output_.score(sums.data(), scores);
}

}  // namespace sparse_train
