// SPARSE_TRAIN_HAVE_<SET> says which sets were compiled (native/sources.json, scripts/native-sources.mjs).
#include "dispatch.hpp"

#include <string.h>

#include "../cpu.hpp"

namespace sparse_train {
namespace {

std::vector<const WideKernels*> findWideKernels() {
  [[maybe_unused]] const CpuFeatures& cpu = cpuFeatures();
  std::vector<const WideKernels*> found{wideKernelsScalar()};
#if defined(SPARSE_TRAIN_X86) && defined(SPARSE_TRAIN_HAVE_AVX2)
  if (cpu.avx2) found.push_back(wideKernelsAvx2());
#endif
#if defined(SPARSE_TRAIN_X86) && defined(SPARSE_TRAIN_HAVE_AVX2VNNI)
  if (cpu.avx2 && cpu.avxVnni) found.push_back(wideKernelsAvx2Vnni());
#endif
#if defined(SPARSE_TRAIN_X86) && defined(SPARSE_TRAIN_HAVE_AVX512)
  if (cpu.avx512) found.push_back(wideKernelsAvx512());
#endif
#if defined(SPARSE_TRAIN_ARM64) && defined(SPARSE_TRAIN_HAVE_NEON)
  if (cpu.neon) found.push_back(wideKernelsNeon());
#endif
  return found;
}

}  // namespace

const std::vector<const WideKernels*>& availableWideKernels() {
  static const std::vector<const WideKernels*> kernels = findWideKernels();
  return kernels;
}

const WideKernels* wideKernelsByName(const char* name) {
  for (const WideKernels* kernels : availableWideKernels()) {
    if (strcmp(kernels->name, name) == 0) return kernels;
  }
  return nullptr;
}

}  // namespace sparse_train
