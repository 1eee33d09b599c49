#include "wide_tiles.hpp"

#include <string.h>

#include <algorithm>

#include "gradient_chunks.hpp"
#include "tiles.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kTilesAtOnce = 32;  ///< gradients are collected before they are used
constexpr uint32_t kGroupsPerBunch = 256;
constexpr size_t kNearBytes = 256 * 1024;  ///< rows of a strip that need no prefetching
constexpr uint32_t kTilesPerSum = 16384;   ///< 2 * 16384 absolute weights fit 32 bits
constexpr uint32_t kGroupsPerBlock = kBatchBlock / kTileLefts;

}  // namespace

WideBatchTiles::WideBatchTiles(const Pattern& pattern, const WideBatchKernels* kernels, bool backward,
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

  // Rounding numbers are ordered by group, then block (docs/arithmetic.md, "Rounding places"): the place in
  // the list of groups.
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
  // At least one: the kernels count from the first, even if a junction has no edges.
  weights_.reset(static_cast<size_t>(std::max(tiles, 1u)) * kTileLanes);
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
  for (uint32_t block = 0; block < blocks_; block++) settleBlock(block);
  for (uint32_t unit = 0; unit < settleUnits(); unit++) settle(unit);
}

void WideBatchTiles::readVelocities(int16_t* velocities) const {
  forEdges([&](size_t place) { *velocities++ = velocities_[place]; });
}

void WideBatchTiles::writeVelocities(const int16_t* velocities) {
  forEdges([&](size_t place) { velocities_[place] = *velocities++; });
}

void WideBatchTiles::forward(uint32_t block, const StripInput& input, const int32_t* biases,
                             WideBatchScratch& scratch, int32_t* sums) const {
  if (!fitsSum(rightSums_[block], input.largest)) {
    forwardExactly(block, input.rows, input.active, biases, sums);
    return;
  }
  const uint32_t first = blockStart_[block];
  BlockTiles tiles = {weights_.data() + static_cast<size_t>(first) * kTileLanes,
                      tileGroups_.data() + first,
                      nullptr,
                      blockStart_[block + 1] - first,
                      std::min(kTileRights, pattern_.right - block * kTileRights),
                      leftIsFar_};
  if (input.active != nullptr) chooseActive(input.active, scratch, tiles);
  kernels_->forwardTiles(&tiles, input.rows, biases, sums);
}

/// Skips the tiles of silent pairs. Uses no branch per tile, because which pairs are silent cannot be
/// predicted.
void WideBatchTiles::chooseActive(ActivePairs active, WideBatchScratch& scratch, BlockTiles& tiles) {
  if (scratch.neurons.size() < tiles.count + kTilesAhead) {
    scratch.neurons.resize(tiles.count + kTilesAhead);
    scratch.places.resize(tiles.count + kTilesAhead);
  }
  uint32_t* groups = scratch.neurons.data();
  uint32_t* places = scratch.places.data();
  size_t chosen = 0;
  for (uint32_t tile = 0; tile < tiles.count; tile++) {
    groups[chosen] = tiles.groups[tile];
    places[chosen] = tile;
    chosen += active[tiles.groups[tile]];
  }
  std::fill_n(groups + chosen, kTilesAhead, 0u);
  tiles.groups = groups;
  tiles.places = places;
  tiles.count = chosen;
}

void WideBatchTiles::forwardExactly(uint32_t block, const int16_t* rows, ActivePairs active,
                                    const int32_t* biases, int32_t* sums) const {
  for (uint32_t r = 0; r < kTileRights; r++) {
    int64_t exact[kStripSamples];
    std::fill_n(exact, kStripSamples, biases[r]);
    for (uint32_t tile = blockStart_[block]; tile < blockStart_[block + 1]; tile++) {
      if (active != nullptr && active[tileGroups_[tile]] == 0) continue;
      const int16_t* w = weights_.data() + static_cast<size_t>(tile) * kTileLanes + 2 * r;
      const int16_t* row = rows + static_cast<size_t>(tileGroups_[tile]) * kTileLefts * kStripSamples;
      for (uint32_t s = 0; s < kStripSamples; s++)
        exact[s] += static_cast<int64_t>(w[0]) * row[s] + static_cast<int64_t>(w[1]) * row[kStripSamples + s];
    }
    for (uint32_t s = 0; s < kStripSamples; s++)
      sums[r * kStripSamples + s] = static_cast<int32_t>(clip<int64_t>(exact[s], -kSumMax, kSumMax));
  }
}

