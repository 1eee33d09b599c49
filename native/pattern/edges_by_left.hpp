// The edges of a junction sorted by left neuron, for passes that go from right to left.
#pragma once

#include <stdint.h>

#include <vector>

#include "pattern.hpp"

namespace sparse_train {

/// The edges of left neuron l are at the places start[l] .. start[l + 1] - 1, with ascending right neurons.
struct EdgesByLeft {
  std::vector<uint32_t> start;   ///< left + 1
  std::vector<uint32_t> rights;  ///< right neuron of each place
  std::vector<uint32_t>
      places;  ///< place of each edge, in edge order (by right neuron, as the pattern has them)
};

EdgesByLeft edgesByLeft(const Pattern& pattern);

}  // namespace sparse_train
