#include "list_layout.hpp"

#include <algorithm>

#include "fixed/rounding.hpp"
#include "fixed/wide_format.hpp"
#include "tiles.hpp"

namespace sparse_train {
namespace {

/// Edge n rounds with lane n % 32 of tile n / 32: the same numbers as if consecutive edges formed tiles.
int32_t roundingOf(const uint16_t* lanes, int32_t stochastic, uint32_t ordinal) {
  if (!stochastic) return 0x8000;
  return static_cast<uint16_t>(lanes[ordinal % kTileLanes] + (ordinal / kTileLanes) * kLaneStride);
}

int16_t clipWeight(int32_t weight, const UpdateRule& rule) {
  return static_cast<int16_t>(clip<int32_t>(weight, rule.weightMin, rule.weightMax));
}

}  // namespace

ListLayout::ListLayout(const Pattern& pattern, const WideKernels* kernels, bool momentum)
    : WideLayout(pattern, momentum), kernels_(kernels) {
  layOut();
}

EdgeSlab ListLayout::Slab::view() const {
  // The same struct serves reading and writing passes.
  return {start.data(), rights.data(), firstOrdinal.data(), const_cast<int16_t*>(weights.data())};
}

void ListLayout::build(uint32_t firstRight, uint32_t lastRight, Slab& slab) const {
  std::vector<uint32_t> all(static_cast<size_t>(pattern_.left) + 1, 0);
  slab.start.assign(padded(pattern_.left, kTileLefts) + 1, 0);
  slab.firstOrdinal.assign(pattern_.left,
                           0);  // edges to right neurons of earlier slabs, then the offset of the neuron
  for (uint32_t right = 0; right < pattern_.right; right++) {
    for (uint64_t edge = pattern_.offsets[right]; edge < pattern_.offsets[right + 1]; edge++) {
      const uint32_t left = pattern_.lefts[edge];
      all[left + 1]++;
      if (right < firstRight) slab.firstOrdinal[left]++;
      if (right >= firstRight && right < lastRight) slab.start[left + 1]++;
    }
  }
  for (uint32_t left = 0; left < pattern_.left; left++) {
    slab.firstOrdinal[left] += all[left];
    all[left + 1] += all[left];
    slab.start[left + 1] += slab.start[left];
  }
  const uint32_t edges = slab.start[pattern_.left];
  slab.start.back() = edges;
  slab.rights.resize(edges + kEdgePadding);
  std::vector<uint32_t> next(slab.start.begin(), slab.start.begin() + pattern_.left);
  for (uint32_t right = firstRight; right < lastRight; right++) {
    for (uint64_t edge = pattern_.offsets[right]; edge < pattern_.offsets[right + 1]; edge++) {
      slab.rights[next[pattern_.lefts[edge]]++] = right;
    }
  }
  slab.weights.reset(edges + kEdgePadding);
  if (momentum_) slab.velocities.reset(edges + kEdgePadding);
  slab.twice.reset(2 * padded(pattern_.right, kSlabUnit));
}

template <typename Visit>
void ListLayout::forEdges(Visit visit) const {
  uint32_t right = 0;
  for (uint32_t slab = 0; slab < slabs_.size(); slab++) {
    const std::vector<uint32_t>& start = slabs_[slab].start;
    std::vector<uint32_t> next(start.begin(), start.begin() + pattern_.left);
    const uint32_t last = std::min(pattern_.right, endOf(slab));
    for (; right < last; right++) {
      for (uint64_t edge = pattern_.offsets[right]; edge < pattern_.offsets[right + 1]; edge++) {
        visit(slab, next[pattern_.lefts[edge]]++);
      }
    }
  }
}

void ListLayout::layOut() {
  slabs_ = std::vector<Slab>(slabs());
  for (uint32_t slab = 0; slab < slabs(); slab++)
    build(firstOf(slab), std::min(pattern_.right, endOf(slab)), slabs_[slab]);
}

void ListLayout::readWeights(int16_t* weights) const {
  forEdges([&](uint32_t slab, uint32_t place) { *weights++ = slabs_[slab].weights[place]; });
}

void ListLayout::writeWeights(const int16_t* weights) {
  forEdges([&](uint32_t slab, uint32_t place) { slabs_[slab].weights[place] = *weights++; });
}

void ListLayout::readVelocities(int16_t* velocities) const {
  forEdges([&](uint32_t slab, uint32_t place) { *velocities++ = slabs_[slab].velocities[place]; });
}

void ListLayout::writeVelocities(const int16_t* velocities) {
  forEdges([&](uint32_t slab, uint32_t place) { slabs_[slab].velocities[place] = *velocities++; });
}

void ListLayout::forward(uint32_t slab, const ActiveList& list, int32_t* sums) const {
  const EdgeSlab view = slabs_[slab].view();
  kernels_->forwardEdges(&view, &list, sums);
}

void ListLayout::backward(uint32_t slab, const ActiveList& list, const int16_t* deltas,
                          int32_t* errors) const {
  const EdgeSlab view = slabs_[slab].view();
  kernels_->backwardEdges(&view, &list, deltas, padded(pattern_.right, kTileRights),
                          slabs_[slab].twice.data(), errors);
}

void ListLayout::backwardExact(uint32_t number, const ActiveList& list, const int16_t* deltas,
                               int64_t* errors) {
  const Slab& slab = slabs_[number];
  for (uint32_t k = 0; k < list.count; k++) {
    const uint32_t first = list.groups[k] * kTileLefts;
    for (uint32_t left = first; left < first + kTileLefts; left++) {
      errors[left] = 0;
      for (uint32_t edge = slab.start[left]; edge < slab.start[left + 1]; edge++)
        errors[left] += static_cast<int64_t>(deltas[slab.rights[edge]]) * slab.weights[edge];
    }
  }
}

void ListLayout::update(uint32_t slab, const ActiveList& list, const int16_t* paired,
                        const UpdateRule& rule) {
  const EdgeSlab view = slabs_[slab].view();
  kernels_->updateEdges(&view, &list, paired, &rule);
}

void ListLayout::updateWithMomentum(uint32_t number, const WholeLayer& layer, const int16_t* paired,
                                    const MomentumRule& momentum) {
  Slab& slab = slabs_[number];
  const UpdateRule& rule = momentum.update;
  for (uint32_t left = 0; left < pattern_.left; left++) {
    const int32_t activation = layer.values[left] * (1 << rule.shift);
    uint32_t ordinal = slab.firstOrdinal[left];
    for (uint32_t edge = slab.start[left]; edge < slab.start[left + 1]; edge++, ordinal++) {
      const int32_t delta = paired[2 * static_cast<size_t>(slab.rights[edge])];
      int32_t velocity = slab.velocities[edge];
      const int32_t lost =
          (velocity * momentum.loss + roundingOf(momentum.lossLanes, rule.stochastic, ordinal)) >> 16;
      velocity = clip<int32_t>(velocity - lost, -32768, 32767);
      const int32_t gained = (activation * delta + roundingOf(rule.lanes, rule.stochastic, ordinal)) >> 16;
      velocity = clip<int32_t>(velocity + gained, -32768, 32767);
      slab.velocities[edge] = static_cast<int16_t>(velocity);
      const int32_t rounding =
          roundingOf(momentum.weightLanes, rule.stochastic, ordinal) >> (16 - kMomentumGuardBits);
      const int32_t step = clip<int32_t>(velocity + rounding, -32768, 32767) >> kMomentumGuardBits;
      slab.weights[edge] = clipWeight(slab.weights[edge] - step, rule);
    }
  }
}

void ListLayout::decay(uint32_t number, int16_t factor, const UpdateRule& rule) {
  Slab& slab = slabs_[number];
  for (uint32_t left = 0; left < pattern_.left; left++) {
    uint32_t ordinal = slab.firstOrdinal[left];
    for (uint32_t edge = slab.start[left]; edge < slab.start[left + 1]; edge++, ordinal++) {
      const int32_t product = slab.weights[edge] * factor + roundingOf(rule.lanes, rule.stochastic, ordinal);
      slab.weights[edge] = clipWeight(slab.weights[edge] - (product >> 16), rule);
    }
  }
}

}  // namespace sparse_train
