// Feed-forward of one strip of 32 samples, for mini-batches and for predictions.
#pragma once

#include <memory>
#include <vector>

#include "engine/aligned_buffer.hpp"
#include "engine/train/job.hpp"
#include "wide_junction.hpp"

namespace sparse_train {

/// Facts collected while the inputs of a strip are read.
class LoadedInputs {
 public:
  /// Null unless there are enough silent inputs that skipping them pays.
  ActivePairs active() const { return worthwhile_ ? flags_.data() : nullptr; }
  /// The flags, whether or not skipping pays.
  const std::vector<uint8_t>& flags() const { return flags_; }

 private:
  friend class WideForward;
  std::vector<uint8_t> flags_;  ///< per pair of inputs, 1 if any of their values is not zero
  bool worthwhile_ = false;
};

class WideForward {
 public:
  using Junctions = std::vector<std::unique_ptr<WideBatchJunction>>;

  /// Keeps references to both.
  WideForward(const NetworkSpec& spec, const Junctions& junctions);

  /// The values of a strip of a layer: rows of 32 for every neuron, padded to whole blocks.
  size_t stripOf(uint32_t layer) const;

  /// Reads `count` examples, 1 .. 32, into the rows of a strip; missing samples become zero.
  void load(const InputView& inputs, const uint64_t* examples, uint32_t count, int16_t* rows,
            LoadedInputs& found) const;
  /// Whether it is faster to skip the pairs whose flag is 0.
  static bool paysToSkip(const std::vector<uint8_t>& flags);
  /// An upper limit of the activations of a layer.
  int32_t largestOf(const InputView& inputs, uint32_t layer) const;

  /// Activations of the right layer of a junction other than the last, in the blocks `first` to before
  /// `last`. The strip holds `count` samples. Returns how many activations were clipped.
  uint64_t activate(uint32_t junction, const StripInput& input, uint32_t first, uint32_t last,
                    const int32_t* biases, uint32_t count, WideBatchScratch& scratch, int16_t* rows) const;
  /// Clipped sums of the right layer, of the same blocks.
  void sum(uint32_t junction, const StripInput& input, uint32_t first, uint32_t last, const int32_t* biases,
           WideBatchScratch& scratch, int32_t* sums) const;

 private:
  const NetworkSpec& spec_;
  const Junctions& junctions_;
  const WideBatchKernels* kernels_;
};

}  // namespace sparse_train
