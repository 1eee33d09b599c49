// Predictions of many examples, on their own thread.
#include "network_object.hpp"

namespace sparse_train {

Napi::Value NetworkObject::predict(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const Napi::Object object = objectArgument(info);
  const NetworkSpec& spec = network_->spec();
  const uint64_t outputs = spec.layers.back();

  struct Owned {
    Scaling scaling;
    std::vector<uint64_t> starts;  ///< of sparse inputs
    InputView inputs;
    uint64_t count = 0;
    uint32_t threads = 1;
    float* scores = nullptr;
    uint32_t* decisions = nullptr;
    double seconds = 0.0;
  };
  auto owned = std::make_shared<Owned>();
  Napi::Object keep = Napi::Object::New(env);
  const GivenInputs inputs(env, object.Get("inputs"));
  const Napi::Value count = object.Get("count");
  const Napi::Value threads = object.Get("threads");
  const Napi::Value scores = object.Get("scores");
  const Napi::Value decisions = object.Get("decisions");
  owned->scaling = parseScaling(env, object.Get("scaling"), spec.layers.front());
  inputs.keepIn(keep);
  refuseResizable(env, scores, "scores");
  refuseResizable(env, decisions, "decisions");
  uint64_t rows = 0;
  owned->inputs = inputs.view(spec.layers.front(), owned->scaling, owned->starts, rows);
  owned->count = wholeNumber(env, count, "count", 0, rows);
  owned->threads = static_cast<uint32_t>(wholeNumber(env, threads, "threads", 1, kMaxThreads));
  if (!scores.IsUndefined() && !scores.IsNull()) {
    auto array = typedArray<Napi::Float32Array>(env, scores, "scores", napi_float32_array);
    if (array.ElementLength() != owned->count * outputs)
      fail(env, "scores must have one entry per example and output");
    keep.Set("scores", array);
    owned->scores = array.Data();
  }
  if (!decisions.IsUndefined() && !decisions.IsNull()) {
    auto array = typedArray<Napi::Uint32Array>(env, decisions, "decisions", napi_uint32_array);
    if (array.ElementLength() != owned->count) fail(env, "decisions must have one entry per example");
    keep.Set("decisions", array);
    owned->decisions = array.Data();
  }

  return start(
      env, keep,
      [this, owned] {
        owned->seconds = network_->predict(owned->inputs, owned->count, owned->threads, owned->scores,
                                           owned->decisions, progress_);
      },
      [owned](Napi::Env resultEnv) -> Napi::Value {
        Napi::Object out = Napi::Object::New(resultEnv);
        out.Set("seconds", owned->seconds);
        return out;
      });
}

}  // namespace sparse_train
