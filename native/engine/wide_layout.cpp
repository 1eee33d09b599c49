#include "wide_layout.hpp"

#include "list_layout.hpp"
#include "tile_layout.hpp"

namespace sparse_train {
namespace {

/// A tile takes about as long as six listed edges (docs/kernels.md), so tiles pay from a fifth of their lanes on.
constexpr uint64_t kLeastEdgesPerTile = 6;

}  // namespace

std::unique_ptr<WideLayout> makeWideLayout(const Pattern& pattern, const WideKernels* kernels,
                                           bool momentum) {
  if (countTiles(pattern) * kLeastEdgesPerTile <= pattern.edges()) {
    return std::make_unique<TileLayout>(pattern, kernels, momentum);
  }
  return std::make_unique<ListLayout>(pattern, momentum);
}

}  // namespace sparse_train
