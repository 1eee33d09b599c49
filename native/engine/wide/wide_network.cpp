#include "wide_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../../fixed/random.hpp"
#include "../tiles.hpp"

namespace sparse_train {

void WideNetwork::LayerValues::allocate(uint32_t neurons) {
  values.reset(padded(neurons, 32));
  groups.reset(padded(neurons, 32) / 2 + 16);
  pairs.reset(padded(neurons, 32) / 2 + 16);
  list = {0, groups.data(), pairs.data()};
}

WideNetwork::WideNetwork(NetworkSpec given)
    : Network(std::move(given)),
      kernels_(spec().kernels),
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

/// Only tanh has a derivative where the activation is zero: its layers need every error, the others those of active
/// neurons. `junction` is the one to the right of the layer.
bool WideNetwork::needsAllErrors(uint32_t junction) const {
  return junction > 0 && spec().activations[junction - 1] == Activation::tanh;
}

const ActiveList& WideNetwork::backwardList(uint32_t junction, uint32_t slot) const {
  return needsAllErrors(junction) ? everyGroup_[junction].list : layers_[junction][slot].list;
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

/// The active inputs of a sparse row, in time of what it gives, not of its columns.
void WideNetwork::listSparseRow(const InputView& inputs, uint64_t row, LayerValues& layer) const {
  ActiveList& list = layer.list;
  list.count = 0;
  layer.sumOfAbsolutes = 0;
  forSparseActivations(inputs, row, spec().layers[0], [&](uint32_t column, int16_t value) {
    if (value == 0) return;
    const uint32_t group = column / kTileLefts;
    if (list.count == 0 || list.groups[list.count - 1] != group) {
      list.groups[list.count] = group;
      list.pairs[list.count++] = 0;
    }
    // Ascending: the second of a pair comes after the first.
    const auto bits = static_cast<uint32_t>(static_cast<uint16_t>(value));
    list.pairs[list.count - 1] |= static_cast<int32_t>(column % kTileLefts == 0 ? bits : bits << 16);
    layer.sumOfAbsolutes += static_cast<uint32_t>(std::abs(static_cast<int32_t>(value)));
  });
}

void WideNetwork::readInput(const InputView& inputs, uint64_t row, LayerValues& layer) const {
  const uint32_t columns = spec().layers[0];
  const size_t start = static_cast<size_t>(row) * columns;
  layer.largest = largestInput(inputs);
  if (inputs.isSparse() && inputs.keepsZero && spec().momentum == 0.0) {
    listSparseRow(inputs, row, layer);
    return;
  }
  if (inputs.type == InputView::Type::bytes && !inputs.isSparse()) {
    const auto* bytes = static_cast<const uint8_t*>(inputs.data) + start;
    layer.sumOfAbsolutes = kernels_->listBytes(bytes, columns, &layer.list);
    if (spec().momentum > 0.0) {  // momentum touches every edge, so it needs the zeros as well
      for (uint32_t c = 0; c < columns; c++) layer.values[c] = bytes[c];
    }
    return;
  }
  readActivations(inputs, row, columns, layer.values.data());
  layer.sumOfAbsolutes = kernels_->listValues(layer.values.data(), layer.values.size(), 0, &layer.list);
}

void WideNetwork::load(const InFlight& input, const InputView& inputs, const TargetView& targets,
                       uint64_t row) {
  readInput(inputs, row, layers_[0][input.slot]);
  readTarget(targets, row, outputs(), targets_[input.slot]);
}

/// The largest sum of |x| for which 32-bit accumulation of x * weight plus a bias cannot wrap.
int64_t WideNetwork::sumLimit() const { return kFastSumLimit >> (format_.bits - 1); }

bool WideNetwork::sumFits(const Junction& junction, const LayerValues& left) const {
  return left.sumOfAbsolutes <= sumLimit() ||
         static_cast<int64_t>(junction.fanInMax) * left.largest <= sumLimit();
}

void WideNetwork::prepare(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.forward != nullptr) {
    junction.forwardFits = sumFits(junction, layers_[j][work.forward->slot]);
    if (!junction.forwardFits && junction.exactSums.size() == 0)
      junction.exactSums.reset(junction.sums.size());
  }
  if (work.backward == nullptr) return;
  if (j > 0) {
    int64_t sum = 0;
    for (size_t i = 0; i < junction.deltas.size(); i++)
      sum += std::abs(static_cast<int32_t>(junction.deltas[i]));
    junction.backwardFits = sum <= sumLimit();
    if (!junction.backwardFits && junction.exactErrors.size() < junction.errors.size()) {
      junction.exactErrors.resize(junction.errors.size());
      for (AlignedBuffer<int64_t>& errors : junction.exactErrors) errors.reset(junction.errors[0].size());
    }
  }
  if (isRecorded(work.backward->number)) {
    junction.record.add(layers_[j][work.backward->slot].list, junction.deltas.data(), spec().layers[j + 1]);
  }
  drawUpdate(j, *work.backward);
}

/// What an update needs besides activations and deltas: its random numbers and factors.
void WideNetwork::drawUpdate(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  const uint64_t seed = spec().seed;
  if (format_.stochastic) {
    fillLanes(streamKey(seed, junctionStream(kUpdateRoundingStream, j)), input.number, junction.updateLanes);
    fillLanes(streamKey(seed, junctionStream(kDeltaRoundingStream, j)), input.number, junction.deltaLanes,
              kTileRights);
    if (guardBits_ > 0) {
      fillLanes(streamKey(seed, junctionStream(kMomentumRoundingStream, j)), 2 * input.number,
                junction.lossLanes);
      fillLanes(streamKey(seed, junctionStream(kMomentumRoundingStream, j)), 2 * input.number + 1,
                junction.weightLanes);
    }
  }
  const int shift = updateShift(input.rate, format_.fraction, guardBits_);
  // Scaled deltas count units of 2^-(fraction + guard + 8 - shift), biases units of 2^-(fraction + 8).
  junction.scale = {rateMultiplier(input.rate, format_.fraction, guardBits_, shift), junction.deltaLanes,
                    format_.stochastic, shift - guardBits_};
  junction.rule = {junction.updateLanes, format_.stochastic, shift, static_cast<int16_t>(format_.weightMin()),
                   static_cast<int16_t>(format_.weightMax())};

  junction.decayDue = spec().weightDecay > 0.0 && (input.number + 1) % kDecayInterval == 0;
  if (junction.decayDue) {
    const double factor = input.rate * spec().weightDecay * kDecayInterval * 65536.0 + 0.5;
    junction.decayFactor = static_cast<int16_t>(clip<double>(factor, 0.0, 32767.0));
  }
}

/// All work on the weights and the right neurons of a slab; only what needs the whole layer is left to finish().
void WideNetwork::sweep(uint32_t j, uint32_t slab, const BlockWork& work) {
  if (work.forward != nullptr) sweepForward(j, slab, *work.forward);
  if (work.backward != nullptr) sweepBackward(j, slab, *work.backward);
  // The deltas of the new output may only be written when those of the earlier one have been used.
  const bool alone = junctions_[j].layout->slabs() == 1;
  if (work.forward != nullptr && isLast(j) && alone) finishOutput(*work.forward);
}

/// The sums of a slab's right neurons, biases included. Where 32 bits might not do, the inputs are taken in portions for
/// which they do, and those are added in 64 bits.
void WideNetwork::sumForward(const Junction& junction, uint32_t slab, const LayerValues& left, bool fits,
                             int32_t* sums, AlignedBuffer<int64_t>& exactSums) const {
  const uint32_t first = junction.layout->firstOf(slab);
  const uint32_t end = junction.layout->endOf(slab);
  if (fits) {
    memcpy(sums + first, junction.biases.data() + first, (end - first) * sizeof(int32_t));
    junction.layout->forward(slab, left.list, sums);
    return;
  }
  std::copy(junction.biases.data() + first, junction.biases.data() + end, exactSums.data() + first);
  ActiveList rest = left.list;
  while (rest.count > 0) {
    ActiveList portion = rest;
    int64_t total = 0;
    for (portion.count = 0; portion.count < rest.count; portion.count++) {
      const int32_t pair = rest.pairs[portion.count];
      total += std::abs(static_cast<int32_t>(static_cast<int16_t>(pair & 0xFFFF))) + std::abs(pair >> 16);
      if (total > sumLimit() && portion.count > 0) break;  // one pair always fits
    }
    std::fill(sums + first, sums + end, 0);
    junction.layout->forward(slab, portion, sums);
    for (uint32_t i = first; i < end; i++) exactSums[i] += sums[i];
    rest.groups += portion.count;
    rest.pairs += portion.count;
    rest.count -= portion.count;
  }
  for (uint32_t i = first; i < end; i++)
    sums[i] = static_cast<int32_t>(clip<int64_t>(exactSums[i], -kSumMax, kSumMax));
}

/// Activations of the hidden neurons from `first` to before `end`, from their sums. Returns how many were clipped.
uint32_t WideNetwork::activate(Activation activation, const int32_t* sums, uint32_t first, uint32_t end,
                               int16_t* values) const {
  if (activation == Activation::relu)
    return kernels_->finishRelu(sums + first, end - first, format_.fraction, values + first);
  for (uint32_t i = first; i < end; i++) values[i] = activationOf(activation, sums[i], format_.fraction);
  return 0;
}

void WideNetwork::sweepForward(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  int32_t* sums = junction.sums.data();
  sumForward(junction, slab, layers_[j][input.slot], junction.forwardFits, sums, junction.exactSums);
  if (isLast(j)) return;

  LayerValues& layer = layers_[j + 1][input.slot];
  const uint32_t first = junction.layout->firstOf(slab);
  const uint32_t end = junction.layout->endOf(slab);
  SlabResult& result = junction.results[slab];
  const uint32_t neurons =
      std::min(end, spec().layers[j + 1]);  // padding stays zero, whatever the activation
  const bool relu = spec().activations[j] == Activation::relu;
  result.clipped.activations +=
      activate(spec().activations[j], sums, first, relu ? end : neurons, layer.values.data());
  result.list = {0, layer.groups.data() + first / 2, layer.pairs.data() + first / 2};
  result.sumOfAbsolutes =
      kernels_->listValues(layer.values.data() + first, end - first, first / 2, &result.list);
}

/// Scaled deltas and the step of the biases. Returns whether any weight can change.
bool WideNetwork::scaleDeltas(Junction& junction, uint32_t slab) {
  const DeltaCounts counts = kernels_->scaleDeltas(junction.deltas.data(), junction.layout->firstOf(slab),
                                                   junction.layout->endOf(slab), &junction.scale,
                                                   junction.paired.data(), junction.biases.data());
  junction.results[slab].clipped.deltas += counts.clipped;
  return guardBits_ > 0 || counts.anyMoved != 0;  // velocities move weights without deltas
}

void WideNetwork::sweepBackward(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  const WideLayout& layout = *junction.layout;
  if (j > 0) {
    const ActiveList& list = backwardList(j, input.slot);
    if (junction.backwardFits) {
      layout.backward(slab, list, junction.deltas.data(), junction.errors[slab].data());
    } else {
      layout.backwardExact(slab, list, junction.deltas.data(), junction.exactErrors[slab].data());
    }
  }
  if (scaleDeltas(junction, slab)) updateWeights(j, slab, input);
  if (junction.decayDue) {
    alignas(64) uint16_t lanes[kTileLanes];
    fillLanes(streamKey(spec().seed, junctionStream(kDecayRoundingStream, j)), input.number, lanes);
    UpdateRule rule = junction.rule;
    rule.lanes = lanes;
    junction.layout->decay(slab, junction.decayFactor, rule);
  }
}

void WideNetwork::updateWeights(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  const LayerValues& left = layers_[j][input.slot];
  if (guardBits_ > 0) {
    const MomentumRule rule = {junction.rule, junction.lossLanes, junction.weightLanes,
                               momentumLoss(spec().momentum)};
    junction.layout->updateWithMomentum(slab, left.values.data(), junction.paired.data(), rule);
  } else {
    junction.layout->update(slab, left.list, junction.paired.data(), junction.rule);
  }
}

void WideNetwork::finish(uint32_t j, const BlockWork& work) {
  if (work.forward != nullptr && !isLast(j)) joinLists(j, *work.forward);
  if (work.forward != nullptr && isLast(j) && junctions_[j].layout->slabs() > 1) finishOutput(*work.forward);
  if (work.backward != nullptr && j > 0) finishBackward(j, *work.backward);
}

/// The list of the right layer from those of the slabs, each of which lies in its own share of the arrays.
void WideNetwork::joinLists(uint32_t j, const InFlight& input) {
  LayerValues& layer = layers_[j + 1][input.slot];
  layer.list.count = 0;
  layer.sumOfAbsolutes = 0;
  for (const SlabResult& result : junctions_[j].results) {
    memmove(layer.list.groups + layer.list.count, result.list.groups, result.list.count * sizeof(uint32_t));
    memmove(layer.list.pairs + layer.list.count, result.list.pairs, result.list.count * sizeof(int32_t));
    layer.list.count += result.list.count;
    layer.sumOfAbsolutes += result.sumOfAbsolutes;
  }
}

/// Sums the errors of all slabs into those of the first, for the neurons of the list.
void WideNetwork::addErrorsOfSlabs(Junction& junction, const ActiveList& list) {
  int32_t* errors = junction.errors[0].data();
  for (uint32_t k = 0; k < list.count; k++) {
    for (uint32_t neuron = 2 * list.groups[k]; neuron < 2 * list.groups[k] + 2; neuron++) {
      if (junction.backwardFits) {
        for (size_t slab = 1; slab < junction.errors.size(); slab++)
          errors[neuron] += junction.errors[slab][neuron];
      } else {
        int64_t sum = 0;
        for (size_t slab = 0; slab < junction.errors.size(); slab++)
          sum += junction.exactErrors[slab][neuron];
        errors[neuron] = static_cast<int32_t>(clip<int64_t>(sum, -kSumMax, kSumMax));
      }
    }
  }
}

void WideNetwork::finishBackward(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  Junction& before = junctions_[j - 1];  // its right layer is this junction's left layer
  const LayerValues& left = layers_[j][input.slot];
  const ActiveList& list = backwardList(j, input.slot);
  int32_t* errors = junction.errors[0].data();
  if (!junction.backwardFits || junction.errors.size() > 1) addErrorsOfSlabs(junction, list);

  const Activation activation = spec().activations[j - 1];
  if (activation == Activation::relu) {
    before.counts.clipped.deltas += kernels_->finishReluDeltas(
        errors, left.values.data(), before.deltas.size(), format_.fraction, before.deltas.data());
    return;
  }
  for (uint32_t i = 0; i < spec().layers[j]; i++) {
    before.deltas[i] =
        deltaOf(activation, errors[i], left.values[i], format_.fraction, before.counts.clipped.deltas);
  }
}

/// Outputs, cost and deltas of the last layer.
void WideNetwork::finishOutput(const InFlight& input) {
  Junction& junction = junctions_.back();
  junction.counts.clipped.deltas +=
      output_.deltas(junction.sums.data(), targets_[input.slot], junction.deltas.data(), tally_);
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
