// Training example by example: every example is an update.
#pragma once

#include <stdint.h>

#include <vector>

#include "engine/model.hpp"
#include "engine/pipeline/pipeline.hpp"
#include "job.hpp"

namespace sparse_train {

class OnlineTrainer {
 public:
  /// Keeps references to both.
  OnlineTrainer(Model& model, Pipeline& pipeline);

  /// Presents the examples of a job; `inputs` counts them over the life of the network.
  Ending train(const TrainJob& job, Progress& progress, uint64_t& inputs);
  /// Presents one example. Its updates may still be in the pipeline afterwards.
  void learn(const InputView& input, const TargetView& target, double rate, uint64_t& inputs);
  /// Finishes all updates in the pipeline on the calling thread.
  void drain();

 private:
  void load(const TrainJob& job, uint32_t slot, uint64_t number, uint64_t row);

  Model& model_;
  Pipeline& pipeline_;
  std::vector<std::vector<uint8_t>> varied_;  ///< per slot: its image, if images vary
};

}  // namespace sparse_train
