// Dynamic patterns: the weakest edges of a junction are replaced by others, and every right neuron keeps its number
// of edges (docs/arithmetic.md, "Dynamic patterns").
#pragma once

#include <stdint.h>

#include <functional>
#include <vector>

#include "pattern.hpp"

namespace sparse_train {

/// The rule by which edges move. Only integers are involved, so every machine moves the same edges.
struct RewireRule {
  uint32_t share = 0;       ///< of the edges that may move, in units of 2^-16
  bool byGradient = false;  ///< edges grow where the gradient is largest; otherwise anywhere
  uint64_t seed = 0;
  uint64_t time = 0;  ///< inputs presented so far: random choices of different times differ
};

/// Fills gradients[l] with the sum over examples of activation l * delta of a right neuron, for every left neuron l.
using GradientsOf = std::function<void(uint32_t right, std::vector<int64_t>& gradients)>;

/// Whether the pattern consists of whole rectangles of 2 left x 16 right neurons (smaller at the ends of layers). If
/// so, whole rectangles move; otherwise single edges do.
bool hasWholeTiles(const Pattern& pattern);

/// The pattern after the weakest edges have moved; `weights` are in edge order. Every right neuron keeps its number
/// of edges. `gradientsOf` is only called if the rule uses gradients.
Pattern rewired(const Pattern& pattern, const int16_t* weights, const RewireRule& rule, uint32_t junction,
                const GradientsOf& gradientsOf);

/// Calls visit(before, after) for every edge that is in both patterns of the same layers, with its number in each.
template <typename Visit>
void forKeptEdges(const Pattern& before, const Pattern& after, Visit visit) {
  for (uint32_t right = 0; right < before.right; right++) {
    uint64_t a = before.offsets[right];
    uint64_t b = after.offsets[right];
    while (a < before.offsets[right + 1] && b < after.offsets[right + 1]) {
      if (before.lefts[a] == after.lefts[b]) {
        visit(a++, b++);
      } else if (before.lefts[a] < after.lefts[b]) {
        a++;
      } else {
        b++;
      }
    }
  }
}

}  // namespace sparse_train
