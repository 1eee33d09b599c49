// The JavaScript class around a learner. Rows are handed over in typed arrays that are given once, when the learner is
// made: looking at a typed array takes longer than a small network takes to learn from it.
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
  /// The caller's arrays. Row i has the entries from ends[i - 1] to ends[i] - 1, of which the first plains[i] are read
  /// by the plain member, too.
  struct Stage {
    Napi::Reference<Napi::Uint32Array> slots;
    Napi::Reference<Napi::Int16Array> values;
    Napi::Reference<Napi::Uint32Array> ends, plains;
    Napi::Reference<Napi::Int32Array> outputs, numbers;
    /// Of each row: the predicted output (-1: none), its probability or the predicted value, and the probability of the
    /// class that was learned.
    Napi::Reference<Napi::Float64Array> results;
  };
  /// The arrays' memory, as long as a call lasts.
  struct View {
    const uint32_t* slots;
    const int16_t* values;
    const uint32_t* ends;
    const uint32_t* plains;
    const int32_t* outputs;
    const int32_t* numbers;
    double* results;
    size_t entries, rows;
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
  LearnerTarget targetAt(Napi::Env env, const View& stage, size_t row) const;

  std::unique_ptr<Learner> learner_;  ///< null after close()
  Stage stage_;
  const char* kernelSet_ = "";
};

}  // namespace sparse_train
