#include "tile_layout.hpp"

#include <algorithm>

#include "tiles.hpp"

namespace sparse_train {

uint64_t countTiles(const Pattern& pattern) {
  uint64_t tiles = 0;
  forTiles(pattern, 0, divideUp(pattern.right, kTileRights), [&](uint32_t, uint32_t, uint32_t) { tiles++; });
  return tiles;
}

TileLayout::TileLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum)
    : WideLayout(pattern, momentum),
      kernels_(kernels),
      groups_(divideUp(pattern.left, kTileLefts)),
      blocks_(divideUp(pattern.right, kTileRights)) {
  layOut();
}

TileSlab TileLayout::Slab::view() const {
  // The kernels' view is not const-correct on purpose: one struct serves reading and writing passes.
  return {groupStart.data(),
          blocks.data(),
          steps.data(),
          masks.empty() ? nullptr : masks.data(),
          const_cast<int16_t*>(weights.data()),
          const_cast<int16_t*>(velocities.data()),
          oneBlock,
          leastTiles,
          mostTiles,
          everyBlock};
}

void TileLayout::build(uint32_t firstBlock, uint32_t lastBlock, Slab& slab) const {
  // Ordinals number the tiles of the whole junction by group, then block, whatever the slabs: count those of earlier
  // groups, and within a group those of earlier blocks.
  std::vector<uint32_t> perGroup(groups_ + 1, 0);
  std::vector<uint32_t> earlierBlocks(groups_, 0);
  std::vector<uint32_t> inSlab(groups_ + 1, 0);
  bool masked = false;
  forTiles(pattern_, 0, blocks_, [&](uint32_t group, uint32_t block, uint32_t mask) {
    perGroup[group + 1]++;
    if (block < firstBlock) earlierBlocks[group]++;
    if (block >= firstBlock && block < lastBlock) {
      inSlab[group + 1]++;
      masked = masked || mask != fullMask(pattern_, group, block);
    }
  });
  const auto [least, most] = std::minmax_element(inSlab.begin() + 1, inSlab.end());
  slab.leastTiles = *least;
  slab.mostTiles = *most;
  for (uint32_t group = 0; group < groups_; group++) {
    perGroup[group + 1] += perGroup[group];
    inSlab[group + 1] += inSlab[group];
  }
  slab.groupStart = inSlab;
  const uint32_t tiles = inSlab[groups_];
  slab.blocks.resize(tiles);
  slab.steps.resize(tiles);
  slab.oneBlock = blocks_ == 1 && tiles == groups_;
  slab.everyBlock = *least == lastBlock - firstBlock;
  if (masked) slab.masks.resize(tiles);
  std::vector<uint32_t> next(inSlab.begin(), inSlab.end() - 1);
  forTiles(pattern_, firstBlock, lastBlock, [&](uint32_t group, uint32_t block, uint32_t mask) {
    const uint32_t tile = next[group]++;
    slab.blocks[tile] = block;
    const uint32_t ordinal = perGroup[group] + earlierBlocks[group] + (tile - inSlab[group]);
    slab.steps[tile] = static_cast<uint16_t>(ordinal * kLaneStride);
    if (masked) slab.masks[tile] = mask;
  });
  slab.weights.reset(static_cast<size_t>(tiles) * kTileLanes);
  if (momentum_) slab.velocities.reset(static_cast<size_t>(tiles) * kTileLanes);
}

