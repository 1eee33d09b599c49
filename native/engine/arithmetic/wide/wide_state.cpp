// The state of a network of the `wide` arithmetic.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "wide_model.hpp"

namespace sparse_train {

void WideModel::fingerprint(Fingerprint& fingerprint) const {
  fingerprint.add(static_cast<uint64_t>(format_.bits));
  fingerprint.add(static_cast<uint64_t>(format_.fraction));
  fingerprint.add(uint64_t{format_.stochastic});
}

/// Weights and velocities in edge order, so that the state does not depend on layout, kernel set or threads.
void WideModel::exchangeJunction(StateExchange& state, uint32_t j) {
  Junction& junction = junctions_[j];
  const size_t neurons = spec().layers[j + 1];
  std::vector<int16_t> perEdge(spec().patterns[j].edges());
  if (state.writing()) weights_.read(j, perEdge.data());
  state.numbers("a weight", perEdge.data(), perEdge.size(), static_cast<int16_t>(format_.weightMin()),
                static_cast<int16_t>(format_.weightMax()));
  if (state.applying()) weights_.write(j, perEdge.data());
  if (spec().momentum > 0.0) {
    if (state.writing()) weights_.readVelocities(j, perEdge.data());
    state.any(perEdge.data(), perEdge.size());
    if (state.applying()) weights_.writeVelocities(j, perEdge.data());
  }
  state.numbers("a bias", junction.biases.data(), neurons, -kBiasMax, kBiasMax);
  state.numbers("a delta", junction.deltas.data(), neurons, static_cast<int16_t>(-kDeltaMax),
                static_cast<int16_t>(kDeltaMax));
  WideCounts& counts = junction.counts;
  for (uint64_t* count : {&counts.activationsClipped, &counts.deltasClipped, &counts.update.steps,
                          &counts.update.roundedToZero}) {
    state.any(count, 1);
  }
}

void WideModel::exchangeSlot(StateExchange& state, uint32_t slot) {
  for (uint32_t layer = 0; layer < layers_.size(); layer++) {
    exchangeLayer(state, layers_[layer][slot], layer);
  }
  if (state.applying()) {
    for (Junction& junction : junctions_) {
      if (junction.tiles == nullptr) continue;
      for (ActiveSlab& active : junction.active[slot]) active.forget();
    }
  }
  WideTarget& target = targets_[slot];
  if (spec().output == Output::softmax) {
    state.numbers("a label", &target.label, 1, 0, static_cast<int32_t>(outputs() - 1));
    return;
  }
  target.values.resize(outputs());
  const bool flags = spec().output == Output::sigmoid;
  state.numbers("a target", target.values.data(), outputs(), flags ? 0 : -kSumMax, flags ? 1 : kSumMax);
}

/// The range of a layer's activations, on which the arithmetic of derivatives relies.
std::pair<int16_t, int16_t> WideModel::rangeOf(uint32_t layer) const {
  const int32_t high = layer == 0 ? kActivationMax : largestActivation(spec().activations[layer - 1]);
  const bool isSigned = layer == 0 || spec().activations[layer - 1] == Activation::tanh;
  return {static_cast<int16_t>(isSigned ? -high : 0), static_cast<int16_t>(high)};
}

void WideModel::exchangeLayer(StateExchange& state, LayerValues& layer, uint32_t number) const {
  const uint32_t neurons = spec().layers[number];
  std::vector<int16_t> values(neurons);
  if (state.writing()) std::copy_n(layer.whole().values, neurons, values.begin());
  const auto [low, high] = rangeOf(number);
  state.numbers("an activation", values.data(), neurons, low, high);
  if (state.applying()) layer.assign(values.data());
}

/// Class weights matter if a later call drains an input.
void WideModel::exchangeRest(StateExchange& state) {
  uint64_t count = classWeights_.size();
  state.count("the number of class weights", count, outputs());
  if (count != 0 && count != outputs()) state.fail("there are class weights for some classes only");
  std::vector<int32_t> weights = classWeights_;
  weights.resize(state.failed() ? 0 : count);
  for (int32_t& weight : weights) state.peek("a class weight", weight, 0, 127 * 256);
  if (state.applying()) classWeights_ = weights;
}

}  // namespace sparse_train
