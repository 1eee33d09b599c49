// A network with any number of junctions: the schedule of its operations, the training loop, and what every
// arithmetic must provide. Section numbers refer to the architecture as docs/arithmetic.md describes it.
#pragma once

#include <stdint.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/pipeline/team.hpp"
#include "engine/train/augment.hpp"
#include "pattern/rewire.hpp"
#include "spec.hpp"
#include "state.hpp"

namespace sparse_train {

/// What one call of the training loop presents.
struct TrainJob {
  InputView inputs;
  TargetView targets;
  const uint32_t* order = nullptr;  ///< example numbers, in order of presentation
  uint64_t count = 0;
  /// Examples that an earlier call, which was paused, has presented already: this one goes on with its tally.
  uint64_t first = 0;
  const double* rates = nullptr;  ///< input i uses rates[min(i / rateInterval, rateCount - 1)]
  uint64_t rateCount = 0;
  uint64_t rateInterval = 1;
  std::vector<double> classWeights;  ///< empty, or one per output (softmax only)
  uint32_t threads = 1;
  bool drain = true;  ///< finish every update before returning; batches always are
  /// Examples per update. 1: the online path under the schedule of the spec; more: mini-batches, one after another.
  uint32_t batchSize = 1;
  /// Gradients of so many of the last examples are kept for rewire(); online only.
  uint64_t record = 0;
  Augmentation augmentation;  ///< online only
};

/// A mini-batch: `count` examples of a job, in order of presentation from `first` on, and one update for all of them.
struct Batch {
  const TrainJob* job = nullptr;
  uint64_t first = 0;
  uint32_t count = 0;
  uint64_t number = 0;  ///< of its first input, counted since the network was made
  double rate = 0.0;    ///< that of its first example

  /// Row of the views that sample 0 .. count - 1 is.
  uint64_t row(uint32_t sample) const { return job->order[first + sample]; }
};

/// Sums over the outputs that came out of the last junction, each before its own update.
struct Tally {
  uint64_t outputs = 0;
  uint64_t correct = 0;
  double loss = 0.0;
};

struct TrainResult {
  uint64_t examples = 0;  ///< presented, those before `first` included
  bool aborted = false;
  bool paused = false;
  Tally tally;
  double seconds = 0.0;
};

/// Shared with other threads while a call runs.
struct Progress {
  std::atomic<bool> abort{false};
  std::atomic<bool> pause{false};
  std::atomic<uint64_t> examples{0};
  std::atomic<uint64_t> outputs{0};
  std::atomic<uint64_t> correct{0};
  std::atomic<double> loss{0.0};
};

struct Telemetry {
  std::vector<double> weightsAtLimit, activationsClipped, deltasClipped;  ///< one per junction
  /// Of mini-batches, one per junction: weights whose gradient was not zero, and those of them that it did not move.
  /// Empty where the arithmetic does not round.
  std::vector<double> batchSteps, stepsRoundedToZero;
  uint64_t inputs = 0;
};

/// An input on its way through the pipeline.
struct InFlight {
  bool present = false;  ///< false: a bubble
  uint64_t number = 0;   ///< of the input, counted since the network was made
  double rate = 0.0;     ///< eta travels with its input
  uint32_t slot = 0;     ///< where the network keeps what belongs to this input
};

/// What one junction does in one block: feed-forward of one input, backpropagation and update of an earlier one.
struct BlockWork {
  const InFlight* forward = nullptr;
  const InFlight* backward = nullptr;
};

class Network {
 public:
  explicit Network(NetworkSpec spec);
  virtual ~Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const NetworkSpec& spec() const { return spec_; }
  uint32_t junctions() const { return static_cast<uint32_t>(spec_.patterns.size()); }
  uint32_t outputs() const { return spec_.layers.back(); }

  /// Presents examples until all are through, or `progress.abort` is set, which empties the pipeline, or
  /// `progress.pause`, which leaves everything as it is: a call with `first` = the result's `examples` goes on as if there
  /// had been no pause.
  TrainResult train(const TrainJob& job, Progress& progress);
  /// One example. Pipelined: enters the pipeline; its updates are done 2J blocks later or by drain().
  void learn(const InputView& input, const TargetView& target, double rate);
  /// Runs the blocks that are left in the pipeline.
  void drain();

