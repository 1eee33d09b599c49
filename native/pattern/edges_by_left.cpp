#include "edges_by_left.hpp"

namespace sparse_train {

EdgesByLeft edgesByLeft(const Pattern& pattern) {
  EdgesByLeft list;
  list.start.assign(static_cast<size_t>(pattern.left) + 1, 0);
  for (const uint32_t left : pattern.lefts) list.start[left + 1]++;
  for (uint32_t left = 0; left < pattern.left; left++) list.start[left + 1] += list.start[left];
  list.rights.resize(pattern.edges());
  list.places.resize(pattern.edges());
  std::vector<uint32_t> next(list.start.begin(), list.start.end() - 1);
  for (uint32_t right = 0; right < pattern.right; right++) {
    for (uint64_t edge = pattern.offsets[right]; edge < pattern.offsets[right + 1]; edge++) {
      const uint32_t place = next[pattern.lefts[edge]]++;
      list.rights[place] = right;
      list.places[edge] = place;
    }
  }
  return list;
}

}  // namespace sparse_train
