#include "wide_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fixed/random.hpp"
#include "tiles.hpp"

namespace sparse_train {

void WideNetwork::LayerValues::allocate(uint32_t neurons) {
  values.reset(padded(neurons, 32));
  groups.reset(padded(neurons, 32) / 2 + 16);
  pairs.reset(padded(neurons, 32) / 2 + 16);
  list = {0, groups.data(), pairs.data()};
}

WideNetwork::WideNetwork(NetworkSpec given)
    : Network(std::move(given)),
      kernels_(spec().kernels->wide),
      format_(spec().format),
      guardBits_(spec().momentum > 0.0 ? kMomentumGuardBits : 0),
      junctions_(Network::junctions()),
      output_(spec(), classWeights_) {
  const std::vector<uint32_t>& sizes = spec().layers;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    const Pattern& pattern = spec().patterns[j];
    junction.layout = makeWideLayout(pattern, kernels_, spec().momentum > 0.0);
    junction.fanInMax = degreesOf(pattern).fanInMax;
    const size_t right = padded(sizes[j + 1], kSlabUnit);
    junction.biases.reset(right);
    junction.sums.reset(right);
    junction.deltas.reset(right);
    junction.paired.reset(2 * right);
    followSlabs(j);
    initialiseWeights(j);
  }
  layers_.resize(junctions_.size());
  everyGroup_.resize(junctions_.size());
  for (uint32_t layer = 0; layer < junctions_.size(); layer++) {
    layers_[layer].resize(slots());
    for (LayerValues& values : layers_[layer]) values.allocate(sizes[layer]);
    if (!needsAllErrors(layer)) continue;
    everyGroup_[layer].allocate(sizes[layer]);
    ActiveList& list = everyGroup_[layer].list;
    list.count = static_cast<uint32_t>(padded(sizes[layer], 2) / 2);
    for (uint32_t group = 0; group < list.count; group++) list.groups[group] = group;
  }
  targets_.resize(slots());
}

/// Normal with variance 2 / fan-in into relu layers (He et al. 2015), otherwise 2 / (fan-in + fan-out) (Glorot and
/// Bengio 2010), rounded to the format.
void WideNetwork::initialiseWeights(uint32_t j) {
  const Pattern& pattern = spec().patterns[j];
  const double edges = static_cast<double>(pattern.edges());
  const double fanIn = edges / pattern.right;
  const double fanOut = edges / pattern.left;
  const bool relu = j + 1 < Network::junctions() && spec().activations[j] == Activation::relu;
  const double sigma = std::sqrt(2.0 / (relu ? fanIn : fanIn + fanOut));
  constexpr double kUniformSumSigma =
      37837.22771;  // about 65536 / sqrt(3), of irwinHall(); part of the contract
  const double scale = sigma * (1 << format_.fraction) / kUniformSumSigma;
  const uint64_t key = streamKey(spec().seed, junctionStream(kInitialWeightStream, j));
  std::vector<int16_t> weights(pattern.edges());
  for (uint64_t edge = 0; edge < weights.size(); edge++) {
    const double value = std::floor(irwinHall(randomAt(key, edge)) * scale + 0.5);
    const double low = format_.weightMin();
    const double high = format_.weightMax();
    weights[edge] = static_cast<int16_t>(clip<double>(value, low, high));
  }
  junctions_[j].layout->writeWeights(weights.data());
}

void WideNetwork::readWeights(uint32_t j, void* weights) const {
  auto* into = static_cast<int16_t*>(weights);
  inBatches_ ? batches_->junction(j).readWeights(into) : junctions_[j].layout->readWeights(into);
}

void WideNetwork::writeWeights(uint32_t j, const void* weights) {
  leaveBatches();
  const auto* given = static_cast<const int16_t*>(weights);
  std::vector<int16_t> clipped(given, given + spec().patterns[j].edges());
  for (int16_t& weight : clipped) {
    weight = static_cast<int16_t>(clip<int32_t>(weight, format_.weightMin(), format_.weightMax()));
  }
  junctions_[j].layout->writeWeights(clipped.data());
}

