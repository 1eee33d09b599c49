#include "wide_layout.hpp"

#include <algorithm>
#include <vector>

#include "list_layout.hpp"
#include "output_layout.hpp"
#include "tile_layout.hpp"

namespace sparse_train {
namespace {

/// A tile costs about as much as six listed edges (docs/lab/kernels.md), so tiles pay if at least a fifth of
/// their lanes are used.
constexpr uint64_t kLeastEdgesPerTile = 6;

}  // namespace

WideLayout::WideLayout(const Pattern& pattern, bool momentum) : pattern_(pattern), momentum_(momentum) {
  divide(1);
}

void WideLayout::divide(uint32_t slabs) {
  const uint64_t units = (static_cast<uint64_t>(pattern_.right) + kSlabUnit - 1) / kSlabUnit;
  ends_.clear();
  for (uint32_t slab = 1; slab <= slabs; slab++)
    ends_.push_back(static_cast<uint32_t>(units * slab / slabs * kSlabUnit));
}

void WideLayout::partition(uint32_t wanted) {
  const uint32_t most = (pattern_.right + kSlabUnit - 1) / kSlabUnit;
  const uint32_t count = std::clamp<uint32_t>(wanted, 1, most);
  if (count == slabs()) return;
  std::vector<int16_t> weights(pattern_.edges());
  std::vector<int16_t> velocities(momentum_ ? pattern_.edges() : 0);
  readWeights(weights.data());
  if (momentum_) readVelocities(velocities.data());
  divide(count);
  layOut();
  writeWeights(weights.data());
  if (momentum_) writeVelocities(velocities.data());
}

bool laidOutAsTiles(const Pattern& pattern) {
  return countTiles(pattern) * kLeastEdgesPerTile <= pattern.edges();
}

std::unique_ptr<WideLayout> makeWideLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum,
                                           bool last) {
  if (!laidOutAsTiles(pattern)) return std::make_unique<ListLayout>(pattern, kernels, momentum);
  if (last && OutputLayout::suits(pattern, momentum)) return std::make_unique<OutputLayout>(pattern, kernels);
  return std::make_unique<TileLayout>(pattern, kernels, momentum);
}

}  // namespace sparse_train