template <typename Visit>
void TileLayout::forEdges(Visit visit) const {
  // Tiles of a group ascend by block, and right neurons are visited in ascending order, so per group the tile of the
  // current block is found by one cursor that only moves forward.
  std::vector<uint32_t> cursor(groups_, 0);
  uint32_t currentSlab = UINT32_MAX;
  for (uint32_t right = 0; right < pattern_.right; right++) {
    const uint32_t block = right / kTileRights;
    const uint32_t slabNumber = blockToSlab_[block];
    const Slab& slab = slabs_[slabNumber];
    if (slabNumber != currentSlab) {
      std::copy(slab.groupStart.begin(), slab.groupStart.end() - 1, cursor.begin());
      currentSlab = slabNumber;
    }
    for (uint64_t edge = pattern_.offsets[right]; edge < pattern_.offsets[right + 1]; edge++) {
      const uint32_t group = pattern_.lefts[edge] / kTileLefts;
      while (slab.blocks[cursor[group]] != block) cursor[group]++;
      const uint32_t lane = 2 * (right % kTileRights) + pattern_.lefts[edge] % kTileLefts;
      visit(slabNumber, static_cast<size_t>(cursor[group]) * kTileLanes + lane);
    }
  }
}

void TileLayout::layOut() {
  slabs_ = std::vector<Slab>(slabs());
  blockToSlab_.resize(blocks_);
  for (uint32_t slab = 0; slab < slabs(); slab++) {
    const uint32_t first = firstOf(slab) / kTileRights;
    const uint32_t last = std::min(blocks_, endOf(slab) / kTileRights);
    build(first, last, slabs_[slab]);
    std::fill(blockToSlab_.begin() + first, blockToSlab_.begin() + last, slab);
  }
}

void TileLayout::readWeights(int16_t* weights) const {
  forEdges([&](uint32_t slab, size_t place) { *weights++ = slabs_[slab].weights[place]; });
}

void TileLayout::writeWeights(const int16_t* weights) {
  forEdges([&](uint32_t slab, size_t place) { slabs_[slab].weights[place] = *weights++; });
}

void TileLayout::readVelocities(int16_t* velocities) const {
  forEdges([&](uint32_t slab, size_t place) { *velocities++ = slabs_[slab].velocities[place]; });
}

void TileLayout::writeVelocities(const int16_t* velocities) {
  forEdges([&](uint32_t slab, size_t place) { slabs_[slab].velocities[place] = *velocities++; });
}

void TileLayout::forward(uint32_t slab, const ActiveList& list, int32_t* sums) const {
  const TileSlab view = slabs_[slab].view();
  kernels_->forwardTiles(&view, &list, sums);
}

void TileLayout::backward(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                          int32_t* errors) const {
  const TileSlab view = slabs_[slab].view();
  kernels_->backwardTiles(&view, &list, deltas, errors);
}

void TileLayout::backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                               int64_t* errors) const {
  const Slab& tiles = slabs_[slab];
  for (uint32_t k = 0; k < list.count; k++) {
    const uint32_t group = list.groups[k];
    int64_t low = 0;
    int64_t high = 0;
    for (uint32_t tile = tiles.groupStart[group]; tile < tiles.groupStart[group + 1]; tile++) {
      const int16_t* weights = tiles.weights.data() + static_cast<size_t>(tile) * kTileLanes;
      const int16_t* in = deltas + static_cast<size_t>(tiles.blocks[tile]) * kTileRights;
      for (uint32_t r = 0; r < kTileRights; r++) {
        low += static_cast<int64_t>(in[r]) * weights[2 * r];
        high += static_cast<int64_t>(in[r]) * weights[2 * r + 1];
      }
    }
    errors[2 * static_cast<size_t>(group)] = low;
    errors[2 * static_cast<size_t>(group) + 1] = high;
  }
}

void TileLayout::update(uint32_t slab, const ActiveList& list, const int16_t* paired,
                        const UpdateRule& rule) {
  const TileSlab view = slabs_[slab].view();
  kernels_->updateTiles(&view, &list, paired, &rule);
}

void TileLayout::updateWithMomentum(uint32_t slab, const int16_t* values, const int16_t* paired,
                                    const MomentumRule& rule) {
  const TileSlab view = slabs_[slab].view();
  kernels_->momentumTiles(&view, values, groups_, paired, &rule);
}

void TileLayout::decay(uint32_t slab, int16_t factor, const UpdateRule& rule) {
  const TileSlab view = slabs_[slab].view();
  kernels_->decayTiles(&view, groups_, factor, &rule);
}

}  // namespace sparse_train
