// Online training of the `wide` arithmetic: the work of a junction in one block, from the input's list of
// active neurons to deltas and updates (docs/arithmetic.md; Pipeline implements the schedule).
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "fixed/random.hpp"
#include "tiles.hpp"
#include "wide_model.hpp"

namespace sparse_train {
namespace {

/// Of the deltas of so many neurons, padded to whole blocks.
int64_t sumOfAbsolutes(const AlignedBuffer<int16_t>& deltas, uint32_t neurons) {
  int64_t sum = 0;
  for (size_t first = 0; first < neurons; first += kTileRights) {
    int32_t ofBlock = 0;
    for (size_t i = 0; i < kTileRights; i++) ofBlock += std::abs(int32_t{deltas[first + i]});
    sum += ofBlock;
  }
  return sum;
}

/// The largest of the absolute deltas of as many neurons.
int32_t largestOf(const AlignedBuffer<int16_t>& deltas, uint32_t neurons) {
  int32_t largest = 0;
  for (uint32_t i = 0; i < neurons; i++) largest = std::max(largest, std::abs(int32_t{deltas[i]}));
  return largest;
}

}  // namespace

void WideModel::load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) {
  // Momentum changes every edge, so it needs the zeros too.
  layers_[0][slot].read(inputs, row, guardBits_ == 0);
  readTarget(targets, row, outputs(), targets_[slot]);
}

/// The largest sum of |x| for which the 32-bit accumulation of x * weight plus a bias cannot wrap.
int64_t WideModel::sumLimit() const { return kFastSumLimit >> (format_.bits - 1); }

bool WideModel::sumFits(const Junction& junction, const LayerValues& left) const {
  return left.sumOfAbsolutes() <= sumLimit() ||
         static_cast<int64_t>(junction.fanInMax) * left.largest() <= sumLimit();
}

/// Whether the 32-bit errors of the left layer cannot wrap: by all deltas, or else by as many of the largest as a neuron has
/// edges.
bool WideModel::errorFits(uint32_t j) const {
  const Junction& junction = junctions_[j];
  const uint32_t neurons = spec().layers[j + 1];
  return sumOfAbsolutes(junction.deltas, neurons) <= sumLimit() ||
         static_cast<int64_t>(junction.fanOutMax) * largestOf(junction.deltas, neurons) <= sumLimit();
}

void WideModel::prepare(uint32_t j, const BlockWork& work) {
  if (work.forward != nullptr) prepareForward(j, *work.forward);
  if (work.backward != nullptr) prepareBackward(j, *work.backward);
}

/// Chooses the passes of a block and prepares the forms of the left layer that they read, because the threads
/// that sweep slabs must not convert them.
void WideModel::prepareForward(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  LayerValues& left = layers_[j][input.slot];
  junction.forwardFits = sumFits(junction, left);
  junction.forwardActive =
      junction.forwardFits && passesToRelu(j) && junction.tiles->forwardsActive(left.activeGroups());
  junction.forwardWhole = junction.forwardActive ||
                          (junction.forwardFits && weights_.layout(j).forwardsWhole(left.activeGroups()));
  if (!junction.forwardActive && junction.tiles != nullptr) {
    for (ActiveSlab& active : junction.active[input.slot]) active.forget();
  }
  if (junction.forwardWhole) {
    left.whole();
    junction.paths.forwardsWhole++;
    if (junction.forwardActive) junction.paths.forwardsActive++;
  } else {
    left.list();
    junction.paths.forwardsListed++;
  }
  if (!junction.forwardFits && junction.exactSums.size() == 0) junction.exactSums.reset(junction.sums.size());
}

