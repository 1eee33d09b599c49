// Mini-batches on AVX-512: a row of a strip is one 512-bit register.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics' deliberately undefined operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>
#include <string.h>

#include "../../fixed/wide_format.hpp"
#include "wide_batch_kernels.hpp"
#include "wide_batch_x86.inl"

namespace sparse_train {
namespace {

struct BatchOps {
  static constexpr uint32_t kLanes = 16;
  static constexpr uint32_t kForwardRows = 8;         // 16 sums, 2 pairs and a weight
  static constexpr uint32_t kForwardRowsAtMost = 10;  // for the last block of a layer
  static constexpr uint32_t kGradientTiles = 6;       // 12 sums
  using Row = __m512i;
  using Pair = __m512i;
  using Acc = __m512i;
  using Weight = __m512i;

  static void prefetch(const int16_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
  static Row loadRow(const int16_t* p) { return _mm512_loadu_si512(p); }
  static void storeRowOf16(int16_t* p, Row v) { _mm512_storeu_si512(p, v); }
  static Row broadcastRow(int16_t v) { return _mm512_set1_epi16(v); }
  static Row absolute(Row v) { return _mm512_abs_epi16(v); }
  static Row larger(Row a, Row b) { return _mm512_max_epi16(a, b); }
  static void pairs(Row a, Row b, Pair& first, Pair& second) {
    first = _mm512_unpacklo_epi16(a, b);
    second = _mm512_unpackhi_epi16(a, b);
  }
  static Pair loadPairs(const int16_t* p) { return _mm512_loadu_si512(p); }
  static Pair negativeAbsolute(Pair v) {
    return _mm512_min_epi16(v, _mm512_sub_epi16(_mm512_setzero_si512(), v));
  }
  static Weight weight(const int16_t* p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm512_set1_epi32(pair);
  }
  static Acc multiplyAdd(Acc sums, Pair a, Weight b) { return _mm512_dpwssd_epi32(sums, a, b); }
  static Acc dotRows(Acc sums, Row a, Row b) { return _mm512_dpwssd_epi32(sums, a, b); }

  static Acc broadcast(int32_t v) { return _mm512_set1_epi32(v); }
  static Acc loadAcc(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void storeAcc(int32_t* p, Acc v) { _mm512_storeu_si512(p, v); }
  static Acc add(Acc a, Acc b) { return _mm512_add_epi32(a, b); }
  static Acc subtract(Acc a, Acc b) { return _mm512_sub_epi32(a, b); }
  static Acc multiply(Acc a, int32_t b) { return _mm512_mullo_epi32(a, _mm512_set1_epi32(b)); }
  static Acc shiftRight(Acc v, int count) { return _mm512_sra_epi32(v, _mm_cvtsi32_si128(count)); }
  static Acc clamp(Acc v, int32_t low, int32_t high) {
    return _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(high)), _mm512_set1_epi32(low));
  }
  static Acc select(uint32_t mask, Acc yes, Acc no) {
    return _mm512_mask_mov_epi32(no, static_cast<__mmask16>(mask), yes);
  }
  static int32_t total(Acc v) { return _mm512_reduce_add_epi32(v); }
  static Acc widen(const int16_t* p) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static void narrow(int16_t* p, Acc v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(v));
  }

