#pragma once

#include "float_kernels.hpp"

namespace sparse_train {

/// The float kernels that go with a kernel set.
const FloatKernels* floatKernelsFor(const char* set);

}  // namespace sparse_train
