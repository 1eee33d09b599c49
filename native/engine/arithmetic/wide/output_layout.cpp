#include "output_layout.hpp"

#include "fixed/rounding.hpp"
#include "layer_values.hpp"
#include "tiles.hpp"

namespace sparse_train {
namespace {

/// A pass covers all left neurons, and up to this many its time hardly grows. Wider layers occur with sparse
/// inputs.
constexpr uint32_t kMostLefts = 4096;

/// Calls visit(left, activation) for those neurons of a list's pairs that exist.
template <typename Visit>
void forNeurons(const ActiveList& list, uint32_t left, Visit visit) {
  for (uint32_t k = 0; k < list.count; k++) {
    const uint32_t neuron = list.groups[k] * kTileLefts;
    visit(neuron, static_cast<int32_t>(static_cast<int16_t>(list.pairs[k] & 0xFFFF)));
    if (neuron + 1 < left) visit(neuron + 1, list.pairs[k] >> 16);
  }
}

}  // namespace

bool OutputLayout::suits(const Pattern& pattern, bool momentum) {
  const uint64_t cells = static_cast<uint64_t>(pattern.left) * pattern.right;
  return !momentum && pattern.right <= kMostOutputs && pattern.left <= kMostLefts && pattern.edges() == cells;
}

OutputLayout::OutputLayout(const Pattern& pattern, const WideKernels* kernels)
    : WideLayout(pattern, false), kernels_(kernels) {
  layOut();
}

void OutputLayout::layOut() {
  leftBlocks_ = divideUp(pattern_.left, kOutputLefts);
  rows_ = static_cast<uint32_t>(padded(pattern_.right, 2));
  weights_.reset(static_cast<size_t>(leftBlocks_) * rows_ * kOutputLefts);
}

OutputRows OutputLayout::view() const {
  // The same struct serves reading and writing passes.
  return {const_cast<int16_t*>(weights_.data()), leftBlocks_, rows_};
}

size_t OutputLayout::placeOf(uint32_t left, uint32_t right) const {
  return (static_cast<size_t>(left / kOutputLefts) * rows_ + right) * kOutputLefts + left % kOutputLefts;
}

void OutputLayout::readWeights(int16_t* weights) const {
  for (uint32_t right = 0; right < pattern_.right; right++) {
    for (uint32_t left = 0; left < pattern_.left; left++) *weights++ = weights_[placeOf(left, right)];
  }
}

void OutputLayout::writeWeights(const int16_t* weights) {
  for (uint32_t right = 0; right < pattern_.right; right++) {
    for (uint32_t left = 0; left < pattern_.left; left++) weights_[placeOf(left, right)] = *weights++;
  }
}

void OutputLayout::forward(uint32_t, const ActiveList& list, int32_t* sums) const {
  forNeurons(list, pattern_.left, [&](uint32_t left, int32_t activation) {
    for (uint32_t right = 0; right < pattern_.right; right++)
      sums[right] += activation * weights_[placeOf(left, right)];
  });
}

void OutputLayout::forwardWhole(uint32_t, const WholeLayer& left, const int32_t* biases,
                                int32_t* sums) const {
  const OutputRows rows = view();
  kernels_->forwardOutputs(&rows, left.values, biases, sums);
}

void OutputLayout::backward(uint32_t, const ActiveList&, const int16_t* deltas, int32_t* into) const {
  errors(deltas, into);
}

void OutputLayout::backwardExact(uint32_t, const ActiveList& list, const int16_t* deltas, int64_t* errors) {
  forNeurons(list, pattern_.left, [&](uint32_t left, int32_t) {
    int64_t sum = 0;
    for (uint32_t right = 0; right < pattern_.right; right++)
      sum += static_cast<int64_t>(deltas[right]) * weights_[placeOf(left, right)];
    errors[left] = sum;
  });
  if (pattern_.left % kTileLefts != 0) errors[pattern_.left] = 0;
}

void OutputLayout::update(uint32_t, const ActiveList& list, const int16_t* paired, const UpdateRule& rule) {
  forNeurons(list, pattern_.left, [&](uint32_t left, int32_t activation) {
    const auto offset = static_cast<uint16_t>(left / kTileLefts * kLaneStride);
    for (uint32_t right = 0; right < pattern_.right; right++) {
      int16_t& weight = weights_[placeOf(left, right)];
      const int32_t rounding = rule.stochastic
                                   ? static_cast<uint16_t>(rule.lanes[2 * right + left % kTileLefts] + offset)
                                   : 0x8000;
      const int32_t product = activation * (1 << rule.shift) * paired[2 * right] + rounding;
      weight = static_cast<int16_t>(clip<int32_t>(weight - (product >> 16), rule.weightMin, rule.weightMax));
    }
  });
}

void OutputLayout::updateWhole(uint32_t, const WholeLayer& left, const int16_t* paired, const uint8_t*,
                               const UpdateRule& rule) {
  const OutputRows rows = view();
  kernels_->updateOutputs(&rows, left.values, paired, &rule);
}

void OutputLayout::decay(uint32_t, int16_t factor, const UpdateRule& rule) {
  for (uint32_t left = 0; left < pattern_.left; left++) {
    const auto offset = static_cast<uint16_t>(left / kTileLefts * kLaneStride);
    for (uint32_t right = 0; right < pattern_.right; right++) {
      int16_t& weight = weights_[placeOf(left, right)];
      const int32_t rounding = rule.stochastic
                                   ? static_cast<uint16_t>(rule.lanes[2 * right + left % kTileLefts] + offset)
                                   : 0x8000;
      const int32_t step = (weight * factor + rounding) >> 16;
      weight = static_cast<int16_t>(clip<int32_t>(weight - step, rule.weightMin, rule.weightMax));
    }
  }
}

void OutputLayout::errors(const int16_t* deltas, int32_t* errors) const {
  const OutputRows rows = view();
  kernels_->errorsOutputs(&rows, deltas, errors);
}

uint32_t OutputLayout::backwardRelu(const WholeLayer& left, const int16_t* deltas, const int16_t* paired,
                                    bool moves, int fraction, const UpdateRule& rule, int16_t* leftDeltas) {
  const OutputRows rows = view();
  return kernels_->backwardOutputs(&rows, left.values, deltas, paired, moves ? 1 : 0, fraction, &rule,
                                   leftDeltas);
}

}  // namespace sparse_train
