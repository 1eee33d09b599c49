// AVX2: 16 words a register.
#include <immintrin.h>

#include "learner_kernels.hpp"

#include "learner_x86.inl"

namespace sparse_train {
namespace {

struct Ops {
  using Words = __m256i;
  using Pair = __m256i;
  using Dot = __m256i;
  /// Sums of words 0-3 and 8-11, and of words 4-7 and 12-15, as unpacking leaves them.
  struct Sums {
    __m256i low, high;
  };
  static constexpr uint32_t kWords = 16;

  static Words load(const int16_t* p) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(p)); }
  static void store(int16_t* p, Words v) { _mm256_store_si256(reinterpret_cast<__m256i*>(p), v); }
  static Words broadcast(int16_t v) { return _mm256_set1_epi16(v); }
  static Words add(Words a, Words b) { return _mm256_add_epi16(a, b); }
  static Words addClip(Words a, Words b) { return _mm256_adds_epi16(a, b); }
  static Words clamp(Words v, Words low, Words high) {
    return _mm256_min_epi16(_mm256_max_epi16(v, low), high);
  }
  /// (a * b + rho) >> 16 with rho unsigned: the product's high word, plus one where its low word and rho carry.
  static Words highOfProduct(Words a, Words b, Words rho) {
    const __m256i low = _mm256_mullo_epi16(a, b);
    const __m256i sum = _mm256_add_epi16(low, rho);
    const __m256i noCarry = _mm256_cmpeq_epi16(_mm256_max_epu16(sum, low), sum);  // -1 where there is none
    const __m256i one = _mm256_set1_epi16(1);
    return _mm256_add_epi16(_mm256_mulhi_epi16(a, b), _mm256_add_epi16(noCarry, one));
  }

  static Pair pair(int16_t first, int16_t second) { return _mm256_set1_epi32(wordPair(first, second)); }
  static Sums zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
  static Sums addProducts(Sums sums, Words a, Words b, Pair pair) {
    return {_mm256_add_epi32(sums.low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), pair)),
            _mm256_add_epi32(sums.high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), pair))};
  }
  static void store(int32_t* p, Sums sums) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_permute2x128_si256(sums.low, sums.high, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 8),
                        _mm256_permute2x128_si256(sums.low, sums.high, 0x31));
  }

  static Dot zeroDot() { return _mm256_setzero_si256(); }
  static Dot addDot(Dot total, Words a, Words b) { return _mm256_add_epi32(total, _mm256_madd_epi16(a, b)); }
  static int32_t sum(Dot total) { return sumOfEight(total); }
};

}  // namespace
}  // namespace sparse_train

#include "learner_vector.inl"

namespace sparse_train {

const LearnerKernels* learnerKernelsAvx2() {
  static constexpr LearnerKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
