#include "tile_layout.hpp"

#include <algorithm>

#include "tiles.hpp"

namespace sparse_train {
namespace {

/// Whole passes use 16-bit numbers for tiles, groups and blocks (wide_kernels.hpp).
constexpr uint64_t kMostIndexed = (1u << 16) - 64;

// The cost of a tile in each pass, in quarters of a cycle (docs/lab/kernels.md).
constexpr uint64_t kForwardWhole = 7;        ///< any tile of a whole pass
constexpr uint64_t kForwardListed = 72;      ///< an active tile of a pass over a list
constexpr uint64_t kForwardListedMany = 12;  ///< the same if every group has many tiles
constexpr uint64_t kManyTiles = 4;           ///< the number that counts as many
constexpr uint64_t kForwardActive = 8;       ///< an active tile of a pass over active tiles
constexpr uint64_t kBin = 60;                ///< a bin of such a pass
constexpr uint64_t kSearch = 1;              ///< checking whether a tile is active
constexpr uint64_t kUpdateWhole = 16;        ///< an active tile found by such a check
constexpr uint64_t kUpdateListed = 30;
constexpr uint64_t kUpdateListedMany = 16;

/// Tiles of a group whose 32-bit sums of parts of deltas (backwardExact) cannot wrap: 31 * 16 * 128 * 2^15 is below 2^31.
constexpr uint32_t kMostTilesOfParts = 31;

}  // namespace

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
  // The kernels' view is deliberately not const-correct: one struct serves reading and writing passes.
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

BlockIndex TileLayout::Slab::index() const {
  return {blockStart.data(), blockTiles.data(), blockGroups.data(), firstBlock,
          static_cast<uint32_t>(blockStart.size() - 1)};
}

TileBins TileLayout::Slab::bins() const {
  return {binPlaces.data(),
          binTiles.data(),
          binBytes.data(),
          binBits.data(),
          binStart.data(),
          firstBlock,
          static_cast<uint32_t>(binStart.size() - 1)};
}

TileFlags TileLayout::Slab::flags() const {
  return {groupBytes.data(), groupBits.data(), blockBytes.data(), blockBits.data()};
}

void TileLayout::makeIndex(uint32_t firstBlock, uint32_t lastBlock, Slab& slab) const {
  slab.firstBlock = firstBlock;
  slab.blockStart.assign(lastBlock - firstBlock + 1, 0);
  const size_t tiles = slab.blocks.size();
  slab.records.resize(tiles);
  for (AlignedBuffer<uint8_t>* flags : {&slab.groupBytes, &slab.groupBits, &slab.blockBytes, &slab.blockBits})
    flags->reset(padded(tiles, 64));
  slab.active.resize(tiles + kListPadding);
  slab.shifted.reset(padded(pattern_.left, 64));
  for (uint32_t group = 0; group < groups_; group++) {
    for (uint32_t tile = slab.groupStart[group]; tile < slab.groupStart[group + 1]; tile++) {
      const uint32_t block = slab.blocks[tile];
      slab.records[tile] = {static_cast<uint16_t>(group), static_cast<uint16_t>(block * kTileLanes)};
      slab.groupBytes[tile] = static_cast<uint8_t>(group / 8);
      slab.groupBits[tile] = static_cast<uint8_t>(1u << group % 8);
      slab.blockBytes[tile] = static_cast<uint8_t>(block / 8);
      slab.blockBits[tile] = static_cast<uint8_t>(1u << block % 8);
      slab.blockStart[block - firstBlock + 1]++;
    }
  }
  for (size_t block = 1; block < slab.blockStart.size(); block++)
    slab.blockStart[block] += slab.blockStart[block - 1];
  slab.blockTiles.resize(tiles);
  slab.blockGroups.resize(tiles);
  std::vector<uint32_t> next(slab.blockStart.begin(), slab.blockStart.end() - 1);
  for (uint32_t tile = 0; tile < tiles; tile++) {
    const uint32_t entry = next[slab.blocks[tile] - firstBlock]++;
    slab.blockTiles[entry] = static_cast<uint16_t>(tile);
    slab.blockGroups[entry] = slab.records[tile].group;
  }
}

/// Fills the bins from the index of the slab's blocks.
void TileLayout::makeBins(uint32_t blocks, Slab& slab) const {
  constexpr uint32_t kMost = kBinPlaces - 1;
  slab.binStart.assign(1, 0);
  for (uint32_t block = 0; block < blocks; block++)
    slab.binStart.push_back(slab.binStart.back() +
                            divideUp(slab.blockStart[block + 1] - slab.blockStart[block], kMost));
  const size_t places = static_cast<size_t>(slab.binStart.back()) * kBinPlaces;
  const auto null = static_cast<uint16_t>(slab.records.size());
  slab.binPlaces.assign(places, BinPlace{null, 0});
  slab.binTiles.assign(places, null);
  slab.binBytes.reset(places);
  slab.binBits.reset(places);
  for (uint32_t block = 0; block < blocks; block++) {
    const uint32_t first = slab.blockStart[block];
    for (uint32_t entry = first; entry < slab.blockStart[block + 1]; entry++) {
      const uint32_t number = entry - first;
      const size_t place = (slab.binStart[block] + size_t{number / kMost}) * kBinPlaces + number % kMost;
      const uint16_t group = slab.blockGroups[entry];
      slab.binPlaces[place] = {slab.blockTiles[entry], group};
      slab.binTiles[place] = slab.blockTiles[entry];
      slab.binBytes[place] = static_cast<uint8_t>(group / 8);
      slab.binBits[place] = static_cast<uint8_t>(1u << group % 8);
    }
  }
}

void TileLayout::build(uint32_t firstBlock, uint32_t lastBlock, Slab& slab) const {
  // Ordinals number the tiles of the whole junction by group, then block, regardless of slabs. So this counts
  // the tiles of earlier groups and, within a group, of earlier blocks.
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
  slab.weights.reset((static_cast<size_t>(tiles) + 1) * kTileLanes);  // the null tile follows
  if (momentum_) slab.velocities.reset(static_cast<size_t>(tiles) * kTileLanes);
}

template <typename Visit>
void TileLayout::forEdges(Visit visit) const {
  // Tiles of a group ascend by block, and right neurons are visited in ascending order, so for each group a
  // cursor that only moves forward finds the tile of the current block.
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
  tiles_ = 0;
  indexed_ = groups_ < kMostIndexed && blocks_ <= kMostRecordedBlocks;
  blockToSlab_.resize(blocks_);
  for (uint32_t slab = 0; slab < slabs(); slab++) {
    const uint32_t first = firstOf(slab) / kTileRights;
    const uint32_t last = std::min(blocks_, endOf(slab) / kTileRights);
    build(first, last, slabs_[slab]);
    tiles_ += slabs_[slab].blocks.size();
    indexed_ = indexed_ && slabs_[slab].blocks.size() < kMostIndexed;
    std::fill(blockToSlab_.begin() + first, blockToSlab_.begin() + last, slab);
  }
  for (uint32_t slab = 0; indexed_ && slab < slabs(); slab++) {
    const uint32_t first = firstOf(slab) / kTileRights;
    const uint32_t last = std::min(blocks_, endOf(slab) / kTileRights);
    makeIndex(first, last, slabs_[slab]);
    makeBins(last - first, slabs_[slab]);
  }
  choosePasses();
}

/// Compares the passes by the cost of their tiles, for each number of active groups.
void TileLayout::choosePasses() {
  forwardWholeFrom_ = updateWholeFrom_ = UINT32_MAX;
  forwardActiveFrom_ = 1;
  forwardActiveTo_ = 0;
  if (!indexed_) return;
  bool many = true;
  bool binned = groups_ <= kMostBinGroups;
  uint64_t bins = 0;
  for (const Slab& slab : slabs_) {
    many = many && slab.leastTiles >= kManyTiles;
    binned = binned && !slab.everyBlock;  // dense: its lists take all blocks of a group together
    bins += slab.binStart.back();
  }
  for (uint32_t groups = groups_ + 1; groups-- > 0;) {
    const uint64_t active = tiles_ * groups / groups_;
    const uint64_t listed = active * (many ? kForwardListedMany : kForwardListed);
    const uint64_t whole = tiles_ * kForwardWhole;
    if (whole <= listed) forwardWholeFrom_ = groups;
    if (tiles_ * kSearch + active * kUpdateWhole <= active * (many ? kUpdateListedMany : kUpdateListed))
      updateWholeFrom_ = groups;
    // Its list of tiles spares the update a search.
    const uint64_t forwardActive = bins * kBin + active * kForwardActive;
    if (!binned || forwardActive > listed || forwardActive > whole + tiles_ * kSearch) continue;
    forwardActiveFrom_ = groups;
    forwardActiveTo_ = std::max(forwardActiveTo_, groups);
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

void TileLayout::forwardWhole(uint32_t slab, const WholeLayer& left, const int32_t* biases,
                              int32_t* sums) const {
  const BlockIndex index = slabs_[slab].index();
  kernels_->forwardBlocks(&index, slabs_[slab].weights.data(), left.values, biases, sums);
}

ReluResult TileLayout::forwardRelu(uint32_t slab, const WholeLayer& left, const int32_t* biases, int fraction,
                                   int16_t* activations, uint8_t* activity) const {
  const BlockIndex index = slabs_[slab].index();
  return kernels_->forwardRelu(&index, slabs_[slab].weights.data(), left.values, biases, fraction,
                               activations, activity);
}

void ActiveSlab::reserve(size_t bins) {
  if (counts_.size() > bins) return;
  places_.reset((bins + 1) * kBinPlaces);
  bins_.reset((bins + 1) * kBinPlaces / 4);
  counts_.reset(bins + 1);
  sums_.reset((bins + 1) * kTileRights);
}

ActiveTiles ActiveSlab::view() { return {places_.data(), bins_.data(), counts_.data(), fours_}; }

ReluResult TileLayout::forwardActive(uint32_t slab, const WholeLayer& left, const int32_t* biases,
                                     int fraction, int16_t* activations, uint8_t* activity,
                                     ActiveSlab& active) const {
  const TileBins bins = slabs_[slab].bins();
  active.reserve(slabs_[slab].binStart.back());
  ActiveTiles tiles = active.view();
  kernels_->listBins(&bins, groups_, left.activity, &tiles);
  active.fours_ = tiles.fours;
  active.known_ = true;
  return kernels_->forwardActive(&bins, &tiles, slabs_[slab].weights.data(), left.values, biases, fraction,
                                 active.sums_.data(), activations, activity);
}

void TileLayout::updateActive(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                              const uint8_t* moving, const UpdateRule& rule, ActiveSlab& active) {
  Slab& tiles = slabs_[slab];
  const TileSlab view = tiles.view();
  const TileBins bins = tiles.bins();
  const ActiveTiles found = active.view();
  const uint32_t count =
      kernels_->listMoving(&bins, &found, blocks_ <= kMostMoving ? moving : nullptr, tiles.active.data());
  kernels_->updateListed(&view, tiles.records.data(), tiles.active.data(), count,
                         shiftedValues(tiles, left, rule.shift), paired, &rule);
}

void TileLayout::forwardFour(uint32_t slab, const int16_t* values, size_t valuesStride, const int32_t* biases,
                             int fraction, int16_t* hidden, size_t stride) const {
  const BlockIndex index = slabs_[slab].index();
  kernels_->forwardFour(&index, slabs_[slab].weights.data(), values, valuesStride, biases, fraction, hidden,
                        stride);
}

const int16_t* TileLayout::shiftedValues(Slab& slab, const WholeLayer& left, int32_t shift) const {
  if (shift == 0) return left.values;
  kernels_->shiftValues(left.values, left.size, shift, slab.shifted.data());
  return slab.shifted.data();
}

void TileLayout::updateWhole(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                             const uint8_t* moving, const UpdateRule& rule) {
  Slab& tiles = slabs_[slab];
  const TileSlab view = tiles.view();
  const TileFlags flags = tiles.flags();
  const uint32_t count = kernels_->listTiles(&view, &flags, groups_, left.activity,
                                             blocks_ <= kMostMoving ? moving : nullptr, tiles.active.data());
  kernels_->updateListed(&view, tiles.records.data(), tiles.active.data(), count,
                         shiftedValues(tiles, left, rule.shift), paired, &rule);
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

/// With the fast pass, for deltas = 256 * high + low with both parts within +-128, one part after the other, and for as many
/// blocks at a time as keep the sums within 32 bits.
void TileLayout::backwardExact(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                               int64_t* errors) {
  Slab& tiles = slabs_[slab];
  if (tiles.part.size() == 0) {
    tiles.part.reset(size_t{blocks_} * kTileRights);
    tiles.partErrors.reset(size_t{groups_} * kTileLefts);
  }
  const auto forNeurons = [&](auto visit) {
    for (uint32_t k = 0; k < list.count; k++) {
      for (size_t l = 0; l < kTileLefts; l++) visit(size_t{list.groups[k]} * kTileLefts + l);
    }
  };
  forNeurons([&](size_t neuron) { errors[neuron] = 0; });
  const uint32_t first = firstOf(slab) / kTileRights;
  const uint32_t last = std::min(blocks_, endOf(slab) / kTileRights);
  const uint32_t together = tiles.mostTiles <= kMostTilesOfParts ? last - first : kMostTilesOfParts;
  for (uint32_t block = first; block < last; block += together) {
    const size_t end = size_t{std::min(block + together, last)} * kTileRights;
    for (const int32_t unit : {1, 256}) {
      tiles.part.clear();
      for (size_t i = size_t{block} * kTileRights; i < end; i++) {
        const int32_t high = (deltas[i] + 128) >> 8;
        tiles.part[i] = static_cast<int16_t>(unit == 1 ? deltas[i] - 256 * high : high);
      }
      backward(slab, list, tiles.part.data(), tiles.partErrors.data());
      forNeurons([&](size_t neuron) { errors[neuron] += int64_t{unit} * tiles.partErrors[neuron]; });
    }
  }
}

void TileLayout::update(uint32_t slab, const ActiveList& list, const int16_t* paired,
                        const UpdateRule& rule) {
  const TileSlab view = slabs_[slab].view();
  kernels_->updateTiles(&view, &list, paired, &rule);
}

void TileLayout::updateWithMomentum(uint32_t slab, const WholeLayer& left, const int16_t* paired,
                                    const MomentumRule& rule) {
  Slab& tiles = slabs_[slab];
  const TileSlab view = tiles.view();
  if (indexed_) {
    kernels_->momentumAll(&view, tiles.records.data(), static_cast<uint32_t>(tiles.records.size()),
                          shiftedValues(tiles, left, rule.update.shift), paired, &rule);
  } else {
    kernels_->momentumTiles(&view, left.values, groups_, paired, &rule);
  }
}

void TileLayout::decay(uint32_t slab, int16_t factor, const UpdateRule& rule) {
  const TileSlab view = slabs_[slab].view();
  kernels_->decayTiles(&view, groups_, factor, &rule);
}

}  // namespace sparse_train
