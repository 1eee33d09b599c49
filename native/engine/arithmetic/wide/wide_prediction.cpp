#include "wide_prediction.hpp"

#include <algorithm>

#include "engine/input/prefetch.hpp"
#include "tiles.hpp"

namespace sparse_train {

WidePrediction::WidePrediction(const NetworkSpec& spec, const WideForward& forward)
    : spec_(spec), forward_(forward), layers_(spec.layers.size() - 1) {
  for (uint32_t layer = 0; layer < layers_.size(); layer++) layers_[layer].reset(forward.stripOf(layer));
  sums_.reset(forward.stripOf(static_cast<uint32_t>(layers_.size())));
  bySample_.resize(static_cast<size_t>(spec.layers.back()) * kStripSamples);
}

uint32_t WidePrediction::blocksOf(uint32_t layer) const { return divideUp(spec_.layers[layer], kBatchBlock); }

StripInput WidePrediction::inputOf(const InputView& inputs, uint32_t j) const {
  return {layers_[j].data(), forward_.largestOf(inputs, j), j == 0 ? found_.active() : nullptr};
}

const int32_t* WidePrediction::run(const InputView& inputs, uint64_t first, uint64_t end,
                                   const std::vector<const int32_t*>& biases) {
  const uint64_t next = std::min<uint64_t>(end, first + kStripSamples);
  uint64_t examples[kStripSamples];
  for (uint64_t row = first; row < next; row++) examples[row - first] = row;
  forward_.load(inputs, examples, static_cast<uint32_t>(next - first), layers_[0].data(), found_);

  uint64_t ahead = next;  // the next strip's examples are prefetched one by one during the work on this strip
  const auto last = static_cast<uint32_t>(layers_.size()) - 1;
  for (uint32_t j = 0; j < last; j++) {
    const StripInput input = inputOf(inputs, j);
    for (uint32_t block = 0; block < blocksOf(j + 1); block++) {
      if (ahead < std::min<uint64_t>(end, next + kStripSamples))
        prefetchRow(inputs, spec_.layers[0], ahead++);
      forward_.activate(j, input, block, block + 1, biases[j], kStripSamples, scratch_,
                        layers_[j + 1].data());
    }
  }
  const StripInput input = inputOf(inputs, last);
  forward_.sum(last, input, 0, blocksOf(last + 1), biases[last], scratch_, sums_.data());
  const uint32_t width = spec_.layers.back();
  for (uint32_t i = 0; i < width; i++) {
    for (uint32_t s = 0; s < kStripSamples; s++) bySample_[s * width + i] = sums_[i * kStripSamples + s];
  }
  return bySample_.data();
}

}  // namespace sparse_train
