// What every arithmetic provides: the parameters of a network, and the work on them. A model knows nothing of schedules
// and loops, which are the same for all (pipeline/, train/, predict/).
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

/// How often each way of passing over a junction was chosen, for examples one by one; all give the same results.
struct PathCounts {
  uint64_t forwardsWhole = 0,
           forwardsListed = 0;  ///< over all left neurons, or over those that are not silent
  uint64_t updatesWhole = 0, updatesListed = 0;
  uint64_t outputsTogether = 0;  ///< backpropagation and update of the outputs in one pass
  uint64_t predictedFour = 0;    ///< examples predicted four at a time
};

/// Values beyond their limits, and lost steps, since the network was made; one entry per junction.
struct Telemetry {
  std::vector<double> weightsAtLimit, activationsClipped, deltasClipped;
  /// Of mini-batches: weights whose gradient was not zero, and those of them that it did not move. Empty where the
  /// arithmetic does not round.
  std::vector<double> batchSteps, stepsRoundedToZero;
  std::vector<PathCounts> paths;  ///< empty where there is only one
};

/// Updates by mini-batches. The weights may then lie in another layout; Model::readWeights() works with either.
class BatchTraining {
 public:
  virtual ~BatchTraining() = default;
  /// Before the batches of a call, the largest of which has `size` examples.
  virtual void prepareBatches(uint32_t size, const TrainJob& job) = 0;
  /// Feed-forward of all examples, backpropagation of all, one update by the mean of their gradients; adds what came out
  /// to the tally.
  virtual void trainBatch(const Batch& batch, Team& team) = 0;
};

/// Patterns that change between calls of the training loop, with nothing in the pipeline.
class DynamicPatterns {
 public:
  virtual ~DynamicPatterns() = default;
  /// The pattern of a junction after its weakest edges have moved.
  virtual Pattern rewiredPattern(uint32_t junction, const RewireRule& rule) const = 0;
  /// Replaces a junction's pattern: edges that both have keep weight and velocity, new ones begin with zero.
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
  /// Before predictions for `count` inputs; makeScratch() and infer() may depend on it.
  virtual void preparePredictions(const InputView& inputs, uint64_t count) = 0;
  virtual std::unique_ptr<Scratch> makeScratch() const = 0;
  /// Scores and decisions of examples `first` to before `end`; either may be null, otherwise it is that of example 0.
  virtual void infer(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
                     uint32_t* decisions) const = 0;
};

/// What an arithmetic can do beyond training example by example.
struct Capabilities {
  WeightType weights = WeightType::int16;
  BatchTraining* batches = nullptr;     ///< null: it has no mini-batches
  DynamicPatterns* patterns = nullptr;  ///< null: its patterns stay as they are
  bool onlyBatches = false;             ///< training example by example means batches of one
  bool classWeights = false;
  bool rawOutputs = false;  ///< output activations are integers that a call can ask for
};

class Model : public JunctionWork, public Prediction {
 public:
  explicit Model(NetworkSpec spec) : spec_(std::move(spec)) {}
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const NetworkSpec& spec() const { return spec_; }
  uint32_t junctions() const { return static_cast<uint32_t>(spec_.patterns.size()); }
  uint32_t outputs() const { return spec_.layers.back(); }
  /// What came out of the last junction so far.
  Tally& tally() { return tally_; }

  virtual Capabilities capabilities() = 0;
  /// How a junction lies in memory, as one word.
  virtual const char* layoutOf(uint32_t junction) const = 0;
  /// In edge order; of the type that capabilities() says.
  virtual void readWeights(uint32_t junction, WeightSpan weights) const = 0;
  virtual void writeWeights(uint32_t junction, ConstWeightSpan weights) = 0;
  virtual void readBiases(uint32_t junction, BiasSpan biases) const = 0;
  virtual void writeBiases(uint32_t junction, ConstBiasSpan biases) = 0;
  virtual Telemetry telemetry() const = 0;
  /// Why this learning rate cannot be represented for batches of this size (1: online), or an empty string.
  virtual std::string rateFault(double rate, uint32_t batchSize) const = 0;

  /// Before blocks that `threads` threads share. kKeepThreads: one thread, which may find the work divided for several.
  static constexpr uint32_t kKeepThreads = 0;
  virtual void configure(uint32_t threads, const std::vector<double>& classWeights) = 0;
  /// Reads example `row` of the views into a slot: its input and its target.
  virtual void load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) = 0;

  /// Adds what belongs to the arithmetic alone, to tell networks apart that differ in it.
  virtual void fingerprint(Fingerprint& fingerprint) const = 0;
  /// The state of a junction, or of an input in flight (activations and target), at a block's start, and all the rest.
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
