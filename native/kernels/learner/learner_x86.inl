// Shared by the learner's x86 sets. Everything is in the unnamed namespace: nothing here may be shared between
// instruction sets by the linker.

namespace sparse_train {
namespace {

/// Two words as one number of 32 bits, the first in the low half.
inline int32_t wordPair(int16_t first, int16_t second) {
  return static_cast<int32_t>(static_cast<uint16_t>(first) |
                              static_cast<uint32_t>(static_cast<uint16_t>(second)) << 16);
}

inline int32_t sumOfEight(__m256i eight) {
  __m128i four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
  four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xB1));
  return _mm_cvtsi128_si32(four);
}

}  // namespace
}  // namespace sparse_train
