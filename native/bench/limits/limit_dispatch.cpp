#include <string.h>

#include "../../kernels/cpu.hpp"
#include "../../kernels/kernel_set.hpp"
#include "limit_kernels.hpp"

namespace sparse_train {

const LimitKernels* limitKernelsByName(const char* name) {
  if (kernelSetByName(name) == nullptr) return nullptr;  // this build or this CPU lacks the set
  if (strcmp(name, "scalar") == 0) return limitKernelsScalar();
#if defined(SPARSE_TRAIN_HAVE_AVX2)
  if (strcmp(name, "avx2") == 0) return limitKernelsAvx2();
#endif
#if defined(SPARSE_TRAIN_HAVE_AVX2VNNI)
  if (strcmp(name, "avx2vnni") == 0) return limitKernelsAvx2Vnni();
#endif
#if defined(SPARSE_TRAIN_HAVE_AVX512)
  if (strcmp(name, "avx512") == 0) return limitKernelsAvx512();
#endif
#if defined(SPARSE_TRAIN_HAVE_NEON)
  if (strcmp(name, "neon") == 0) return limitKernelsNeon();
#endif
  return nullptr;
}

}  // namespace sparse_train
