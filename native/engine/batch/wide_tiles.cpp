#include "wide_tiles.hpp"

#include <algorithm>

#include "../tiles.hpp"
#include "gradient_chunks.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kTilesAtOnce = 32;  ///< whose gradients are held before they are used
constexpr uint32_t kGroupsPerBunch = 256;
constexpr size_t kNearBytes = 256 * 1024;  ///< rows of a strip that need not be asked for early
constexpr uint32_t kTilesPerSum = 16384;   ///< 2 * 16384 absolute weights fit 32 bits
constexpr uint32_t kGroupsPerBlock = kBatchBlock / kTileLefts;

}  // namespace

WideBatchTiles::WideBatchTiles(const Pattern& pattern, const BatchWideKernels* kernels, bool backward,
                               bool momentum)
    : pattern_(pattern),
      kernels_(kernels),
      groups_(divideUp(pattern.left, kTileLefts)),
      blocks_(divideUp(pattern.right, kTileRights)),
      blockStart_(1, 0),
      groupStart_(groups_ + 1, 0),
      rightSums_(blocks_),
      leftSums_(groups_),
      leftIsFar_(pattern.left * kStripSamples * sizeof(int16_t) > kNearBytes),
      rightIsFar_(pattern.right * kStripSamples * sizeof(int16_t) > kNearBytes) {
  bool masked = false;
  forTiles(pattern, 0, blocks_, [&](uint32_t group, uint32_t block, uint32_t mask) {
    while (blockStart_.size() <= block) blockStart_.push_back(static_cast<uint32_t>(tileGroups_.size()));
    tileGroups_.push_back(group);
    masks_.push_back(mask);
    masked = masked || mask != fullMask(pattern, group, block);
    groupStart_[group + 1]++;
  });
  const auto tiles = static_cast<uint32_t>(tileGroups_.size());
  while (blockStart_.size() <= blocks_) blockStart_.push_back(tiles);
  if (!masked) masks_ = {};
  for (uint32_t group = 0; group < groups_; group++) groupStart_[group + 1] += groupStart_[group];

  // Rounding numbers go by group, then block (docs/arithmetic.md, "Rounding places"): the place in the list of groups.
  ordinals_.resize(tiles);
  if (backward) {
    tilesOfGroup_.resize(tiles);
    blocksOfGroup_.resize(tiles);
    groupBunches_ = divideUp(groups_, kGroupsPerBunch);
  }
  std::vector<uint32_t> next(groupStart_.begin(), groupStart_.end() - 1);
  for (uint32_t block = 0; block < blocks_; block++) {
    for (uint32_t tile = blockStart_[block]; tile < blockStart_[block + 1]; tile++) {
      const uint32_t place = next[tileGroups_[tile]]++;
      ordinals_[tile] = place;
      if (!backward) continue;
      tilesOfGroup_[place] = tile;
      blocksOfGroup_[place] = block;
    }
  }
  tileGroups_.resize(tiles + kTilesAhead);
  if (backward) {
    tilesOfGroup_.resize(tiles + kTilesAhead);
    blocksOfGroup_.resize(tiles + kTilesAhead);
  }
  weights_.reset(static_cast<size_t>(tiles) * kTileLanes);
  if (momentum) velocities_.reset(weights_.size());
}

template <typename Visit>
void WideBatchTiles::forEdges(Visit visit) const {
  for (uint32_t right = 0; right < pattern_.right; right++) {
    uint32_t tile = blockStart_[right / kTileRights];
    for (uint64_t edge = pattern_.offsets[right]; edge < pattern_.offsets[right + 1]; edge++) {
      const uint32_t left = pattern_.lefts[edge];
      while (tileGroups_[tile] != left / kTileLefts) tile++;
      visit(static_cast<size_t>(tile) * kTileLanes + 2 * (right % kTileRights) + left % kTileLefts);
    }
  }
}

void WideBatchTiles::readWeights(int16_t* weights) const {
  forEdges([&](size_t place) { *weights++ = weights_[place]; });
}