void WideBatchTiles::scatter(const int16_t* deltas, int32_t* sums) const {
  for (uint32_t block = 0; block < blocks_; block++) {
    const uint32_t first = blockStart_[block];
    kernels_->scatterTiles(weights_.data() + static_cast<size_t>(first) * kTileLanes,
                           tileGroups_.data() + first, blockStart_[block + 1] - first,
                           deltas + static_cast<size_t>(block) * kTileRights * kStripSamples, sums);
  }
}

void WideBatchTiles::backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t* scattered,
                              int32_t* errors) const {
  for (uint32_t i = 0; i < kGroupsPerBlock; i++, errors += kTileLefts * kStripSamples) {
    const uint32_t group = block * kGroupsPerBlock + i;
    if (group >= groups_) {
      std::fill_n(errors, kTileLefts * kStripSamples, 0);
      continue;
    }
    constexpr size_t kSums = kTileLefts * kStripSamples;
    if (scattered != nullptr) kernels_->takeSums(scattered + group * kSums, kTileLefts, errors);
    if (!fitsSum(leftSums_[group], largest)) {
      backwardExactly(group, deltas, errors);
    } else if (scattered == nullptr) {
      const uint32_t first = groupStart_[group];
      kernels_->backwardTiles(weights_.data(), tilesOfGroup_.data() + first, blocksOfGroup_.data() + first,
                              groupStart_[group + 1] - first, deltas, rightIsFar_, errors);
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

/// The deltas of a block in pairs of samples, one chunk of strips at a time.
class WideBatchTiles::PairedDeltas {
 public:
  /// `most`: the largest sum of absolute deltas of any neuron in the block.
  PairedDeltas(const WideBatchKernels* kernels, const StripRows& rows, uint32_t block, int64_t most)
      : kernels_(kernels), rows_(rows), most_(most) {
    rows_.data += static_cast<size_t>(block) * kTileRights * kStripSamples;
  }
  int64_t most() const { return most_; }
  const int16_t* chunk(uint32_t first, uint32_t strips) {
    if (first_ != first) {
      const StripRows rows = chunkOf(rows_, first, strips);
      kernels_->pairSamples(&rows, paired_);
    }
    first_ = first;
    return paired_;
  }

 private:
  const WideBatchKernels* kernels_;
  StripRows rows_;
  int64_t most_;
  uint32_t first_ = UINT32_MAX;  ///< of the chunk in memory
  alignas(64) int16_t paired_[kChunkStrips * kStripSamples * kTileRights];
};

void WideBatchTiles::update(uint32_t block, const WideBatchRows& rows, const BatchRule& rule,
                            BatchUpdate& done) {
  const int32_t* absolutes = rows.absolutes + static_cast<size_t>(block) * kTileRights;
  const int64_t most = *std::max_element(absolutes, absolutes + kTileRights);
  if (most == 0 && rule.loss == 0 && rule.decay == 0) return;  // a gradient of zero changes nothing
  PairedDeltas deltas(kernels_, rows.right, block, most);
  if (rows.active != nullptr) {
    updateActive(block, rows, deltas, rule, done);
    settleBlock(block);
    return;
  }
  for (uint32_t tile = blockStart_[block]; tile < blockStart_[block + 1]; tile += kTilesAtOnce) {
    const size_t place = static_cast<size_t>(tile) * kTileLanes;
    updateRun(
        {weights_.data() + place, velocities_.size() == 0 ? nullptr : velocities_.data() + place,
         tileGroups_.data() + tile, ordinals_.data() + tile, masks_.empty() ? nullptr : masks_.data() + tile,
         std::min(kTilesAtOnce, blockStart_[block + 1] - tile)},
        rows, deltas, rule, done);
  }
  settleBlock(block);
}

/// Processes only the tiles of active pairs, made contiguous: a gradient of zero changes nothing.
void WideBatchTiles::updateActive(uint32_t block, const WideBatchRows& rows, PairedDeltas& deltas,
                                  const BatchRule& rule, BatchUpdate& done) {
  constexpr size_t kTileBytes = kTileLanes * sizeof(int16_t);
  alignas(64) int16_t weights[kTilesAtOnce * kTileLanes];
  uint32_t tiles[kTilesAtOnce], ordinals[kTilesAtOnce], masks[kTilesAtOnce];
  uint32_t groups[kTilesAtOnce + kTilesAhead];
  uint32_t tile = blockStart_[block];
  const uint32_t end = blockStart_[block + 1];
  while (tile < end) {
    uint32_t count = 0;
    for (; tile < end && count < kTilesAtOnce; tile++) {
      if (rows.active[tileGroups_[tile]] == 0) continue;
      tiles[count] = tile;
      groups[count] = tileGroups_[tile];
      ordinals[count] = ordinals_[tile];
      masks[count] = masks_.empty() ? 0 : masks_[tile];
      memcpy(weights + count * kTileLanes, weights_.data() + static_cast<size_t>(tile) * kTileLanes,
             kTileBytes);
      count++;
    }
    if (count == 0) return;
    std::fill_n(groups + count, kTilesAhead, groups[0]);
    updateRun({weights, nullptr, groups, ordinals, masks_.empty() ? nullptr : masks, count}, rows, deltas,
              rule, done);
    for (uint32_t i = 0; i < count; i++)
      memcpy(weights_.data() + static_cast<size_t>(tiles[i]) * kTileLanes, weights + i * kTileLanes,
             kTileBytes);
  }
}

void WideBatchTiles::updateRun(const Run& run, const WideBatchRows& rows, PairedDeltas& deltas,
                               const BatchRule& rule, BatchUpdate& done) const {
  inChunks<kTilesAtOnce * kTileLanes>(
      rows.left.strips, deltas.most() * rows.leftLargest, run.count * kTileLanes,
      [&](uint32_t first, uint32_t strips, int32_t* gradients) {
        const StripRows left = chunkOf(rows.left, first, strips);
        kernels_->gradientTiles(run.groups, run.count, &left, deltas.chunk(first, strips), leftIsFar_,
                                gradients);
      },
      [&](const int32_t* gradients) {
        kernels_->updateTiles(run.weights, run.velocities, gradients, run.ordinals, run.masks, run.count,
                              &rule, &done);
      },
      [&](const int64_t* gradients) {
        updateExactly(run.weights, run.velocities, gradients, run.ordinals, run.masks, run.count, rule, done);
      });
}

void WideBatchTiles::settleBlock(uint32_t block) {
  int32_t sums[kTileRights];
  int64_t totals[kTileRights] = {};
  for (uint32_t tile = blockStart_[block]; tile < blockStart_[block + 1]; tile += kTilesPerSum) {
    kernels_->absoluteRights(weights_.data() + static_cast<size_t>(tile) * kTileLanes,
                             std::min(kTilesPerSum, blockStart_[block + 1] - tile), sums);
    for (uint32_t r = 0; r < kTileRights; r++) totals[r] += sums[r];
  }
  rightSums_[block] = *std::max_element(totals, totals + kTileRights);
}

void WideBatchTiles::settle(uint32_t unit) {
  int32_t sums[kTileRights];
  const uint32_t first = unit * kGroupsPerBunch;
  for (uint32_t group = first; group < std::min(first + kGroupsPerBunch, groups_); group++) {
    int64_t totals[kTileLefts] = {};
    constexpr uint32_t kStep = kTilesPerSum / 8;  // 16 absolute weights per tile
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
