// The parts of a network's state that are the same for every arithmetic.
#include "network.hpp"

namespace sparse_train {

std::vector<uint8_t> Network::exportState() {
  StateExchange state;
  exchange(state);
  return state.finish();
}

std::string Network::importState(const uint8_t* bytes, size_t size) {
  for (const bool apply : {false, true}) {
    StateExchange state(bytes, size, apply);
    exchange(state);
    state.finish();
    if (state.failed()) return state.fault();
  }
  return "";
}

void Network::exchange(StateExchange& state) {
  Tally& tally = model_->tally();
  state.section("spec");
  state.expect("layers, arithmetic, pattern, schedule or seed", specFingerprint());
  state.section("progress");
  pipeline_.exchangeProgress(state);
  state.any(&inputs_, 1);
  state.any(&tally.outputs, 1);
  state.any(&tally.correct, 1);
  state.any(&tally.loss, 1);
  for (uint32_t junction = 0; junction < junctions(); junction++) {
    state.section("junction");
    model_->exchangeJunction(state, junction);
  }
  pipeline_.exchange(
      state, [this](double rate) { return rateFault(rate).empty(); },
      [&](uint32_t slot) { model_->exchangeSlot(state, slot); });
  state.section("rest");
  model_->exchangeRest(state);
}

uint64_t Network::specFingerprint() const {
  const NetworkSpec& spec = model_->spec();
  Fingerprint all;
  for (const uint32_t neurons : spec.layers) all.add(uint64_t{neurons});
  for (const Activation activation : spec.activations) all.add(static_cast<uint64_t>(activation));
  all.add(static_cast<uint64_t>(spec.output));
  all.add(static_cast<uint64_t>(spec.schedule));
  all.add(static_cast<uint64_t>(spec.arithmetic));
  all.add(spec.seed);
  all.add(spec.momentum);
  all.add(spec.weightDecay);
  for (const Pattern& pattern : spec.patterns) {
    for (const uint64_t offset : pattern.offsets) all.add(offset);
    for (const uint32_t left : pattern.lefts) all.add(uint64_t{left});
  }
  model_->fingerprint(all);
  return all.value();
}

}  // namespace sparse_train
