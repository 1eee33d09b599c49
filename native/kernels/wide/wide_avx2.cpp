// AVX2 (with BMI1 and BMI2): a tile is two 256-bit registers.
#include <immintrin.h>
#include <string.h>

#include "../../fixed/random.hpp"
#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"

namespace sparse_train {
namespace {

/// sums[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
inline __m256i dotProduct(__m256i sums, __m256i a, __m256i b) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
}

}  // namespace
}  // namespace sparse_train

#include "wide_avx2_ops.inl"
#include "wide_vector.inl"

namespace sparse_train {

const WideKernels* wideKernelsAvx2() {
  static constexpr WideKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
