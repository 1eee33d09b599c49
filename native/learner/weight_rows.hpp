// Rows of weights, stored in pages so that adding rows moves nothing: a learner adds a row for each name that it
// meets.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "../engine/aligned_buffer.hpp"

namespace sparse_train {

class WeightRows {
 public:
  explicit WeightRows(size_t words) : words_(words) {}

  size_t size() const { return size_; }
  size_t words() const { return words_; }
  int16_t* operator[](size_t row) { return pages_[row / kPageRows].data() + row % kPageRows * words_; }
  const int16_t* operator[](size_t row) const {
    return pages_[row / kPageRows].data() + row % kPageRows * words_;
  }

  /// Appends a row of zeros.
  int16_t* append() {
    if (size_ == pages_.size() * kPageRows) pages_.emplace_back(kPageRows * words_);
    return (*this)[size_++];
  }

 private:
  static constexpr size_t kPageRows = 128;

  size_t words_;
  size_t size_ = 0;
  std::vector<AlignedBuffer<int16_t>> pages_;
};

}  // namespace sparse_train
