// The operations of wide_batch_vector.inl on AVX2. wide_batch_avx2.cpp and wide_batch_avx2vnni.cpp define
// batchDotProduct(sums, a, b) before they include this file.
#include "wide_batch_x86.inl"

namespace sparse_train {
namespace {

struct BatchOps {
  static constexpr uint32_t kLanes = 8;
  static constexpr uint32_t kForwardRows = 4;  // 8 sums, 2 pairs, a weight and a product
  static constexpr uint32_t kForwardRowsAtMost = 4;
  static constexpr uint32_t kGradientTiles = 2;  // 8 sums
  using Row = __m256i;
  using Pair = __m256i;
  using Acc = __m256i;
  using Weight = __m256i;

  static __m256i load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void store(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

  static void prefetch(const int16_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
  static Row loadRow(const int16_t* p) { return load(p); }
  static void storeRowOf16(int16_t* p, Row v) { store(p, v); }
  static Row broadcastRow(int16_t v) { return _mm256_set1_epi16(v); }
  static Row absolute(Row v) { return _mm256_abs_epi16(v); }
  static Row larger(Row a, Row b) { return _mm256_max_epi16(a, b); }
  static void pairs(Row a, Row b, Pair& first, Pair& second) {
    first = _mm256_unpacklo_epi16(a, b);
    second = _mm256_unpackhi_epi16(a, b);
  }
  static Pair loadPairs(const int16_t* p) { return load(p); }
  static Pair negativeAbsolute(Pair v) {
    return _mm256_min_epi16(v, _mm256_sub_epi16(_mm256_setzero_si256(), v));
  }
  static Weight weight(const int16_t* p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return _mm256_set1_epi32(pair);
  }
  static Acc multiplyAdd(Acc sums, Pair a, Weight b) { return batchDotProduct(sums, a, b); }
  static Acc dotRows(Acc sums, Row a, Row b) { return batchDotProduct(sums, a, b); }

  static Acc broadcast(int32_t v) { return _mm256_set1_epi32(v); }
  static Acc loadAcc(const int32_t* p) { return load(p); }
  static void storeAcc(int32_t* p, Acc v) { store(p, v); }
  static Acc add(Acc a, Acc b) { return _mm256_add_epi32(a, b); }
  static Acc subtract(Acc a, Acc b) { return _mm256_sub_epi32(a, b); }
  static Acc multiply(Acc a, int32_t b) { return _mm256_mullo_epi32(a, _mm256_set1_epi32(b)); }
  static Acc shiftRight(Acc v, int count) { return _mm256_sra_epi32(v, _mm_cvtsi32_si128(count)); }
  static Acc clamp(Acc v, int32_t low, int32_t high) {
    return _mm256_max_epi32(_mm256_min_epi32(v, _mm256_set1_epi32(high)), _mm256_set1_epi32(low));
  }
  /// Lane i: all ones if bit i of the mask is set.
  static __m256i lanesOf(uint32_t mask) {
    const __m256i bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(static_cast<int32_t>(mask)), bits), bits);
  }
  static Acc select(uint32_t mask, Acc yes, Acc no) { return _mm256_blendv_epi8(no, yes, lanesOf(mask)); }
  static int32_t total(Acc v) {
    const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }
  static Acc widen(const int16_t* p) {
    return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  /// Eight values that fit 16 bits.
  static void narrow(int16_t* p, Acc v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p),
                     _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
  }

  /// The sums of the samples that unpacklo and unpackhi selected, in the order of the samples.
  static void storeRow(int32_t* p, Acc low, Acc high) {
    store(p, _mm256_permute2x128_si256(low, high, 0x20));
    store(p + 8, _mm256_permute2x128_si256(low, high, 0x31));
  }
  /// a0 b0 a1 b1 ...
  static void storeInterleaved(int32_t* p, Acc a, Acc b) {
    storeRow(p, _mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
  }
  /// The totals of 8 vectors, in order.
  static void storeTotals(int32_t* p, const Acc* v) {
    const __m256i first = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    const __m256i second = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));
    store(p, add(_mm256_permute2x128_si256(first, second, 0x20),
                 _mm256_permute2x128_si256(first, second, 0x31)));
  }

