// The dense pattern, and random patterns with a given number of edges.
#include <algorithm>

#include "../fixed/random.hpp"
#include "pattern.hpp"

namespace sparse_train {
namespace {

/// Decides how many cells to draw for each right neuron, from `least` to `most`.
std::vector<uint32_t> drawCounts(uint32_t right, uint64_t total, uint32_t least, uint32_t most,
                                 RandomStream& random) {
  std::vector<uint32_t> counts(right, least);
  for (uint64_t left = total - static_cast<uint64_t>(right) * least; left > 0;) {
    const uint32_t chosen = random.below(right);
    if (counts[chosen] == most) continue;
    counts[chosen]++;
    left--;
  }
  return counts;
}

/// Gives every left neuron without an edge one edge of a left neuron that has several. Such left neurons exist as
/// long as there are at least as many edges as left neurons.
void adoptOrphans(Pattern& pattern, RandomStream& random) {
  std::vector<uint32_t> fanOut(pattern.left, 0);
  for (const uint32_t left : pattern.lefts) fanOut[left]++;
  for (uint32_t orphan = 0; orphan < pattern.left; orphan++) {
    if (fanOut[orphan] != 0) continue;
    uint64_t edge = random.below(pattern.edges());
    while (fanOut[pattern.lefts[edge]] < 2) edge = (edge + 1) % pattern.edges();
    fanOut[pattern.lefts[edge]]--;
    fanOut[orphan]++;
    pattern.lefts[edge] = orphan;
  }
  // Sorts once at the end, because a row can be as long as the layer and can have received many edges.
  for (uint32_t right = 0; right < pattern.right; right++) {
    const auto begin = pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[right]);
    const auto end = pattern.lefts.begin() + static_cast<int64_t>(pattern.offsets[right + 1]);
    if (!std::is_sorted(begin, end)) std::sort(begin, end);
  }
}

}  // namespace

Pattern densePattern(uint32_t left, uint32_t right) {
  Pattern pattern;
  pattern.left = left;
  pattern.right = right;
  pattern.offsets.resize(static_cast<size_t>(right) + 1);
  pattern.lefts.resize(static_cast<size_t>(left) * right);
  for (uint64_t r = 0; r <= right; r++) pattern.offsets[r] = r * left;
  for (uint64_t edge = 0; edge < pattern.lefts.size(); edge++)
    pattern.lefts[edge] = static_cast<uint32_t>(edge % left);
  return pattern;
}

Pattern randomPattern(uint32_t left, uint32_t right, uint64_t edges, uint64_t seed, uint64_t junction) {
  const uint64_t cells = static_cast<uint64_t>(left) * right;
  // Above half density the empty cells are drawn instead: few draws have to be repeated, and memory stays
  // proportional to the edges.
  const bool drawHoles = edges > cells / 2;
  const uint64_t drawn = drawHoles ? cells - edges : edges;
  RandomStream random(seed, junctionStream(kPatternStream, junction));
  const bool covers = edges >= right;
  const uint32_t least = !drawHoles && covers ? 1 : 0;
  const uint32_t most = drawHoles && covers ? left - 1 : left;
  const std::vector<uint32_t> counts = drawCounts(right, drawn, least, most, random);

  Pattern pattern;
  pattern.left = left;
  pattern.right = right;
  pattern.offsets.reserve(static_cast<size_t>(right) + 1);
  pattern.offsets.push_back(0);
  pattern.lefts.reserve(edges);
  std::vector<uint32_t> chosen;
  for (uint32_t r = 0; r < right; r++) {
    chosen.clear();
    if (static_cast<uint64_t>(counts[r]) * 2 > left) {  // selection sampling: every cell once, no rejection
      uint32_t needed = counts[r];
      for (uint32_t l = 0; needed > 0; l++) {
        if (random.below(left - l) < needed) {
          chosen.push_back(l);
          needed--;
        }
      }
    } else {
      while (chosen.size() < counts[r]) {  // draw what is missing, drop what came twice
        while (chosen.size() < counts[r]) chosen.push_back(random.below(left));
        std::sort(chosen.begin(), chosen.end());
        chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
      }
    }
    if (drawHoles) {
      size_t hole = 0;
      for (uint32_t l = 0; l < left; l++) {
        if (hole < chosen.size() && chosen[hole] == l) {
          hole++;
        } else {
          pattern.lefts.push_back(l);
        }
      }
    } else {
      pattern.lefts.insert(pattern.lefts.end(), chosen.begin(), chosen.end());
    }
    pattern.offsets.push_back(pattern.lefts.size());
  }
  if (edges >= left && edges >= right) adoptOrphans(pattern, random);
  return pattern;
}

}  // namespace sparse_train
