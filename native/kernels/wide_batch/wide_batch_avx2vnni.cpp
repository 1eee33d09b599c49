// Mini-batches on AVX2 with AVX-VNNI.
#include <immintrin.h>
#include <string.h>

#include "../../fixed/wide_format.hpp"
#include "wide_batch_kernels.hpp"

namespace sparse_train {
namespace {

/// sums[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
inline __m256i batchDotProduct(__m256i sums, __m256i a, __m256i b) {
  return _mm256_dpwssd_avx_epi32(sums, a, b);
}

}  // namespace
}  // namespace sparse_train

#include "wide_batch_avx2_ops.inl"
#include "wide_batch_vector.inl"

namespace sparse_train {

const WideBatchKernels* wideBatchKernelsAvx2Vnni() {
  static constexpr WideBatchKernels kernels = makeBatchKernels();
  return &kernels;
}

}  // namespace sparse_train
