// The limits of AVX-512 with VNNI.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics' deliberately undefined operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>
#include <stdint.h>

namespace sparse_train {
namespace {

struct Limit {
  using Vector = __m512i;
  static constexpr int kAccumulators = 16;
  static constexpr uint32_t kProducts = 32;
  static Vector zero() { return _mm512_setzero_si512(); }
  static Vector load(const void* p) { return _mm512_loadu_si512(p); }
  static Vector combine(Vector a, Vector b) { return _mm512_or_si512(a, b); }
  static Vector multiplyAdd(Vector sums, Vector a, Vector b) { return _mm512_dpwssd_epi32(sums, a, b); }
  static int32_t total(Vector v) { return _mm512_reduce_or_epi32(v); }
  static Vector opaque(Vector v) {
#if defined(__GNUC__)
    __asm__("" : "+v"(v));
#endif
    return v;
  }
};

}  // namespace
}  // namespace sparse_train

#include "limit_loops.inl"

namespace sparse_train {

const LimitKernels* limitKernelsAvx512() {
  static constexpr LimitKernels kernels = makeLimitKernels("avx512");
  return &kernels;
}

}  // namespace sparse_train
