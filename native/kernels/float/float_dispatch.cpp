// SPARSE_TRAIN_HAVE_<SET> says which sets were compiled (native/sources.json, scripts/native-sources.mjs).
#include "float_dispatch.hpp"

#include <string.h>

namespace sparse_train {

const FloatKernels* floatKernelsFor(const char* set) {
  [[maybe_unused]] const auto is = [set](const char* name) { return strcmp(set, name) == 0; };
#if defined(SPARSE_TRAIN_X86) && defined(SPARSE_TRAIN_HAVE_AVX512)
  if (is("avx512")) return floatKernelsAvx512();
#endif
#if defined(SPARSE_TRAIN_X86) && defined(SPARSE_TRAIN_HAVE_AVX2)
  if (is("avx2") || is("avx2vnni")) return floatKernelsAvx2();
#endif
#if defined(SPARSE_TRAIN_ARM64) && defined(SPARSE_TRAIN_HAVE_NEON)
  if (is("neon")) return floatKernelsNeon();
#endif
  return floatKernelsScalar();
}

}  // namespace sparse_train
