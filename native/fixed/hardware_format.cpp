#include "hardware_format.hpp"

#include <algorithm>
#include <cmath>

#include "exact_exp.hpp"

namespace sparse_train {
namespace {

/// floor(value * 2^fraction + 1/2), limited to `most` at the top and then to `floor` at the bottom.
int32_t tableEntry(double value, int fraction, int32_t floor, int64_t most) {
  const auto rounded = static_cast<int64_t>(std::floor(std::ldexp(value, fraction) + 0.5));
  return std::max(floor, static_cast<int32_t>(std::min(rounded, most)));
}

}  // namespace

std::string hardwareFormatFault(const HardwareFormat& format) {
  if (!((format.width >= 4 && format.width <= 16) || format.width == 32)) {
    return "the width must be 4 to 16, or 32, bits";
  }
  if (format.integerBits < 0 || format.fraction() < 2) {
    return "a width of " + std::to_string(format.width) + " leaves 0 to " + std::to_string(format.width - 3) +
           " integer bits (one bit is the sign, two at least are after the point)";
  }
  return "";
}

HardwareTable::HardwareTable(HardwareFormat format, HardwareActivation activation, int floor)
    : one_(format.one()) {
  if (activation == HardwareActivation::relu) {
    slopeMax_ = static_cast<int32_t>(one_ - 1);
    return;
  }
  const int fraction = format.fraction();
  const int domainBits = std::min(3, format.integerBits);  // the table covers -D to D, D = min(8, 2^I)
  const int sizeBits = std::min({12, format.width, fraction + domainBits + 1});
  addressFraction_ = sizeBits - 1 - domainBits;
  shift_ = fraction - addressFraction_;
  half_ = 1 << (sizeBits - 1);
  high_ = int64_t{1} << (fraction + domainBits);
  entries_.reserve(size_t{1} << sizeBits);
  for (int32_t address = -half_; address < half_; address++) {
    const double x = std::ldexp(static_cast<double>(address), -addressFraction_);
    const double sigmoid = 1.0 / (1.0 + exactExp(-x));
    const Entry entry = {tableEntry(sigmoid, fraction, floor, one_ - 1),
                         tableEntry(sigmoid * (1.0 - sigmoid), fraction, floor, one_ / 4 - 1)};
    slopeMax_ = std::max(slopeMax_, entry.slope);
    entries_.push_back(entry);
  }
  slopeMax_ = std::max(slopeMax_, 1);  // outside the table
}

}  // namespace sparse_train
