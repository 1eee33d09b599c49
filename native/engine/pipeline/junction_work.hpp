// The work of a block, junction by junction: the only part of an arithmetic that the pipeline's schedule
// uses.
#pragma once

#include <stdint.h>

#include <functional>

namespace sparse_train {

/// What a block of one thread runs in between, where the core can best wait for memory; null: nothing.
using Interlude = const std::function<void()>*;

/// An input on its way through the pipeline.
struct InFlight {
  bool present = false;           ///< false: a bubble
  uint64_t number = 0;            ///< of the input, counted since the network was made
  double rate = 0.0;              ///< the learning rate enters and moves on with its input
  uint32_t slot = 0;              ///< where the model stores the data of this input
  bool recorded = false;          ///< whether its gradients are kept for rewiring
  int32_t* rawOutputs = nullptr;  ///< where to write its output activations as integers, or null
};

/// The work of one junction in one block: feed-forward of one input, backpropagation and update of an earlier
/// one.
struct BlockWork {
  const InFlight* forward = nullptr;
  const InFlight* backward = nullptr;

  bool any() const { return forward != nullptr || backward != nullptr; }
};

/// A junction's block has three phases. Within a phase, calls for different junctions (and slabs) may run at once; the
/// phases of a block run one after another.
class JunctionWork {
 public:
  virtual ~JunctionWork() = default;

  /// The number of parts that threads may share in sweep().
  virtual uint32_t slabsOf(uint32_t junction) const = 0;
  /// Before the sweep: captures the state at the start of the block and scales the deltas of the backward
  /// input.
  virtual void prepare(uint32_t junction, const BlockWork& work) = 0;
  /// Feed-forward, backpropagation and update of a slab in one pass over its weights.
  virtual void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) = 0;
  /// After the sweep: activations (or outputs, cost and their deltas) of the right layer, deltas of the left layer.
  virtual void finish(uint32_t junction, const BlockWork& work) = 0;
  /// Runs all three phases of a junction on the calling thread, if no other thread shares the block. The
  /// junctions of a block run in ascending order: finishing a junction replaces deltas that the junction
  /// before it has already used.
  virtual void runAlone(uint32_t junction, const BlockWork& work, Interlude between) {
    prepare(junction, work);
    if (between != nullptr) (*between)();
    for (uint32_t slab = 0; slab < slabsOf(junction); slab++) sweep(junction, slab, work);
    finish(junction, work);
  }
};

}  // namespace sparse_train
