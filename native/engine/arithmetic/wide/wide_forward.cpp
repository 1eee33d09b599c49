#include "wide_forward.hpp"

#include <algorithm>

#include "tiles.hpp"
#include "wide_values.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kSilentShare = 8;  ///< silent groups are skipped if at least one in this many is silent

}  // namespace

WideForward::WideForward(const NetworkSpec& spec, const Junctions& junctions)
    : spec_(spec), junctions_(junctions), kernels_(spec.kernels->wideBatch) {}

size_t WideForward::stripOf(uint32_t layer) const {
  return padded(spec_.layers[layer], kBatchBlock) * kStripSamples;
}

bool WideForward::paysToSkip(const std::vector<uint8_t>& flags) {
  const auto silent = static_cast<size_t>(std::count(flags.begin(), flags.end(), uint8_t{0}));
  return silent * kSilentShare > flags.size();
}

void WideForward::load(const InputView& inputs, const uint64_t* examples, uint32_t count, int16_t* rows,
                       LoadedInputs& found) const {
  const uint32_t columns = spec_.layers[0];
  std::vector<uint8_t>& flags = found.flags_;
  flags.assign(static_cast<size_t>(divideUp(columns, kTileLefts)) * kTileLefts, 0);  // first per input
  if (inputs.type == InputView::Type::bytes && !inputs.isSparse()) {
    const uint8_t* samples[kStripSamples];
    const std::vector<uint8_t> none(count < kStripSamples ? columns : 0);
    for (uint32_t s = 0; s < kStripSamples; s++) {
      samples[s] = s < count ? static_cast<const uint8_t*>(inputs.data) + examples[s] * columns : none.data();
    }
    kernels_->stripFromBytes(samples, columns, rows, flags.data());
  } else {
    std::vector<int16_t> values(padded(columns, kValuesTogether));
    std::vector<uint8_t> activity(values.size() / 16);
    for (uint32_t s = 0; s < kStripSamples; s++) {
      if (s < count) {
        readActivations(*spec_.kernels->wide, inputs, examples[s], columns, values.data(), activity.data());
      } else {
        std::fill(values.begin(), values.end(), int16_t{0});
      }
      for (uint32_t c = 0; c < columns; c++) {
        rows[static_cast<size_t>(c) * kStripSamples + s] = values[c];
        flags[c] |= static_cast<uint8_t>(values[c] != 0);
      }
    }
  }
  const size_t pairs = flags.size() / kTileLefts;
  for (size_t pair = 0; pair < pairs; pair++)
    flags[pair] = (flags[kTileLefts * pair] | flags[kTileLefts * pair + 1]) != 0;
  flags.resize(pairs);
  found.worthwhile_ = paysToSkip(flags);
}

int32_t WideForward::largestOf(const InputView& inputs, uint32_t layer) const {
  if (layer == 0) return largestInput(inputs);
  return largestActivation(spec_.activations[layer - 1]);
}

uint64_t WideForward::activate(uint32_t j, const StripInput& input, uint32_t first, uint32_t last,
                               const int32_t* biases, uint32_t count, WideBatchScratch& scratch,
                               int16_t* rows) const {
  const Activation activation = spec_.activations[j];
  const int fraction = spec_.format.fraction;
  uint64_t clipped = 0;
  alignas(64) int32_t sums[kBlockValues];
  for (uint32_t block = first; block < last; block++) {
    junctions_[j]->forward(block, input, biases + static_cast<size_t>(block) * kBatchBlock, scratch, sums);
    for (uint32_t r = 0; count < kStripSamples && r < kBatchBlock; r++)
      std::fill(sums + r * kStripSamples + count, sums + (r + 1) * kStripSamples, 0);
    int16_t* values = rows + static_cast<size_t>(block) * kBlockValues;
    if (activation == Activation::relu) {
      clipped += spec_.kernels->wide->finishRelu(sums, kBlockValues, fraction, values);
      continue;
    }
    // Neurons that only fill up the last block stay silent: the padding edges of a tile must not learn.
    const uint32_t neurons = std::min(kBatchBlock, spec_.layers[j + 1] - block * kBatchBlock);
    for (uint32_t i = 0; i < neurons * kStripSamples; i++)
      values[i] = activationOf(activation, sums[i], fraction);
  }
  return clipped;
}

void WideForward::sum(uint32_t j, const StripInput& input, uint32_t first, uint32_t last,
                      const int32_t* biases, WideBatchScratch& scratch, int32_t* sums) const {
  for (uint32_t block = first; block < last; block++) {
    junctions_[j]->forward(block, input, biases + static_cast<size_t>(block) * kBatchBlock, scratch,
                           sums + static_cast<size_t>(block) * kBlockValues);
  }
}

}  // namespace sparse_train
