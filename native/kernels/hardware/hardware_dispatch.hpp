// The kernel sets of the hardware's datapath, by the names of dispatch.hpp.
#pragma once

#include "hardware_kernels.hpp"

namespace sparse_train {

/// The 16-bit operations for the kernel set of that name, which this CPU can run (see availableWideKernels()). A set
/// without operations of its own takes those of the set that it extends.
const HardwareKernels<int16_t>* hardwareKernelsFor(const char* set);

}  // namespace sparse_train
