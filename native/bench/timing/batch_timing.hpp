// Times the three passes of a mini-batch (feed-forward, backpropagation, update) on one junction.
#pragma once

#include <stdint.h>

#include "../../kernels/kernel_set.hpp"
#include "../../pattern/pattern.hpp"

namespace sparse_train {

struct BatchTask {
  const KernelSet* kernels = nullptr;
  const Pattern* pattern = nullptr;
  uint32_t samples = 0;
  double seconds = 0.0;  ///< How long to measure each pass.
};

/// One pass over one batch.
struct BatchPass {
  double seconds = 0.0;      ///< of the fastest of many runs: an interruption can only make a run longer
  double weightBytes = 0.0;  ///< weights and their indices, read and written
  double rowBytes = 0.0;     ///< activations or deltas of a strip, read in the order of the edges
  double rowSet = 0.0;       ///< the memory over which the rows of a strip are spread
};

struct BatchTiming {
  BatchPass forward, backward, update;
  bool tiles = false;
  uint64_t edges = 0;
  uint64_t junctionBytes = 0;  ///< weights and their indices
  uint64_t layerBytes = 0;     ///< activations and deltas of the batch
};

/// Measures feed-forward with relu, backpropagation with relu and the update with stochastic rounding, on one thread.
/// The caller has checked every number of the task.
BatchTiming timeBatch(const BatchTask& task);

}  // namespace sparse_train
