// SPARSE_TRAIN_HAVE_<SET> says which sets were compiled (native/sources.json, scripts/native-sources.mjs).
#include "hardware_dispatch.hpp"

#include <string.h>

#include "cpu.hpp"

namespace sparse_train {

const HardwareKernels<int16_t>* hardwareKernelsFor(const char* set) {
  (void)set;
  return hardwareKernelsScalar();
}

}  // namespace sparse_train
