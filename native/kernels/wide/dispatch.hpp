// The kernel sets that this build holds and this CPU can run.
#pragma once

#include <vector>

#include "wide_kernels.hpp"

namespace sparse_train {

/// The sets that can run here, the slowest (scalar) first, the best last.
const std::vector<const WideKernels*>& availableWideKernels();

/// The set of that name (scalar, avx2, avx2vnni, avx512, neon), or null if the build or the CPU lacks it.
const WideKernels* wideKernelsByName(const char* name);

}  // namespace sparse_train
