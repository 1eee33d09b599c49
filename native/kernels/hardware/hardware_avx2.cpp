// AVX2: 16 words per register.
#include <immintrin.h>

#include "hardware_kernels.hpp"

#include "hardware_common.inl"

namespace sparse_train {
namespace {

struct Ops {
  using Words = __m256i;
  using Sums = __m256i;
  static constexpr uint32_t kLanes = 16;

  static Words load(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(int16_t* p, Words v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static void storeFirst(int16_t* p, Words v, uint32_t count) {
    alignas(32) int16_t words[kLanes];
    store(words, v);
    for (uint32_t i = 0; i < count; i++) p[i] = words[i];
  }
  static Words firstLanes(Words v, uint32_t count) {
    const Words numbers = _mm256_set_epi16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    return _mm256_and_si256(v, _mm256_cmpgt_epi16(_mm256_set1_epi16(static_cast<int16_t>(count)), numbers));
  }
  static Words broadcast(int16_t v) { return _mm256_set1_epi16(v); }
  static Words shiftLeft(Words v, int count) { return _mm256_sll_epi16(v, _mm_cvtsi32_si128(count)); }
  static Words addClip(Words a, Words b) { return _mm256_adds_epi16(a, b); }
  static Words clamp(Words v, Words low, Words high) {
    return _mm256_max_epi16(_mm256_min_epi16(v, high), low);
  }
  /// (a * b + 2^14) >> 15; never both -2^15.
  static Words multiplyRound(Words a, Words b) { return _mm256_mulhrs_epi16(a, b); }
  static Words subtractClip(Words a, Words b) { return _mm256_subs_epi16(a, b); }
  static Words minimum(Words a, Words b) { return _mm256_min_epi16(a, b); }
  static Words maximum(Words a, Words b) { return _mm256_max_epi16(a, b); }
  static Words bitAnd(Words a, Words b) { return _mm256_and_si256(a, b); }
  /// A shift by sixteen or more leaves only the sign.
  static Words shiftRightWords(Words v, int count) { return _mm256_sra_epi16(v, _mm_cvtsi32_si128(count)); }
  /// `yes` in the lanes whose value has the bit set, `no` in the others.
  static Words selectBit(Words v, int16_t bit, Words yes, Words no) {
    const Words bits = _mm256_set1_epi16(bit);
    return _mm256_blendv_epi8(no, yes, _mm256_cmpeq_epi16(_mm256_and_si256(v, bits), bits));
  }
  /// Bytes times 2^shift; a negative shift halves them -shift times.
  static Words scaleBytes(const uint8_t* p, int shift) {
    const Words v = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return shift >= 0 ? shiftLeft(v, shift) : _mm256_srl_epi16(v, _mm_cvtsi32_si128(-shift));
  }

  static Sums zeroSums() { return _mm256_setzero_si256(); }
  static Sums broadcastSum(int32_t v) { return _mm256_set1_epi32(v); }
  static Sums addSums(Sums a, Sums b) { return _mm256_add_epi32(a, b); }
  static Sums minSums(Sums a, Sums b) { return _mm256_min_epi32(a, b); }
  static Sums clampSums(Sums v, Sums low, Sums high) {
    return _mm256_max_epi32(_mm256_min_epi32(v, high), low);
  }
  static Sums loadSums(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void storeSums(int32_t* p, Sums v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static Sums widen(const int16_t* p) {
    return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static uint32_t countDifferent(Sums a, Sums b) {
    const int same = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b)));
    return 8 - static_cast<uint32_t>(_mm_popcnt_u32(static_cast<uint32_t>(same)));
  }
  static Sums andOne(Sums v) { return _mm256_and_si256(v, _mm256_set1_epi32(1)); }
  static Sums shiftRight(Sums v, int count) { return _mm256_sra_epi32(v, _mm_cvtsi32_si128(count)); }
  /// Adds neighbouring words to 32-bit sums.
  static Sums addPairs(Sums sums, Words v) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(v, _mm256_set1_epi16(1)));
  }
  static int32_t total(Sums v) {
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    return _mm_cvtsi128_si32(half);
  }
  /// Exact products of one half of the lanes and of the other; pack() puts two such halves back in order.
  static Sums productsLow(Words a, Words b) {
    return _mm256_unpacklo_epi16(_mm256_mullo_epi16(a, b), _mm256_mulhi_epi16(a, b));
  }
  static Sums productsHigh(Words a, Words b) {
    return _mm256_unpackhi_epi16(_mm256_mullo_epi16(a, b), _mm256_mulhi_epi16(a, b));
  }
  static Words pack(Sums low, Sums high) { return _mm256_packs_epi32(low, high); }

  static uint32_t nonZeroLanes(Words v) {
    const Words zero = _mm256_cmpeq_epi16(v, _mm256_setzero_si256());
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(zero), _mm256_extracti128_si256(zero, 1));
    return ~static_cast<uint32_t>(_mm_movemask_epi8(bytes)) & 0xFFFF;
  }
  static uint32_t countBits(uint32_t bits) { return static_cast<uint32_t>(_mm_popcnt_u32(bits)); }
  static uint32_t lowestBit(uint32_t bits) { return _tzcnt_u32(bits); }

  /// AVX2 cannot permute words across a register.
  static bool gatherFew(const HardwareWiring&, const int16_t*, int16_t*) { return false; }
  static bool accumulateFew(const HardwareWiring&, const int16_t*, const HardwareNumber&, int16_t*) {
    return false;
  }
};

}  // namespace
}  // namespace sparse_train

#include "hardware_vector.inl"

namespace sparse_train {

const HardwareKernels<int16_t>* hardwareKernelsAvx2() {
  static constexpr HardwareKernels<int16_t> kernels = makeHardwareKernels();
  return &kernels;
}

}  // namespace sparse_train
