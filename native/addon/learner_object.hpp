// The JavaScript class around a learner. Rows are handed over in two buffers that are given once, when the learner is
// made: looking at a typed array for each kind of number would take as long as a small network takes to learn a row.
#pragma once

#include <napi.h>

#include <memory>

#include "../learner/learner.hpp"

namespace sparse_train {

class LearnerObject final : public Napi::ObjectWrap<LearnerObject> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit LearnerObject(const Napi::CallbackInfo& info);

 private:
  /// The memory of both buffers, as long as a call lasts. Row i has the entries from ends[i - 1] to ends[i] - 1, of which
  /// the first plains[i] are read by the plain member, too.
  struct View {
    const uint32_t* slots;
    const uint32_t* ends;
    const uint32_t* plains;
    const int16_t* values;
    /// Of each row: the predicted output (-1: none), its probability or the predicted value, and the probability of the
    /// class that was learned.
    double* results;
    const int32_t* outputs;
    const int32_t* numbers;
  };

  Napi::Value kernelSet(const Napi::CallbackInfo& info);
  void addSlots(const Napi::CallbackInfo& info);
  void addOutputs(const Napi::CallbackInfo& info);
  void learn(const Napi::CallbackInfo& info);
  void predict(const Napi::CallbackInfo& info);
  Napi::Value probabilities(const Napi::CallbackInfo& info);
  Napi::Value exportState(const Napi::CallbackInfo& info);
  void importState(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  Learner& open(Napi::Env env) const;
  View view(Napi::Env env) const;
  /// Row `row` of the stage, checked.
  LearnerRow rowAt(Napi::Env env, const View& stage, size_t row) const;
  /// The first of `rows` rows, prefetched.
  LearnerRow firstRow(Napi::Env env, const View& stage, uint64_t rows) const;
  LearnerTarget targetAt(Napi::Env env, const View& stage, size_t row) const;

  std::unique_ptr<Learner> learner_;  ///< null after close()
  Napi::Reference<Napi::ArrayBuffer> entries_, targets_;
  const char* kernelSet_ = "";
};

}  // namespace sparse_train
