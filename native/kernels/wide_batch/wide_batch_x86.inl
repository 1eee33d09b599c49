// Shared by the x86 sets: transposes the bytes of 32 samples to rows of a strip.

namespace sparse_train {
namespace {

/// rows[c][s] = samples[s][column + c] for 16 samples and 16 columns, with rows of 32 values. Interleaving the upper half
/// of 16 vectors with the lower one, four times, transposes 16 x 16 bytes. Returns the bits set in any of the samples.
inline __m128i transposeBytes16(const uint8_t* const* samples, size_t column, int16_t* rows) {
  __m128i now[16], next[16];
  __m128i any = _mm_setzero_si128();
  for (int s = 0; s < 16; s++) {
    now[s] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(samples[s] + column));
    any = _mm_or_si128(any, now[s]);
  }
  for (int stage = 0; stage < 4; stage++) {
    for (int i = 0; i < 8; i++) {
      next[2 * i] = _mm_unpacklo_epi8(now[i], now[i + 8]);
      next[2 * i + 1] = _mm_unpackhi_epi8(now[i], now[i + 8]);
    }
    for (int i = 0; i < 16; i++) now[i] = next[i];
  }
  for (int c = 0; c < 16; c++) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(rows + c * kStripSamples), _mm256_cvtepu8_epi16(now[c]));
  }
  return any;
}

inline void transposeBytes32(const uint8_t* const* samples, size_t column, int16_t* rows, uint8_t* any) {
  const __m128i first = transposeBytes16(samples, column, rows);
  const __m128i second = transposeBytes16(samples + 16, column, rows + 16);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(any), _mm_or_si128(first, second));
}

}  // namespace
}  // namespace sparse_train
