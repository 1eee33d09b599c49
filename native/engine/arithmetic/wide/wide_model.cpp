#include "wide_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "fixed/random.hpp"
#include "tiles.hpp"

namespace sparse_train {

WideModel::WideModel(NetworkSpec given)
    : Model(std::move(given)),
      weights_(spec()),
      kernels_(spec().kernels->wide),
      format_(spec().format),
      guardBits_(spec().momentum > 0.0 ? kMomentumGuardBits : 0),
      junctions_(Model::junctions()),
      output_(spec(), classWeights_) {
  const std::vector<uint32_t>& sizes = spec().layers;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    countDegrees(j);
    const size_t right = padded(sizes[j + 1], kSlabUnit);
    junction.biases.reset(right);
    junction.sums.reset(right);
    junction.deltas.reset(right);
    junction.paired.reset(2 * right);
    const auto key = [&](Stream purpose) { return streamKey(spec().seed, junctionStream(purpose, j)); };
    junction.updateKey = key(kUpdateRoundingStream);
    junction.deltaKey = key(kDeltaRoundingStream);
    junction.momentumKey = key(kMomentumRoundingStream);
    junction.decayKey = key(kDecayRoundingStream);
    followSlabs(j);
    initialiseWeights(j);
  }
  layers_.resize(junctions_.size());
  everyGroup_.resize(junctions_.size());
  for (uint32_t layer = 0; layer < junctions_.size(); layer++) {
    for (uint32_t slot = 0; slot < slots(); slot++) layers_[layer].emplace_back(sizes[layer], kernels_);
    if (!needsAllErrors(layer)) continue;
    EveryGroup& every = everyGroup_[layer];
    const auto count = static_cast<uint32_t>(padded(sizes[layer], 2) / 2);
    every.groups.reset(count + 16);
    every.pairs.reset(count + 16);
    every.list = {count, every.groups.data(), every.pairs.data()};
    std::iota(every.groups.data(), every.groups.data() + count, 0U);
  }
  targets_.resize(slots());
}

void WideModel::countDegrees(uint32_t j) {
  const Degrees degrees = degreesOf(spec().patterns[j]);
  junctions_[j].fanInMax = degrees.fanInMax;
  junctions_[j].fanOutMax = degrees.fanOutMax;
}

/// Normal with variance 2 / fan-in before relu layers (He et al. 2015), otherwise 2 / (fan-in + fan-out)
/// (Glorot and Bengio 2010), rounded to the format.
void WideModel::initialiseWeights(uint32_t j) {
  const Pattern& pattern = spec().patterns[j];
  const double edges = static_cast<double>(pattern.edges());
  const double fanIn = edges / pattern.right;
  const double fanOut = edges / pattern.left;
  const bool relu = j + 1 < Model::junctions() && spec().activations[j] == Activation::relu;
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
  weights_.write(j, weights.data());
}

Capabilities WideModel::capabilities() {
  Capabilities capabilities;
  capabilities.weights = WeightType::int16;
  capabilities.batches = this;
  capabilities.patterns = this;
  capabilities.classWeights = true;
  return capabilities;
}

void WideModel::readWeights(uint32_t j, WeightSpan weights) const {
  weights_.read(j, std::get<Span<int16_t>>(weights).data());
}

void WideModel::writeWeights(uint32_t j, ConstWeightSpan weights) {
  const int16_t* given = std::get<Span<const int16_t>>(weights).data();
  std::vector<int16_t> clipped(given, given + spec().patterns[j].edges());
  for (int16_t& weight : clipped) {
    weight = static_cast<int16_t>(clip<int32_t>(weight, format_.weightMin(), format_.weightMax()));
  }
  weights_.write(j, clipped.data());
}

void WideModel::readBiases(uint32_t j, BiasSpan biases) const {
  std::copy_n(junctions_[j].biases.data(), spec().layers[j + 1], std::get<Span<int32_t>>(biases).data());
}

void WideModel::writeBiases(uint32_t j, ConstBiasSpan biases) {
  const int32_t* given = std::get<Span<const int32_t>>(biases).data();
  for (uint32_t i = 0; i < spec().layers[j + 1]; i++) {
    junctions_[j].biases[i] = clip<int32_t>(given[i], -kBiasMax, kBiasMax);
  }
}

Pattern WideModel::rewiredPattern(uint32_t j, const RewireRule& rule) const {
  const Junction& junction = junctions_[j];
  std::vector<int16_t> weights(spec().patterns[j].edges());
  weights_.read(j, weights.data());
  return rewired(
      spec().patterns[j], weights.data(), rule, j,
      [&](uint32_t right, std::vector<int64_t>& gradients) { junction.record.ofNeuron(right, gradients); });
}