void WideNetwork::readBiases(uint32_t j, void* biases) const {
  memcpy(biases, junctions_[j].biases.data(), spec().layers[j + 1] * sizeof(int32_t));
}

void WideNetwork::writeBiases(uint32_t j, const void* biases) {
  const auto* given = static_cast<const int32_t*>(biases);
  for (uint32_t i = 0; i < spec().layers[j + 1]; i++) {
    junctions_[j].biases[i] = clip<int32_t>(given[i], -kBiasMax, kBiasMax);
  }
}

Pattern WideNetwork::rewiredPattern(uint32_t j, const RewireRule& rule) const {
  const Junction& junction = junctions_[j];
  std::vector<int16_t> weights(spec().patterns[j].edges());
  readWeights(j, weights.data());
  return rewired(
      spec().patterns[j], weights.data(), rule, j,
      [&](uint32_t right, std::vector<int64_t>& gradients) { junction.record.ofNeuron(right, gradients); });
}

/// Batches lay weights out by patterns: when one changes they begin anew. What they counted stays.
void WideNetwork::forgetBatches() {
  if (batches_ == nullptr) return;
  leaveBatches();
  for (uint32_t j = 0; j < junctions_.size(); j++) setCounts(j, countsOf(j));
  batches_.reset();
}

void WideNetwork::changePattern(uint32_t j, Pattern pattern) {
  forgetBatches();
  Junction& junction = junctions_[j];
  const bool momentum = spec().momentum > 0.0;
  const Pattern before = spec().patterns[j];
  std::vector<int16_t> weights(before.edges()), nextWeights(pattern.edges(), 0);
  std::vector<int16_t> velocities(momentum ? before.edges() : 0),
      nextVelocities(momentum ? pattern.edges() : 0, 0);
  readWeights(j, weights.data());
  if (momentum) junction.layout->readVelocities(velocities.data());
  forKeptEdges(before, pattern, [&](uint64_t from, uint64_t to) {
    nextWeights[to] = weights[from];
    if (momentum) nextVelocities[to] = velocities[from];
  });
  junction.layout.reset();  // it refers to the pattern that goes
  replacePattern(j, std::move(pattern));
  junction.layout = makeWideLayout(spec().patterns[j], kernels_, momentum);
  junction.layout->writeWeights(nextWeights.data());
  if (momentum) junction.layout->writeVelocities(nextVelocities.data());
  followSlabs(j);
  junction.fanInMax = degreesOf(spec().patterns[j]).fanInMax;
}

void WideNetwork::forgetRecord() {
  for (Junction& junction : junctions_) junction.record.clear();
}

Telemetry WideNetwork::telemetry() const {
  Telemetry telemetry;
  telemetry.inputs = inputsPresented();
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    std::vector<int16_t> weights(spec().patterns[j].edges());
    readWeights(j, weights.data());
    telemetry.weightsAtLimit.push_back(
        static_cast<double>(std::count_if(weights.begin(), weights.end(), [&](int16_t w) {
          return w == format_.weightMin() || w == format_.weightMax();
        })));
    const Counts counts = countsOf(j);
    telemetry.activationsClipped.push_back(static_cast<double>(counts.clipped.activations));
    telemetry.deltasClipped.push_back(static_cast<double>(counts.clipped.deltas));
    telemetry.batchSteps.push_back(static_cast<double>(counts.update.steps));
    telemetry.stepsRoundedToZero.push_back(static_cast<double>(counts.update.roundedToZero));
  }
  return telemetry;
}

std::string WideNetwork::rateFault(double rate) const {
  if (updateShift(rate, format_.fraction, guardBits_) >= 0) return "";
  const double largest = std::ldexp(1.0, 6 + kMaxActivationShift - format_.fraction - guardBits_);
  return "at most " + std::to_string(largest) + " for weights with " + std::to_string(format_.fraction) +
         " fraction bits" + (guardBits_ > 0 ? " and momentum" : "");
}

