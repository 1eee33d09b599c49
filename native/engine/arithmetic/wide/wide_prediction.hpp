// Predictions strip by strip, for one thread's share. The activations of a layer are kept only until the next
// layer is computed.
#pragma once

#include <vector>

#include "wide_forward.hpp"

namespace sparse_train {

class WidePrediction {
 public:
  WidePrediction(const NetworkSpec& spec, const WideForward& forward);

  /// Clipped sums of the outputs for the examples `first` to before `end`, at most 32, example by example.
  /// `biases`: the biases of every junction, padded to whole blocks.
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
