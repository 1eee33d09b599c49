// Which left neuron each edge of a junction reads, in the orders that the hardware's kernels need.
#pragma once

#include <vector>

#include "kernels/hardware/hardware_kernels.hpp"
#include "pattern/pattern.hpp"

namespace sparse_train {

class JunctionWiring {
 public:
  /// Keeps a reference to the pattern's edges.
  explicit JunctionWiring(const Pattern& pattern);
  JunctionWiring(const JunctionWiring&) = delete;
  JunctionWiring& operator=(const JunctionWiring&) = delete;

  const HardwareWiring* lists() const { return &wiring_; }
  /// Whether the kernels rotate the rows of the left layer's memories instead of looking up each edge.
  bool rotates() const { return wiring_.rows != 0; }

 private:
  void listByLeft(const Pattern& pattern);
  void listByRank();
  void listStarts(const Pattern& pattern);

  std::vector<uint32_t> leftStart_, leftEdges_, rankEdges_;
  std::vector<uint16_t> starts_;
  HardwareWiring wiring_{};
};

}  // namespace sparse_train
