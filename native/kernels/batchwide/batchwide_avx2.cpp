// Mini-batches on AVX2: a row of a strip is two 256-bit registers.
#include <immintrin.h>
#include <string.h>

#include "../../fixed/wide_format.hpp"
#include "batchwide_kernels.hpp"

namespace sparse_train {
namespace {

/// sums[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
inline __m256i batchDotProduct(__m256i sums, __m256i a, __m256i b) {
  return _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
}

}  // namespace
}  // namespace sparse_train

#include "batchwide_avx2_ops.inl"
#include "batchwide_vector.inl"

namespace sparse_train {

const BatchWideKernels* batchWideKernelsAvx2() {
  static constexpr BatchWideKernels kernels = makeBatchKernels("avx2");
  return &kernels;
}

}  // namespace sparse_train