  /// Everything that decides how training goes on, inputs in the pipeline included (state.hpp).
  std::vector<uint8_t> exportState();
  /// Takes over a state that a network of the same spec exported. Returns why that cannot be, and is then as it was, or an
  /// empty string.
  std::string importState(const uint8_t* bytes, size_t size);

  /// Scores (outputs per example) and decisions of `count` examples; either may be null. Returns the seconds it took.
  double predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                 uint32_t* decisions, Progress& progress);

  /// The decision for one example; its scores if not null.
  uint32_t predictOne(const InputView& input, float* scores);

  virtual bool integerWeights() const = 0;
  virtual const char* layoutOf(uint32_t junction) const = 0;
  /// int16 and int32 for integer weights, otherwise float and float; in edge order.
  virtual void readWeights(uint32_t junction, void* weights) const = 0;
  virtual void writeWeights(uint32_t junction, const void* weights) = 0;
  virtual void readBiases(uint32_t junction, void* biases) const = 0;
  virtual void writeBiases(uint32_t junction, const void* biases) = 0;
  virtual Telemetry telemetry() const = 0;
  /// Why this learning rate cannot be represented, or an empty string.
  virtual std::string rateFault(double rate) const = 0;
  /// The same for mini-batches.
  virtual std::string batchRateFault(double) const { return ""; }
  /// Why this network cannot be trained in batches of so many (2 or more), or an empty string.
  virtual std::string batchFault(uint32_t batchSize) const;

  // Patterns that change between calls of the training loop. What is left in the pipeline is finished before.
  /// Why the patterns of this network stay as they are, or an empty string.
  virtual std::string rewireFault() const;
  /// Moves the weakest edges of every junction; returns how many moved in each. By gradient: of the examples that the
  /// last train() recorded, which are then forgotten.
  std::vector<uint64_t> rewire(uint32_t share, bool byGradient);
  /// Another pattern, checked by patternFault(), of the same layers: edges that both have keep weight and velocity, new
  /// ones begin with zero.
  void setPattern(uint32_t junction, Pattern pattern);

 protected:
  /// Working memory of one predicting thread.
  class Scratch {
   public:
    virtual ~Scratch() = default;
  };

