// Formats and activation tables of the hardware's datapath (docs/arithmetic.md, "Hardware").
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

#include "hardware_number.hpp"

namespace sparse_train {

/// Sign, integer bits and fraction bits; published formats are 1.2.5 (8 bits) to 1.4.11 (16 bits) and 1.10.21 (32 bits).
struct HardwareFormat {
  int width = 10;
  int integerBits = 2;

  int fraction() const { return width - 1 - integerBits; }
  /// 1.0. The format need not contain it: without integer bits it is the maximum plus one.
  int64_t one() const { return int64_t{1} << fraction(); }
  HardwareNumber number() const {
    const int64_t range = int64_t{1} << (width - 1);
    return {fraction(), static_cast<int32_t>(-range), static_cast<int32_t>(range - 1)};
  }
};

/// The reason why this format is not supported, or an empty string. Supported are 4 to 16 bits, or 32, with
/// at least 2 fraction bits.
std::string hardwareFormatFault(const HardwareFormat& format);

enum class HardwareActivation { sigmoid, relu };

/// An activation function and its derivative: (a, a') = table(sum).
class HardwareTable {
 public:
  struct Entry {
    int32_t value, slope;
  };

  /// `floor`: 0, or 1 for tables whose values within their range are at least one least significant bit.
  HardwareTable(HardwareFormat format, HardwareActivation activation, int floor);

  Entry at(int64_t sum) const {
    if (entries_.empty()) return relu(sum);
    if (sum >= high_) return {static_cast<int32_t>(one_ - 1), 1};
    if (sum < -high_) return {1, 1};
    return entries_[static_cast<size_t>((sum >> shift_) + half_)];
  }

  /// The largest derivative that at() can return.
  int32_t slopeMax() const { return slopeMax_; }

  /// Sigmoid: the entries for addresses -size/2 .. size/2 - 1, as the memories store them. ReLU: none.
  const std::vector<Entry>& entries() const { return entries_; }
  /// Sigmoid: the number of fraction bits of a sum that its address keeps.
  int addressFraction() const { return addressFraction_; }

 private:
  Entry relu(int64_t sum) const {
    if (sum <= 0) return {1, 1};
    return sum >= one_ ? Entry{static_cast<int32_t>(one_ - 1), 1}
                       : Entry{static_cast<int32_t>(sum), static_cast<int32_t>(one_ - 1)};
  }

  int64_t one_;
  int64_t high_ = 0;  ///< sums from -high_ to below high_ are in the table
  int shift_ = 0;
  int addressFraction_ = 0;
  int32_t half_ = 0;
  int32_t slopeMax_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace sparse_train
