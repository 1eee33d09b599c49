// The interface of every arithmetic: the parameters of a network, and the work on them. A model contains no
// schedules or loops, which are the same for all models (pipeline/, train/, predict/).
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/parameters.hpp"
#include "engine/pipeline/junction_work.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/spec.hpp"
#include "engine/state.hpp"
#include "engine/train/job.hpp"
#include "pattern/rewire.hpp"

namespace sparse_train {

/// How often each way of passing over a junction was chosen, for single examples; all ways give the same
/// results.
struct PathCounts {
  uint64_t forwardsWhole = 0,
           forwardsListed = 0;  ///< over all left neurons, or over a list of the active ones
  uint64_t updatesWhole = 0, updatesListed = 0;
  uint64_t forwardsActive = 0, updatesActive = 0;  ///< those of the whole ones that left silent tiles out
  uint64_t outputsTogether = 0;                    ///< backpropagation and update of the outputs in one pass
  uint64_t predictedFour = 0;                      ///< examples predicted four at a time
};

/// Clipped values and lost steps since the network was made; one entry per junction.
struct Telemetry {
  std::vector<double> weightsAtLimit, activationsClipped, deltasClipped;
  /// For mini-batches: weights whose gradient was not zero, and the number of those that it did not change.
  /// Empty if the arithmetic does not round.
  std::vector<double> batchSteps, stepsRoundedToZero;
  std::vector<PathCounts> paths;  ///< empty if there is only one
};

/// Updates by mini-batches. Afterwards the weights may be in another layout; Model::readWeights() works with
/// either.
class BatchTraining {
 public:
  virtual ~BatchTraining() = default;
  /// Called before the batches of a call; the largest has `size` examples.
  virtual void prepareBatches(uint32_t size, const TrainJob& job) = 0;
  /// Feed-forward of all examples, backpropagation of all, and one update by the mean of their gradients.
  /// Adds the results to the tally.
  virtual void trainBatch(const Batch& batch, Team& team) = 0;
};

/// Patterns that change between calls of the training loop, while the pipeline is empty.
class DynamicPatterns {
 public:
  virtual ~DynamicPatterns() = default;
  /// Returns the pattern of a junction after its weakest edges have moved.
  virtual Pattern rewiredPattern(uint32_t junction, const RewireRule& rule) const = 0;
  /// Replaces a junction's pattern: edges in both patterns keep weight and velocity, new ones begin with
  /// zero.
  virtual void changePattern(uint32_t junction, Pattern pattern) = 0;
  /// Drops the gradients that were recorded for rewiring.
  virtual void forgetRecord() = 0;
};

/// Predictions, by any number of threads with a scratch each.
class Prediction {
 public:
  /// Working memory of one predicting thread.
  class Scratch {
   public:
    virtual ~Scratch() = default;
  };

  virtual ~Prediction() = default;
  /// Called before predictions for `count` inputs; makeScratch() and infer() may depend on it.
  virtual void preparePredictions(const InputView& inputs, uint64_t count) = 0;
  virtual std::unique_ptr<Scratch> makeScratch() const = 0;
  /// Scores and decisions of the examples `first` to before `end`; either pointer may be null, otherwise it
  /// points to the results of example 0.
  virtual void infer(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
                     uint32_t* decisions) const = 0;
};

/// The abilities of an arithmetic beyond training example by example.
struct Capabilities {
  WeightType weights = WeightType::int16;
  BatchTraining* batches = nullptr;     ///< null if it has no mini-batches
  DynamicPatterns* patterns = nullptr;  ///< null if its patterns cannot change
  bool onlyBatches = false;             ///< whether training example by example uses batches of one
  bool classWeights = false;
  bool rawOutputs = false;  ///< whether output activations are integers that a call can request
};

class Model : public JunctionWork, public Prediction {
 public:
  explicit Model(NetworkSpec spec) : spec_(std::move(spec)) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const NetworkSpec& spec() const { return spec_; }
  uint32_t junctions() const { return static_cast<uint32_t>(spec_.patterns.size()); }
  uint32_t outputs() const { return spec_.layers.back(); }
  /// The results of the last junction so far.
  Tally& tally() { return tally_; }

  virtual Capabilities capabilities() = 0;
  /// How a junction is stored, as one word.
  virtual const char* layoutOf(uint32_t junction) const = 0;
  /// In edge order; capabilities() says of which type.
  virtual void readWeights(uint32_t junction, WeightSpan weights) const = 0;
  virtual void writeWeights(uint32_t junction, ConstWeightSpan weights) = 0;
  virtual void readBiases(uint32_t junction, BiasSpan biases) const = 0;
  virtual void writeBiases(uint32_t junction, ConstBiasSpan biases) = 0;
  virtual Telemetry telemetry() const = 0;
  /// The reason why this learning rate cannot be represented for batches of this size (1: online), or an
  /// empty string.
  virtual std::string rateFault(double rate, uint32_t batchSize) const = 0;

  /// Called before blocks that `threads` threads share. kKeepThreads: a single thread, which keeps the
  /// existing division of the work.
  static constexpr uint32_t kKeepThreads = 0;
  virtual void configure(uint32_t threads, const std::vector<double>& classWeights) = 0;
  /// Reads example `row` of the views into a slot: its input and its target.
  virtual void load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) = 0;

  /// Hashes the settings that only this arithmetic has, to distinguish networks that differ in them.
  virtual void fingerprint(Fingerprint& fingerprint) const = 0;
  /// The state of a junction, of an input in flight (activations and target), at the start of a block, and
  /// everything else.
  virtual void exchangeJunction(StateExchange& state, uint32_t junction) = 0;
  virtual void exchangeSlot(StateExchange& state, uint32_t slot) = 0;
  virtual void exchangeRest(StateExchange& state) = 0;

 protected:
  uint32_t slots() const { return Pipeline::slotsFor(spec_.patterns.size()); }
  void replacePattern(uint32_t junction, Pattern pattern) { spec_.patterns[junction] = std::move(pattern); }

  Tally tally_;  ///< written by finish() of the last junction

 private:
  NetworkSpec spec_;
};

/// Builds the model for the arithmetic of the spec, with its initial weights.
std::unique_ptr<Model> makeModel(NetworkSpec spec);

}  // namespace sparse_train
