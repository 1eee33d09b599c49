#include "gradient_record.hpp"

#include <algorithm>

namespace sparse_train {

void GradientRecord::clear() { *this = GradientRecord{}; }

void GradientRecord::add(const ActiveList& list, const int16_t* deltas, uint32_t right) {
  rights_ = right;
  groups_.insert(groups_.end(), list.groups, list.groups + list.count);
  pairs_.insert(pairs_.end(), list.pairs, list.pairs + list.count);
  deltas_.insert(deltas_.end(), deltas, deltas + right);
  ends_.push_back(groups_.size());
}

void GradientRecord::ofNeuron(uint32_t right, std::vector<int64_t>& gradients) const {
  std::fill(gradients.begin(), gradients.end(), 0);
  size_t entry = 0;
  for (size_t input = 0; input < ends_.size(); input++) {
    const int64_t delta = deltas_[input * rights_ + right];
    if (delta == 0) {
      entry = ends_[input];
      continue;
    }
    for (; entry < ends_[input]; entry++) {
      const size_t left = static_cast<size_t>(groups_[entry]) * kTileLefts;
      gradients[left] += delta * static_cast<int16_t>(pairs_[entry] & 0xFFFF);
      if (left + 1 < gradients.size()) gradients[left + 1] += delta * (pairs_[entry] >> 16);
    }
  }
}

}  // namespace sparse_train
