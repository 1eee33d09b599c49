// The activations of one layer for one input, in the two forms that passes over weights read: as a whole
// array, or as a list of the pairs that are not zero. Each form is converted from the other when it is first
// requested.
#pragma once

#include <stdint.h>

#include "engine/aligned_buffer.hpp"
#include "kernels/wide/wide_kernels.hpp"
#include "wide_values.hpp"

namespace sparse_train {

/// A layer in the form that whole passes read.
struct WholeLayer {
  const int16_t* values;    ///< all values, padded with zeros to a multiple of 64
  const uint8_t* activity;  ///< see wide_kernels.hpp
  size_t size;              ///< the number of values, including padding
};

class LayerValues {
 public:
  /// A layer of zeros.
  LayerValues(uint32_t neurons, const WideKernels* kernels);

  /// Reads an input. `listed`: whether a sparse row may be read as a list, in time proportional to its values
  /// instead of its columns.
  void read(const InputView& inputs, uint64_t row, bool listed);
  /// Copies `neurons` values.
  void assign(const int16_t* values);

  /// The memory for values and activity of a newly computed layer; the padding is zero. After writing, call
  /// computed() with a description of the contents.
  int16_t* valuesToFill() { return values_.data(); }
  uint8_t* activityToFill() { return activity_.data(); }
  void computed(uint32_t sumOfAbsolutes);

  WholeLayer whole() {
    if (!whole_) scatterList();
    return {values_.data(), activity_.data(), values_.size()};
  }
  /// The list of pairs that are not zero.
  const ActiveList& list() {
    if (!listed_) listValues();
    return list_;
  }

  /// How many pairs are not both zero.
  uint32_t activeGroups() {
    if (activeGroups_ == kNotCounted) countActiveGroups();
    return activeGroups_;
  }
  uint32_t sumOfAbsolutes() const { return sumOfAbsolutes_; }
  /// An upper limit of the size of all values.
  int32_t largest() const { return largest_; }
  void setLargest(int32_t largest) { largest_ = largest; }

 private:
  static constexpr uint32_t kNotCounted = UINT32_MAX;

  void scatterList();
  void listValues();
  void countActiveGroups();
  void readSparseRow(const InputView& inputs, uint64_t row);

  const WideKernels* kernels_;
  uint32_t neurons_;
  AlignedBuffer<int16_t> values_;
  AlignedBuffer<uint8_t> activity_;
  AlignedBuffer<uint32_t> groups_;  ///< for the list; has room for all groups
  AlignedBuffer<int32_t> pairs_;
  ActiveList list_{};
  bool whole_ = true, listed_ = false;  ///< which forms are up to date; at least one
  uint32_t activeGroups_ = 0;
  uint32_t sumOfAbsolutes_ = 0;
  int32_t largest_ = kActivationMax;
};

}  // namespace sparse_train
