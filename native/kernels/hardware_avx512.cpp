// AVX-512 (F, BW): 32 words a register.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics' deliberately undefined operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>

#include "hardware_kernels.hpp"

#include "hardware_common.inl"

namespace sparse_train {
namespace {

struct Ops {
  using Words = __m512i;
  using Sums = __m512i;
  static constexpr uint32_t kLanes = 32;

  static Words load(const int16_t* p) { return _mm512_loadu_si512(p); }
  static void store(int16_t* p, Words v) { _mm512_storeu_si512(p, v); }
  static void storeFirst(int16_t* p, Words v, uint32_t count) {
    _mm512_mask_storeu_epi16(p, (__mmask32{1} << count) - 1, v);
  }
  static Words firstLanes(Words v, uint32_t count) {
    return _mm512_maskz_mov_epi16((__mmask32{1} << count) - 1, v);
  }
  static Words broadcast(int16_t v) { return _mm512_set1_epi16(v); }
  static Words shiftLeft(Words v, int count) { return _mm512_sll_epi16(v, _mm_cvtsi32_si128(count)); }
  static Words addClip(Words a, Words b) { return _mm512_adds_epi16(a, b); }
  static Words clamp(Words v, Words low, Words high) {
    return _mm512_max_epi16(_mm512_min_epi16(v, high), low);
  }
  /// (a * b + 2^14) >> 15; never both -2^15.
  static Words multiplyRound(Words a, Words b) { return _mm512_mulhrs_epi16(a, b); }
  static Words subtractClip(Words a, Words b) { return _mm512_subs_epi16(a, b); }
  static Words minimum(Words a, Words b) { return _mm512_min_epi16(a, b); }
  static Words maximum(Words a, Words b) { return _mm512_max_epi16(a, b); }
  static Words bitAnd(Words a, Words b) { return _mm512_and_si512(a, b); }
  /// Sixteen places and more leave the sign.
  static Words shiftRightWords(Words v, int count) { return _mm512_sra_epi16(v, _mm_cvtsi32_si128(count)); }
  /// `yes` in the lanes whose value has the bit, otherwise `no`.
  static Words selectBit(Words v, int16_t bit, Words yes, Words no) {
    return _mm512_mask_mov_epi16(no, _mm512_test_epi16_mask(v, _mm512_set1_epi16(bit)), yes);
  }
  /// Bytes times 2^shift, or halved -shift times.
  static Words scaleBytes(const uint8_t* p, int shift) {
    const Words v = _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return shift >= 0 ? shiftLeft(v, shift) : _mm512_srl_epi16(v, _mm_cvtsi32_si128(-shift));
  }

  static Sums zeroSums() { return _mm512_setzero_si512(); }
  static Sums broadcastSum(int32_t v) { return _mm512_set1_epi32(v); }
  static Sums addSums(Sums a, Sums b) { return _mm512_add_epi32(a, b); }
  static Sums minSums(Sums a, Sums b) { return _mm512_min_epi32(a, b); }
  static Sums clampSums(Sums v, Sums low, Sums high) {
    return _mm512_max_epi32(_mm512_min_epi32(v, high), low);
  }
  static Sums loadSums(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void storeSums(int32_t* p, Sums v) { _mm512_storeu_si512(p, v); }
  static Sums widen(const int16_t* p) {
    return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  static uint32_t countDifferent(Sums a, Sums b) { return _mm_popcnt_u32(_mm512_cmpneq_epi32_mask(a, b)); }
  static Sums andOne(Sums v) { return _mm512_and_si512(v, _mm512_set1_epi32(1)); }
  static Sums shiftRight(Sums v, int count) { return _mm512_sra_epi32(v, _mm_cvtsi32_si128(count)); }
  /// Adds neighbouring words to 32-bit sums.
  static Sums addPairs(Sums sums, Words v) { return _mm512_dpwssd_epi32(sums, v, _mm512_set1_epi16(1)); }
  static int32_t total(Sums v) { return _mm512_reduce_add_epi32(v); }
  /// Whole products of one half of the lanes and of the other; pack() puts two such halves back in order.
  static Sums productsLow(Words a, Words b) {
    return _mm512_unpacklo_epi16(_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
  }
  static Sums productsHigh(Words a, Words b) {
    return _mm512_unpackhi_epi16(_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
  }
  static Words pack(Sums low, Sums high) { return _mm512_packs_epi32(low, high); }

  /// Any pattern of up to 64 left neurons: two registers hold them all. Returns whether it applied.
  static bool gatherFew(const HardwareWiring& wiring, const int16_t* values, int16_t* edges) {
    if (wiring.left > 2 * kLanes) return false;
    const Words first = load(values);
    const Words second = load(values + kLanes);
    for (uint64_t edge = 0; edge < wiring.edges; edge += kLanes) {
      if (wiring.edges - edge < kLanes) {
        for (; edge < wiring.edges; edge++) edges[edge] = values[wiring.lefts[edge]];
        break;
      }
      const __m256i low = _mm512_cvtepi32_epi16(_mm512_loadu_si512(wiring.lefts + edge));
      const __m256i high = _mm512_cvtepi32_epi16(_mm512_loadu_si512(wiring.lefts + edge + kLanes / 2));
      const __m512i lefts = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
      store(edges + edge, _mm512_permutex2var_epi16(first, lefts, second));
    }
    return true;
  }
};

}  // namespace
}  // namespace sparse_train

#include "hardware_vector.inl"

namespace sparse_train {

const HardwareKernels<int16_t>* hardwareKernelsAvx512() {
  static constexpr HardwareKernels<int16_t> kernels = makeHardwareKernels("avx512");
  return &kernels;
}

}  // namespace sparse_train
