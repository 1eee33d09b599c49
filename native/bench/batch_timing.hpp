// The time that the passes of a mini-batch take on a junction of its own.
#pragma once

#include <stdint.h>

#include "../kernels/kernel_set.hpp"
#include "../pattern/pattern.hpp"

namespace sparse_train {

struct BatchTask {
  const KernelSet* kernels = nullptr;
  const Pattern* pattern = nullptr;
  uint32_t samples = 0;
  double seconds = 0.0;  ///< How long to measure each pass.
};

/// One pass over one batch.
struct BatchPass {
  double seconds = 0.0;      ///< the fastest of many, since an interruption can only make one longer
  double weightBytes = 0.0;  ///< of weights and of what says where they belong, read and written
  double rowBytes = 0.0;     ///< of activations or deltas of a strip, read where the edges ask for them
  double rowSet = 0.0;       ///< bytes among which those of a strip are spread
};

struct BatchTiming {
  BatchPass forward, backward, update;
  bool tiles = false;
  uint64_t edges = 0;
  uint64_t junctionBytes = 0;  ///< weights and what says where they belong
  uint64_t layerBytes = 0;     ///< activations and deltas of the batch
};

/// Measures FF with relu, BP with relu and UP with stochastic rounding, one thread; every number of the task has been
/// checked.
BatchTiming timeBatch(const BatchTask& task);

}  // namespace sparse_train
