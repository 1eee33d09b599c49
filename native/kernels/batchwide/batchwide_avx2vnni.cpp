// Mini-batches on AVX2 with AVX-VNNI.
#include <immintrin.h>
#include <string.h>

#include "../../fixed/wide_format.hpp"
#include "batchwide_kernels.hpp"

namespace sparse_train {
namespace {

/// sums[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
inline __m256i batchDotProduct(__m256i sums, __m256i a, __m256i b) {
  return _mm256_dpwssd_avx_epi32(sums, a, b);
}

}  // namespace
}  // namespace sparse_train

#include "batchwide_avx2_ops.inl"
#include "batchwide_vector.inl"

namespace sparse_train {

const BatchWideKernels* batchWideKernelsAvx2Vnni() {
  static constexpr BatchWideKernels kernels = makeBatchKernels("avx2vnni");
  return &kernels;
}

}  // namespace sparse_train
