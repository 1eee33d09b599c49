// AVX-512: 32 words a register.
#include <immintrin.h>

#include "learner_kernels.hpp"

#include "learner_x86.inl"

namespace sparse_train {
namespace {

struct Ops {
  using Words = __m512i;
  using Pair = __m512i;
  using Dot = __m512i;
  /// Sums of words 0-3, 8-11, 16-19 and 24-27, and of the other four fours, as unpacking leaves them.
  struct Sums {
    __m512i low, high;
  };
  static constexpr uint32_t kWords = 32;

  static Words load(const int16_t* p) { return _mm512_load_si512(p); }
  static void store(int16_t* p, Words v) { _mm512_store_si512(p, v); }
  static Words broadcast(int16_t v) { return _mm512_set1_epi16(v); }
  static Words add(Words a, Words b) { return _mm512_add_epi16(a, b); }
  static Words addClip(Words a, Words b) { return _mm512_adds_epi16(a, b); }
  static Words clamp(Words v, Words low, Words high) {
    return _mm512_min_epi16(_mm512_max_epi16(v, low), high);
  }
  /// (a * b + rho) >> 16 with rho unsigned: the product's high word, plus one where its low word and rho carry.
  static Words highOfProduct(Words a, Words b, Words rho) {
    const __m512i low = _mm512_mullo_epi16(a, b);
    const __m512i high = _mm512_mulhi_epi16(a, b);
    const __mmask32 carry = _mm512_cmplt_epu16_mask(_mm512_add_epi16(low, rho), low);
    return _mm512_mask_add_epi16(high, carry, high, _mm512_set1_epi16(1));
  }

  static Pair pair(int16_t first, int16_t second) { return _mm512_set1_epi32(wordPair(first, second)); }
  static Sums zero() { return {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
  static Sums addProducts(Sums sums, Words a, Words b, Pair pair) {
    return {_mm512_add_epi32(sums.low, _mm512_madd_epi16(_mm512_unpacklo_epi16(a, b), pair)),
            _mm512_add_epi32(sums.high, _mm512_madd_epi16(_mm512_unpackhi_epi16(a, b), pair))};
  }
  static void store(int32_t* p, Sums sums) {
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const __m512i second = _mm512_setr_epi32(8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
    _mm512_storeu_si512(p, _mm512_permutex2var_epi32(sums.low, first, sums.high));
    _mm512_storeu_si512(p + 16, _mm512_permutex2var_epi32(sums.low, second, sums.high));
  }

  static Dot zeroDot() { return _mm512_setzero_si512(); }
  static Dot addDot(Dot total, Words a, Words b) { return _mm512_add_epi32(total, _mm512_madd_epi16(a, b)); }
  static int32_t sum(Dot total) {
    // Through memory, as GCC 12 warns of its own header where the upper half is extracted.
    alignas(64) int32_t lanes[16];
    _mm512_store_si512(lanes, total);
    return sumOfEight(_mm256_add_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(lanes)),
                                       _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes + 8))));
  }
};

}  // namespace
}  // namespace sparse_train

#include "learner_vector.inl"

namespace sparse_train {

const LearnerKernels* learnerKernelsAvx512() {
  static constexpr LearnerKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
