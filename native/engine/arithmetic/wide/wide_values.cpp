#include "wide_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fixed/activation_tables.hpp"
#include "fixed/quantise.hpp"
#include "fixed/random.hpp"
#include "fixed/softmax.hpp"
#include "kernels/wide/wide_kernels.hpp"
#include "tiles.hpp"

namespace sparse_train {
namespace {

int32_t clip16(int32_t value) { return clip<int32_t>(value, -kDeltaMax, kDeltaMax); }

}  // namespace

void fillLanes(uint64_t key, uint64_t input, uint16_t* lanes, uint32_t count) {
  for (uint64_t i = 0; i < count / 4; i++) {
    const uint64_t bits = randomAt(key, input * (kTileLanes / 4) + i);
    const uint16_t parts[4] = {static_cast<uint16_t>(bits), static_cast<uint16_t>(bits >> 16),
                               static_cast<uint16_t>(bits >> 32), static_cast<uint16_t>(bits >> 48)};
    memcpy(lanes + 4 * i, parts, sizeof(parts));
  }
}

int16_t activationOf(const InputView& inputs, size_t index, uint32_t column) {
  const auto scaled = [&](double x) {
    return quantise(x, inputs.offset == nullptr ? 0.0 : inputs.offset[column],
                    inputs.scale == nullptr ? 1.0 : inputs.scale[column]);
  };
  switch (inputs.type) {
    case InputView::Type::bytes:
      return static_cast<const uint8_t*>(inputs.data)[index];
    case InputView::Type::fixed:
      return static_cast<int16_t>(
          clip<int32_t>(static_cast<const int16_t*>(inputs.data)[index], -kActivationMax, kActivationMax));
    case InputView::Type::float32:
      return scaled(static_cast<double>(static_cast<const float*>(inputs.data)[index]));
    default:
      return scaled(static_cast<const double*>(inputs.data)[index]);
  }
}

int16_t zeroActivation(const InputView& inputs, uint32_t column) {
  if (inputs.keepsZero) return 0;
  return quantise(0.0, inputs.offset == nullptr ? 0.0 : inputs.offset[column],
                  inputs.scale == nullptr ? 1.0 : inputs.scale[column]);
}

uint32_t readActivations(const WideKernels& kernels, const InputView& inputs, uint64_t row, uint32_t columns,
                         int16_t* values, uint8_t* activity) {
  if (inputs.isSparse()) {
    const size_t size = padded(columns, kValuesTogether);
    std::fill(values, values + size, int16_t{0});
    for (uint32_t c = 0; !inputs.keepsZero && c < columns; c++) values[c] = zeroActivation(inputs, c);
    forSparseActivations(inputs, row, columns, [&](uint32_t c, int16_t value) { values[c] = value; });
    return kernels.markValues(values, size, activity);
  }
  const size_t start = static_cast<size_t>(row) * columns;
  switch (inputs.type) {
    case InputView::Type::bytes:
      return kernels.expandBytes(static_cast<const uint8_t*>(inputs.data) + start, columns, values, activity);
    case InputView::Type::fixed:
      return kernels.expandFixed(static_cast<const int16_t*>(inputs.data) + start, columns, values, activity);
    case InputView::Type::float32:
      return kernels.expandFloats(static_cast<const float*>(inputs.data) + start, columns, inputs.offset,
                                  inputs.scale, values, activity);
    default:
      return kernels.expandDoubles(static_cast<const double*>(inputs.data) + start, columns, inputs.offset,
                                   inputs.scale, values, activity);
  }
}

int32_t largestInput(const InputView& inputs) {
  return inputs.type == InputView::Type::bytes ? 255 : kActivationMax;
}

void readTarget(const TargetView& targets, uint64_t row, uint32_t width, WideTarget& target) {
  if (targets.labels != nullptr) {
    target.label = targets.labels[row];
    return;
  }
  target.values.resize(width);
  for (uint32_t i = 0; i < width; i++) {
    if (targets.flags != nullptr) {
      target.values[i] = targets.flags[row * width + i] != 0 ? 1 : 0;
    } else {
      const double value = std::floor(targets.values[row * width + i] * kDeltaOne + 0.5);
      // Shared memory may have become NaN since the check.
      target.values[i] =
          !(value > -kSumMax) ? -kSumMax : static_cast<int32_t>(std::min<double>(value, kSumMax));
    }
  }
}

int16_t momentumLoss(double momentum) {
  const double loss = (1.0 - momentum) * 65536.0 + 0.5;
  return static_cast<int16_t>(loss > 32767.0 ? 32767 : loss);
}

int32_t tableIndex(int32_t sum, int fraction) {
  return clip<int32_t>(shiftRound(clip<int32_t>(sum, -kSumMax, kSumMax), fraction), -kActivationMax,
                       kActivationMax);
}

int64_t linearOutput(int32_t sum, int sumFraction) {
  const int64_t wide = sum;
  return sumFraction >= kDeltaFraction ? shiftRound(wide, sumFraction - kDeltaFraction)
                                       : wide * (1 << (kDeltaFraction - sumFraction));
}

int16_t activationOf(Activation activation, int32_t sum, int fraction) {
  const int32_t index = tableIndex(sum, fraction);
  if (activation == Activation::relu) return static_cast<int16_t>(index < 0 ? 0 : index);
  const ActivationTables& tables = activationTables();
  return (activation == Activation::sigmoid ? tables.sigmoid : tables.tanh)[index + kActivationMax];
}

int16_t deltaOf(Activation activation, int32_t error, int32_t value, int fraction, uint64_t& clipped) {
  // Derivatives in units of 2^-16: sigmoid a (1 - a), tanh 1 - a^2, with a in units of 2^-8.
  const int32_t slope =
      activation == Activation::relu
          ? (value > 0 ? 65536 : 0)
          : (activation == Activation::sigmoid ? value * (256 - value) : 65536 - value * value);
  if (slope == 0) return 0;
  const int32_t whole = shiftRound(clip<int32_t>(error, -kSumMax, kSumMax), fraction);
  if (whole != clip16(whole)) clipped++;
  return static_cast<int16_t>(shiftRound(clip16(whole) * slope, 16));
}

WideOutput::WideOutput(const NetworkSpec& spec, const std::vector<int32_t>& classWeights)
    : kernels_(spec.kernels->wide),
      output_(spec.output),
      fraction_(spec.format.fraction),
      width_(spec.layers.back()),
      classWeights_(classWeights),
      scratch_(width_),
      probabilities_(width_) {}

uint32_t WideOutput::deltas(int32_t* sums, const WideTarget& target, int16_t* deltas, Tally& tally) {
  const int sumFraction = kActivationFraction + fraction_;
  if (output_ == Output::softmax && width_ <= kMostOutputs) {
    const int32_t weight = classWeights_.empty() ? 256 : classWeights_[target.label];
    const SoftmaxResult result =
        kernels_->softmaxDeltas(sums, width_, sumFraction, target.label, weight, deltas);
    tally.correct += result.correct;
    tally.loss -= std::log(std::max(result.probability, 1) / static_cast<double>(kDeltaOne));
    tally.outputs++;
    return result.clipped;
  }
  uint32_t clipped = 0;
  for (uint32_t i = 0; i < width_; i++) sums[i] = clip<int32_t>(sums[i], -kSumMax, kSumMax);
  const auto setDelta = [&](uint32_t i, int32_t delta) {
    if (delta != clip16(delta)) clipped++;
    deltas[i] = static_cast<int16_t>(clip16(delta));
  };

  switch (output_) {
    case Output::softmax: {
      softmax(sums, width_, sumFraction, scratch_.data(), probabilities_.data());
      for (uint32_t i = 0; i < width_; i++) {
        int32_t delta = probabilities_[i] - (static_cast<int32_t>(i) == target.label ? kDeltaOne : 0);
        if (!classWeights_.empty()) delta = shiftRound(delta * classWeights_[target.label], 8);
        setDelta(i, delta);
      }
      if (std::max_element(sums, sums + width_) - sums == target.label) tally.correct++;
      tally.loss -= std::log(std::max(probabilities_[target.label], 1) / static_cast<double>(kDeltaOne));
      break;
    }
    case Output::sigmoid: {
      bool allRight = true;
      for (uint32_t i = 0; i < width_; i++) {
        const int32_t p = activationTables().sigmoidOutput[tableIndex(sums[i], fraction_) + kActivationMax];
        setDelta(i, p - target.values[i] * kDeltaOne);
        allRight = allRight && (sums[i] > 0) == (target.values[i] != 0);
        const int32_t likelihood = target.values[i] != 0 ? p : kDeltaOne - p;
        tally.loss -= std::log(std::max(likelihood, 1) / static_cast<double>(kDeltaOne));
      }
      if (allRight) tally.correct++;
      break;
    }
    case Output::linear: {
      for (uint32_t i = 0; i < width_; i++) {
        const int64_t error = linearOutput(sums[i], sumFraction) - target.values[i];
        setDelta(i, static_cast<int32_t>(clip<int64_t>(error, -kSumMax, kSumMax)));
        const double real = static_cast<double>(error) / kDeltaOne;
        tally.loss += 0.5 * real * real;
      }
      break;
    }
  }
  tally.outputs++;
  return clipped;
}

}  // namespace sparse_train