void WideBatchTiles::writeWeights(const int16_t* weights) {
  forEdges([&](size_t place) { weights_[place] = *weights++; });
  for (uint32_t unit = 0; unit < settleUnits(); unit++) settle(unit);
}

void WideBatchTiles::readVelocities(int16_t* velocities) const {
  forEdges([&](size_t place) { *velocities++ = velocities_[place]; });
}

void WideBatchTiles::writeVelocities(const int16_t* velocities) {
  forEdges([&](size_t place) { velocities_[place] = *velocities++; });
}

void WideBatchTiles::forward(uint32_t block, const int16_t* rows, int32_t largest, const int32_t* biases,
                             int32_t* sums) const {
  const uint32_t first = blockStart_[block];
  if (fitsSum(rightSums_[block], largest)) {
    kernels_->forwardTiles(weights_.data() + static_cast<size_t>(first) * kTileLanes,
                           tileGroups_.data() + first, blockStart_[block + 1] - first, rows, biases,
                           leftIsFar_, sums);
  } else {
    forwardExactly(block, rows, biases, sums);
  }
}

void WideBatchTiles::forwardExactly(uint32_t block, const int16_t* rows, const int32_t* biases,
                                    int32_t* sums) const {
  for (uint32_t r = 0; r < kTileRights; r++) {
    int64_t exact[kStripSamples];
    std::fill_n(exact, kStripSamples, biases[r]);
    for (uint32_t tile = blockStart_[block]; tile < blockStart_[block + 1]; tile++) {
      const int16_t* w = weights_.data() + static_cast<size_t>(tile) * kTileLanes + 2 * r;
      const int16_t* row = rows + static_cast<size_t>(tileGroups_[tile]) * kTileLefts * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++)
        exact[s] += static_cast<int64_t>(w[0]) * row[s] + static_cast<int64_t>(w[1]) * row[kStripSamples + s];
    }
    for (uint32_t s = 0; s < kStripSamples; s++)
      sums[r * kStripSamples + s] = static_cast<int32_t>(clip<int64_t>(exact[s], -kSumMax, kSumMax));
  }
}

void WideBatchTiles::backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t* errors) const {
  for (uint32_t i = 0; i < kGroupsPerBlock; i++, errors += kTileLefts * kStripSamples) {
    const uint32_t group = block * kGroupsPerBlock + i;
    if (group >= groups_) {
      std::fill_n(errors, kTileLefts * kStripSamples, 0);
    } else if (fitsSum(leftSums_[group], largest)) {
      const uint32_t first = groupStart_[group];
      kernels_->backwardTiles(weights_.data(), tilesOfGroup_.data() + first, blocksOfGroup_.data() + first,
                              groupStart_[group + 1] - first, deltas, rightIsFar_, errors);
    } else {
      backwardExactly(group, deltas, errors);
    }
  }
}

void WideBatchTiles::backwardExactly(uint32_t group, const int16_t* deltas, int32_t* errors) const {
  int64_t exact[kTileLefts * kStripSamples] = {};
  for (uint32_t place = groupStart_[group]; place < groupStart_[group + 1]; place++) {
    const int16_t* w = weights_.data() + static_cast<size_t>(tilesOfGroup_[place]) * kTileLanes;
    const int16_t* rows = deltas + static_cast<size_t>(blocksOfGroup_[place]) * kTileRights * kStripSamples;
    for (uint32_t r = 0; r < kTileRights; r++) {
      for (uint32_t s = 0; s < kStripSamples; s++) {
        const int64_t delta = rows[r * kStripSamples + s];
        exact[s] += delta * w[2 * r];
        exact[kStripSamples + s] += delta * w[2 * r + 1];
      }
    }
  }
  for (uint32_t i = 0; i < kTileLefts * kStripSamples; i++)
    errors[i] = static_cast<int32_t>(clip<int64_t>(exact[i], -kSumMax, kSumMax));
}

