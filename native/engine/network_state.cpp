// The state of a network, as far as it is the same for every arithmetic.
#include "network.hpp"

#include <limits>

namespace sparse_train {
namespace {

constexpr uint64_t kMostCount = std::numeric_limits<uint64_t>::max();

}  // namespace

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
  next_ = Next{};
  return "";
}

void Network::exchange(StateExchange& state) {
  state.section("spec");
  state.expect("layers, arithmetic, pattern, schedule or seed", specFingerprint());
  state.section("progress");
  state.any(&blocks_, 1);
  state.any(&inputs_, 1);
  state.any(&tally_.outputs, 1);
  state.any(&tally_.correct, 1);
  state.any(&tally_.loss, 1);
  for (uint32_t junction = 0; junction < junctions(); junction++) {
    state.section("junction");
    exchangeJunction(state, junction);
  }
  exchangeRing(state);
  state.section("rest");
  exchangeRest(state);
}

/// The inputs in flight: who they are, then what belongs to them.
void Network::exchangeRing(StateExchange& state) {
  state.section("pipeline");
  std::vector<InFlight> ring = ring_;
  for (InFlight& input : ring) {
    uint64_t present = input.present ? 1 : 0;
    state.count("an input in flight", present, 1);
    state.count("the number of an input in flight", input.number, kMostCount);
    double rate = input.rate;
    const double highest = std::numeric_limits<double>::max();
    state.peek("the learning rate of an input in flight", rate, 0.0, highest);
    if (present != 0 && !state.failed() && !rateFault(rate).empty()) state.fail("a learning rate is no such");
    input.present = present != 0;
    input.rate = rate;
  }
  for (const InFlight& input : ring) {
    if (!input.present) continue;
    state.section("input");
    exchangeSlot(state, input.slot);
  }
  if (state.applying()) ring_ = ring;
}

uint64_t Network::specFingerprint() const {
  Fingerprint all;
  for (const uint32_t neurons : spec_.layers) all.add(uint64_t{neurons});
  for (const Activation activation : spec_.activations) all.add(static_cast<uint64_t>(activation));
  all.add(static_cast<uint64_t>(spec_.output));
  all.add(static_cast<uint64_t>(spec_.schedule));
  all.add(static_cast<uint64_t>(spec_.arithmetic));
  all.add(spec_.seed);
  all.add(spec_.momentum);
  all.add(spec_.weightDecay);
  for (const Pattern& pattern : spec_.patterns) {
    for (const uint64_t offset : pattern.offsets) all.add(offset);
    for (const uint32_t left : pattern.lefts) all.add(uint64_t{left});
  }
  fingerprint(all);
  return all.value();
}

}  // namespace sparse_train
