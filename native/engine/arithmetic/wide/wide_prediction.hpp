// Predictions strip by strip, one thread's share: the activations of a layer are forgotten when the next layer has them.
#pragma once

#include <vector>

#include "wide_forward.hpp"

namespace sparse_train {

class WidePrediction {
 public:
  WidePrediction(const NetworkSpec& spec, const WideForward& forward);

  /// Clipped sums of the outputs of examples from `first` to before `end`, 32 at most, one example after another.
  /// `biases`: of every junction, padded to whole blocks.
  const int32_t* run(const InputView& inputs, uint64_t first, uint64_t end,
                     const std::vector<const int32_t*>& biases);

 private:
  uint32_t blocksOf(uint32_t layer) const;
  StripInput inputOf(const InputView& inputs, uint32_t junction) const;

  const NetworkSpec& spec_;
  const WideForward& forward_;
  LoadedInputs found_;
  WideBatchScratch scratch_;
  std::vector<AlignedBuffer<int16_t>> layers_;  ///< a strip of every layer before the last
  AlignedBuffer<int32_t> sums_;                 ///< [output][32]
  std::vector<int32_t> bySample_;               ///< [32][output]
};

}  // namespace sparse_train
