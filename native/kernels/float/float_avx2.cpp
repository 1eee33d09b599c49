// AVX2 with FMA: 16 lanes are two 256-bit registers.
#include <immintrin.h>

#include "float_kernels.hpp"

namespace sparse_train {
namespace {

struct Ops {
  struct Lanes {
    __m256 low, high;
  };
  static constexpr uint32_t kRegisters = 4;

  static Lanes load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  static void store(float* p, Lanes v) {
    _mm256_storeu_ps(p, v.low);
    _mm256_storeu_ps(p + 8, v.high);
  }
  static Lanes loadFirst(const float* p, uint32_t count) {
    if (count == 16) return load(p);
    float all[16] = {};
    for (uint32_t i = 0; i < count; i++) all[i] = p[i];
    return load(all);
  }
  static void storeFirst(float* p, Lanes v, uint32_t count) {
    if (count == 16) return store(p, v);
    float all[16];
    store(all, v);
    for (uint32_t i = 0; i < count; i++) p[i] = all[i];
  }
  static Lanes broadcast(float v) { return {_mm256_set1_ps(v), _mm256_set1_ps(v)}; }
  static Lanes multiply(Lanes a, Lanes b) {
    return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
  }
  static Lanes divide(Lanes a, Lanes b) {
    return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
  }
  static Lanes root(Lanes v) { return {_mm256_sqrt_ps(v.low), _mm256_sqrt_ps(v.high)}; }
  /// a * b + c, rounded once.
  static Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) {
    return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
  }
  static Lanes positive(Lanes v) { return where(v, v); }
  /// v where a > 0, otherwise 0.
  static Lanes where(Lanes a, Lanes v) {
    const __m256 zero = _mm256_setzero_ps();
    return {_mm256_and_ps(_mm256_cmp_ps(a.low, zero, _CMP_GT_OQ), v.low),
            _mm256_and_ps(_mm256_cmp_ps(a.high, zero, _CMP_GT_OQ), v.high)};
  }
  static bool anyNonZero(Lanes v) {
    const __m256 zero = _mm256_setzero_ps();
    return _mm256_movemask_ps(_mm256_or_ps(_mm256_cmp_ps(v.low, zero, _CMP_NEQ_UQ),
                                           _mm256_cmp_ps(v.high, zero, _CMP_NEQ_UQ))) != 0;
  }
  /// 16 bytes in units of 1/256.
  static Lanes loadBytes(const uint8_t* p) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m256 unit = _mm256_set1_ps(1.0f / 256.0f);
    return {_mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)), unit),
            _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))), unit)};
  }

  /// The sums of i and i + 8, then of i and i + 4.
  static __m128 fold(Lanes v) {
    const __m256 half = _mm256_add_ps(v.low, v.high);
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
  }
  static float total(Lanes v) {
    const __m128 quarter = fold(v);
    const __m128 pair = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps(pair, pair, 1)));
  }
  /// out[i] += total(v[i]).
  static void addTotals(const Lanes (&v)[4], float* out) {
    const __m128 a = fold(v[0]), b = fold(v[1]), c = fold(v[2]), d = fold(v[3]);
    const __m128 ab = _mm_add_ps(_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
    const __m128 cd = _mm_add_ps(_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
    const __m128 all = _mm_add_ps(_mm_movelh_ps(ab, cd), _mm_movehl_ps(cd, ab));
    _mm_storeu_ps(out, _mm_add_ps(_mm_loadu_ps(out), all));
  }

  /// Lane c of block[i] and lane i of block[c] change places, in blocks of 4 x 4.
  static void transpose(Lanes* block) {
    float in[16][16];
    float out[16][16];
    for (int i = 0; i < 16; i++) store(in[i], block[i]);
    for (int i = 0; i < 16; i += 4) {
      for (int c = 0; c < 16; c += 4) {
        __m128 a = _mm_loadu_ps(in[i] + c), b = _mm_loadu_ps(in[i + 1] + c);
        __m128 d = _mm_loadu_ps(in[i + 2] + c), e = _mm_loadu_ps(in[i + 3] + c);
        _MM_TRANSPOSE4_PS(a, b, d, e);
        _mm_storeu_ps(out[c] + i, a);
        _mm_storeu_ps(out[c + 1] + i, b);
        _mm_storeu_ps(out[c + 2] + i, d);
        _mm_storeu_ps(out[c + 3] + i, e);
      }
    }
    for (int i = 0; i < 16; i++) block[i] = load(out[i]);
  }
};

}  // namespace
}  // namespace sparse_train

#include "float_vector.inl"

namespace sparse_train {

const FloatKernels* floatKernelsAvx2() {
  static constexpr FloatKernels kernels = makeFloatKernels();
  return &kernels;
}

}  // namespace sparse_train
