// The activations of one layer for one input, in the two forms that passes over weights read: whole, or as a list of the
// pairs that are not zero. Each form is made from the other when it is first asked for.
#pragma once

#include <stdint.h>

#include "engine/aligned_buffer.hpp"
#include "kernels/wide/wide_kernels.hpp"
#include "wide_values.hpp"

namespace sparse_train {

/// A layer as whole passes read it.
struct WholeLayer {
  const int16_t* values;    ///< all, padded with zeros to a multiple of 64
  const uint8_t* activity;  ///< wide_kernels.hpp
  size_t size;              ///< of values, padding included
};

class LayerValues {
 public:
  /// A layer of zeros.
  LayerValues(uint32_t neurons, const WideKernels* kernels);

  /// Reads an input. `listed`: a sparse row may be taken as a list, in time of its values, not of its columns.
  void read(const InputView& inputs, uint64_t row, bool listed);
  /// Copies `neurons` values.
  void assign(const int16_t* values);

  /// For whoever computes a layer: where values and activity go, padding zero. Then computed() says what is in them.
  int16_t* valuesToFill() { return values_.data(); }
  uint8_t* activityToFill() { return activity_.data(); }
  void computed(uint32_t sumOfAbsolutes);

  WholeLayer whole() {
    if (!whole_) scatterList();
    return {values_.data(), activity_.data(), values_.size()};
  }
  /// The pairs that are not zero.
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
  /// No value is larger, in size.
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
  AlignedBuffer<uint32_t> groups_;  ///< of the list; room for all groups
  AlignedBuffer<int32_t> pairs_;
  ActiveList list_{};
  bool whole_ = true, listed_ = false;  ///< which forms hold the layer; at least one
  uint32_t activeGroups_ = 0;
  uint32_t sumOfAbsolutes_ = 0;
  int32_t largest_ = kActivationMax;
};

}  // namespace sparse_train
