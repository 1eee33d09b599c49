// Online training of the `wide` arithmetic: what a junction does in one block, from the input's list of active neurons to
// deltas and updates (docs/arithmetic.md; the schedule is Pipeline's).
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "fixed/random.hpp"
#include "tiles.hpp"
#include "wide_model.hpp"

namespace sparse_train {

/// The active inputs of a sparse row, in time of what it gives, not of its columns.
void WideModel::listSparseRow(const InputView& inputs, uint64_t row, LayerValues& layer) const {
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

void WideModel::readInput(const InputView& inputs, uint64_t row, LayerValues& layer) const {
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

void WideModel::load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) {
  readInput(inputs, row, layers_[0][slot]);
  readTarget(targets, row, outputs(), targets_[slot]);
}

/// The largest sum of |x| for which 32-bit accumulation of x * weight plus a bias cannot wrap.
int64_t WideModel::sumLimit() const { return kFastSumLimit >> (format_.bits - 1); }

bool WideModel::sumFits(const Junction& junction, const LayerValues& left) const {
  return left.sumOfAbsolutes <= sumLimit() ||
         static_cast<int64_t>(junction.fanInMax) * left.largest <= sumLimit();
}

void WideModel::prepare(uint32_t j, const BlockWork& work) {
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
  if (work.backward->recorded) {
    junction.record.add(layers_[j][work.backward->slot].list, junction.deltas.data(), spec().layers[j + 1]);
  }
  drawUpdate(j, *work.backward);
}

/// What an update needs besides activations and deltas: its random numbers and factors.
void WideModel::drawUpdate(uint32_t j, const InFlight& input) {
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
void WideModel::sweep(uint32_t j, uint32_t slab, const BlockWork& work) {
  if (work.forward != nullptr) sweepForward(j, slab, *work.forward);
  if (work.backward != nullptr) sweepBackward(j, slab, *work.backward);
  // The deltas of the new output may only be written when those of the earlier one have been used.
  const bool alone = slabsOf(j) == 1;
  if (work.forward != nullptr && isLast(j) && alone) finishOutput(*work.forward);
}

/// The sums of a slab's right neurons, biases included. Where 32 bits might not do, the inputs are taken in portions for
/// which they do, and those are added in 64 bits.
void WideModel::sumForward(uint32_t j, uint32_t slab, const LayerValues& left, bool fits, int32_t* sums,
                           AlignedBuffer<int64_t>& exactSums) const {
  const Junction& junction = junctions_[j];
  const WideLayout& layout = weights_.layout(j);
  const uint32_t first = layout.firstOf(slab);
  const uint32_t end = layout.endOf(slab);
  if (fits) {
    memcpy(sums + first, junction.biases.data() + first, (end - first) * sizeof(int32_t));
    layout.forward(slab, left.list, sums);
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
    layout.forward(slab, portion, sums);
    for (uint32_t i = first; i < end; i++) exactSums[i] += sums[i];
    rest.groups += portion.count;
    rest.pairs += portion.count;
    rest.count -= portion.count;
  }
  for (uint32_t i = first; i < end; i++)
    sums[i] = static_cast<int32_t>(clip<int64_t>(exactSums[i], -kSumMax, kSumMax));
}

/// Activations of the hidden neurons from `first` to before `end`, from their sums. Returns how many were clipped.
uint32_t WideModel::activate(Activation activation, const int32_t* sums, uint32_t first, uint32_t end,
                             int16_t* values) const {
  if (activation == Activation::relu)
    return kernels_->finishRelu(sums + first, end - first, format_.fraction, values + first);
  for (uint32_t i = first; i < end; i++) values[i] = activationOf(activation, sums[i], format_.fraction);
  return 0;
}

void WideModel::sweepForward(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  int32_t* sums = junction.sums.data();
  sumForward(j, slab, layers_[j][input.slot], junction.forwardFits, sums, junction.exactSums);
  if (isLast(j)) return;

  LayerValues& layer = layers_[j + 1][input.slot];
  const uint32_t first = weights_.layout(j).firstOf(slab);
  const uint32_t end = weights_.layout(j).endOf(slab);
  SlabResult& result = junction.results[slab];
  const uint32_t neurons =
      std::min(end, spec().layers[j + 1]);  // padding stays zero, whatever the activation
  const bool relu = spec().activations[j] == Activation::relu;
  result.activationsClipped +=
      activate(spec().activations[j], sums, first, relu ? end : neurons, layer.values.data());
  result.list = {0, layer.groups.data() + first / 2, layer.pairs.data() + first / 2};
  result.sumOfAbsolutes =
      kernels_->listValues(layer.values.data() + first, end - first, first / 2, &result.list);
}

/// Scaled deltas and the step of the biases. Returns whether any weight can change.
bool WideModel::scaleDeltas(uint32_t j, uint32_t slab) {
  Junction& junction = junctions_[j];
  const WideLayout& layout = weights_.layout(j);
  const uint32_t moved =
      kernels_->scaleDeltas(junction.deltas.data(), layout.firstOf(slab), layout.endOf(slab), &junction.scale,
                            junction.paired.data(), junction.biases.data());
  return guardBits_ > 0 || moved != 0;  // velocities move weights without deltas
}

/// Only tanh has a derivative where the activation is zero: its layers need every error, the others those of active
/// neurons. `junction` is the one to the right of the layer.
bool WideModel::needsAllErrors(uint32_t junction) const {
  return junction > 0 && spec().activations[junction - 1] == Activation::tanh;
}

const ActiveList& WideModel::backwardList(uint32_t junction, uint32_t slot) const {
  return needsAllErrors(junction) ? everyGroup_[junction].list : layers_[junction][slot].list;
}

void WideModel::sweepBackward(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  WideLayout& layout = weights_.layout(j);
  if (j > 0) {
    const ActiveList& list = backwardList(j, input.slot);
    if (junction.backwardFits) {
      layout.backward(slab, list, junction.deltas.data(), junction.errors[slab].data());
    } else {
      layout.backwardExact(slab, list, junction.deltas.data(), junction.exactErrors[slab].data());
    }
  }
  if (scaleDeltas(j, slab)) updateWeights(j, slab, input);
  if (junction.decayDue) {
    alignas(64) uint16_t lanes[kTileLanes];
    fillLanes(streamKey(spec().seed, junctionStream(kDecayRoundingStream, j)), input.number, lanes);
    UpdateRule rule = junction.rule;
    rule.lanes = lanes;
    layout.decay(slab, junction.decayFactor, rule);
  }
}

void WideModel::updateWeights(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  const LayerValues& left = layers_[j][input.slot];
  if (guardBits_ > 0) {
    const MomentumRule rule = {junction.rule, junction.lossLanes, junction.weightLanes,
                               momentumLoss(spec().momentum)};
    weights_.layout(j).updateWithMomentum(slab, left.values.data(), junction.paired.data(), rule);
  } else {
    weights_.layout(j).update(slab, left.list, junction.paired.data(), junction.rule);
  }
}

void WideModel::finish(uint32_t j, const BlockWork& work) {
  for (SlabResult& result : junctions_[j].results) {
    junctions_[j].counts.activationsClipped += std::exchange(result.activationsClipped, 0);
    junctions_[j].counts.deltasClipped += std::exchange(result.deltasClipped, 0);
  }
  if (work.forward != nullptr && !isLast(j)) joinLists(j, *work.forward);
  if (work.forward != nullptr && isLast(j) && slabsOf(j) > 1) finishOutput(*work.forward);
  if (work.backward != nullptr && j > 0) finishBackward(j, *work.backward);
}

/// The list of the right layer from those of the slabs, each of which lies in its own share of the arrays.
void WideModel::joinLists(uint32_t j, const InFlight& input) {
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
void WideModel::addErrorsOfSlabs(Junction& junction, const ActiveList& list) {
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

void WideModel::finishBackward(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  Junction& before = junctions_[j - 1];  // its right layer is this junction's left layer
  const LayerValues& left = layers_[j][input.slot];
  const ActiveList& list = backwardList(j, input.slot);
  int32_t* errors = junction.errors[0].data();
  if (!junction.backwardFits || junction.errors.size() > 1) addErrorsOfSlabs(junction, list);

  const Activation activation = spec().activations[j - 1];
  if (activation == Activation::relu) {
    before.counts.deltasClipped += kernels_->finishReluDeltas(
        errors, left.values.data(), before.deltas.size(), format_.fraction, before.deltas.data());
    return;
  }
  for (uint32_t i = 0; i < spec().layers[j]; i++) {
    before.deltas[i] =
        deltaOf(activation, errors[i], left.values[i], format_.fraction, before.counts.deltasClipped);
  }
}

/// Outputs, cost and deltas of the last layer.
void WideModel::finishOutput(const InFlight& input) {
  Junction& junction = junctions_.back();
  junction.counts.deltasClipped +=
      output_.deltas(junction.sums.data(), targets_[input.slot], junction.deltas.data(), tally_);
}

}  // namespace sparse_train
