// Rows of weights, stored in pages so that adding rows moves nothing: a learner adds a row for each name that it
// meets. The first pages are small, so that a small learner stays small. Later ones are large enough for the large pages
// of the operating system: rows of many names are read in no order, and each would wait for an address translation.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <utility>
#include <vector>

#include "../engine/aligned_buffer.hpp"

namespace sparse_train {

class WeightRows {
 public:
  explicit WeightRows(size_t words) : words_(words) {
    while ((words * sizeof(int16_t) << largeShift_) < kLargePageBytes) largeShift_++;
  }

  size_t size() const { return size_; }
  size_t words() const { return words_; }
  int16_t* operator[](size_t row) { return const_cast<int16_t*>(std::as_const(*this)[row]); }
  const int16_t* operator[](size_t row) const {
    const size_t large = row >> largeShift_;
    return large == 0 ? pages_[row / kPageRows].data() + row % kPageRows * words_
                      : largePages_[large - 1].data() + (row - (large << largeShift_)) * words_;
  }

  /// Appends a row of zeros.
  int16_t* append() {
    const size_t largeRows = size_t{1} << largeShift_;
    if (size_ < largeRows) {
      if (size_ % kPageRows == 0) pages_.emplace_back(kPageRows * words_);
    } else if (size_ % largeRows == 0) {
      largePages_.emplace_back(largeRows * words_);
    }
    return (*this)[size_++];
  }

 private:
  static constexpr size_t kPageRows = 128;
  /// AlignedBuffer asks for large pages from this size on.
  static constexpr size_t kLargePageBytes = size_t{8} << 20;

  size_t words_;
  /// A large page has 2^largeShift_ rows, and so have all small pages together.
  unsigned largeShift_ = 7;
  size_t size_ = 0;
  std::vector<AlignedBuffer<int16_t>> pages_, largePages_;
};

}  // namespace sparse_train
