// AVX-512 (F, BW, DQ, VL, VBMI, VBMI2, VNNI): a tile is one 512-bit register.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics' deliberately undefined operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"

namespace sparse_train {
namespace {

struct Ops {
  using Tile = __m512i;
  using Sums = __m512i;
  using Half = __m256i;

  static Tile loadTile(const int16_t* p) { return _mm512_loadu_si512(p); }
  static void storeTile(int16_t* p, Tile v) { _mm512_storeu_si512(p, v); }
  static Tile broadcastPair(int32_t pair) { return _mm512_set1_epi32(pair); }
  static Tile broadcast(int16_t v) { return _mm512_set1_epi16(v); }
  static Tile add(Tile a, Tile b) { return _mm512_add_epi16(a, b); }
  static Tile addClip(Tile a, Tile b) { return _mm512_adds_epi16(a, b); }
  static Tile subtractClip(Tile a, Tile b) { return _mm512_subs_epi16(a, b); }
  static Tile clamp(Tile v, Tile low, Tile high) { return _mm512_max_epi16(_mm512_min_epi16(v, high), low); }
  static Tile absolute(Tile v) { return _mm512_abs_epi16(v); }
  static Tile shiftLeft(Tile v, int count) { return _mm512_sll_epi16(v, _mm_cvtsi32_si128(count)); }
  static Tile select(uint32_t mask, Tile yes, Tile no) { return _mm512_mask_mov_epi16(no, mask, yes); }

  /// (a * b + r) >> 16 with r unsigned: the high half of the product plus the carry out of the low half.
  static Tile productHigh(Tile a, Tile b, Tile r) {
    const Tile high = _mm512_mulhi_epi16(a, b);
    const Tile low = _mm512_mullo_epi16(a, b);
    const __mmask32 carry = _mm512_cmplt_epu16_mask(_mm512_add_epi16(low, r), low);
    return _mm512_mask_sub_epi16(high, carry, high, _mm512_set1_epi16(-1));
  }
  static Tile momentumStep(Tile velocity, Tile random) {
    return _mm512_srai_epi16(_mm512_adds_epi16(velocity, _mm512_srli_epi16(random, 16 - kMomentumGuardBits)),
                             kMomentumGuardBits);
  }

  /// 32 bytes to 32 x int16.
  static Tile widenBytes(const uint8_t* p) {
    return _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  /// Writes the pairs of `values` that are not zero and their groups (`first` is that of the first); returns how many. Whole
  /// vectors are stored: the compress instructions with a memory operand are slow on AMD's Zen 4.
  static uint32_t appendPairs(uint32_t* groups, int32_t* pairs, uint32_t first, Tile values) {
    const __m512i numbers =
        _mm512_add_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                         _mm512_set1_epi32(static_cast<int>(first)));
    const __mmask16 active = _mm512_test_epi32_mask(values, values);
    _mm512_storeu_si512(pairs, _mm512_maskz_compress_epi32(active, values));
    _mm512_storeu_si512(groups, _mm512_maskz_compress_epi32(active, numbers));
    return static_cast<uint32_t>(_mm_popcnt_u32(active));
  }

  /// tiles[0..3] = first, first + 1, ...; pairs[0..3] = pair.
  static void fillRun(uint32_t* tiles, uint32_t first, int32_t* pairs, int32_t pair) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(tiles),
                     _mm_add_epi32(_mm_set1_epi32(static_cast<int>(first)), _mm_set_epi32(3, 2, 1, 0)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(pairs), _mm_set1_epi32(pair));
  }

