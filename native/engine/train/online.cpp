#include "online.hpp"

#include <algorithm>
#include <functional>

#include "engine/input/prefetch.hpp"

namespace sparse_train {
namespace {

constexpr uint64_t kPrefetchDistance = 4;  ///< inputs
constexpr uint64_t kProgressInterval =
    64;  ///< inputs between checks of the abort flag and reports of progress

}  // namespace

OnlineTrainer::OnlineTrainer(Model& model, Pipeline& pipeline) : model_(model), pipeline_(pipeline) {}

Ending OnlineTrainer::train(const TrainJob& job, Progress& progress, uint64_t& inputs) {
  const NetworkSpec& spec = model_.spec();
  const uint32_t columns = spec.layers.front();
  model_.configure(job.threads, job.classWeights);
  pipeline_.share();
  DynamicPatterns* patterns = model_.capabilities().patterns;
  if (job.record > 0 && job.first == 0) patterns->forgetRecord();
  const uint64_t recordFrom =
      job.record == 0 ? UINT64_MAX : inputs - job.first + job.count - std::min(job.record, job.count);
  pipeline_.recordFrom(recordFrom);

  bool aborted = false;
  bool paused = false;
  bool loaded = false;  // whether the next example is already in its slot
  uint64_t index = job.first;
  const std::function<void()> loadNext = [&] {
    if (index + 1 >= job.count) return;
    load(job, pipeline_.slotAfterIncoming(), inputs, job.order[index + 1]);
    loaded = true;
  };
  // Examples come in random order: their rows are asked for a few inputs early.
  const std::function<void()> askAhead = [&] {
    if (index + kPrefetchDistance >= job.count) return;
    const uint32_t ahead = job.order[index + kPrefetchDistance];
    prefetchRow(job.inputs, columns, ahead);
    prefetchTarget(job.targets, spec.layers.back(), ahead);
  };
  Team team(job.threads);
  for (;; index++) {
    if (index % kProgressInterval == 0) progress.report(std::min(index, job.count), model_.tally());
    aborted = aborted || progress.abort.load(std::memory_order_relaxed);
    paused = !aborted && progress.pause.load(std::memory_order_relaxed);
    if (paused) break;
    const bool example = index < job.count && !aborted;
    // After an abort the pipeline is emptied as well: the network stays usable.
    if (!example && !((job.drain || aborted) && !pipeline_.empty())) break;
    InFlight& input = pipeline_.incoming();
    input.present = example;
    if (example) {
      input.number = inputs++;
      input.rate = job.rateAt(index);
      input.recorded = input.number >= recordFrom;
      input.rawOutputs = job.rawOutputs == nullptr ? nullptr : job.rawOutputs + index * spec.layers.back();
      if (!loaded) load(job, input.slot, input.number, job.order[index]);
    }
    loaded = false;
    if (team.size() == 1) {
      pipeline_.advance(&askAhead);
    } else {
      askAhead();
      pipeline_.advance(team, loadNext);
    }
  }
  pipeline_.recordFrom(UINT64_MAX);
  pipeline_.forgetRawOutputs();
  return aborted ? Ending::aborted : paused ? Ending::paused : Ending::done;
}

void OnlineTrainer::learn(const InputView& input, const TargetView& target, double rate, uint64_t& inputs) {
  model_.configure(Model::kKeepThreads, {});
  InFlight& entry = pipeline_.incoming();
  entry.present = true;
  entry.number = inputs++;
  entry.rate = rate;
  entry.recorded = false;
  entry.rawOutputs = nullptr;
  model_.load(entry.slot, input, target, 0);
  pipeline_.advance(nullptr);
}

void OnlineTrainer::drain() {
  while (!pipeline_.empty()) {
    pipeline_.incoming().present = false;
    pipeline_.advance(nullptr);
  }
}

/// Loads an example unchanged, or a variation that depends only on the number of the input.
void OnlineTrainer::load(const TrainJob& job, uint32_t slot, uint64_t number, uint64_t row) {
  if (!job.augmentation.any()) {
    model_.load(slot, job.inputs, job.targets, row);
    return;
  }
  const uint32_t columns = model_.spec().layers.front();
  const size_t bytes = columns * job.inputs.elementSize();
  varied_.resize(Pipeline::slotsFor(model_.junctions()));
  std::vector<uint8_t>& image = varied_[slot];
  image.resize(bytes);
  vary(variationOf(job.augmentation, model_.spec().seed, number), job.augmentation.width, columns,
       job.inputs.elementSize(), static_cast<const uint8_t*>(job.inputs.data) + row * bytes, image.data());
  InputView view = job.inputs;
  view.data = image.data();
  TargetView target = job.targets;  // of this row, as if it were the first
  const uint32_t outputs = model_.outputs();
  if (target.labels != nullptr) target.labels += row;
  if (target.flags != nullptr) target.flags += row * outputs;
  if (target.values != nullptr) target.values += row * outputs;
  model_.load(slot, view, target, 0);
}

}  // namespace sparse_train
