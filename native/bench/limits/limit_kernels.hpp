// Loops that show the limits of a CPU with one instruction set: one only multiplies and adds, the other only reads.
// `sparse-train bench` compares the kernels with them. Plain structs and C headers only, as in wide_kernels.hpp.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sparse_train {

struct LimitKernels {
  const char* name;
  /// Multiply-accumulates of 16-bit integers into 32-bit sums in one step of dotProducts.
  uint32_t productsPerStep;
  /// Runs the steps on registers alone. The result depends on every step, so that the compiler cannot drop any.
  int32_t (*dotProducts)(uint64_t steps);
  /// Reads `bytes` bytes once (a multiple of 1024, 64-byte aligned). The result depends on every byte.
  int32_t (*readMemory)(const void* memory, size_t bytes);
};

const LimitKernels* limitKernelsScalar();
const LimitKernels* limitKernelsAvx2();
const LimitKernels* limitKernelsAvx2Vnni();
const LimitKernels* limitKernelsAvx512();
const LimitKernels* limitKernelsNeon();

/// The loops of the kernel set of this name; null if this build or this CPU lacks it.
const LimitKernels* limitKernelsByName(const char* name);

}  // namespace sparse_train
