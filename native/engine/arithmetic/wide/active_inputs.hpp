// Which inputs of a batch of sparse rows are not zero. Only their rows of a strip are ever written or read, so that a batch
// takes time and memory traffic in proportion to what its examples hold.
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
  /// Before a batch: nothing is active.
  void begin(uint32_t strips, uint32_t columns) {
    pairs_ = (columns + kTileLefts - 1) / kTileLefts;
    flags_.assign(static_cast<size_t>(strips) * pairs_, 0);
  }

  /// The rows of the column's pair hold zeros at least.
  void wake(uint32_t strip, uint32_t column, int16_t* rows) {
    uint8_t& flag = flags_[static_cast<size_t>(strip) * pairs_ + column / kTileLefts];
    if (flag == 0) clearPair(column / kTileLefts, rows);
    flag = 1;
  }

  ActivePairs ofStrip(uint32_t strip) const { return flags_.data() + static_cast<size_t>(strip) * pairs_; }

  /// After all strips are loaded: the pairs that are active in any of them, whose rows then hold zeros at least in all.
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
