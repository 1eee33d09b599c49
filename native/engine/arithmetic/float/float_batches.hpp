// Mini-batches of the `float` arithmetic. Samples lie in the vector lanes: the values of a neuron for up to
// 128 examples form a row, and the rows of a layer for these examples form a tile. Results do not depend on
// the number of threads or the kernel set.
#pragma once

#include <stdint.h>

#include <vector>

#include "engine/aligned_buffer.hpp"
#include "engine/model.hpp"
#include "float_junction.hpp"
#include "float_neurons.hpp"
#include "kernels/float/float_kernels.hpp"

namespace sparse_train {

class FloatBatches {
 public:
  /// Keeps references to its three arguments.
  FloatBatches(const NetworkSpec& spec, std::vector<FloatJunction>& junctions, const FloatOutput& output);

  /// Makes room for batches of up to `size` examples.
  void prepare(uint32_t size, uint32_t threads);
  void train(const Batch& batch, Team& team, Tally& tally);
  /// State that persists from batch to batch, besides the junctions.
  void exchange(StateExchange& state) {
    state.numbers("a power of beta1", &power1_, 1, 0.0, 1.0);
    state.numbers("a power of beta2", &power2_, 1, 0.0, 1.0);
  }

 private:
  /// The number of neighbouring neurons that share a list: 1, 2 or 4.
  struct Group {
    uint32_t first, size;
  };
  /// The groups of one side of a junction, and how they are shared among tasks.
  struct Side {
    std::vector<Group> groups;
    std::vector<uint64_t> before;  ///< edges before each group
    std::vector<uint32_t> shares;  ///< the first group of each share, and the end
  };
  /// Working memory of one task.
  struct Scratch {
    std::vector<uint32_t> list;
    std::vector<float> weights, gradients, outputs;
    std::vector<float> rows;  ///< 16 examples' inputs as floats
    FloatTarget target;
  };
  /// The rules of one update.
  struct Rules {
    FloatUpdate weights, biases;
  };

  template <typename Start>
  static Side groupSide(const std::vector<Start>& start, const std::vector<uint32_t>& list);

  uint32_t tiles() const { return (count_ + kFloatTile - 1) / kFloatTile; }
  /// Samples per tile, including padding: samples beyond the batch have deltas of zero.
  uint32_t samplesIn(uint32_t tile) const;
  float* rowsOf(std::vector<AlignedBuffer<float>>& layers, uint32_t layer, uint32_t tile);
  Rules nextRules(double rate);

  void gather(const Batch& batch, uint32_t share, uint32_t shares);
  void forward(uint32_t junction, uint32_t share);
  void finishOutputs(const Batch& batch, uint32_t first, Scratch& scratch);
  void backward(uint32_t junction, uint32_t share, const Rules& rules);
  void backwardChunk(uint32_t junction, uint32_t firstGroup, uint32_t endGroup, Scratch& scratch);
  void updateBiases(uint32_t junction, const Rules& rules, Scratch& scratch);

  const NetworkSpec& spec_;
  std::vector<FloatJunction>& junctions_;
  const FloatOutput& output_;
  const FloatKernels* kernels_;
  std::vector<Side> rights_, lefts_;  ///< per junction: groups of right neurons, groups of left neurons
  uint32_t size_ = 0, stride_ = 0, shares_ = 0;
  uint32_t count_ = 0;                        ///< of the batch
  std::vector<AlignedBuffer<float>> values_;  ///< [layer 0..J-1], tile after tile
  std::vector<AlignedBuffer<float>> deltas_;  ///< [layer 0..J], tile after tile; unused for the inputs
  std::vector<uint8_t> active_;               ///< per tile and input neuron: whether any example is not zero
  std::vector<uint32_t> everyNeuron_;         ///< 0, 1, 2, ... up to the widest layer
  AlignedBuffer<float> ones_;
  std::vector<double> losses_;  ///< per example of the batch
  std::vector<uint8_t> correct_;
  std::vector<Scratch> scratch_;        ///< per share
  double power1_ = 1.0, power2_ = 1.0;  ///< powers of Adam's betas, one for each update so far
};

}  // namespace sparse_train
