#include "wide_list.hpp"

#include <algorithm>
#include <cstdlib>

#include "gradient_chunks.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kRunsAtOnce = 16;  ///< runs of 32 edges per unit of the update
constexpr uint32_t kUnitEdges = kRunsAtOnce * kTileLanes;
constexpr uint32_t kNeuronsPerBunch = 64;

uint32_t bunches(uint32_t neurons) { return (neurons + kNeuronsPerBunch - 1) / kNeuronsPerBunch; }

int64_t absoluteSum(const int16_t* weights, size_t count) {
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) sum += std::abs(static_cast<int32_t>(weights[i]));
  return sum;
}

}  // namespace

WideBatchList::WideBatchList(const Pattern& pattern, const WideBatchKernels* kernels, bool momentum)
    : pattern_(pattern),
      kernels_(kernels),
      edges_(edgesByLeft(pattern)),
      units_(static_cast<uint32_t>((pattern.edges() + kUnitEdges - 1) / kUnitEdges)),
      rightSums_(pattern.right),
      leftSums_(pattern.left) {
  weights_.reset(static_cast<size_t>(units_) * kUnitEdges);
  weightsByRight_.reset(pattern.edges());
  if (momentum) velocities_.reset(weights_.size());
}

void WideBatchList::readWeights(int16_t* weights) const {
  for (uint64_t edge = 0; edge < pattern_.edges(); edge++) weights[edge] = weights_[edges_.places[edge]];
}

void WideBatchList::writeWeights(const int16_t* weights) {
  for (uint64_t edge = 0; edge < pattern_.edges(); edge++) weights_[edges_.places[edge]] = weights[edge];
  for (uint32_t unit = 0; unit < settleUnits(); unit++) settle(unit);
}

void WideBatchList::readVelocities(int16_t* velocities) const {
  for (uint64_t edge = 0; edge < pattern_.edges(); edge++)
    velocities[edge] = velocities_[edges_.places[edge]];
}

void WideBatchList::writeVelocities(const int16_t* velocities) {
  for (uint64_t edge = 0; edge < pattern_.edges(); edge++)
    velocities_[edges_.places[edge]] = velocities[edge];
}

void WideBatchList::weigh(bool fits, const int16_t* weights, const uint32_t* neurons, size_t count,
                          const int16_t* rows, int32_t bias, int32_t* sums) const {
  if (fits) {
    kernels_->weighRows(weights, neurons, count, rows, bias, sums);
    return;
  }
  int64_t exact[kStripSamples];
  std::fill_n(exact, kStripSamples, bias);
  for (size_t i = 0; i < count; i++) {
    const int16_t* row = rows + static_cast<size_t>(neurons[i]) * kStripSamples;
    for (uint32_t s = 0; s < kStripSamples; s++) exact[s] += static_cast<int64_t>(weights[i]) * row[s];
  }
  for (uint32_t s = 0; s < kStripSamples; s++)
    sums[s] = static_cast<int32_t>(clip<int64_t>(exact[s], -kSumMax, kSumMax));
}

void WideBatchList::forward(uint32_t block, const StripInput& input, const int32_t* biases,
                            WideBatchScratch& scratch, int32_t* sums) const {
  for (uint32_t i = 0; i < kBatchBlock; i++) {
    const uint32_t right = block * kBatchBlock + i;
    int32_t* out = sums + i * kStripSamples;
    if (right >= pattern_.right) {
      std::fill_n(out, kStripSamples, 0);
      continue;
    }
    const uint64_t first = pattern_.offsets[right];
    const int16_t* weights = weightsByRight_.data() + first;
    const uint32_t* lefts = pattern_.lefts.data() + first;
    size_t count = pattern_.offsets[right + 1] - first;
    if (input.active != nullptr) {  // the edges of active inputs, made contiguous
      scratch.weights.resize(count);
      scratch.neurons.resize(count);
      size_t kept = 0;
      for (size_t edge = 0; edge < count; edge++) {
        if (input.active[lefts[edge] / kTileLefts] == 0) continue;
        scratch.weights[kept] = weights[edge];
        scratch.neurons[kept++] = lefts[edge];
      }
      weights = scratch.weights.data();
      lefts = scratch.neurons.data();
      count = kept;
    }
    weigh(fitsSum(rightSums_[right], input.largest), weights, lefts, count, input.rows, biases[i], out);
  }
}

void WideBatchList::backward(uint32_t block, const int16_t* deltas, int32_t largest, int32_t*,
                             int32_t* errors) const {
  for (uint32_t i = 0; i < kBatchBlock; i++) {
    const uint32_t left = block * kBatchBlock + i;
    int32_t* out = errors + i * kStripSamples;
    if (left >= pattern_.left) {
      std::fill_n(out, kStripSamples, 0);
      continue;
    }
    const uint32_t first = edges_.start[left];
    weigh(fitsSum(leftSums_[left], largest), weights_.data() + first, edges_.rights.data() + first,
          edges_.start[left + 1] - first, deltas, 0, out);
  }
}

