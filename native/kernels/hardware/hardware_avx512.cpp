// AVX-512 (F, BW, VNNI): 32 words per register.
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
    _mm512_mask_storeu_epi16(p, static_cast<__mmask32>((uint64_t{1} << count) - 1), v);
  }
  static Words firstLanes(Words v, uint32_t count) {
    return _mm512_maskz_mov_epi16(static_cast<__mmask32>((uint64_t{1} << count) - 1), v);
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
  /// A shift by sixteen or more leaves only the sign.
  static Words shiftRightWords(Words v, int count) { return _mm512_sra_epi16(v, _mm_cvtsi32_si128(count)); }
  /// `yes` in the lanes whose value has the bit set, `no` in the others.
  static Words selectBit(Words v, int16_t bit, Words yes, Words no) {
    return _mm512_mask_mov_epi16(no, _mm512_test_epi16_mask(v, _mm512_set1_epi16(bit)), yes);
  }
  /// Bytes times 2^shift; a negative shift halves them -shift times.
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
  /// Exact products of one half of the lanes and of the other; pack() puts two such halves back in order.
  static Sums productsLow(Words a, Words b) {
    return _mm512_unpacklo_epi16(_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
  }
  static Sums productsHigh(Words a, Words b) {
    return _mm512_unpackhi_epi16(_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b));
  }
  static Words pack(Sums low, Sums high) { return _mm512_packs_epi32(low, high); }

  static uint32_t nonZeroLanes(Words v) { return _mm512_test_epi16_mask(v, v); }
  static uint32_t countBits(uint32_t bits) { return static_cast<uint32_t>(_mm_popcnt_u32(bits)); }
  static uint32_t lowestBit(uint32_t bits) { return _tzcnt_u32(bits); }

  /// 32 numbers below 64 as words.
  static Words numbers(const uint32_t* p, Sums base) {
    const __m256i low = _mm512_cvtepi32_epi16(_mm512_sub_epi32(_mm512_loadu_si512(p), base));
    const __m256i high = _mm512_cvtepi32_epi16(_mm512_sub_epi32(_mm512_loadu_si512(p + kLanes / 2), base));
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
  }
  /// For patterns of up to 64 left neurons, which two registers hold. Returns whether this applied.
  static bool gatherFew(const HardwareWiring& wiring, const int16_t* values, int16_t* edges) {
    if (wiring.left > 2 * kLanes) return false;
    const Words first = load(values);
    const Words second = load(values + kLanes);
    for (uint64_t edge = 0; edge < wiring.edges; edge += kLanes) {
      if (wiring.edges - edge < kLanes) {
        for (; edge < wiring.edges; edge++) edges[edge] = values[wiring.lefts[edge]];
        break;
      }
      const Words lefts = numbers(wiring.lefts + edge, zeroSums());
      store(edges + edge, _mm512_permutex2var_epi16(first, lefts, second));
    }
    return true;
  }
  /// The reverse direction, for patterns in which two registers hold the products of a sweep.
  static bool accumulateFew(const HardwareWiring& wiring, const int16_t* products,
                            const HardwareNumber& number, int16_t* deltas) {
    if (wiring.left > 2 * kLanes || !wiring.sweptOnce) return false;
    const Words low = broadcast(static_cast<int16_t>(number.min));
    const Words high = broadcast(static_cast<int16_t>(number.max));
    Words totals[2] = {broadcast(0), broadcast(0)};
    for (uint32_t rank = 0; rank < wiring.ranks; rank++) {
      const uint32_t base = rank * wiring.left;
      const Words first = load(products + base);
      const Words second = load(products + base + kLanes);
      for (uint32_t half = 0; half < 2 && half * kLanes < wiring.left; half++) {
        const Words edges =
            numbers(wiring.rankEdges + base + half * kLanes, broadcastSum(static_cast<int32_t>(base)));
        const Words picked = _mm512_permutex2var_epi16(first, edges, second);
        totals[half] = clamp(addClip(totals[half], picked), low, high);
      }
    }
    for (uint32_t half = 0; half < 2 && half * kLanes < wiring.left; half++) {
      const uint32_t rest = wiring.left - half * kLanes;
      storeFirst(deltas + half * kLanes, totals[half], rest < kLanes ? rest : kLanes);
    }
    return true;
  }
};

}  // namespace
}  // namespace sparse_train

#include "hardware_vector.inl"

namespace sparse_train {

const HardwareKernels<int16_t>* hardwareKernelsAvx512() {
  static constexpr HardwareKernels<int16_t> kernels = makeHardwareKernels();
  return &kernels;
}

}  // namespace sparse_train