void WideModel::prepareBackward(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  LayerValues& left = layers_[j][input.slot];
  const bool output = isLast(j) && weights_.outputLayout() != nullptr;
  if (j > 0) {
    junction.backwardFits = errorFits(j);
    if (!junction.backwardFits && junction.exactErrors.size() < junction.errors.size()) {
      junction.exactErrors.resize(junction.errors.size());
      for (AlignedBuffer<int64_t>& errors : junction.exactErrors) errors.reset(junction.errors[0].size());
    }
    junction.backwardTogether =
        output && junction.backwardFits && spec().activations[j - 1] == Activation::relu;
    if (!junction.backwardTogether && !needsAllErrors(j)) left.list();
  }
  junction.updateActive =
      junction.tiles != nullptr && guardBits_ == 0 && junction.active[input.slot].front().known();
  junction.updateWhole = junction.backwardTogether || guardBits_ > 0 || junction.updateActive ||
                         weights_.layout(j).updatesWhole(left.activeGroups());
  if (junction.updateWhole) {
    left.whole();
  } else {
    left.list();
  }
  if (guardBits_ == 0) (junction.updateWhole ? junction.paths.updatesWhole : junction.paths.updatesListed)++;
  if (junction.updateActive) junction.paths.updatesActive++;
  if (junction.backwardTogether) junction.paths.outputsTogether++;
  if (input.recorded) junction.record.add(left.list(), junction.deltas.data(), spec().layers[j + 1]);
  drawUpdate(j, input);
}

/// The inputs of an update besides activations and deltas: random numbers and factors.
void WideModel::drawUpdate(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  if (format_.stochastic) {
    kernels_->drawLanes(junction.updateKey, input.number, junction.updateLanes);
    kernels_->drawLanes(junction.deltaKey, input.number, junction.deltaLanes);
    if (guardBits_ > 0) {
      kernels_->drawLanes(junction.momentumKey, 2 * input.number, junction.lossLanes);
      kernels_->drawLanes(junction.momentumKey, 2 * input.number + 1, junction.weightLanes);
    }
  }
  if (input.rate != junction.rate) {
    junction.rate = input.rate;
    const int shift = updateShift(input.rate, format_.fraction, guardBits_);
    // Scaled deltas have units of 2^-(fraction + guard + 8 - shift), biases units of 2^-(fraction + 8).
    junction.scale = {rateMultiplier(input.rate, format_.fraction, guardBits_, shift), junction.deltaLanes,
                      format_.stochastic, shift - guardBits_};
    junction.rule = {junction.updateLanes, format_.stochastic, shift,
                     static_cast<int16_t>(format_.weightMin()), static_cast<int16_t>(format_.weightMax())};
  }
  junction.decayDue = spec().weightDecay > 0.0 && (input.number + 1) % kDecayInterval == 0;
  if (junction.decayDue) {
    const double factor = input.rate * spec().weightDecay * kDecayInterval * 65536.0 + 0.5;
    junction.decayFactor = static_cast<int16_t>(clip<double>(factor, 0.0, 32767.0));
  }
}

void WideModel::runAlone(uint32_t j, const BlockWork& work, Interlude between) {
  const auto slabs = static_cast<uint32_t>(junctions_[j].results.size());
  WideModel::prepare(j, work);
  if (work.forward != nullptr) {
    for (uint32_t slab = 0; slab < slabs; slab++) sweepForward(j, slab, *work.forward);
  }
  if (between != nullptr) (*between)();
  if (work.backward != nullptr) {
    for (uint32_t slab = 0; slab < slabs; slab++) sweepBackward(j, slab, *work.backward);
  }
  if (work.forward != nullptr && isLast(j) && slabs == 1) finishOutput(*work.forward);
  WideModel::finish(j, work);
}

/// Does all work on the weights and the right neurons of a slab. Only work that needs the whole layer is left
/// to finish().
void WideModel::sweep(uint32_t j, uint32_t slab, const BlockWork& work) {
  if (work.forward != nullptr) sweepForward(j, slab, *work.forward);
  if (work.backward != nullptr) sweepBackward(j, slab, *work.backward);
  // Writes the deltas of the new output only after those of the earlier one have been used.
  const bool alone = slabsOf(j) == 1;
  if (work.forward != nullptr && isLast(j) && alone) finishOutput(*work.forward);
}