std::string WideNetwork::batchRateFault(double rate) const {
  if (batchScale(rate, 1, format_.fraction, guardBits_).multiplier >= 0) return "";
  return "at most " + std::to_string(std::ldexp(1.0, 20 - format_.fraction - guardBits_));
}

WideNetwork::Counts WideNetwork::countsOf(uint32_t j) const {
  const Junction& junction = junctions_[j];
  Counts sum = junction.counts;
  for (const SlabResult& result : junction.results) {
    sum.clipped.activations += result.clipped.activations;
    sum.clipped.deltas += result.clipped.deltas;
  }
  if (batches_ == nullptr) return sum;
  const WideBatchCounts& inBatches = batches_->counts(j);
  sum.clipped.activations += inBatches.activationsClipped;
  sum.clipped.deltas += inBatches.deltasClipped;
  sum.update.steps += inBatches.update.steps;
  sum.update.roundedToZero += inBatches.update.roundedToZero;
  return sum;
}

void WideNetwork::setCounts(uint32_t j, const Counts& counts) {
  Junction& junction = junctions_[j];
  junction.counts = counts;
  for (SlabResult& result : junction.results) result.clipped = Clipped{};
  if (batches_ != nullptr) batches_->clearCounts(j);
}

/// Makes what there is one of per slab as many as there are slabs. Counts are of all times: those of slabs that go stay.
void WideNetwork::followSlabs(uint32_t j) {
  Junction& junction = junctions_[j];
  const uint32_t slabs = junction.layout->slabs();
  for (size_t slab = slabs; slab < junction.results.size(); slab++) {
    junction.counts.clipped.activations += junction.results[slab].clipped.activations;
    junction.counts.clipped.deltas += junction.results[slab].clipped.deltas;
  }
  junction.results.resize(slabs);
  junction.errors.resize(slabs);
  if (j == 0) return;
  for (AlignedBuffer<int32_t>& errors : junction.errors) {
    if (errors.size() == 0) errors.reset(padded(spec().layers[j], 32));
  }
}

void WideNetwork::configure(uint32_t threads, const std::vector<double>& classWeights) {
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    if (threads == kKeepThreads || junction.layout->slabs() == threads) continue;
    junction.layout->partition(threads);
    followSlabs(j);
  }
  classWeights_.clear();
  for (const double weight : classWeights)
    classWeights_.push_back(static_cast<int32_t>(weight * 256.0 + 0.5));
}

void WideNetwork::copyWeightsToBatches() {
  if (batches_ == nullptr) batches_ = std::make_unique<WideBatches>(spec());
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    std::vector<int16_t> weights(spec().patterns[j].edges());
    junctions_[j].layout->readWeights(weights.data());
    batches_->junction(j).writeWeights(weights.data());
  }
}

void WideNetwork::prepareBatches(uint32_t size, const TrainJob& job) {
  if (!inBatches_) {
    copyWeightsToBatches();
    for (uint32_t j = 0; spec().momentum > 0.0 && j < junctions_.size(); j++) {
      std::vector<int16_t> velocities(spec().patterns[j].edges());
      junctions_[j].layout->readVelocities(velocities.data());
      batches_->junction(j).writeVelocities(velocities.data());
    }
    inBatches_ = true;
  }
  batches_->reserve(size);
  batches_->setClassWeights(job.classWeights);
}

void WideNetwork::trainBatch(const Batch& batch, Team& team) {
  std::vector<int32_t*> biases;
  for (Junction& junction : junctions_) biases.push_back(junction.biases.data());
  batches_->train(batch, team, biases, tally_);
}

void WideNetwork::leaveBatches() {
  if (!inBatches_) return;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    std::vector<int16_t> values(spec().patterns[j].edges());
    batches_->junction(j).readWeights(values.data());
    junctions_[j].layout->writeWeights(values.data());
    if (spec().momentum == 0.0) continue;
    batches_->junction(j).readVelocities(values.data());
    junctions_[j].layout->writeVelocities(values.data());
  }
  inBatches_ = false;
}

}  // namespace sparse_train
