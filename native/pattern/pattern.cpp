#include "pattern.hpp"

#include <algorithm>

namespace sparse_train {

Degrees degreesOf(const Pattern& pattern) {
  std::vector<uint32_t> fanOut(pattern.left, 0);
  for (const uint32_t left : pattern.lefts) fanOut[left]++;
  Degrees degrees;
  const auto [low, high] = std::minmax_element(fanOut.begin(), fanOut.end());
  degrees.fanOutMin = *low;
  degrees.fanOutMax = *high;
  degrees.fanInMin = UINT64_MAX;
  for (uint32_t right = 0; right < pattern.right; right++) {
    const uint64_t fanIn = pattern.offsets[right + 1] - pattern.offsets[right];
    degrees.fanInMin = std::min(degrees.fanInMin, fanIn);
    degrees.fanInMax = std::max(degrees.fanInMax, fanIn);
  }
  return degrees;
}

std::string patternFault(const Pattern& pattern) {
  if (pattern.offsets.size() != static_cast<size_t>(pattern.right) + 1) {
    return "offsets must have one entry more than there are right neurons";
  }
  if (pattern.offsets.front() != 0 || pattern.offsets.back() != pattern.lefts.size()) {
    return "offsets must begin with 0 and end with the number of edges";
  }
  // Only called for a fault: making a text for every edge would take longer than all the checks.
  const auto where = [](uint64_t edge, uint32_t right) {
    return "edge " + std::to_string(edge) + " of right neuron " + std::to_string(right);
  };
  for (uint32_t right = 0; right < pattern.right; right++) {
    if (pattern.offsets[right] > pattern.offsets[right + 1] ||
        pattern.offsets[right + 1] > pattern.lefts.size()) {
      return "offsets of right neuron " + std::to_string(right) + " descend";
    }
    for (uint64_t edge = pattern.offsets[right]; edge < pattern.offsets[right + 1]; edge++) {
      if (pattern.lefts[edge] >= pattern.left) {
        return where(edge, right) + " reads left neuron " + std::to_string(pattern.lefts[edge]) +
               ", but there are " + std::to_string(pattern.left);
      }
      if (edge > pattern.offsets[right] && pattern.lefts[edge] <= pattern.lefts[edge - 1]) {
        return where(edge, right) +
               (pattern.lefts[edge] == pattern.lefts[edge - 1] ? " is a duplicate" : " is out of order");
      }
    }
  }
  return "";
}

}  // namespace sparse_train
