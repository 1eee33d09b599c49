// Computes gradients of any size with kernels that add in 32 bits, by splitting a batch into chunks of
// strips.
#pragma once

#include <stdint.h>

#include <algorithm>

#include "wide_junction.hpp"

namespace sparse_train {

constexpr uint32_t kChunkStrips = 16;

/// The strips `first` to `first + count` - 1.
inline StripRows chunkOf(const StripRows& rows, uint32_t first, uint32_t count) {
  return {rows.data + first * rows.stride, rows.stride, count};
}

/// Calls gather(first, count, gradients), which computes n 32-bit gradients, for chunks of strips. Then calls
/// narrow(gradients) with their sums, or exact(gradients) with 64-bit sums if 32 bits might not suffice.
/// `bound`: an upper limit of the absolute value of any sum over the whole batch. A single strip always fits:
/// 32 * 2047 * 32767 < 2^31.
template <uint32_t kMost, typename Gather, typename Narrow, typename Exact>
void inChunks(uint32_t strips, int64_t bound, uint32_t n, Gather gather, Narrow narrow, Exact exact) {
  alignas(64) int32_t gradients[kMost];
  const bool fits = bound <= INT32_MAX;
  if (fits && strips <= kChunkStrips) {
    gather(0, strips, gradients);
    narrow(gradients);
    return;
  }
  int64_t totals[kMost] = {};
  const uint32_t chunk = fits ? kChunkStrips : 1;
  for (uint32_t first = 0; first < strips; first += chunk) {
    gather(first, std::min(chunk, strips - first), gradients);
    for (uint32_t i = 0; i < n; i++) totals[i] += gradients[i];
  }
  if (!fits) {
    exact(totals);
    return;
  }
  for (uint32_t i = 0; i < n; i++) gradients[i] = static_cast<int32_t>(totals[i]);
  narrow(gradients);
}

}  // namespace sparse_train