void WideModel::changePattern(uint32_t j, Pattern pattern) {
  const bool momentum = spec().momentum > 0.0;
  const Pattern before = spec().patterns[j];
  std::vector<int16_t> weights(before.edges()), nextWeights(pattern.edges(), 0);
  std::vector<int16_t> velocities(momentum ? before.edges() : 0),
      nextVelocities(momentum ? pattern.edges() : 0, 0);
  weights_.read(j, weights.data());
  if (momentum) weights_.readVelocities(j, velocities.data());
  forKeptEdges(before, pattern, [&](uint64_t from, uint64_t to) {
    nextWeights[to] = weights[from];
    if (momentum) nextVelocities[to] = velocities[from];
  });
  weights_.dropLayout(j);
  replacePattern(j, std::move(pattern));
  weights_.makeLayout(j);
  weights_.write(j, nextWeights.data());
  if (momentum) weights_.writeVelocities(j, nextVelocities.data());
  followSlabs(j);
  countDegrees(j);
}

void WideModel::forgetRecord() {
  for (Junction& junction : junctions_) junction.record.clear();
}

Telemetry WideModel::telemetry() const {
  Telemetry telemetry;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    std::vector<int16_t> weights(spec().patterns[j].edges());
    weights_.read(j, weights.data());
    telemetry.weightsAtLimit.push_back(
        static_cast<double>(std::count_if(weights.begin(), weights.end(), [&](int16_t w) {
          return w == format_.weightMin() || w == format_.weightMax();
        })));
    const WideCounts& counts = junctions_[j].counts;
    telemetry.activationsClipped.push_back(static_cast<double>(counts.activationsClipped));
    telemetry.deltasClipped.push_back(static_cast<double>(counts.deltasClipped));
    telemetry.batchSteps.push_back(static_cast<double>(counts.update.steps));
    telemetry.stepsRoundedToZero.push_back(static_cast<double>(counts.update.roundedToZero));
    telemetry.paths.push_back(junctions_[j].paths);
  }
  return telemetry;
}

std::string WideModel::rateFault(double rate, uint32_t batchSize) const {
  if (batchSize > 1) {
    if (batchScale(rate, 1, format_.fraction, guardBits_).multiplier >= 0) return "";
    return "at most " + std::to_string(std::ldexp(1.0, 20 - format_.fraction - guardBits_));
  }
  if (updateShift(rate, format_.fraction, guardBits_) >= 0) return "";
  const double largest = std::ldexp(1.0, 6 + kMaxActivationShift - format_.fraction - guardBits_);
  return "at most " + std::to_string(largest) + " for weights with " + std::to_string(format_.fraction) +
         " fraction bits" + (guardBits_ > 0 ? " and momentum" : "");
}

/// Resizes the data that exist once per slab.
void WideModel::followSlabs(uint32_t j) {
  Junction& junction = junctions_[j];
  const uint32_t slabs = weights_.layout(j).slabs();
  junction.tiles =
      weights_.kindOf(j) == LayoutKind::tiles ? static_cast<TileLayout*>(&weights_.layout(j)) : nullptr;
  junction.active.clear();
  if (junction.tiles != nullptr) {
    junction.active.resize(slots());
    for (std::vector<ActiveSlab>& ofSlot : junction.active) ofSlot = std::vector<ActiveSlab>(slabs);
  }
  junction.results.resize(slabs);
  junction.errors.resize(slabs);
  for (SlabResult& result : junction.results)
    result.moving.reset(padded(spec().layers[j + 1], 64 * 8 * kTileRights) / (8 * kTileRights));
  if (j == 0) return;
  for (AlignedBuffer<int32_t>& errors : junction.errors) {
    if (errors.size() == 0) errors.reset(padded(spec().layers[j], 32));
  }
  junction.leftDeltas.reset(junctions_[j - 1].deltas.size());
}

void WideModel::configure(uint32_t threads, const std::vector<double>& classWeights) {
  weights_.useLayouts();
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    if (threads == kKeepThreads || weights_.layout(j).slabs() == threads) continue;
    weights_.layout(j).partition(threads);
    followSlabs(j);
  }
  classWeights_.clear();
  for (const double weight : classWeights)
    classWeights_.push_back(static_cast<int32_t>(weight * 256.0 + 0.5));
}

void WideModel::prepareBatches(uint32_t size, const TrainJob& job) {
  WideBatches& batches = weights_.useBatches();
  batches.reserve(size);
  batches.setClassWeights(job.classWeights);
}

void WideModel::trainBatch(const Batch& batch, Team& team) {
  std::vector<int32_t*> biases;
  for (Junction& junction : junctions_) biases.push_back(junction.biases.data());
  WideBatches& batches = weights_.useBatches();
  batches.train(batch, team, biases, tally_);
  for (uint32_t j = 0; j < junctions_.size(); j++) batches.takeCounts(j, junctions_[j].counts);
}

}  // namespace sparse_train