/// The sums of a slab's right neurons, including biases, from the pairs of a list. If 32 bits might not
/// suffice, splits the inputs into portions for which they do, and adds the portions in 64 bits.
void WideModel::sumListed(uint32_t j, uint32_t slab, const ActiveList& list, bool fits, int32_t* sums,
                          AlignedBuffer<int64_t>& exactSums) const {
  const Junction& junction = junctions_[j];
  const WideLayout& layout = weights_.layout(j);
  const uint32_t first = layout.firstOf(slab);
  const uint32_t end = layout.endOf(slab);
  if (fits) {
    memcpy(sums + first, junction.biases.data() + first, (end - first) * sizeof(int32_t));
    layout.forward(slab, list, sums);
    return;
  }
  std::copy(junction.biases.data() + first, junction.biases.data() + end, exactSums.data() + first);
  ActiveList rest = list;
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

ReluResult WideModel::activate(uint32_t j, const int32_t* sums, uint32_t first, uint32_t end,
                               LayerValues& layer) const {
  const Activation activation = spec().activations[j];
  int16_t* values = layer.valuesToFill();
  uint8_t* activity = layer.activityToFill() + first / 16;
  if (activation == Activation::relu)
    return kernels_->finishReluMarked(sums + first, end - first, format_.fraction, values + first, activity);
  const uint32_t neurons =
      std::min(end, spec().layers[j + 1]);  // padding stays zero, whatever the activation function
  for (uint32_t i = first; i < neurons; i++) values[i] = activationOf(activation, sums[i], format_.fraction);
  return {0, kernels_->markValues(values + first, end - first, activity)};
}

void WideModel::sweepForward(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  const WideLayout& layout = weights_.layout(j);
  LayerValues& left = layers_[j][input.slot];
  int32_t* sums = junction.sums.data();
  ReluResult done;
  if (junction.forwardWhole && passesToRelu(j)) {
    LayerValues& right = layers_[j + 1][input.slot];
    done = junction.forwardActive
               ? junction.tiles->forwardActive(slab, left.whole(), junction.biases.data(), format_.fraction,
                                               right.valuesToFill(), right.activityToFill(),
                                               junction.active[input.slot][slab])
               : junction.tiles->forwardRelu(slab, left.whole(), junction.biases.data(), format_.fraction,
                                             right.valuesToFill(), right.activityToFill());
  } else {
    if (junction.forwardWhole) {
      layout.forwardWhole(slab, left.whole(), junction.biases.data(), sums);
    } else {
      sumListed(j, slab, left.list(), junction.forwardFits, sums, junction.exactSums);
    }
    if (isLast(j)) return;
    done = activate(j, sums, layout.firstOf(slab), layout.endOf(slab), layers_[j + 1][input.slot]);
  }
  junction.results[slab].activationsClipped = done.clipped;
  junction.results[slab].sumOfAbsolutes = done.sum;
}

/// Whether a pass over whole blocks of a junction can finish the relu layer to its right.
bool WideModel::passesToRelu(uint32_t j) const {
  return junctions_[j].tiles != nullptr && !isLast(j) && spec().activations[j] == Activation::relu;
}

/// Computes scaled deltas and updates the biases. Returns whether any weight can change.
bool WideModel::scaleDeltas(uint32_t j, uint32_t slab) {
  Junction& junction = junctions_[j];
  const WideLayout& layout = weights_.layout(j);
  // Padding beyond the last block of neurons stays zero.
  const size_t end = std::min<size_t>(layout.endOf(slab), padded(spec().layers[j + 1], kTileRights));
  const uint32_t moved = kernels_->scaleDeltas(junction.deltas.data(), layout.firstOf(slab), end,
                                               &junction.scale, junction.paired.data(),
                                               junction.biases.data(), junction.results[slab].moving.data());
  return guardBits_ > 0 || moved != 0;  // velocities move weights without deltas
}

/// Only tanh has a nonzero derivative at an activation of zero, so tanh layers need the errors of all
/// neurons; other layers need those of active neurons. `junction` is the junction to the right of the layer.
bool WideModel::needsAllErrors(uint32_t junction) const {
  return junction > 0 && spec().activations[junction - 1] == Activation::tanh;
}

const ActiveList& WideModel::backwardList(uint32_t junction, uint32_t slot) {
  return needsAllErrors(junction) ? everyGroup_[junction].list : layers_[junction][slot].list();
}

void WideModel::sweepBackward(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  WideLayout& layout = weights_.layout(j);
  if (junction.backwardTogether) {
    const bool moves = scaleDeltas(j, slab);
    junctions_[j - 1].counts.deltasClipped += weights_.outputLayout()->backwardRelu(
        layers_[j][input.slot].whole(), junction.deltas.data(), junction.paired.data(), moves,
        format_.fraction, junction.rule, junction.leftDeltas.data());
  } else {
    if (j > 0 && junction.backwardFits) {
      layout.backward(slab, backwardList(j, input.slot), junction.deltas.data(),
                      junction.errors[slab].data());
    } else if (j > 0) {
      layout.backwardExact(slab, backwardList(j, input.slot), junction.deltas.data(),
                           junction.exactErrors[slab].data());
    }
    if (scaleDeltas(j, slab)) updateWeights(j, slab, input);
  }
  if (junction.decayDue) {
    alignas(64) uint16_t lanes[kTileLanes];
    kernels_->drawLanes(junction.decayKey, input.number, lanes);
    UpdateRule rule = junction.rule;
    rule.lanes = lanes;
    layout.decay(slab, junction.decayFactor, rule);
  }
}

void WideModel::updateWeights(uint32_t j, uint32_t slab, const InFlight& input) {
  Junction& junction = junctions_[j];
  WideLayout& layout = weights_.layout(j);
  LayerValues& left = layers_[j][input.slot];
  if (guardBits_ > 0) {
    const MomentumRule rule = {junction.rule, junction.lossLanes, junction.weightLanes,
                               momentumLoss(spec().momentum)};
    layout.updateWithMomentum(slab, left.whole(), junction.paired.data(), rule);
  } else if (junction.updateActive) {
    junction.tiles->updateActive(slab, left.whole(), junction.paired.data(),
                                 junction.results[slab].moving.data(), junction.rule,
                                 junction.active[input.slot][slab]);
  } else if (junction.updateWhole) {
    layout.updateWhole(slab, left.whole(), junction.paired.data(), junction.results[slab].moving.data(),
                       junction.rule);
  } else {
    layout.update(slab, left.list(), junction.paired.data(), junction.rule);
  }
}

void WideModel::finish(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  uint32_t sumOfAbsolutes = 0;
  for (SlabResult& result : junction.results) {
    junction.counts.activationsClipped += std::exchange(result.activationsClipped, 0);
    sumOfAbsolutes += result.sumOfAbsolutes;
  }
  if (work.forward != nullptr && !isLast(j)) layers_[j + 1][work.forward->slot].computed(sumOfAbsolutes);
  if (work.forward != nullptr && isLast(j) && junction.results.size() > 1) finishOutput(*work.forward);
  if (work.backward != nullptr && j > 0) finishBackward(j, *work.backward);
}

/// Adds the errors of all slabs into those of the first one, for the neurons in the list.
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
  if (junction.backwardTogether) {
    std::swap(before.deltas, junction.leftDeltas);
    return;
  }
  const int16_t* values = layers_[j][input.slot].whole().values;
  const ActiveList& list = backwardList(j, input.slot);
  int32_t* errors = junction.errors[0].data();
  if (!junction.backwardFits || junction.errors.size() > 1) addErrorsOfSlabs(junction, list);

  const Activation activation = spec().activations[j - 1];
  if (activation == Activation::relu) {
    before.counts.deltasClipped += kernels_->finishReluDeltas(errors, values, before.deltas.size(),
                                                              format_.fraction, before.deltas.data());
    return;
  }
  for (uint32_t i = 0; i < spec().layers[j]; i++) {
    before.deltas[i] =
        deltaOf(activation, errors[i], values[i], format_.fraction, before.counts.deltasClipped);
  }
}

/// Computes outputs, cost and deltas of the last layer.
void WideModel::finishOutput(const InFlight& input) {
  Junction& junction = junctions_.back();
  junction.counts.deltasClipped +=
      output_.deltas(junction.sums.data(), targets_[input.slot], junction.deltas.data(), tally_);
}

}  // namespace sparse_train
