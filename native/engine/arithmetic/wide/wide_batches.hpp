// Mini-batches of the `wide` arithmetic (docs/arithmetic.md, "Mini-batches"): FF and BP strip by strip of 32 samples,
// then one update of every weight by the exact gradient of the whole batch.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "active_inputs.hpp"
#include "engine/aligned_buffer.hpp"
#include "engine/pipeline/team.hpp"
#include "engine/train/job.hpp"
#include "wide_forward.hpp"
#include "wide_junction.hpp"
#include "wide_values.hpp"

namespace sparse_train {

/// How a learning rate is applied to the gradient of n samples.
struct BatchScale {
  int32_t multiplier;
  int32_t shift;
};
/// `guardBits`: the guard bits of velocities, 0 without momentum. The multiplier is negative if the rate is
/// too large.
BatchScale batchScale(double rate, uint32_t samples, int fraction, int guardBits);

/// Clipped values of a junction, and the effect of mini-batches on its weights.
struct WideCounts {
  uint64_t activationsClipped = 0, deltasClipped = 0;
  BatchUpdate update{};
};

class WideBatches {
 public:
  explicit WideBatches(const NetworkSpec& spec);

  WideBatchJunction& junction(uint32_t j) { return *junctions_[j]; }
  const WideBatchJunction& junction(uint32_t j) const { return *junctions_[j]; }
  const WideForward& forward() const { return forward_; }
  /// Adds the counts since the last call.
  void takeCounts(uint32_t j, WideCounts& counts);

  /// Makes room for batches of up to `size` samples.
  void reserve(uint32_t samples);
  /// Class weights in units of 1/256; empty: none.
  void setClassWeights(const std::vector<double>& weights);
  /// Trains on one batch. `biases`: the biases of every junction, padded to whole blocks.
  void train(const Batch& batch, Team& team, const std::vector<int32_t*>& biases, Tally& tally);

 private:
  /// The activations or deltas of a layer for the batch.
  struct Layer {
    AlignedBuffer<int16_t> values;
    size_t stride = 0;  ///< of a strip
    StripRows rows(uint32_t strips) const { return {values.data(), stride, strips}; }
    int16_t* strip(uint32_t s) { return values.data() + s * stride; }
  };
  uint32_t samplesOf(uint32_t strip) const;
  void load(uint32_t strip);
  void loadSparse(uint32_t strip);
  /// Zeroed memory for the sums of a strip's BP, one per thread.
  AlignedBuffer<int32_t> borrowSums(uint32_t j);
  void returnSums(AlignedBuffer<int32_t> sums);
  /// Whether silent inputs of the batch are skipped: their gradients are zero and change nothing.
  bool skipsSilent() const;
  bool zeroMovesNothing() const;
  ActivePairs activeInBatch();
  void forward(uint32_t j, uint32_t strip, uint32_t firstBlock, uint32_t lastBlock);
  void finishOutput(uint32_t strip);
  void backward(uint32_t j, uint32_t strip, uint32_t firstBlock, uint32_t lastBlock);
  void passesByStrip(Team& team);
  void passesByLayer(Team& team);
  void update(Team& team);
  void updateBiases(uint32_t j, uint32_t block);
  void makeRule(uint32_t j);
  /// Runs task(j, first, last) for shares of the units of all junctions.
  template <typename Units, typename Task>
  void overJunctions(Team& team, Units units, Task task);

  const NetworkSpec& spec_;
  const WideKernels* wideKernels_;
  const WideBatchKernels* kernels_;
  int guardBits_;
  std::vector<uint32_t> blocks_;  ///< per layer
  std::vector<std::unique_ptr<WideBatchJunction>> junctions_;
  /// Counts since takeCounts(); several threads add to them at once.
  struct SharedCounts {
    std::atomic<uint64_t> activationsClipped{0}, deltasClipped{0};
    BatchUpdate update{};
  };
  std::vector<SharedCounts> counts_;
  WideForward forward_;
  std::vector<int32_t> classWeights_;

  uint32_t capacity_ = 0;                        ///< strips
  std::vector<Layer> activations_;               ///< layers 0 .. J - 1
  std::vector<Layer> deltas_;                    ///< [j]: of junction j's right layer
  AlignedBuffer<int32_t> outputSums_;            ///< of the last layer: [strip][neuron][32]
  std::vector<Tally> tallies_;                   ///< per strip: independent of threads
  std::vector<std::vector<int32_t>> absolutes_;  ///< per junction and right neuron

  // For the current batch.
  const Batch* batch_ = nullptr;
  const std::vector<int32_t*>* biases_ = nullptr;
  uint32_t strips_ = 0;
  bool skipping_ = false;             ///< skipsSilent()
  ActiveInputs active_;               ///< if skipping_
  std::vector<LoadedInputs> loaded_;  ///< otherwise, per strip
  std::vector<uint8_t> activeInAny_;
  std::mutex sumsMutex_;
  std::vector<AlignedBuffer<int32_t>> sums_;  ///< not borrowed
  struct Lanes {
    alignas(64) uint16_t update[kTileLanes], loss[kTileLanes], weight[kTileLanes], decay[kTileLanes];
  };
  std::vector<Lanes> lanes_;
  std::vector<BatchRule> rules_;
};

}  // namespace sparse_train
