#include "network.hpp"

#include <chrono>
#include <utility>

#include "engine/train/in_batches.hpp"
#include "engine/train/rewiring.hpp"
#include "fixed/float_environment.hpp"

namespace sparse_train {

Network::Network(NetworkSpec spec)
    : model_(makeModel(std::move(spec))),
      capabilities_(model_->capabilities()),
      pipeline_(model_->spec(), *model_),
      online_(*model_, pipeline_),
      predictor_(*model_) {}

TrainResult Network::train(const TrainJob& job, Progress& progress) {
  const FloatEnvironment environment;
  const auto start = std::chrono::steady_clock::now();
  Tally& tally = model_->tally();
  if (job.first == 0) tally = Tally{};
  const uint64_t before = inputs_ - job.first;
  const bool online = job.batchSize == 1 && !capabilities_.onlyBatches;
  const Ending ending = online ? online_.train(job, progress, inputs_) : trainInBatches(job, progress);
  TrainResult result;
  result.aborted = ending == Ending::aborted;
  result.paused = ending == Ending::paused;
  result.examples = inputs_ - before;
  result.tally = tally;
  progress.report(result.examples, tally);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

void Network::learn(const InputView& input, const TargetView& target, double rate) {
  const FloatEnvironment environment;
  if (!capabilities_.onlyBatches) {
    online_.learn(input, target, rate, inputs_);
    return;
  }
  const uint32_t first = 0;
  TrainJob job;
  job.inputs = input;
  job.targets = target;
  job.order = &first;
  job.count = 1;
  job.rates = &rate;
  job.rateCount = 1;
  Progress progress;
  trainInBatches(job, progress);
}

Ending Network::trainInBatches(const TrainJob& job, Progress& progress) {
  if (!pipeline_.empty()) {  // batches do not use the pipeline: empty it first
    model_->configure(job.threads, job.classWeights);
    drain();
  }
  return sparse_train::trainInBatches(*capabilities_.batches, model_->tally(), job, progress, inputs_);
}

void Network::setInputsPresented(uint64_t count) {
  drain();
  inputs_ = count;
}

void Network::drain() {
  const FloatEnvironment environment;
  online_.drain();
}

double Network::predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                        uint32_t* decisions, Progress& progress) {
  const FloatEnvironment environment;
  return predictor_.predict(inputs, count, threads, scores, decisions, progress);
}

uint32_t Network::predictOne(const InputView& input, float* scores) {
  const FloatEnvironment environment;
  return predictor_.predictOne(input, scores);
}

std::vector<uint64_t> Network::rewire(uint32_t share, bool byGradient) {
  drain();
  return sparse_train::rewire(spec(), *capabilities_.patterns, share, byGradient, inputs_);
}

void Network::setPattern(uint32_t junction, Pattern pattern) {
  drain();
  capabilities_.patterns->forgetRecord();
  capabilities_.patterns->changePattern(junction, std::move(pattern));
}

std::unique_ptr<Network> makeNetwork(NetworkSpec spec) {
  const FloatEnvironment environment;
  return std::make_unique<Network>(std::move(spec));
}

}  // namespace sparse_train
