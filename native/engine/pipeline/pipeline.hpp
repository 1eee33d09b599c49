// The schedule: which junction works on which input in which block.
//
// Pipelined, junction j (from 0) of J works on the input that entered j blocks ago (feed-forward) and on the
// one that entered 2J - 1 - j blocks ago (backpropagation and update): docs/edge-processing.md, section 4,
// with loading and the first junction's feed-forward in one block. Sequentially, a block is one input's
// feed-forward through all junctions, then backpropagation and update from the last junction to the first.
#pragma once

#include <stdint.h>

#include <functional>
#include <vector>

#include "engine/pipeline/junction_work.hpp"
#include "engine/pipeline/team.hpp"
#include "engine/spec.hpp"
#include "engine/state.hpp"

namespace sparse_train {

class Pipeline {
 public:
  /// Keeps references to both.
  Pipeline(const NetworkSpec& spec, JunctionWork& work);

  /// The number of inputs in flight at once, plus one that may be loaded meanwhile: an input that enters in
  /// block b is worked on until block b + 2J - 1.
  static uint32_t slotsFor(size_t junctions) { return 2 * static_cast<uint32_t>(junctions) + 1; }

  /// The entry for the next block. Its previous content has been processed; the caller makes it an input or a
  /// bubble.
  InFlight& incoming() { return ring_[position_]; }
  /// The slot of the entry after that.
  uint32_t slotAfterIncoming() const { return ring_[after(position_)].slot; }
  /// Whether any input still has work to do.
  bool empty() const;

  /// Called before blocks that a team shares: lists the tasks of a block.
  void share();
  /// Runs a block on the calling thread, and `between` during the work of the last junction.
  void advance(Interlude between);
  /// Runs a block on a team of several, with `meanwhile` as one of the tasks if the schedule is pipelined.
  void advance(Team& team, const std::function<void()>& meanwhile);

  /// Sets whether the gradients of inputs in flight are recorded: those of the inputs from number `first` on.
  void recordFrom(uint64_t first);
  /// From now on no input in flight writes its raw outputs.
  void forgetRawOutputs();

  /// The number of blocks so far.
  void exchangeProgress(StateExchange& state) {
    state.any(&blocks_, 1);
    position_ = static_cast<uint32_t>(blocks_ % ring_.size());
  }
  /// The inputs in flight, for reading or writing the state; `isRate(rate)` says whether a number is a valid
  /// learning rate, `exchangeSlot(slot)` handles the data that belong to an input.
  void exchange(StateExchange& state, const std::function<bool(double)>& isRate,
                const std::function<void(uint32_t)>& exchangeSlot);

 private:
  /// A task of a block: the sweep of a slab, or the work to do meanwhile.
  struct Task {
    uint32_t junction, slab;
    bool meanwhile;
  };

  uint32_t after(uint32_t position) const { return position + 1 == ring_.size() ? 0 : position + 1; }
  void endBlock() {
    blocks_++;
    position_ = after(position_);
  }
  uint32_t junctions() const { return static_cast<uint32_t>(spec_.patterns.size()); }
  BlockWork workOf(uint32_t junction) const;
  template <typename Run>
  void sequentialStep(const Run& run);
  void runShared(Team& team, const std::function<void()>& meanwhile);

  const NetworkSpec& spec_;
  JunctionWork& work_;
  std::vector<InFlight> ring_;  ///< by block
  uint64_t blocks_ = 0;
  uint32_t position_ = 0;         ///< the index of the next block in the ring: blocks_ % its size
  std::vector<BlockWork> works_;  ///< for a block that a team shares, per junction
  std::vector<Task> tasks_;       ///< for such a block, in the order in which the team claims them
};

}  // namespace sparse_train
