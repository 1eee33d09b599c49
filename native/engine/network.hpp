// A network with any number of junctions, in one of the arithmetics: the model with what trains it and predicts with it.
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
  /// With its initial weights.
  explicit Network(NetworkSpec spec);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const NetworkSpec& spec() const { return model_->spec(); }
  uint32_t junctions() const { return model_->junctions(); }
  uint32_t outputs() const { return model_->outputs(); }
  const Capabilities& capabilities() const { return capabilities_; }
  const Model& model() const { return *model_; }
  /// The number of inputs presented since the network was made.
  uint64_t inputsPresented() const { return inputs_; }

  /// Presents examples until all are through, or `progress.abort` is set, which empties the pipeline, or
  /// `progress.pause`, which leaves everything as it is: a call with `first` = the result's `examples` resumes as if there
  /// had been no pause.
  TrainResult train(const TrainJob& job, Progress& progress);
  /// Presents one example. Pipelined: it enters the pipeline; its updates are done 2J blocks later or by drain().
  void learn(const InputView& input, const TargetView& target, double rate);
  /// Runs the blocks that are left in the pipeline.
  void drain();

  /// Moves the weakest edges of every junction; returns how many moved in each. By gradient: of the examples that the
  /// last train() recorded, which are then forgotten. Only with Capabilities::patterns; finishes the pipeline first.
  std::vector<uint64_t> rewire(uint32_t share, bool byGradient);
  /// Another pattern, checked by patternFault(), of the same layers: edges that both have keep weight and velocity, new
  /// ones begin with zero. Only with Capabilities::patterns; finishes the pipeline first.
  void setPattern(uint32_t junction, Pattern pattern);

  /// Scores (outputs per example) and decisions of `count` examples; either may be null. Returns the seconds it took.
  double predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                 uint32_t* decisions, Progress& progress);
  /// The decision for one example; its scores if not null.
  uint32_t predictOne(const InputView& input, float* scores);

  /// Everything that decides how training continues, inputs in the pipeline included (state.hpp).
  std::vector<uint8_t> exportState();
  /// Takes over a state that a network of the same spec exported. Returns why that cannot be, leaving the network as it
  /// was, or an empty string.
  std::string importState(const uint8_t* bytes, size_t size);

  const char* layoutOf(uint32_t junction) const { return model_->layoutOf(junction); }
  /// Parameters in edge order; the spans' types are those that capabilities() says.
  void readWeights(uint32_t junction, WeightSpan weights) const { model_->readWeights(junction, weights); }
  void writeWeights(uint32_t junction, ConstWeightSpan weights) { model_->writeWeights(junction, weights); }
  void readBiases(uint32_t junction, BiasSpan biases) const { model_->readBiases(junction, biases); }
  void writeBiases(uint32_t junction, ConstBiasSpan biases) { model_->writeBiases(junction, biases); }
  Telemetry telemetry() const { return model_->telemetry(); }
  /// Why this learning rate cannot be represented for batches of this size (1: online), or an empty string.
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
