// The job and the result of a call of the training loop.
#pragma once

#include <stdint.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "augment.hpp"
#include "engine/spec.hpp"

namespace sparse_train {

/// The examples and settings of one call of the training loop.
struct TrainJob {
  InputView inputs;
  TargetView targets;
  const uint32_t* order = nullptr;  ///< example numbers, in order of presentation
  uint64_t count = 0;
  /// Examples that an earlier, paused call has already presented; this call continues its tally.
  uint64_t first = 0;
  const double* rates = nullptr;  ///< input i uses rates[min(i / rateInterval, rateCount - 1)]
  uint64_t rateCount = 0;
  uint64_t rateInterval = 1;
  std::vector<double> classWeights;  ///< empty, or one per output (softmax only)
  uint32_t threads = 1;
  bool drain = true;  ///< complete every update before returning; batches always do
  /// Examples per update. 1: one by one under the schedule of the spec; more: mini-batches, one after another.
  uint32_t batchSize = 1;
  /// Gradients of this many of the last examples are kept for rewire(); online only.
  uint64_t record = 0;
  Augmentation augmentation;  ///< online only
  /// The output activations of every example, count x outputs, as integers; null if not wanted. Needs
  /// Capabilities::rawOutputs.
  int32_t* rawOutputs = nullptr;

  double rateAt(uint64_t index) const { return rates[std::min(index / rateInterval, rateCount - 1)]; }
};

/// A mini-batch: `count` examples of a job, in order of presentation from `first` on, and one update for all of them.
struct Batch {
  const TrainJob* job = nullptr;
  uint64_t first = 0;
  uint32_t count = 0;
  uint64_t number = 0;  ///< the number of its first input, counted over the life of the network
  double rate = 0.0;    ///< that of its first example

  /// The row of the views that holds sample 0 .. count - 1.
  uint64_t row(uint32_t sample) const { return job->order[first + sample]; }
};

/// Sums over the outputs of the last junction, each computed before its own update.
struct Tally {
  uint64_t outputs = 0;
  uint64_t correct = 0;
  double loss = 0.0;
};

struct TrainResult {
  uint64_t examples = 0;  ///< examples presented, including those before `first`
  bool aborted = false;
  bool paused = false;
  Tally tally;
  double seconds = 0.0;
};

/// Shared with other threads while a call runs.
struct Progress {
  std::atomic<bool> abort{false};
  std::atomic<bool> pause{false};
  std::atomic<uint64_t> examples{0};
  std::atomic<uint64_t> outputs{0};
  std::atomic<uint64_t> correct{0};
  std::atomic<double> loss{0.0};

  void report(uint64_t presented, const Tally& tally) {
    examples.store(presented, std::memory_order_relaxed);
    outputs.store(tally.outputs, std::memory_order_relaxed);
    correct.store(tally.correct, std::memory_order_relaxed);
    loss.store(tally.loss, std::memory_order_relaxed);
  }
};

/// How a call ended: all examples were presented, or an order came.
enum class Ending { done, aborted, paused };

}  // namespace sparse_train