  static Sums zeroSums() { return _mm512_setzero_si512(); }
  static Sums loadSums(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void storeSums(int32_t* p, Sums v) { _mm512_storeu_si512(p, v); }
  /// sums[i] += a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
  static Sums multiplyAdd(Sums sums, Tile a, Tile b) { return _mm512_dpwssd_epi32(sums, a, b); }
  static int32_t total(Sums v) { return _mm512_reduce_add_epi32(v); }
  /// The totals of 16 vectors, in order: a tree of pairwise sums that halves the vectors while it transposes them.
  static Sums totals(const Sums* v) {
    Sums pairs[8];  // 128-bit lanes: (a b a b) sums of two vectors each
    for (int i = 0; i < 8; i++) {
      pairs[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2 * i], v[2 * i + 1]),
                                  _mm512_unpackhi_epi32(v[2 * i], v[2 * i + 1]));
    }
    Sums quads[4];  // (a b c d) in each 128-bit lane
    for (int i = 0; i < 4; i++) {
      quads[i] = _mm512_add_epi32(_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                                  _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
    }
    const Sums low = _mm512_add_epi32(_mm512_shuffle_i32x4(quads[0], quads[1], 0x44),
                                      _mm512_shuffle_i32x4(quads[0], quads[1], 0xEE));
    const Sums high = _mm512_add_epi32(_mm512_shuffle_i32x4(quads[2], quads[3], 0x44),
                                       _mm512_shuffle_i32x4(quads[2], quads[3], 0xEE));
    return _mm512_add_epi32(_mm512_shuffle_i32x4(low, high, 0x88), _mm512_shuffle_i32x4(low, high, 0xDD));
  }
  static Sums addSums(Sums a, Sums b) { return _mm512_add_epi32(a, b); }
  static Sums subtractSums(Sums a, Sums b) { return _mm512_sub_epi32(a, b); }
  static Sums bitAnd(Sums a, Sums b) { return _mm512_and_si512(a, b); }
  static Sums bitOr(Sums a, Sums b) { return _mm512_or_si512(a, b); }
  static Sums clampSums(Sums v, int32_t low, int32_t high) {
    return _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(high)), _mm512_set1_epi32(low));
  }
  static Sums shiftRight(Sums v, int count) { return _mm512_sra_epi32(v, _mm_cvtsi32_si128(count)); }
  static Sums shiftLeftSums(Sums v, int count) { return _mm512_sll_epi32(v, _mm_cvtsi32_si128(count)); }
  static Sums shiftRound(Sums v, int count) {
    const int32_t half = count == 0 ? 0 : 1 << (count - 1);
    return shiftRight(_mm512_add_epi32(v, _mm512_set1_epi32(half)), count);
  }
  static Sums multiplyBy(Sums v, int32_t factor) { return _mm512_mullo_epi32(v, _mm512_set1_epi32(factor)); }
  /// count - 1 in every lane above the limit.
  static Sums discountAbove(Sums count, Sums v, int32_t limit) {
    return _mm512_mask_add_epi32(count, _mm512_cmpgt_epi32_mask(v, _mm512_set1_epi32(limit)), count,
                                 _mm512_set1_epi32(-1));
  }
  static Sums absoluteSums(Sums v) { return _mm512_abs_epi32(v); }
  static uint32_t anySet(Sums v) { return _mm512_test_epi32_mask(v, v) != 0 ? 1 : 0; }

  static Half loadHalf(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void storeHalf(int16_t* p, Half v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static Half broadcastHalf(int16_t v) { return _mm256_set1_epi16(v); }
  static Half addHalf(Half a, Half b) { return _mm256_add_epi16(a, b); }
  static Half narrow(Sums v) { return _mm512_cvtepi32_epi16(v); }
  static Sums widen(Half v) { return _mm512_cvtepi16_epi32(v); }
  /// The upper 15 bits of each unsigned lane.
  static Sums upperBits(Half v) { return _mm512_cvtepu16_epi32(_mm256_srli_epi16(v, 1)); }
  /// All ones where the value is positive.
  static Sums positiveMask(Half v) {
    return _mm512_maskz_set1_epi32(_mm256_cmpgt_epi16_mask(v, _mm256_setzero_si256()), -1);
  }
  /// 16 values that fit 16 bits, each twice in a row.
  static Tile twice(Sums v) {
    return _mm512_or_si512(_mm512_slli_epi32(v, 16), _mm512_and_si512(v, _mm512_set1_epi32(0xFFFF)));
  }
  /// Values d as pairs (d, 0); oddFromEven turns them into (0, d).
  static Tile evenLanes(const int16_t* p) { return _mm512_cvtepu16_epi32(loadHalf(p)); }
  static Tile oddFromEven(Tile v) { return _mm512_slli_epi32(v, 16); }
};

}  // namespace
}  // namespace sparse_train

#include "wide_vector.inl"

namespace sparse_train {

const WideKernels* wideKernelsAvx512() {
  static constexpr WideKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
