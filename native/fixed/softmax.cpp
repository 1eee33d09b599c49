#include "softmax.hpp"

#include "wide_format.hpp"

namespace sparse_train {

void softmax(const int32_t* sums, size_t n, int sumFraction, int32_t* scratch, int32_t* probabilities) {
  constexpr uint32_t kLimit = 16 * 4096;  // e^-16 is below half of the smallest probability
  int32_t largest = sums[0];
  for (size_t i = 1; i < n; i++) largest = sums[i] > largest ? sums[i] : largest;

  uint64_t total = 0;
  for (size_t i = 0; i < n; i++) {
    // Sums lie within +-2^30, so the difference fits 32 unsigned bits.
    uint32_t below = static_cast<uint32_t>(largest) - static_cast<uint32_t>(sums[i]);
    if (sumFraction >= 12) {
      below >>= sumFraction - 12;
    } else {
      below = clip<uint32_t>(below, 0, kLimit) << (12 - sumFraction);
    }
    scratch[i] = expNegative(static_cast<int32_t>(clip<uint32_t>(below, 0, kLimit)));
    total += static_cast<uint64_t>(scratch[i]);
  }

  int length = 0;  // bits of total, at least 16
  while ((total >> length) != 0) length++;
  const int64_t reciprocal = static_cast<int64_t>((uint64_t{1} << (kDeltaFraction + length)) / total);
  for (size_t i = 0; i < n; i++) {
    probabilities[i] = static_cast<int32_t>(shiftRound<int64_t>(scratch[i] * reciprocal, length));
  }
}

}  // namespace sparse_train
