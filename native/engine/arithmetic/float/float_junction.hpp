// The parameters of a junction of the `float` arithmetic. Edges are in the order of their places (by left
// neuron).
#pragma once

#include <vector>

#include "pattern/edges_by_left.hpp"

namespace sparse_train {

struct FloatJunction {
  EdgesByLeft edges;
  std::vector<float> weights;
  std::vector<float> first;   ///< velocities, or first moments of Adam; empty for other rules
  std::vector<float> second;  ///< second moments of Adam
  std::vector<float> biases, biasFirst, biasSecond;
};

}  // namespace sparse_train
