#include "float_model.hpp"

#include <algorithm>
#include <cmath>

#include "fixed/random.hpp"

namespace sparse_train {

FloatModel::FloatModel(NetworkSpec given)
    : Model(std::move(given)), junctions_(Model::junctions()), works_(Model::junctions()), output_(spec()) {
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

void FloatModel::initialiseWeights(uint32_t j) {
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

void FloatModel::readWeights(uint32_t j, WeightSpan weights) const {
  float* out = std::get<Span<float>>(weights).data();
  for (const uint32_t place : junctions_[j].edges.places) *out++ = junctions_[j].weights[place];
}

void FloatModel::writeWeights(uint32_t j, ConstWeightSpan weights) {
  const float* in = std::get<Span<const float>>(weights).data();
  for (const uint32_t place : junctions_[j].edges.places) junctions_[j].weights[place] = *in++;
}

void FloatModel::readBiases(uint32_t j, BiasSpan biases) const {
  const std::vector<float>& held = junctions_[j].biases;
  std::copy(held.begin(), held.end(), std::get<Span<float>>(biases).data());
}

void FloatModel::writeBiases(uint32_t j, ConstBiasSpan biases) {
  std::vector<float>& held = junctions_[j].biases;
  std::copy_n(std::get<Span<const float>>(biases).data(), held.size(), held.begin());
}

Telemetry FloatModel::telemetry() const {
  Telemetry telemetry;
  telemetry.weightsAtLimit.assign(junctions_.size(), 0.0);
  telemetry.activationsClipped = telemetry.weightsAtLimit;
  telemetry.deltasClipped = telemetry.weightsAtLimit;
  return telemetry;
}

void FloatModel::configure(uint32_t, const std::vector<double>& classWeights) {
  output_.setClassWeights(classWeights);
}

void FloatModel::prepareBatches(uint32_t size, const TrainJob& job) {
  output_.setClassWeights(job.classWeights);
  if (batches_ == nullptr) batches_ = std::make_unique<FloatBatches>(spec(), junctions_, output_);
  batches_->prepare(size, job.threads);
}

void FloatModel::trainBatch(const Batch& batch, Team& team) { batches_->train(batch, team, tally_); }

void FloatModel::load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) {
  readFloatRow(inputs, row, spec().layers[0], layers_[0][slot].data());
  targets_[slot].read(targets, row, outputs());
}

/// Within a block, everything reads the state from the start of the block: sums start from the biases before
/// these are updated.
void FloatModel::prepare(uint32_t j, const BlockWork& work) {
  if (work.forward != nullptr) works_[j].sums = junctions_[j].biases;
}

void FloatModel::forward(const FloatJunction& junction, const std::vector<float>& left, float* sums) {
  for (uint32_t l = 0; l < left.size(); l++) {
    if (left[l] == 0.0f) continue;
    for (uint32_t edge = junction.edges.start[l]; edge < junction.edges.start[l + 1]; edge++) {
      sums[junction.edges.rights[edge]] += left[l] * junction.weights[edge];
    }
  }
}

void FloatModel::sweep(uint32_t j, uint32_t, const BlockWork& work) {
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

/// Limits the deltas of one example to the range that those of the wide arithmetic have. Otherwise a single example with
/// extreme inputs or a target far from the others makes the weights of a regression grow without bound.
static void clipDeltas(std::vector<float>& deltas) {
  constexpr float kLargestDelta = 2.0f;
  for (float& delta : deltas) delta = std::clamp(delta, -kLargestDelta, kLargestDelta);
}

void FloatModel::finish(uint32_t j, const BlockWork& work) {
  if (work.backward != nullptr && j > 0) {
    const std::vector<float>& left = layers_[j][work.backward->slot];
    std::vector<float>& deltas = works_[j - 1].deltas;
    deltas = works_[j].errors;
    slopeFloats(spec().activations[j - 1], left.data(), deltas.data(), left.size());
    if (spec().output == Output::linear) clipDeltas(deltas);
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
  if (spec().output == Output::linear) clipDeltas(works_[j].deltas);
  tally_.outputs++;
  tally_.loss += cost.loss;
  if (cost.correct) tally_.correct++;
}

class FloatModel::FloatScratch final : public Prediction::Scratch {
 public:
  explicit FloatScratch(const FloatModel& model) {
    for (const uint32_t size : model.spec().layers) layers.emplace_back(size);
  }
  std::vector<std::vector<float>> layers;  ///< the one of the outputs holds sums
};

std::unique_ptr<Prediction::Scratch> FloatModel::makeScratch() const {
  return std::make_unique<FloatScratch>(*this);
}

void FloatModel::infer(Scratch& given, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
                       uint32_t* decisions) const {
  std::vector<std::vector<float>>& layers = static_cast<FloatScratch&>(given).layers;
  for (uint64_t row = first; row < end; row++) {
    readFloatRow(inputs, row, spec().layers[0], layers[0].data());
    for (uint32_t j = 0; j < junctions_.size(); j++) {
      layers[j + 1] = junctions_[j].biases;
      forward(junctions_[j], layers[j], layers[j + 1].data());
      if (j + 1 < junctions_.size())
        activateFloats(spec().activations[j], layers[j + 1].data(), layers[j + 1].size());
    }
    const std::vector<float>& sums = layers.back();
    if (decisions != nullptr)
      decisions[row] = static_cast<uint32_t>(std::max_element(sums.begin(), sums.end()) - sums.begin());
    if (scores != nullptr) output_.score(sums.data(), scores + row * outputs());
  }
}

}  // namespace sparse_train