void WideBatchTiles::update(uint32_t block, const WideBatchRows& rows, const BatchRule& rule,
                            BatchUpdate& done) {
  const size_t firstRight = static_cast<size_t>(block) * kTileRights;
  const int32_t* absolutes = rows.absolutes + firstRight;
  const int64_t most = *std::max_element(absolutes, absolutes + kTileRights);
  if (most == 0 && rule.loss == 0 && rule.decay == 0) return;  // a gradient of zero moves nothing
  StripRows deltas = rows.right;
  deltas.data += firstRight * kStripSamples;
  alignas(64) int16_t paired[kChunkStrips * kStripSamples * kTileRights];
  uint32_t pairedFirst = UINT32_MAX;  // the chunk that `paired` holds
  for (uint32_t tile = blockStart_[block]; tile < blockStart_[block + 1]; tile += kTilesAtOnce) {
    const uint32_t count = std::min(kTilesAtOnce, blockStart_[block + 1] - tile);
    const size_t place = static_cast<size_t>(tile) * kTileLanes;
    int16_t* weights = weights_.data() + place;
    int16_t* velocities = velocities_.size() == 0 ? nullptr : velocities_.data() + place;
    const uint32_t* masks = masks_.empty() ? nullptr : masks_.data() + tile;
    inChunks<kTilesAtOnce * kTileLanes>(
        rows.left.strips, most * rows.leftLargest, count * kTileLanes,
        [&](uint32_t first, uint32_t strips, int32_t* gradients) {
          const StripRows chunk = chunkOf(deltas, first, strips);
          if (pairedFirst != first) kernels_->pairSamples(&chunk, paired);
          pairedFirst = first;
          const StripRows left = chunkOf(rows.left, first, strips);
          kernels_->gradientTiles(tileGroups_.data() + tile, count, &left, paired, leftIsFar_, gradients);
        },
        [&](const int32_t* gradients) {
          kernels_->updateTiles(weights, velocities, gradients, ordinals_.data() + tile, masks, count, &rule,
                                &done);
        },
        [&](const int64_t* gradients) {
          updateExactly(weights, velocities, gradients, ordinals_.data() + tile, masks, count, rule, done);
        });
  }
}

void WideBatchTiles::settle(uint32_t unit) {
  int32_t sums[kTileRights];
  if (unit < blocks_) {
    int64_t totals[kTileRights] = {};
    for (uint32_t tile = blockStart_[unit]; tile < blockStart_[unit + 1]; tile += kTilesPerSum) {
      kernels_->absoluteRights(weights_.data() + static_cast<size_t>(tile) * kTileLanes,
                               std::min(kTilesPerSum, blockStart_[unit + 1] - tile), sums);
      for (uint32_t r = 0; r < kTileRights; r++) totals[r] += sums[r];
    }
    rightSums_[unit] = *std::max_element(totals, totals + kTileRights);
    return;
  }
  const uint32_t first = (unit - blocks_) * kGroupsPerBunch;
  for (uint32_t group = first; group < std::min(first + kGroupsPerBunch, groups_); group++) {
    int64_t totals[kTileLefts] = {};
    constexpr uint32_t kStep = kTilesPerSum / 8;  // 16 absolute weights a tile
    for (uint32_t place = groupStart_[group]; place < groupStart_[group + 1]; place += kStep) {
      kernels_->absoluteLefts(weights_.data(), tilesOfGroup_.data() + place,
                              std::min(kStep, groupStart_[group + 1] - place), sums);
      for (uint32_t l = 0; l < kTileLefts; l++) totals[l] += sums[l];
    }
    leftSums_[group] = std::max(totals[0], totals[1]);
  }
}

uint64_t WideBatchTiles::bytes() const {
  const size_t lists = blockStart_.size() + tileGroups_.size() + ordinals_.size() + masks_.size() +
                       groupStart_.size() + tilesOfGroup_.size() + blocksOfGroup_.size();
  return lists * sizeof(uint32_t) + (weights_.size() + velocities_.size()) * sizeof(int16_t) +
         (rightSums_.size() + leftSums_.size()) * sizeof(int64_t);
}

}  // namespace sparse_train
