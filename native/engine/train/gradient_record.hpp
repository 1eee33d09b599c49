// The factors of the gradients of edges, kept for some inputs: activations of the left layer and deltas of
// the right one. They give the gradient of every possible edge without memory for all edges.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "kernels/wide/wide_kernels.hpp"

namespace sparse_train {

class GradientRecord {
 public:
  void clear();
  bool empty() const { return ends_.empty(); }

  /// Adds an input: the left layer's activations that are not zero, and the deltas of `right` neurons.
  void add(const ActiveList& list, const int16_t* deltas, uint32_t right);

  /// gradients[l] = the sum over all inputs of activation l * delta of this right neuron; exact, each term is
  /// at most 2^26.
  void ofNeuron(uint32_t right, std::vector<int64_t>& gradients) const;

 private:
  uint32_t rights_ = 0;
  std::vector<size_t> ends_;  ///< per input: the end of its entries in groups_ and pairs_
  std::vector<uint32_t> groups_;
  std::vector<int32_t> pairs_;
  std::vector<int16_t> deltas_;  ///< inputs x rights_
};

}  // namespace sparse_train
