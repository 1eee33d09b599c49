// The limits of AVX2: a dot product takes a multiplication with pairwise addition and another addition.
#include <immintrin.h>
#include <stdint.h>

namespace sparse_train {
namespace {

struct Limit {
  using Vector = __m256i;
  static constexpr int kAccumulators = 12;
  static constexpr uint32_t kProducts = 16;
  static Vector zero() { return _mm256_setzero_si256(); }
  static Vector load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static Vector combine(Vector a, Vector b) { return _mm256_or_si256(a, b); }
  static Vector multiplyAdd(Vector sums, Vector a, Vector b) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(a, b));
  }
  static int32_t total(Vector v) { return _mm256_movemask_epi8(v); }
  static Vector opaque(Vector v) {
#if defined(__GNUC__)
    __asm__("" : "+x"(v));
#endif
    return v;
  }
};

}  // namespace
}  // namespace sparse_train

#include "limit_loops.inl"

namespace sparse_train {

const LimitKernels* limitKernelsAvx2() {
  static constexpr LimitKernels kernels = makeLimitKernels("avx2");
  return &kernels;
}

}  // namespace sparse_train
