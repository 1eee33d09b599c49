// The activation table of a layer of neurons, as the hardware's kernels address it.
#pragma once

#include <vector>

#include "fixed/hardware_format.hpp"
#include "kernels/hardware/hardware_kernels.hpp"

namespace sparse_train {

/// The activation table of a layer for quick look-ups by the addresses that the kernels compute. One extra
/// entry at each end serves all sums beyond the range.
template <typename Word>
class LayerTable {
 public:
  using Sum = typename HardwareSum<Word>::Type;
  struct Entry {
    Word value, slope;
  };

  LayerTable(const HardwareFormat& format, HardwareActivation activation, int floor)
      : table_(format, activation, floor), number_(format.number()) {
    const std::vector<HardwareTable::Entry>& entries = table_.entries();
    if (entries.empty()) {  // for ReLU, the address is the sum
      limit_ = number_.max;
      return;
    }
    shift_ = format.fraction() - table_.addressFraction();
    limit_ = static_cast<int32_t>(entries.size() / 2 - 1);
    const int64_t first = static_cast<int64_t>(limit_ + 1) << shift_;  // beyond the table
    entries_.push_back(pack(table_.at(hardwareClip(-first - 1, number_))));
    for (const HardwareTable::Entry& entry : entries) entries_.push_back(pack(entry));
    entries_.push_back(pack(table_.at(hardwareClip(first, number_))));
    limit_++;
  }

  int32_t slopeMax() const { return table_.slopeMax(); }

  /// Converts the sums of n neurons to activations and derivatives, overwriting the sums. Returns how many
  /// sums were clipped at the format's limit.
  uint32_t look(const HardwareKernels<Word>& kernels, Sum* sums, const Word* biases, size_t n, Word* values,
                Word* slopes) const {
    const uint32_t clipped = kernels.address(sums, biases, n, &number_, shift_, limit_);
    if (entries_.empty()) {
      for (size_t i = 0; i < n; i++) place(pack(table_.at(sums[i])), values + i, slopes + i);
    } else {
      const Entry* entries = entries_.data() + limit_ + 1;
      for (size_t i = 0; i < n; i++) place(entries[sums[i]], values + i, slopes + i);
    }
    return clipped;
  }

 private:
  static Entry pack(HardwareTable::Entry entry) {
    return {static_cast<Word>(entry.value), static_cast<Word>(entry.slope)};
  }
  static void place(Entry entry, Word* value, Word* slope) {
    *value = entry.value;
    *slope = entry.slope;
  }

  HardwareTable table_;
  HardwareNumber number_;
  int32_t shift_ = 0;
  int32_t limit_ = 0;  ///< addresses from -limit_ - 1 to limit_
  std::vector<Entry> entries_;
};

}  // namespace sparse_train
