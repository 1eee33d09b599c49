#include "augment.hpp"

#include <algorithm>
#include <cstring>

#include "fixed/random.hpp"

namespace sparse_train {

Variation variationOf(const Augmentation& augmentation, uint64_t seed, uint64_t number) {
  const uint64_t bits = randomAt(streamKey(seed, kAugmentStream), number);
  const uint64_t steps = 2 * static_cast<uint64_t>(augmentation.shift) + 1;
  const auto offset = [&](uint64_t part) {  // part: 24 bits
    return static_cast<int32_t>((part * steps) >> 24) - static_cast<int32_t>(augmentation.shift);
  };
  constexpr uint64_t kPart = (1u << 24) - 1;
  return {offset(bits >> 40), offset((bits >> 16) & kPart), augmentation.mirror && (bits & 1) != 0};
}

void vary(const Variation& variation, uint32_t width, uint32_t columns, size_t size, const uint8_t* from,
          uint8_t* to) {
  memset(to, 0, columns * size);
  const int64_t wide = width;
  const int64_t high = columns / width;
  const int64_t firstRow = std::max<int64_t>(0, variation.down);
  const int64_t lastRow = std::min(high, high + variation.down);
  const int64_t first = std::max<int64_t>(0, variation.right);
  const int64_t last = std::min(wide, wide + variation.right);
  if (first >= last) return;
  for (int64_t row = firstRow; row < lastRow; row++) {
    const uint8_t* source = from + static_cast<size_t>((row - variation.down) * wide) * size;
    uint8_t* target = to + static_cast<size_t>(row * wide) * size;
    if (!variation.mirrored) {
      memcpy(target + static_cast<size_t>(first) * size,
             source + static_cast<size_t>(first - variation.right) * size,
             static_cast<size_t>(last - first) * size);
      continue;
    }
    for (int64_t column = first; column < last; column++) {
      memcpy(target + static_cast<size_t>(column) * size,
             source + static_cast<size_t>(wide - 1 - (column - variation.right)) * size, size);
    }
  }
}

}  // namespace sparse_train
