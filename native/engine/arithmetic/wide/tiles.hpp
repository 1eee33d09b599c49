// The tiles of a pattern: rectangles of 2 left x 16 right neurons that hold at least one edge.
#pragma once

#include <stdint.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/wide/wide_kernels.hpp"
#include "pattern/pattern.hpp"

namespace sparse_train {

inline uint32_t divideUp(uint64_t value, uint32_t by) { return static_cast<uint32_t>((value + by - 1) / by); }

/// Rounds up to the next multiple of `to`.
inline size_t padded(uint64_t neurons, uint32_t to) {
  return static_cast<size_t>(divideUp(neurons, to)) * to;
}

/// Visits each (group, block) that holds an edge once, with blocks ascending and groups ascending within a
/// block. Passes the mask of its edges: bit 2r + l for right neuron r and left neuron l of the tile.
template <typename Visit>
void forTiles(const Pattern& pattern, uint32_t firstBlock, uint32_t lastBlock, Visit visit) {
  std::vector<uint32_t> masks(divideUp(pattern.left, kTileLefts), 0);  // of the block, per group
  std::vector<uint32_t> touched;
  for (uint32_t block = firstBlock; block < lastBlock; block++) {
    touched.clear();
    const uint64_t first = static_cast<uint64_t>(block) * kTileRights;
    const uint64_t end = std::min<uint64_t>(pattern.right, first + kTileRights);
    for (uint64_t right = first; right < end; right++) {
      const auto row = static_cast<uint32_t>(right - first);
      for (uint64_t edge = pattern.offsets[right]; edge < pattern.offsets[right + 1]; edge++) {
        const uint32_t group = pattern.lefts[edge] / kTileLefts;
        if (masks[group] == 0) touched.push_back(group);
        masks[group] |= 1u << (2 * row + pattern.lefts[edge] % kTileLefts);
      }
    }
    std::sort(touched.begin(), touched.end());
    for (const uint32_t group : touched) {
      visit(group, block, masks[group]);
      masks[group] = 0;
    }
  }
}

/// The mask of a tile with every edge that the sizes of the layers allow.
inline uint32_t fullMask(const Pattern& pattern, uint32_t group, uint32_t block) {
  const uint64_t rights =
      std::min<uint64_t>(kTileRights, pattern.right - static_cast<uint64_t>(block) * kTileRights);
  const uint32_t rows = rights == kTileRights ? 0xFFFFFFFFu : (1u << (2 * rights)) - 1;
  return static_cast<uint64_t>(group) * kTileLefts + 1 < pattern.left ? rows : rows & 0x55555555u;
}

}  // namespace sparse_train
