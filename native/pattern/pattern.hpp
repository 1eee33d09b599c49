// The pre-defined connectivity of one junction: which left neurons each right neuron reads.
#pragma once

#include <stdint.h>

#include <string>
#include <vector>

namespace sparse_train {

/// Edges are numbered on the right (docs/edge-processing.md, section 1): right neuron r has the edges offsets[r] ..
/// offsets[r + 1] - 1, and edge e reads left neuron lefts[e]. Within a right neuron the left neurons ascend and none
/// appears twice. Memory: 4 bytes per edge and 8 per right neuron.
struct Pattern {
  uint32_t left = 0;
  uint32_t right = 0;
  std::vector<uint64_t> offsets;
  std::vector<uint32_t> lefts;

  uint64_t edges() const { return lefts.size(); }
};

/// Smallest and largest number of edges per neuron.
struct Degrees {
  uint64_t fanInMin = 0, fanInMax = 0, fanOutMin = 0, fanOutMax = 0;
};
Degrees degreesOf(const Pattern& pattern);

/// What is wrong with a pattern (offsets, range, order, duplicates), or an empty string.
std::string patternFault(const Pattern& pattern);

/// The pattern with every edge.
Pattern densePattern(uint32_t left, uint32_t right);

/// Rectangles of `groupSize` left x `blockSize` right neurons, with all edges inside a rectangle. They are dealt so
/// that every block of right neurons reads the same number of groups, all groups are read equally often (+-1), and no
/// group is left out if there are enough rectangles. 1 x 1 gives the structured pattern: fixed fan-in, and fan-outs
/// that differ by at most one (by none if left divides the number of edges). `edges` is rounded to whole rectangles
/// per block, at least one.
Pattern dealtPattern(uint32_t left, uint32_t right, uint64_t edges, uint32_t groupSize, uint32_t blockSize,
                     uint64_t seed, uint64_t junction);

/// Exactly `edges` edges at random places; every neuron has at least one edge if edges >= max(left, right).
Pattern randomPattern(uint32_t left, uint32_t right, uint64_t edges, uint64_t seed, uint64_t junction);

}  // namespace sparse_train
