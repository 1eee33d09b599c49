// Predictions: of many examples by a team, or of a single one at once.
#pragma once

#include <stdint.h>

#include <memory>

#include "engine/model.hpp"

namespace sparse_train {

class Predictor {
 public:
  /// Keeps a reference.
  explicit Predictor(Prediction& model) : model_(model) {}

  /// Scores (outputs per example) and decisions of `count` examples; either may be null. Returns the seconds it took.
  double predict(const InputView& inputs, uint64_t count, uint32_t threads, float* scores,
                 uint32_t* decisions, Progress& progress);
  /// The decision for one example; its scores if not null.
  uint32_t predictOne(const InputView& input, float* scores);

 private:
  Prediction& model_;
  std::unique_ptr<Prediction::Scratch> scratch_;  ///< of predictOne()
};

}  // namespace sparse_train
