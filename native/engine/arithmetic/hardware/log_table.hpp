// Logarithms of probabilities, for the cross-entropy that training reports.
#pragma once

#include <stdint.h>

#include <cmath>
#include <vector>

namespace sparse_train {

/// -log(p) for probabilities p in a format with `fraction` bits, in units of 2^-26. Whole numbers can be
/// added quickly and in any order. A probability of 0 counts as half of the smallest one.
class LogTable {
 public:
  static constexpr double kUnit = 1.0 / (1 << 26);
  static constexpr int kMaxFraction = 16;  // uses a table up to this size, and log() above

  explicit LogTable(int fraction) : fraction_(fraction) {
    if (fraction > kMaxFraction) return;
    for (int64_t p = 0; p <= int64_t{1} << fraction; p++) entries_.push_back(compute(p));
  }
  uint32_t at(int64_t p) const { return entries_.empty() ? compute(p) : entries_[static_cast<size_t>(p)]; }

 private:
  uint32_t compute(int64_t p) const {
    const double probability =
        p <= 0 ? std::ldexp(0.5, -fraction_) : std::ldexp(static_cast<double>(p), -fraction_);
    return static_cast<uint32_t>(-std::log(probability) / kUnit + 0.5);
  }
  int fraction_;
  std::vector<uint32_t> entries_;
};

}  // namespace sparse_train