  // The phases of a block. Within a phase, calls for different junctions (and slabs) may run at once.
  /// Reads example `row` of the views into the slot: its input and its target.
  virtual void load(const InFlight& input, const InputView& inputs, const TargetView& targets,
                    uint64_t row) = 0;
  /// Before the sweep: state of the block's start is captured, the deltas of the backward input are scaled.
  virtual void prepare(uint32_t junction, const BlockWork& work) = 0;
  /// FF, BP and UP of a slab in one pass over its weights.
  virtual void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) = 0;
  /// After the sweep: activations (or outputs, cost and their deltas) of the right layer, deltas of the left layer.
  virtual void finish(uint32_t junction, const BlockWork& work) = 0;
  virtual uint32_t slabsOf(uint32_t junction) const = 0;
  /// Before a run: how many threads will share the work. kKeepThreads: one, which may find the work divided for several.
  static constexpr uint32_t kKeepThreads = 0;
  virtual void configure(uint32_t threads, const std::vector<double>& classWeights) = 0;

  // Mini-batches: only called if batchFault() is empty. The weights may then live in a layout of their own; readWeights()
  // and writeWeights() work whichever holds them.
  /// Whether training example by example means batches of one.
  virtual bool trainsInBatchesOnly() const { return false; }
  /// Before the batches of a call, the largest of which has `size` examples.
  virtual void prepareBatches(uint32_t size, const TrainJob& job);
  /// FF of all examples, BP of all, one update by the mean of their gradients; adds what came out to the tally.
  virtual void trainBatch(const Batch& batch, Team& team);
  /// Before anything that uses the weights example by example (training online, predictions): where batches keep them
  /// elsewhere they are moved back. Cheap when there is nothing to move.
  virtual void leaveBatches() {}

  // Patterns that change: only called if rewireFault() is empty, with nothing in the pipeline.
  /// The pattern of a junction after its weakest edges have moved.
  virtual Pattern rewiredPattern(uint32_t junction, const RewireRule& rule) const;
  /// Puts a pattern in the place of the junction's.
  virtual void changePattern(uint32_t junction, Pattern pattern);
  /// Forgets what was recorded for rewiring.
  virtual void forgetRecord() {}
  /// Whether gradients of this input are to be kept.
  bool isRecorded(uint64_t number) const { return number >= recordFrom_; }
  /// Replaces the spec's pattern; for changePattern().
  void replacePattern(uint32_t junction, Pattern pattern);

  /// Before predictions for `count` inputs by any number of threads; makeScratch() and infer() may depend on it.
  virtual void preparePredictions(const InputView&, uint64_t) { leaveBatches(); }
  virtual std::unique_ptr<Scratch> makeScratch() const = 0;
  virtual void infer(Scratch& scratch, const InputView& inputs, uint64_t row, float* scores,
                     uint32_t* decision) const = 0;
  /// The same of examples `first` to before `end`. `scores` and `decisions`, where not null, are those of example 0.
  virtual void inferAll(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end,
                        float* scores, uint32_t* decisions) const;

  /// What belongs to the spec alone, beyond what the base class sees to: tells networks apart that differ in it.
  virtual void fingerprint(Fingerprint& fingerprint) const = 0;
  /// The state of a junction, or of an input in flight (activations and target), at a block's start.
  virtual void exchangeJunction(StateExchange& state, uint32_t junction) = 0;
  virtual void exchangeSlot(StateExchange& state, uint32_t slot) = 0;
  /// What else there is.
  virtual void exchangeRest(StateExchange&) {}

  /// Slots for inputs in flight: an input that enters in block b works until block b + 2J - 1, and the next one may be
  /// loaded meanwhile.
  uint32_t slots() const { return 2 * junctions() + 1; }

  Tally tally_;  ///< written by finish() of the last junction

 private:
  /// A task of a block: the sweep of a slab, or loading the next input.
  struct Task {
    uint32_t junction, slab;
    bool load;
  };
  /// What the next block will present, so that it can be loaded while this one runs.
  struct Next {
    const TrainJob* job = nullptr;
    uint64_t index = 0;
    bool loaded = false;
  };

  /// How a call ended: all was presented, or an order came.
  enum class Ending { done, aborted, paused };

  Ending trainSingly(const TrainJob& job, Progress& progress);
  Ending trainInBatches(const TrainJob& job, Progress& progress);
  void exchange(StateExchange& state);
  void exchangeRing(StateExchange& state);
  uint64_t specFingerprint() const;
  void report(Progress& progress, uint64_t examples) const;
  bool inPipeline() const;
  void admit(const TrainJob* job, uint64_t index);
  void runBlock(Team* team);
  void runPhases(Team* team);
  void sequentialStep(Team* team);
  void listTasks();
  void runTask(const Task& task);
  void loadNext();
  void loadExample(const TrainJob& job, const InFlight& input, uint64_t number, uint64_t row);
  InFlight& entryOf(uint64_t block) { return ring_[block % ring_.size()]; }
  BlockWork workOf(uint32_t junction) const;

  NetworkSpec spec_;
  std::vector<InFlight> ring_;  ///< by block, newest at blocks_ % ring size
  uint64_t blocks_ = 0;
  uint64_t inputs_ = 0;
  uint64_t recordFrom_ = UINT64_MAX;  ///< number of the first input to record
  std::vector<BlockWork> works_;      ///< of the block, per junction
  std::vector<Task> tasks_;           ///< of a block, in the order in which a team claims them
  Next next_;
  std::vector<std::vector<uint8_t>> varied_;  ///< by slot: its image, if images vary
  std::unique_ptr<Scratch> scratch_;          ///< of predictOne()

 protected:
  uint64_t inputsPresented() const { return inputs_; }
};

/// Builds the network for the arithmetic of the spec, with its initial weights.
std::unique_ptr<Network> makeNetwork(NetworkSpec spec);

}  // namespace sparse_train
