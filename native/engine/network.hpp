// A network with any number of junctions, in one of the arithmetics: the model, and the objects that train it
// and predict with it.
#pragma once

#include <stdint.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/model.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "engine/predict/predictor.hpp"
#include "engine/train/job.hpp"
#include "engine/train/online.hpp"

namespace sparse_train {

class Network {
 public:
  /// Starts with its initial weights.
  explicit Network(NetworkSpec spec);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const NetworkSpec& spec() const { return model_->spec(); }
  uint32_t junctions() const { return model_->junctions(); }
  uint32_t outputs() const { return model_->outputs(); }
  const Capabilities& capabilities() const { return capabilities_; }
  const Model& model() const { return *model_; }
  /// The number t of the next input: those presented since the network was made, in this process and before it
  /// was saved.
  uint64_t inputsPresented() const { return inputs_; }
  /// Continues the count of a saved network. Empties the pipeline first.
  void setInputsPresented(uint64_t count);

  /// Presents examples until all are done, or `progress.abort` is set, which empties the pipeline, or
  /// `progress.pause`, which leaves everything as it is: a later call with `first` = the result's `examples`
  /// resumes as if there had been no pause.
  TrainResult train(const TrainJob& job, Progress& progress);
  /// Presents one example. If pipelined, it enters the pipeline; its updates are complete 2J blocks later or
  /// after drain().
  void learn(const InputView& input, const TargetView& target, double rate);
  /// Runs the remaining blocks of the pipeline.
  void drain();

  /// Moves the weakest edges of every junction; returns how many moved in each. A rule by gradient uses the
  /// examples that the last train() recorded, and then discards them. Needs Capabilities::patterns; empties
  /// the pipeline first.
  std::vector<uint64_t> rewire(uint32_t share, bool byGradient);
  /// Sets another pattern for the same layers, which patternFault() has checked: edges in both patterns keep
  /// weight and velocity, new ones begin with zero. Needs Capabilities::patterns; empties the pipeline first.
  void setPattern(uint32_t junction, Pattern pattern);

  /// Computes scores (outputs per example) and decisions of `count` examples; either pointer may be null.
  /// Returns the seconds that this took.
  double predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                 uint32_t* decisions, Progress& progress);
  /// The decision for one example; also computes its scores if `scores` is not null.
  uint32_t predictOne(const InputView& input, float* scores);

  /// Everything that determines how training continues, including inputs in the pipeline (state.hpp).
  std::vector<uint8_t> exportState();
  /// Restores a state that a network with the same spec exported. If that is impossible, returns the reason
  /// and leaves the network unchanged; otherwise returns an empty string.
  std::string importState(const uint8_t* bytes, size_t size);

  const char* layoutOf(uint32_t junction) const { return model_->layoutOf(junction); }
  /// Parameters in edge order; capabilities() says of which type the spans are.
  void readWeights(uint32_t junction, WeightSpan weights) const { model_->readWeights(junction, weights); }
  void writeWeights(uint32_t junction, ConstWeightSpan weights) { model_->writeWeights(junction, weights); }
  void readBiases(uint32_t junction, BiasSpan biases) const { model_->readBiases(junction, biases); }
  void writeBiases(uint32_t junction, ConstBiasSpan biases) { model_->writeBiases(junction, biases); }
  Telemetry telemetry() const { return model_->telemetry(); }
  /// The reason why this learning rate cannot be represented for batches of this size (1: online), or an
  /// empty string.
  std::string rateFault(double rate, uint32_t batchSize = 1) const {
    return model_->rateFault(rate, batchSize);
  }

 private:
  Ending trainInBatches(const TrainJob& job, Progress& progress);
  void exchange(StateExchange& state);
  uint64_t specFingerprint() const;

  std::unique_ptr<Model> model_;
  Capabilities capabilities_;
  Pipeline pipeline_;
  OnlineTrainer online_;
  Predictor predictor_;
  uint64_t inputs_ = 0;
};

std::unique_ptr<Network> makeNetwork(NetworkSpec spec);

}  // namespace sparse_train