  /// The sums of the samples that unpacklo and unpackhi selected, in the order of the samples.
  static void storeRow(int32_t* p, Acc low, Acc high) {
    const __m512i front = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i back = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    _mm512_storeu_si512(p, _mm512_permutex2var_epi64(low, front, high));
    _mm512_storeu_si512(p + 16, _mm512_permutex2var_epi64(low, back, high));
  }
  /// a0 b0 a1 b1 ...
  static void storeInterleaved(int32_t* p, Acc a, Acc b) {
    const __m512i front = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i back = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    _mm512_storeu_si512(p, _mm512_permutex2var_epi32(a, front, b));
    _mm512_storeu_si512(p + 16, _mm512_permutex2var_epi32(a, back, b));
  }
  /// The totals of 16 vectors, in order: a tree of pairwise sums that halves the vectors while it transposes them.
  static void storeTotals(int32_t* p, const Acc* v) {
    Acc pairs[8];
    for (int i = 0; i < 8; i++) {
      pairs[i] =
          add(_mm512_unpacklo_epi32(v[2 * i], v[2 * i + 1]), _mm512_unpackhi_epi32(v[2 * i], v[2 * i + 1]));
    }
    Acc quads[4];
    for (int i = 0; i < 4; i++) {
      quads[i] = add(_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                     _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
    }
    const Acc low =
        add(_mm512_shuffle_i32x4(quads[0], quads[1], 0x44), _mm512_shuffle_i32x4(quads[0], quads[1], 0xEE));
    const Acc high =
        add(_mm512_shuffle_i32x4(quads[2], quads[3], 0x44), _mm512_shuffle_i32x4(quads[2], quads[3], 0xEE));
    storeAcc(p, add(_mm512_shuffle_i32x4(low, high, 0x88), _mm512_shuffle_i32x4(low, high, 0xDD)));
  }

  /// The even values of a tile, then the odd ones.
  static void turnTile(const int16_t* tile, int16_t* turned) {
    const __m512i w = _mm512_loadu_si512(tile);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(turned), _mm512_cvtepi32_epi16(w));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(turned + 16),
                        _mm512_cvtepi32_epi16(_mm512_srli_epi32(w, 16)));
  }
  /// 16 rows of 16 pairs, transposed.
  static void transposePairs(const int16_t* rows, int16_t* out) {
    __m512i a[16], b[16];
    for (int i = 0; i < 8; i++) {
      const __m512i even = loadRow(rows + 2 * i * kStripSamples);
      const __m512i odd = loadRow(rows + (2 * i + 1) * kStripSamples);
      a[2 * i] = _mm512_unpacklo_epi32(even, odd);
      a[2 * i + 1] = _mm512_unpackhi_epi32(even, odd);
    }
    for (int i = 0; i < 16; i += 4) {
      b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
      b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
      b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
      b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int k = 0; k < 4; k++) {
      const __m512i even0 = _mm512_shuffle_i32x4(b[k], b[4 + k], 0x88);
      const __m512i odd0 = _mm512_shuffle_i32x4(b[k], b[4 + k], 0xDD);
      const __m512i even1 = _mm512_shuffle_i32x4(b[8 + k], b[12 + k], 0x88);
      const __m512i odd1 = _mm512_shuffle_i32x4(b[8 + k], b[12 + k], 0xDD);
      _mm512_storeu_si512(out + 32 * k, _mm512_shuffle_i32x4(even0, even1, 0x88));
      _mm512_storeu_si512(out + 32 * (4 + k), _mm512_shuffle_i32x4(odd0, odd1, 0x88));
      _mm512_storeu_si512(out + 32 * (8 + k), _mm512_shuffle_i32x4(even0, even1, 0xDD));
      _mm512_storeu_si512(out + 32 * (12 + k), _mm512_shuffle_i32x4(odd0, odd1, 0xDD));
    }
  }
  static void transposeBytes(const uint8_t* const* samples, size_t column, int16_t* rows, uint8_t* any) {
    transposeBytes32(samples, column, rows, any);
  }

  static Acc randomLanes(const uint16_t* lanes, uint16_t offset) {
    const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes));
    return _mm512_cvtepu16_epi32(_mm256_add_epi16(all, _mm256_set1_epi16(static_cast<int16_t>(offset))));
  }
  /// (value * multiplier + (r << (16 + shift))) >> (32 + shift).
  struct Multiplier {
    __m512i factor;
    __m128i left, right;
    Multiplier(int32_t multiplier, int32_t shift)
        : factor(_mm512_set1_epi32(multiplier)),
          left(_mm_cvtsi32_si128(16 + shift)),
          right(_mm_cvtsi32_si128(shift)) {}
    Acc apply(Acc value, Acc r) const {
      const __m512i low = _mm512_set1_epi64(0xFFFFFFFF);
      const __m512i even =
          _mm512_add_epi64(_mm512_mul_epi32(value, factor), _mm512_sll_epi64(_mm512_and_si512(r, low), left));
      const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(value, 32), factor),
                                           _mm512_sll_epi64(_mm512_srli_epi64(r, 32), left));
      return _mm512_sra_epi32(_mm512_mask_mov_epi32(_mm512_srli_epi64(even, 32), 0xAAAA, odd), right);
    }
  };
  static void countSteps(Acc gradient, Acc step, uint32_t mask, uint64_t& steps, uint64_t& roundedToZero) {
    const __mmask16 moving = _mm512_mask_test_epi32_mask(static_cast<__mmask16>(mask), gradient, gradient);
    const __mmask16 zero = _mm512_mask_testn_epi32_mask(moving, step, step);
    steps += static_cast<uint64_t>(_mm_popcnt_u32(moving));
    roundedToZero += static_cast<uint64_t>(_mm_popcnt_u32(zero));
  }
};

}  // namespace
}  // namespace sparse_train

#include "wide_batch_vector.inl"

namespace sparse_train {

const WideBatchKernels* wideBatchKernelsAvx512() {
  static constexpr WideBatchKernels kernels = makeBatchKernels();
  return &kernels;
}

}  // namespace sparse_train
