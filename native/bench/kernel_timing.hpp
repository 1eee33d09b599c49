// The time that one operation of the `wide` kernels takes on a junction of its own, apart from everything around it.
#pragma once

#include <stdint.h>

#include <string>

#include "../kernels/kernel_set.hpp"

namespace sparse_train {

struct KernelTask {
  const KernelSet* kernels = nullptr;
  std::string operation;  ///< One of kernelOperations().
  uint32_t left = 0, right = 0;
  uint64_t edges = 0;             ///< Of a tiled pattern; left * right or more: dense.
  const uint8_t* rows = nullptr;  ///< Left activations, one row of `left` bytes after another, used in turn.
  uint64_t rowCount = 0;
  double seconds = 0.0;  ///< How long to measure.
};

struct KernelTiming {
  double seconds = 0.0;
  uint64_t calls = 0;
  /// Edges of all calls, those of the tiles that were touched; 0 for the operations on neurons.
  double edges = 0.0;
  /// Neurons of all calls; 0 for the operations on edges.
  double neurons = 0.0;
  /// Weights, velocities, activations and sums read and written in all calls.
  double bytes = 0.0;
  /// Bytes that calls with different rows go through, which says in which cache they lie.
  double workingSet = 0.0;
};

/// The names, in the order of WideKernels; null at the end.
const char* const* kernelOperations();

/// Measures; every number of the task has been checked.
KernelTiming timeKernel(const KernelTask& task);

}  // namespace sparse_train
