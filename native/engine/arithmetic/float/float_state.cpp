// The state of a network of the `float` arithmetic.
#include "float_batches.hpp"
#include "float_model.hpp"

namespace sparse_train {

void FloatModel::fingerprint(Fingerprint& fingerprint) const {
  const OptimizerSpec& optimizer = spec().optimizer;
  fingerprint.add(static_cast<uint64_t>(optimizer.kind));
  for (const double number : {optimizer.beta1, optimizer.beta2, optimizer.epsilon}) fingerprint.add(number);
}

void FloatModel::exchangeJunction(StateExchange& state, uint32_t j) {
  FloatJunction& junction = junctions_[j];
  for (std::vector<float>* floats : {&junction.weights, &junction.first, &junction.second, &junction.biases,
                                     &junction.biasFirst, &junction.biasSecond, &works_[j].deltas}) {
    state.any(floats->data(), floats->size());
  }
}

void FloatModel::exchangeSlot(StateExchange& state, uint32_t slot) {
  for (std::vector<std::vector<float>>& layer : layers_) state.any(layer[slot].data(), layer[slot].size());
  FloatTarget& target = targets_[slot];
  if (spec().output == Output::softmax) {
    state.numbers("a label", &target.label, 1, 0, static_cast<int32_t>(outputs() - 1));
  } else {
    target.values.resize(outputs());
    state.any(target.values.data(), outputs());
  }
}

/// Class weights matter if a later call drains an input.
void FloatModel::exchangeRest(StateExchange& state) {
  std::vector<double> weights = output_.classWeights();
  uint64_t count = weights.size();
  state.count("the number of class weights", count, outputs());
  if (count != 0 && count != outputs()) state.fail("there are class weights for some classes only");
  weights.resize(state.failed() ? 0 : count);
  for (double& weight : weights) state.peek("a class weight", weight, 0.0, 127.0);
  if (state.applying()) output_.setClassWeights(weights);
  if (spec().optimizer.kind == OptimizerSpec::Kind::sgd) return;
  if (batches_ == nullptr) batches_ = std::make_unique<FloatBatches>(spec(), junctions_, output_);
  batches_->exchange(state);
}

}  // namespace sparse_train
