// What a CPU can do at best with one instruction set: loops that do nothing but multiply and add, or nothing but read.
// `sparse-train bench` measures the kernels against them. Plain structs and C headers only, as in wide_kernels.hpp.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace sparse_train {

struct LimitKernels {
  const char* name;
  /// Multiply-accumulates of 16-bit integers into 32-bit sums in one step of dotProducts.
  uint32_t productsPerStep;
  /// Runs so many steps on registers alone; returns something that depends on all of them.
  int32_t (*dotProducts)(uint64_t steps);
  /// Reads all of `bytes` bytes (a multiple of 1024, 64-byte aligned) once; returns something that depends on them.
  int32_t (*readMemory)(const void* memory, size_t bytes);
};

const LimitKernels* limitKernelsScalar();
const LimitKernels* limitKernelsAvx2();
const LimitKernels* limitKernelsAvx2Vnni();
const LimitKernels* limitKernelsAvx512();
const LimitKernels* limitKernelsNeon();

/// Those of the available kernel set of that name; null if there are none.
const LimitKernels* limitKernelsByName(const char* name);

}  // namespace sparse_train
