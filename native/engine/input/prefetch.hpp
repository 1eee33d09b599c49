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

inline void prefetchRow(const InputView& inputs, uint32_t columns, uint64_t row) {
  if (inputs.isSparse()) return;
  const size_t bytes = columns * inputs.elementSize();
  const char* start = static_cast<const char*>(inputs.data) + row * bytes;
  constexpr size_t kLine = 64;
  constexpr size_t kMostLines = 64;  // the hardware prefetcher handles longer rows well
  for (size_t offset = 0; offset < bytes && offset < kLine * kMostLines; offset += kLine)
    prefetch(start + offset);
}

/// Prefetches an example's target of `outputs` numbers.
inline void prefetchTarget(const TargetView& targets, uint32_t outputs, uint64_t row) {
  if (targets.labels != nullptr) prefetch(targets.labels + row);
  if (targets.flags != nullptr) prefetch(targets.flags + row * outputs);
  if (targets.values != nullptr) prefetch(targets.values + row * outputs);
}

}  // namespace sparse_train
