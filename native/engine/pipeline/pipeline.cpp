#include "pipeline.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace sparse_train {

Pipeline::Pipeline(const NetworkSpec& spec, JunctionWork& work)
    : spec_(spec), work_(work), ring_(slotsFor(spec.patterns.size())), works_(spec.patterns.size()) {
  for (uint32_t slot = 0; slot < ring_.size(); slot++) ring_[slot].slot = slot;
}

bool Pipeline::empty() const {
  return std::none_of(ring_.begin(), ring_.end(), [](const InFlight& input) { return input.present; });
}

BlockWork Pipeline::workOf(uint32_t junction) const {
  const auto size = static_cast<uint32_t>(ring_.size());
  const auto entry = [&](uint32_t age) -> const InFlight* {
    const InFlight& input = ring_[position_ >= age ? position_ - age : position_ + size - age];
    return input.present ? &input : nullptr;
  };
  return {entry(junction), entry(2 * junctions() - 1 - junction)};
}

/// Feed-forward through all junctions, then backpropagation and update from the last to the first: run(junction, work).
template <typename Run>
void Pipeline::sequentialStep(const Run& run) {
  InFlight& input = incoming();
  if (!input.present) return;
  for (uint32_t junction = 0; junction < junctions(); junction++) run(junction, BlockWork{&input, nullptr});
  for (uint32_t junction = junctions(); junction-- > 0;) run(junction, BlockWork{nullptr, &input});
  input.present = false;
}

void Pipeline::advance(Interlude between) {
  const auto run = [&](uint32_t junction, const BlockWork& work) {
    if (work.any()) work_.runAlone(junction, work, junction + 1 == junctions() ? between : nullptr);
  };
  if (spec_.schedule == Schedule::pipelined) {
    for (uint32_t junction = 0; junction < junctions(); junction++) run(junction, workOf(junction));
  } else {
    sequentialStep(run);
  }
  endBlock();
}

void Pipeline::advance(Team& team, const std::function<void()>& meanwhile) {
  if (spec_.schedule == Schedule::pipelined) {
    for (uint32_t junction = 0; junction < junctions(); junction++) works_[junction] = workOf(junction);
    runShared(team, meanwhile);
  } else {
    sequentialStep([&](uint32_t junction, const BlockWork& work) {
      std::fill(works_.begin(), works_.end(), BlockWork{});
      works_[junction] = work;
      runShared(team, meanwhile);
    });
  }
  endBlock();
}

/// Prepares, sweeps and finishes the junctions that have work. The team shares the sweeps slab by slab.
void Pipeline::runShared(Team& team, const std::function<void()>& meanwhile) {
  for (uint32_t junction = 0; junction < junctions(); junction++) work_.prepare(junction, works_[junction]);
  team.run(static_cast<uint32_t>(tasks_.size()), [&](uint32_t number) {
    const Task& task = tasks_[number];
    if (task.meanwhile) {
      meanwhile();
    } else {
      work_.sweep(task.junction, task.slab, works_[task.junction]);
    }
  });
  for (uint32_t junction = 0; junction < junctions(); junction++) work_.finish(junction, works_[junction]);
}

/// The large tasks are at the front, where the caller claims, and at the back, where the helpers claim; small
/// ones fill the gap in the middle.
void Pipeline::share() {
  std::vector<uint32_t> order(junctions());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
    return spec_.patterns[a].edges() / work_.slabsOf(a) > spec_.patterns[b].edges() / work_.slabsOf(b);
  });
  tasks_.clear();
  std::vector<Task> back;
  for (const uint32_t junction : order) {
    const uint32_t slabs = work_.slabsOf(junction);
    for (uint32_t slab = 0; slab < slabs; slab++) {
      (slab < (slabs + 1) / 2 ? tasks_ : back).push_back({junction, slab, false});
    }
  }
  // A step of the sequential schedule is only a part of an input; the next input is loaded when its turn
  // comes.
  if (spec_.schedule == Schedule::pipelined) tasks_.push_back({0, 0, true});
  tasks_.insert(tasks_.end(), back.rbegin(), back.rend());
}

void Pipeline::recordFrom(uint64_t first) {
  for (InFlight& input : ring_) input.recorded = input.number >= first;
}

void Pipeline::forgetRawOutputs() {
  for (InFlight& input : ring_) input.rawOutputs = nullptr;
}

void Pipeline::exchange(StateExchange& state, const std::function<bool(double)>& isRate,
                        const std::function<void(uint32_t)>& exchangeSlot) {
  state.section("pipeline");
  std::vector<InFlight> ring = ring_;
  for (InFlight& input : ring) {
    uint64_t present = input.present ? 1 : 0;
    state.count("an input in flight", present, 1);
    state.count("the number of an input in flight", input.number, std::numeric_limits<uint64_t>::max());
    double rate = input.rate;
    const double highest = std::numeric_limits<double>::max();
    state.peek("the learning rate of an input in flight", rate, 0.0, highest);
    if (present != 0 && !state.failed() && !isRate(rate)) state.fail("a learning rate is no such");
    input.present = present != 0;
    input.rate = rate;
  }
  for (const InFlight& input : ring) {
    if (!input.present) continue;
    state.section("input");
    exchangeSlot(input.slot);
  }
  if (state.applying()) ring_ = ring;
}

}  // namespace sparse_train
