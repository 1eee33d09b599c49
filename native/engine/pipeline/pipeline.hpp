// The schedule: which junction works on which input in which block.
//
// Pipelined, junction j (from 0) of J works on the input that entered j blocks ago (feed-forward) and on the one that
// entered 2J - 1 - j blocks ago (backpropagation and update): docs/edge-processing.md, section 4, with loading and the
// first junction's feed-forward in one block. Sequential, a block is one input's feed-forward through all junctions, then
// backpropagation and update from the last junction to the first.
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

  /// Inputs that are in flight at once, and one more, which may be loaded meanwhile: an input that enters in block b works
  /// until block b + 2J - 1.
  static uint32_t slotsFor(size_t junctions) { return 2 * static_cast<uint32_t>(junctions) + 1; }

  /// The entry of the block to come. What was there has done its work; the caller makes it an input or a bubble.
  InFlight& incoming() { return ring_[position_]; }
  /// The slot of the entry after that.
  uint32_t slotAfterIncoming() const { return ring_[after(position_)].slot; }
  /// Whether an input still has work to do.
  bool empty() const;

  /// Before blocks that a team shares: lists the tasks of a block.
  void share();
  /// Runs a block on the calling thread, and `between` within the last junction's work.
  void advance(Interlude between);
  /// Runs a block on a team of several, and `meanwhile` as one of the tasks of a block of the pipelined schedule.
  void advance(Team& team, const std::function<void()>& meanwhile);

  /// Whether the gradients of an input in flight are recorded: those from number `first` on.
  void recordFrom(uint64_t first);
  /// No input in flight writes its raw outputs any more.
  void forgetRawOutputs();

  /// The number of blocks so far.
  void exchangeProgress(StateExchange& state) {
    state.any(&blocks_, 1);
    position_ = static_cast<uint32_t>(blocks_ % ring_.size());
  }
  /// The inputs in flight; `isRate(rate)` says whether a learning rate can be one, `exchangeSlot(slot)` exchanges what
  /// belongs to an input.
  void exchange(StateExchange& state, const std::function<bool(double)>& isRate,
                const std::function<void(uint32_t)>& exchangeSlot);

 private:
  /// A task of a block: the sweep of a slab, or what runs meanwhile.
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
  uint32_t position_ = 0;         ///< of the block to come in the ring: blocks_ % its size
  std::vector<BlockWork> works_;  ///< of a block that a team shares, per junction
  std::vector<Task> tasks_;       ///< of such a block, in the order in which the team claims them
};

}  // namespace sparse_train
