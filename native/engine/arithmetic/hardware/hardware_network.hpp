// The hardware's datapath, bit for bit: every quantity in one fixed-point format, products rounded and sums saturated as
// the published design does it (docs/edge-processing.md, sections 3 and 4).
#pragma once

#include <memory>

#include "engine/network.hpp"

namespace sparse_train {

/// Edges are in the order of spec().patterns, right neuron after right neuron as everywhere, but with the left neurons
/// of a right neuron in the hardware's own order instead of ascending: the order in which a left neuron's edges
/// accumulate its delta. Weights are read and written in the same order, as int16 or int32, biases as int32.
class HardwareNetwork : public Network {
 public:
  using Network::Network;

  /// Whether weights are int32 instead of int16.
  virtual bool longWeights() const = 0;

  /// From now on, the output activations of the next `count` inputs presented for training are written to `rows`, count x
  /// outputs, as their feed-forward in the last junction gives them; with null, no more.
  virtual void recordOutputs(int32_t* rows, uint64_t count) = 0;
};

/// The network for a spec with Arithmetic::hardware: words of 16 bits for formats up to 16 bits, otherwise of 32.
std::unique_ptr<HardwareNetwork> makeHardwareNetwork(NetworkSpec spec);

}  // namespace sparse_train
