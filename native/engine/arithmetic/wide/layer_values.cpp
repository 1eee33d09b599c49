#include "layer_values.hpp"

#include <stdlib.h>
#include <string.h>

#include <algorithm>

#include "tiles.hpp"

namespace sparse_train {
namespace {

/// The number of bits set in `bytes`, a multiple of 8 (Warren, "Hacker's Delight", section 5-1).
uint32_t countBits(const uint8_t* bytes, size_t count) {
  uint64_t total = 0;
  for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    memcpy(&word, bytes + i, sizeof(word));
    word -= (word >> 1) & 0x5555555555555555ull;
    word = (word & 0x3333333333333333ull) + ((word >> 2) & 0x3333333333333333ull);
    word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Full;
    total += (word * 0x0101010101010101ull) >> 56;
  }
  return static_cast<uint32_t>(total);
}

/// Whether a sparse row is read faster as a list: each of its values then costs a branch that is often mispredicted, whereas
/// the whole row costs a few cycles for 32 columns and about two for a value.
bool hasFewValues(const InputView& inputs, uint64_t row, uint32_t columns) {
  constexpr uint64_t kFew = 16;  // columns per value
  return (inputs.starts[row + 1] - inputs.starts[row]) * kFew < columns;
}

}  // namespace

LayerValues::LayerValues(uint32_t neurons, const WideKernels* kernels)
    : kernels_(kernels),
      neurons_(neurons),
      values_(padded(neurons, kValuesTogether)),
      activity_(padded(neurons, 16 * 64) / 16),
      groups_(values_.size() / 2 + 16),
      pairs_(values_.size() / 2 + 16) {
  list_ = {0, groups_.data(), pairs_.data()};
}

void LayerValues::read(const InputView& inputs, uint64_t row, bool listed) {
  largest_ = largestInput(inputs);
  if (listed && inputs.isSparse() && inputs.keepsZero && hasFewValues(inputs, row, neurons_)) {
    readSparseRow(inputs, row);
    return;
  }
  computed(readActivations(*kernels_, inputs, row, neurons_, values_.data(), activity_.data()));
}

void LayerValues::assign(const int16_t* values) {
  std::copy_n(values, neurons_, values_.data());
  computed(kernels_->markValues(values_.data(), values_.size(), activity_.data()));
  largest_ = 0;
  for (uint32_t i = 0; i < neurons_; i++) largest_ = std::max<int32_t>(largest_, abs(int32_t{values[i]}));
}

void LayerValues::computed(uint32_t sumOfAbsolutes) {
  sumOfAbsolutes_ = sumOfAbsolutes;
  activeGroups_ = kNotCounted;
  whole_ = true;
  listed_ = false;
}

void LayerValues::countActiveGroups() {
  activeGroups_ = countBits(activity_.data(), padded(values_.size(), 128) / 16);
}

/// Lists the nonzero values of a sparse row.
void LayerValues::readSparseRow(const InputView& inputs, uint64_t row) {
  list_.count = 0;
  sumOfAbsolutes_ = 0;
  forSparseActivations(inputs, row, neurons_, [&](uint32_t column, int16_t value) {
    if (value == 0) return;
    const uint32_t group = column / kTileLefts;
    if (list_.count == 0 || list_.groups[list_.count - 1] != group) {
      list_.groups[list_.count] = group;
      list_.pairs[list_.count++] = 0;
    }
    // Columns ascend, so the second value of a pair comes after the first.
    const auto bits = static_cast<uint32_t>(static_cast<uint16_t>(value));
    list_.pairs[list_.count - 1] |= static_cast<int32_t>(column % kTileLefts == 0 ? bits : bits << 16);
    sumOfAbsolutes_ += static_cast<uint32_t>(abs(int32_t{value}));
  });
  activeGroups_ = list_.count;
  whole_ = false;
  listed_ = true;
}

void LayerValues::listValues() {
  kernels_->listValues(values_.data(), values_.size(), 0, &list_);
  listed_ = true;
}

void LayerValues::scatterList() {
  values_.clear();
  activity_.clear();
  for (uint32_t k = 0; k < list_.count; k++) {
    const uint32_t group = list_.groups[k];
    memcpy(values_.data() + size_t{kTileLefts} * group, list_.pairs + k, sizeof(int32_t));
    activity_[group / 8] = static_cast<uint8_t>(activity_[group / 8] | 1u << group % 8);
  }
  whole_ = true;
}

}  // namespace sparse_train
