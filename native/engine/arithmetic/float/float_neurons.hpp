// The computations of neurons of the `float` arithmetic, and the conversion of examples to its numbers.
#pragma once

#include <vector>

#include "engine/spec.hpp"

namespace sparse_train {

/// Columns `first` to `end` - 1 of row `row` of the inputs: bytes and 16-bit integers in units of 1/256, floats scaled.
void readFloatColumns(const InputView& inputs, uint64_t row, uint32_t columns, uint32_t first, uint32_t end,
                      float* values);

inline void readFloatRow(const InputView& inputs, uint64_t row, uint32_t columns, float* values) {
  readFloatColumns(inputs, row, columns, 0, columns, values);
}

/// values = activation(values).
void activateFloats(Activation activation, float* values, size_t n);
/// errors = errors * derivative, computed from the activations.
void slopeFloats(Activation activation, const float* activations, float* errors, size_t n);

/// The target of one example: a label, or a number per output.
struct FloatTarget {
  int32_t label = 0;
  std::vector<float> values;

  void read(const TargetView& targets, uint64_t row, uint32_t outputs);
};

/// The results of an example's outputs.
struct FloatCost {
  double loss = 0.0;
  bool correct = false;
};

/// The output layer.
class FloatOutput {
 public:
  explicit FloatOutput(const NetworkSpec& spec) : kind_(spec.output), width_(spec.layers.back()) {}

  void setClassWeights(const std::vector<double>& weights) { classWeights_ = weights; }
  const std::vector<double>& classWeights() const { return classWeights_; }
  /// Scores of one example; `scores` may be `sums`.
  void score(const float* sums, float* scores) const;
  /// The derivatives of the cost with respect to the sums; `deltas` and `scores` may be the same array.
  FloatCost cost(const float* scores, const FloatTarget& target, float* deltas) const;

 private:
  Output kind_;
  uint32_t width_;
  std::vector<double> classWeights_;
};

}  // namespace sparse_train
