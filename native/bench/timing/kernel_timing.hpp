// Times a single operation of the `wide` kernels on one junction.
#pragma once

#include <stdint.h>

#include <string>

#include "../../kernels/kernel_set.hpp"

namespace sparse_train {

struct KernelTask {
  const KernelSet* kernels = nullptr;
  std::string operation;  ///< one of kernelOperations()
  uint32_t left = 0, right = 0;
  uint64_t edges = 0;             ///< of a tiled pattern; left * right or more: a dense one
  const uint8_t* rows = nullptr;  ///< left activations: rows of `left` bytes, used in turn
  uint64_t rowCount = 0;
  double seconds = 0.0;  ///< how long to measure
};

struct KernelTiming {
  double seconds = 0.0;
  uint64_t calls = 0;
  /// Edges of all calls, counting the tiles that were touched; 0 for operations on neurons.
  double edges = 0.0;
  /// Neurons of all calls; 0 for operations on edges.
  double neurons = 0.0;
  /// Bytes of weights, velocities, activations and sums that all calls read and wrote.
  double bytes = 0.0;
  /// Bytes that calls with different rows touch in total, which decides in which cache they lie.
  double workingSet = 0.0;
};

/// The names of the operations, in the order of WideKernels, with a null pointer at the end.
const char* const* kernelOperations();

/// Times the operation. The caller has checked every number of the task.
KernelTiming timeKernel(const KernelTask& task);

}  // namespace sparse_train
