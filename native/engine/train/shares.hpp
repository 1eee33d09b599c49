// How the neurons of a layer are split among threads.
#pragma once

#include <stdint.h>

#include <vector>

namespace sparse_train {

/// Splits 0 .. n - 1 into at most `shares` consecutive runs of about equal weight. The length of each run,
/// except the last, is a multiple of `unit`. `before[i]` is the total weight of the elements before i (n + 1
/// entries). Returns the first element of each run, and n.
template <typename Weight>
std::vector<uint32_t> splitEvenly(const std::vector<Weight>& before, uint32_t shares, uint32_t unit = 1) {
  const auto n = static_cast<uint32_t>(before.size() - 1);
  std::vector<uint32_t> first{0};
  const double share = static_cast<double>(before[n]) / shares;
  for (uint32_t i = unit; i < n && first.size() < shares; i += unit) {
    if (static_cast<double>(before[i]) >= share * static_cast<double>(first.size())) first.push_back(i);
  }
  first.push_back(n);
  return first;
}

/// The number of shares of a pass over a layer: somewhat more than threads, because not all threads run all
/// the time.
inline uint32_t sharesFor(uint32_t threads) { return threads == 1 ? 1 : 4 * threads; }

}  // namespace sparse_train
