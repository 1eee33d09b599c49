// Prefetches an example's row, because examples are in memory that no cache holds.
#pragma once

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#endif

#include "engine/spec.hpp"

namespace sparse_train {

/// Into the second-level cache: the buffers through which lines reach the first are few, and rows from memory would hold
/// them for long.
inline void prefetch(const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address, 0, 2);
  // GCC treats a function that only prefetches as free of effects and drops calls of it.
  asm volatile("" : : "r"(address));
#elif defined(_M_X64)
  _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T1);
#endif
}

/// The first lines of `bytes` bytes; the hardware prefetcher handles longer runs well.
inline void prefetchBytes(const void* data, size_t bytes) {
  constexpr size_t kLine = 64;
  constexpr size_t kMostLines = 64;
  const char* start = static_cast<const char*>(data);
  for (size_t offset = 0; offset < bytes && offset < kLine * kMostLines; offset += kLine)
    prefetch(start + offset);
}

inline void prefetchRow(const InputView& inputs, uint32_t columns, uint64_t row) {
  const size_t size = inputs.elementSize();
  const char* data = static_cast<const char*>(inputs.data);
  if (!inputs.isSparse()) {
    prefetchBytes(data + row * columns * size, columns * size);
    return;
  }
  const uint64_t first = inputs.starts[row];
  const uint64_t count = inputs.starts[row + 1] - first;
  prefetchBytes(inputs.columns + first, count * sizeof(uint32_t));
  prefetchBytes(data + first * size, count * size);
}

/// Prefetches an example's target of `outputs` numbers.
inline void prefetchTarget(const TargetView& targets, uint32_t outputs, uint64_t row) {
  if (targets.labels != nullptr) prefetch(targets.labels + row);
  if (targets.flags != nullptr) prefetch(targets.flags + row * outputs);
  if (targets.values != nullptr) prefetch(targets.values + row * outputs);
}

}  // namespace sparse_train
