// Operations on single values of the `wide` arithmetic, for the online and the mini-batch path: inputs,
// targets, outputs and other work per neuron (docs/arithmetic.md).
#pragma once

#include <stdint.h>

#include <vector>

#include "engine/input/sparse_row.hpp"
#include "engine/train/job.hpp"
#include "kernels/wide/wide_kernels.hpp"

namespace sparse_train {

/// Fills lanes (32, or the first `count` of them) with the random numbers of a stream for one input.
void fillLanes(uint64_t key, uint64_t input, uint16_t* lanes, uint32_t count = kTileLanes);

/// The activation for value number `index` of the views in this column.
int16_t activationOf(const InputView& inputs, size_t index, uint32_t column);
/// Whole rows of values are padded with zeros to a multiple of this.
constexpr uint32_t kValuesTogether = 64;

/// The `columns` activations of layer 0 of one example, padded to a multiple of kValuesTogether, and their activity
/// (wide_kernels.hpp), a bit per two values of these. Returns the sum of absolute values.
uint32_t readActivations(const WideKernels& kernels, const InputView& inputs, uint64_t row, uint32_t columns,
                         int16_t* values, uint8_t* activity);

/// Calls visit(column, activation) for the values of a sparse row, with columns ascending.
template <typename Visit>
void forSparseActivations(const InputView& inputs, uint64_t row, uint32_t columns, Visit visit) {
  if (inputs.type == InputView::Type::bytes) {  // the usual type, without a call per value
    const auto* bytes = static_cast<const uint8_t*>(inputs.data);
    forSparseRow(inputs, row, 0, columns,
                 [&](uint32_t column, size_t index) { visit(column, int16_t{bytes[index]}); });
    return;
  }
  forSparseRow(inputs, row, 0, columns,
               [&](uint32_t column, size_t index) { visit(column, activationOf(inputs, index, column)); });
}
/// The activation of a zero in this column.
int16_t zeroActivation(const InputView& inputs, uint32_t column);

/// An upper limit, in size, of the activations that readActivations() returns.
int32_t largestInput(const InputView& inputs);
/// The same for a hidden layer.
constexpr int32_t largestActivation(Activation activation) {
  return activation == Activation::relu ? kActivationMax : 1 << kActivationFraction;
}

/// The targets of an example's outputs.
struct WideTarget {
  int32_t label = 0;
  std::vector<int32_t> values;  ///< sigmoid: 0 or 1; linear: units of 2^-14
};
void readTarget(const TargetView& targets, uint64_t row, uint32_t width, WideTarget& target);

/// The part of a velocity that each update removes, in units of 2^-16.
int16_t momentumLoss(double momentum);

/// A hidden activation from a sum.
int16_t activationOf(Activation activation, int32_t sum, int fraction);

/// The delta of a hidden neuron from its error and activation; `clipped` counts deltas beyond the format.
int16_t deltaOf(Activation activation, int32_t error, int32_t value, int fraction, uint64_t& clipped);

/// Computes outputs, cost and deltas of the last layer.
class WideOutput {
 public:
  WideOutput(const NetworkSpec& spec, const std::vector<int32_t>& classWeights);

  /// Clips the sums, computes the deltas of one example and adds it to the tally. Both arrays must have room
  /// for at least kMostOutputs values and be aligned to 64 bytes; sums after the last output are unspecified,
  /// deltas are zero. Returns how many deltas were clipped.
  uint32_t deltas(int32_t* sums, const WideTarget& target, int16_t* deltas, Tally& tally);

 private:
  const WideKernels* kernels_;
  Output output_;
  int fraction_;
  uint32_t width_;
  const std::vector<int32_t>& classWeights_;  ///< units of 1/256, empty: all 1
  std::vector<int32_t> scratch_, probabilities_;
};

/// Sums as linear outputs in units of 2^-14.
int64_t linearOutput(int32_t sum, int sumFraction);
/// A sum as a table index: units of 1/256 within the activation range.
int32_t tableIndex(int32_t sum, int fraction);

}  // namespace sparse_train
