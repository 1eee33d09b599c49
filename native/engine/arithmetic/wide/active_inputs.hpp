// Records which inputs of a batch of sparse rows are not zero. Only their rows of a strip are ever written or
// read, so the time and memory traffic of a batch are proportional to the nonzero values of its examples.
#pragma once

#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "kernels/wide_batch/wide_batch_kernels.hpp"
#include "wide_junction.hpp"

namespace sparse_train {

class ActiveInputs {
 public:
  /// Called before a batch: marks everything as inactive.
  void begin(uint32_t strips, uint32_t columns) {
    pairs_ = (columns + kTileLefts - 1) / kTileLefts;
    flags_.assign(static_cast<size_t>(strips) * pairs_, 0);
  }

  /// Makes sure that the rows of the column's pair hold at least zeros.
  void wake(uint32_t strip, uint32_t column, int16_t* rows) {
    uint8_t& flag = flags_[static_cast<size_t>(strip) * pairs_ + column / kTileLefts];
    if (flag == 0) clearPair(column / kTileLefts, rows);
    flag = 1;
  }

  ActivePairs ofStrip(uint32_t strip) const { return flags_.data() + static_cast<size_t>(strip) * pairs_; }

  /// Called after all strips are loaded: returns the pairs that are active in any strip. Their rows hold at
  /// least zeros in all strips.
  template <typename RowsOf>
  ActivePairs unite(uint32_t strips, RowsOf rowsOf) {
    any_.assign(pairs_, 0);
    for (uint32_t strip = 0; strip < strips; strip++) {
      ActivePairs own = ofStrip(strip);
      for (uint32_t pair = 0; pair < pairs_; pair++) any_[pair] |= own[pair];
    }
    for (uint32_t strip = 0; strip < strips; strip++) {
      ActivePairs own = ofStrip(strip);
      for (uint32_t pair = 0; pair < pairs_; pair++) {
        if (any_[pair] > own[pair]) clearPair(pair, rowsOf(strip));
      }
    }
    return any_.data();
  }

 private:
  static void clearPair(uint32_t pair, int16_t* rows) {
    constexpr size_t kValues = kTileLefts * kStripSamples;
    memset(rows + pair * kValues, 0, kValues * sizeof(int16_t));
  }

  uint32_t pairs_ = 0;
  std::vector<uint8_t> flags_;  ///< [strip][pair]
  std::vector<uint8_t> any_;
};

}  // namespace sparse_train
