#include "wide_layout.hpp"

#include <algorithm>
#include <vector>

#include "list_layout.hpp"
#include "tile_layout.hpp"

namespace sparse_train {
namespace {

/// A tile takes about as long as six listed edges (docs/kernels.md), so tiles pay from a fifth of their lanes on.
constexpr uint64_t kLeastEdgesPerTile = 6;

}  // namespace

void WideLayout::partition(uint32_t wanted) {
  const uint32_t count = std::clamp<uint32_t>(wanted, 1, mostSlabs());
  if (count == slabs()) return;
  std::vector<int16_t> weights(pattern_.edges());
  std::vector<int16_t> velocities(momentum_ ? pattern_.edges() : 0);
  readWeights(weights.data());
  if (momentum_) readVelocities(velocities.data());
  layOut(count);
  writeWeights(weights.data());
  if (momentum_) writeVelocities(velocities.data());
}

bool laidOutAsTiles(const Pattern& pattern) {
  return countTiles(pattern) * kLeastEdgesPerTile <= pattern.edges();
}

std::unique_ptr<WideLayout> makeWideLayout(const Pattern& pattern, const WideKernels* kernels,
                                           bool momentum) {
  if (laidOutAsTiles(pattern)) return std::make_unique<TileLayout>(pattern, kernels, momentum);
  return std::make_unique<ListLayout>(pattern, momentum);
}

}  // namespace sparse_train
