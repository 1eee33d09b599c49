// AVX-512 (F, VL) with FMA: 16 lanes are one 512-bit register.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics' deliberately undefined operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "float_kernels.hpp"

namespace sparse_train {
namespace {

struct Ops {
  using Lanes = __m512;
  static constexpr uint32_t kRegisters = 16;

  static Lanes load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Lanes v) { _mm512_storeu_ps(p, v); }
  static __mmask16 first(uint32_t count) { return static_cast<__mmask16>((1u << count) - 1); }
  static Lanes loadFirst(const float* p, uint32_t count) { return _mm512_maskz_loadu_ps(first(count), p); }
  static void storeFirst(float* p, Lanes v, uint32_t count) { _mm512_mask_storeu_ps(p, first(count), v); }
  static Lanes broadcast(float v) { return _mm512_set1_ps(v); }
  static Lanes multiply(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }
  static Lanes divide(Lanes a, Lanes b) { return _mm512_div_ps(a, b); }
  static Lanes root(Lanes v) { return _mm512_sqrt_ps(v); }
  /// a * b + c, rounded once.
  static Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }
  static Lanes positive(Lanes v) { return where(v, v); }
  /// v where a > 0, otherwise 0.
  static Lanes where(Lanes a, Lanes v) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ), v);
  }
  static bool anyNonZero(Lanes v) { return _mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ) != 0; }
  /// 16 bytes in units of 1/256.
  static Lanes loadBytes(const uint8_t* p) {
    const __m512i whole = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm512_mul_ps(_mm512_cvtepi32_ps(whole), _mm512_set1_ps(1.0f / 256.0f));
  }

  /// The sums of i and i + 8, then of i and i + 4.
  static __m128 fold(Lanes v) {
    const __m256 high = _mm512_castps512_ps256(_mm512_shuffle_f32x4(v, v, 0xEE));
    const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(v), high);
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

  /// Lane c of block[i] and lane i of block[c] change places.
  static void transpose(Lanes* block) {
    Lanes pairs[16];
    for (int i = 0; i < 16; i += 2) {
      pairs[i] = _mm512_unpacklo_ps(block[i], block[i + 1]);
      pairs[i + 1] = _mm512_unpackhi_ps(block[i], block[i + 1]);
    }
    Lanes quads[16];  // quads[4q + k]: lanes 4l + k of rows 4q to 4q + 3, for l = 0 to 3
    for (int q = 0; q < 16; q += 4) {
      quads[q] = _mm512_shuffle_ps(pairs[q], pairs[q + 2], 0x44);
      quads[q + 1] = _mm512_shuffle_ps(pairs[q], pairs[q + 2], 0xEE);
      quads[q + 2] = _mm512_shuffle_ps(pairs[q + 1], pairs[q + 3], 0x44);
      quads[q + 3] = _mm512_shuffle_ps(pairs[q + 1], pairs[q + 3], 0xEE);
    }
    for (int k = 0; k < 4; k++) {
      const Lanes even01 = _mm512_shuffle_f32x4(quads[k], quads[4 + k], 0x88);
      const Lanes odd01 = _mm512_shuffle_f32x4(quads[k], quads[4 + k], 0xDD);
      const Lanes even23 = _mm512_shuffle_f32x4(quads[8 + k], quads[12 + k], 0x88);
      const Lanes odd23 = _mm512_shuffle_f32x4(quads[8 + k], quads[12 + k], 0xDD);
      block[k] = _mm512_shuffle_f32x4(even01, even23, 0x88);
      block[8 + k] = _mm512_shuffle_f32x4(even01, even23, 0xDD);
      block[4 + k] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
      block[12 + k] = _mm512_shuffle_f32x4(odd01, odd23, 0xDD);
    }
  }
};

}  // namespace
}  // namespace sparse_train

#include "float_vector.inl"

namespace sparse_train {

const FloatKernels* floatKernelsAvx512() {
  static constexpr FloatKernels kernels = makeFloatKernels();
  return &kernels;
}

}  // namespace sparse_train
