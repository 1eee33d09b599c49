// The time that the passes of a mini-batch take on a junction of its own.
#pragma once

#include <stdint.h>

#include "../kernels/batchwide_kernels.hpp"
#include "../pattern/pattern.hpp"

namespace sparse_train {

struct BatchTask {
  const BatchWideKernels* kernels = nullptr;
  const Pattern* pattern = nullptr;
  uint32_t samples = 0;
  double seconds = 0.0;  ///< How long to measure each pass.
};

/// Seconds of one batch in each pass: the fastest of many, since an interruption can only make one longer.
struct BatchTiming {
  double forward = 0.0, backward = 0.0, update = 0.0;
  bool tiles = false;
  uint64_t edges = 0;
  uint64_t junctionBytes = 0;  ///< weights and what says where they belong
  uint64_t layerBytes = 0;     ///< activations and deltas of the batch
};

/// Measures FF with relu, BP with relu and UP with stochastic rounding, one thread; every number of the task has been
/// checked.
BatchTiming timeBatch(const BatchTask& task);

}  // namespace sparse_train
