#include "float_neurons.hpp"

#include <algorithm>
#include <cmath>

#include "engine/input/sparse_row.hpp"

namespace sparse_train {
namespace {

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

float logOf(float probability) { return std::log(std::max(probability, 1e-30f)); }

float scaled(const InputView& inputs, double x, uint32_t column) {
  const double offset = inputs.offset == nullptr ? 0.0 : inputs.offset[column];
  const double scale = inputs.scale == nullptr ? 1.0 : inputs.scale[column];
  return static_cast<float>((x - offset) * scale);
}

/// Value number `index` of the inputs, as it counts in this column.
float valueOf(const InputView& inputs, size_t index, uint32_t column) {
  switch (inputs.type) {
    case InputView::Type::bytes:
      return static_cast<float>(static_cast<const uint8_t*>(inputs.data)[index]) / 256.0f;
    case InputView::Type::fixed:
      return static_cast<float>(static_cast<const int16_t*>(inputs.data)[index]) / 256.0f;
    case InputView::Type::float32:
      return scaled(inputs, static_cast<double>(static_cast<const float*>(inputs.data)[index]), column);
    default:
      return scaled(inputs, static_cast<const double*>(inputs.data)[index], column);
  }
}

void readSparse(const InputView& inputs, uint64_t row, uint32_t first, uint32_t end, float* values) {
  for (uint32_t c = first; c < end; c++) values[c - first] = inputs.keepsZero ? 0.0f : scaled(inputs, 0.0, c);
  forSparseRow(inputs, row, first, end, [&](uint32_t column, size_t index) {
    values[column - first] = valueOf(inputs, index, column);
  });
}

template <typename T>
void readScaled(const InputView& inputs, const T* row, uint32_t first, uint32_t end, float* values) {
  for (uint32_t c = first; c < end; c++) *values++ = scaled(inputs, static_cast<double>(row[c]), c);
}

template <typename T>
void readIntegers(const T* row, uint32_t first, uint32_t end, float* values) {
  for (uint32_t c = first; c < end; c++) *values++ = static_cast<float>(row[c]) / 256.0f;
}

}  // namespace

void readFloatColumns(const InputView& inputs, uint64_t row, uint32_t columns, uint32_t first, uint32_t end,
                      float* values) {
  if (inputs.isSparse()) return readSparse(inputs, row, first, end, values);
  const size_t start = static_cast<size_t>(row) * columns;
  switch (inputs.type) {
    case InputView::Type::bytes:
      return readIntegers(static_cast<const uint8_t*>(inputs.data) + start, first, end, values);
    case InputView::Type::fixed:
      return readIntegers(static_cast<const int16_t*>(inputs.data) + start, first, end, values);
    case InputView::Type::float32:
      return readScaled(inputs, static_cast<const float*>(inputs.data) + start, first, end, values);
    case InputView::Type::float64:
      return readScaled(inputs, static_cast<const double*>(inputs.data) + start, first, end, values);
  }
}

void activateFloats(Activation activation, float* values, size_t n) {
  switch (activation) {
    case Activation::relu:
      for (size_t i = 0; i < n; i++) values[i] = std::max(values[i], 0.0f);
      break;
    case Activation::sigmoid:
      for (size_t i = 0; i < n; i++) values[i] = sigmoid(values[i]);
      break;
    case Activation::tanh:
      for (size_t i = 0; i < n; i++) values[i] = std::tanh(values[i]);
      break;
  }
}

void slopeFloats(Activation activation, const float* activations, float* errors, size_t n) {
  switch (activation) {
    case Activation::relu:
      for (size_t i = 0; i < n; i++) errors[i] = activations[i] > 0.0f ? errors[i] : 0.0f;
      break;
    case Activation::sigmoid:
      for (size_t i = 0; i < n; i++) errors[i] *= activations[i] * (1.0f - activations[i]);
      break;
    case Activation::tanh:
      for (size_t i = 0; i < n; i++) errors[i] *= 1.0f - activations[i] * activations[i];
      break;
  }
}

void FloatTarget::read(const TargetView& targets, uint64_t row, uint32_t outputs) {
  if (targets.labels != nullptr) {
    label = targets.labels[row];
    return;
  }
  values.resize(outputs);
  for (uint32_t i = 0; i < outputs; i++) {
    const size_t index = row * outputs + i;
    values[i] = targets.flags != nullptr ? static_cast<float>(targets.flags[index])
                                         : static_cast<float>(targets.values[index]);
  }
}

void FloatOutput::score(const float* sums, float* scores) const {
  switch (kind_) {
    case Output::softmax: {
      const float largest = *std::max_element(sums, sums + width_);
      float total = 0.0f;
      for (uint32_t i = 0; i < width_; i++) total += scores[i] = std::exp(sums[i] - largest);
      for (uint32_t i = 0; i < width_; i++) scores[i] /= total;
      break;
    }
    case Output::sigmoid:
      for (uint32_t i = 0; i < width_; i++) scores[i] = sigmoid(sums[i]);
      break;
    case Output::linear:
      std::copy(sums, sums + width_, scores);
  }
}

FloatCost FloatOutput::cost(const float* scores, const FloatTarget& target, float* deltas) const {
  FloatCost cost;
  if (kind_ == Output::softmax) {
    const float weight = classWeights_.empty() ? 1.0f : static_cast<float>(classWeights_[target.label]);
    cost.correct = std::max_element(scores, scores + width_) - scores == target.label;
    cost.loss = -logOf(scores[target.label]);
    for (uint32_t i = 0; i < width_; i++) {
      deltas[i] = weight * (scores[i] - (static_cast<int32_t>(i) == target.label ? 1.0f : 0.0f));
    }
    return cost;
  }
  cost.correct = kind_ == Output::sigmoid;
  for (uint32_t i = 0; i < width_; i++) {
    const float score = scores[i];
    const float error = score - target.values[i];
    if (kind_ == Output::linear) {
      cost.loss += 0.5 * error * error;
    } else {
      cost.correct = cost.correct && (score > 0.5f) == (target.values[i] != 0.0f);
      cost.loss -= logOf(target.values[i] != 0.0f ? score : 1.0f - score);
    }
    deltas[i] = error;
  }
  return cost;
}

}  // namespace sparse_train
