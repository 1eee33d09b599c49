// AVX2 with AVX-VNNI, the dot product of CPUs that have no AVX-512 (Alder Lake and later).
#include <immintrin.h>
#include <string.h>

#include "../../fixed/random.hpp"
#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"

namespace sparse_train {
namespace {

/// sums[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1]. GCC 12 copies the sums of the intrinsic in every round of a loop, so this
/// uses the instruction itself.
inline __m256i dotProduct(__m256i sums, __m256i a, __m256i b) {
#if defined(__GNUC__) && !defined(__clang__)
  __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(sums) : "x"(a), "x"(b));
  return sums;
#else
  return _mm256_dpwssd_avx_epi32(sums, a, b);
#endif
}

}  // namespace
}  // namespace sparse_train

#include "wide_avx2_ops.inl"
#include "wide_vector.inl"

namespace sparse_train {

const WideKernels* wideKernelsAvx2Vnni() {
  static constexpr WideKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