  /// The even values of a tile, then the odd ones.
  static void turnTile(const int16_t* tile, int16_t* turned) {
    const __m256i low = load(tile);
    const __m256i high = load(tile + 16);
    const __m256i even = _mm256_packs_epi32(_mm256_srai_epi32(_mm256_slli_epi32(low, 16), 16),
                                            _mm256_srai_epi32(_mm256_slli_epi32(high, 16), 16));
    const __m256i odd = _mm256_packs_epi32(_mm256_srai_epi32(low, 16), _mm256_srai_epi32(high, 16));
    store(turned, _mm256_permute4x64_epi64(even, 0xD8));
    store(turned + 16, _mm256_permute4x64_epi64(odd, 0xD8));
  }
  /// 8 rows of 8 pairs from rows of 32 values, transposed into rows of 16 pairs.
  static void transpose8(const int16_t* rows, int16_t* out) {
    __m256i a[8], b[8];
    for (int i = 0; i < 4; i++) {
      const __m256i even = load(rows + 2 * i * kStripSamples);
      const __m256i odd = load(rows + (2 * i + 1) * kStripSamples);
      a[2 * i] = _mm256_unpacklo_epi32(even, odd);
      a[2 * i + 1] = _mm256_unpackhi_epi32(even, odd);
    }
    for (int i = 0; i < 8; i += 4) {
      b[i] = _mm256_unpacklo_epi64(a[i], a[i + 2]);
      b[i + 1] = _mm256_unpackhi_epi64(a[i], a[i + 2]);
      b[i + 2] = _mm256_unpacklo_epi64(a[i + 1], a[i + 3]);
      b[i + 3] = _mm256_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int k = 0; k < 4; k++) {
      store(out + k * 2 * kBatchBlock, _mm256_permute2x128_si256(b[k], b[4 + k], 0x20));
      store(out + (4 + k) * 2 * kBatchBlock, _mm256_permute2x128_si256(b[k], b[4 + k], 0x31));
    }
  }
  /// 16 rows of 16 pairs, transposed.
  static void transposePairs(const int16_t* rows, int16_t* out) {
    for (uint32_t r = 0; r < kBatchBlock; r += 8) {
      for (uint32_t pair = 0; pair < kStripSamples / 2; pair += 8)
        transpose8(rows + r * kStripSamples + 2 * pair, out + pair * 2 * kBatchBlock + 2 * r);
    }
  }
  static void transposeBytes(const uint8_t* const* samples, size_t column, int16_t* rows, uint8_t* any) {
    transposeBytes32(samples, column, rows, any);
  }

  static Acc randomLanes(const uint16_t* lanes, uint16_t offset) {
    const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes));
    return _mm256_cvtepu16_epi32(_mm_add_epi16(all, _mm_set1_epi16(static_cast<int16_t>(offset))));
  }
  /// (value * multiplier + (r << (16 + shift))) >> (32 + shift).
  struct Multiplier {
    __m256i factor;
    __m128i left, right;
    Multiplier(int32_t multiplier, int32_t shift)
        : factor(_mm256_set1_epi32(multiplier)),
          left(_mm_cvtsi32_si128(16 + shift)),
          right(_mm_cvtsi32_si128(shift)) {}
    Acc apply(Acc value, Acc r) const {
      const __m256i low = _mm256_set1_epi64x(0xFFFFFFFF);
      const __m256i even =
          _mm256_add_epi64(_mm256_mul_epi32(value, factor), _mm256_sll_epi64(_mm256_and_si256(r, low), left));
      const __m256i odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(value, 32), factor),
                                           _mm256_sll_epi64(_mm256_srli_epi64(r, 32), left));
      return _mm256_sra_epi32(_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA), right);
    }
  };
  static uint32_t maskOf(__m256i lanes) {
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(lanes)));
  }
  static void countSteps(Acc gradient, Acc step, uint32_t mask, uint64_t& steps, uint64_t& roundedToZero) {
    const __m256i zero = _mm256_setzero_si256();
    const uint32_t moving = ~maskOf(_mm256_cmpeq_epi32(gradient, zero)) & mask & 0xFF;
    steps += static_cast<uint64_t>(_mm_popcnt_u32(moving));
    roundedToZero += static_cast<uint64_t>(_mm_popcnt_u32(moving & maskOf(_mm256_cmpeq_epi32(step, zero))));
  }
};

}  // namespace
}  // namespace sparse_train