void WideBatchList::update(uint32_t unit, const WideBatchRows& rows, const BatchRule& rule,
                           BatchUpdate& done) {
  const size_t firstEdge = static_cast<size_t>(unit) * kUnitEdges;
  const auto count = static_cast<uint32_t>(std::min<uint64_t>(kUnitEdges, pattern_.edges() - firstEdge));
  const int64_t most = rows.mostAbsolute;
  if (most == 0 && rule.loss == 0 && rule.decay == 0) return;  // a gradient of zero changes nothing
  uint32_t ordinals[kRunsAtOnce];
  for (uint32_t run = 0; run < kRunsAtOnce; run++) ordinals[run] = unit * kRunsAtOnce + run;
  const uint32_t runs = (count + kTileLanes - 1) / kTileLanes;
  uint32_t masks[kRunsAtOnce];  // only those edges of the last run that exist
  for (uint32_t run = 0; run < runs; run++) {
    const uint32_t edges = std::min(kTileLanes, count - run * kTileLanes);
    masks[run] = edges == kTileLanes ? 0xFFFFFFFFu : (1u << edges) - 1;
  }
  const uint32_t* mask = count % kTileLanes == 0 ? nullptr : masks;
  int16_t* weights = weights_.data() + firstEdge;
  int16_t* velocities = velocities_.size() == 0 ? nullptr : velocities_.data() + firstEdge;

  const auto firstLeft = static_cast<uint32_t>(
      std::upper_bound(edges_.start.begin(), edges_.start.end(), firstEdge) - edges_.start.begin() - 1);
  inChunks<kUnitEdges>(
      rows.left.strips, most * rows.leftLargest, count,
      [&](uint32_t first, uint32_t strips, int32_t* gradients) {
        StripRows one = chunkOf(rows.left, first, strips);
        const StripRows others = chunkOf(rows.right, first, strips);
        const int16_t* base = one.data;
        uint32_t left = firstLeft;
        for (size_t edge = firstEdge; edge < firstEdge + count; left++) {
          const size_t end = std::min<size_t>(edges_.start[left + 1], firstEdge + count);
          one.data = base + static_cast<size_t>(left) * kStripSamples;
          if (rows.active != nullptr && rows.active[left / kTileLefts] == 0)
            std::fill(gradients + (edge - firstEdge), gradients + (end - firstEdge), 0);
          else if (end > edge)
            kernels_->gradientList(&one, &others, edges_.rights.data() + edge, end - edge,
                                   gradients + (edge - firstEdge));
          edge = end;
        }
        std::fill(gradients + count, gradients + runs * kTileLanes, 0);
      },
      [&](const int32_t* gradients) {
        kernels_->updateTiles(weights, velocities, gradients, ordinals, mask, runs, &rule, &done);
      },
      [&](const int64_t* gradients) {
        updateExactly(weights, velocities, gradients, ordinals, mask, runs, rule, done);
      });
}

uint32_t WideBatchList::settleUnits() const { return bunches(pattern_.right) + bunches(pattern_.left); }

void WideBatchList::settle(uint32_t unit) {
  const bool ofRights = unit < bunches(pattern_.right);
  const uint32_t first = (ofRights ? unit : unit - bunches(pattern_.right)) * kNeuronsPerBunch;
  const uint32_t end = std::min(first + kNeuronsPerBunch, ofRights ? pattern_.right : pattern_.left);
  for (uint32_t neuron = first; neuron < end; neuron++) {
    if (ofRights) {
      const uint64_t edge = pattern_.offsets[neuron];
      const uint64_t count = pattern_.offsets[neuron + 1] - edge;
      for (uint64_t i = edge; i < edge + count; i++) weightsByRight_[i] = weights_[edges_.places[i]];
      rightSums_[neuron] = absoluteSum(weightsByRight_.data() + edge, count);
    } else {
      const uint32_t edge = edges_.start[neuron];
      leftSums_[neuron] = absoluteSum(weights_.data() + edge, edges_.start[neuron + 1] - edge);
    }
  }
}

uint64_t WideBatchList::bytes() const {
  return (edges_.start.size() + edges_.rights.size() + edges_.places.size()) * sizeof(uint32_t) +
         (weights_.size() + velocities_.size() + weightsByRight_.size()) * sizeof(int16_t) +
         (rightSums_.size() + leftSums_.size()) * sizeof(int64_t);
}

}  // namespace sparse_train
