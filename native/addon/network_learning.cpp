// Calls by which a network changes as it learns: examples, and edges that move.
#include <utility>

#include "network_object.hpp"
#include "training_call.hpp"

namespace sparse_train {

Napi::Value NetworkObject::train(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  Napi::Object keep = Napi::Object::New(env);
  const std::shared_ptr<TrainingCall> call = parseTraining(env, objectArgument(info), *network_, keep);
  return start(
      env, keep, [this, call] { call->result = network_->train(call->job, progress_); },
      [call](Napi::Env resultEnv) -> Napi::Value {
        const TrainResult& result = call->result;
        Napi::Object out = Napi::Object::New(resultEnv);
        out.Set("examples", static_cast<double>(result.examples));
        out.Set("aborted", result.aborted);
        out.Set("paused", result.paused);
        out.Set("lossSum", result.tally.loss);
        out.Set("outputs", static_cast<double>(result.tally.outputs));
        out.Set("correct", static_cast<double>(result.tally.correct));
        out.Set("seconds", result.seconds);
        return out;
      });
}

void NetworkObject::learn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const NetworkSpec& spec = network_->spec();
  uint64_t rows = 0;
  std::vector<uint64_t> starts;
  const InputView input = GivenInputs(env, info[0]).view(spec.layers.front(), scaling_, starts, rows);
  if (rows != 1) fail(env, "the input must have one value per input neuron");
  if (!info[2].IsNumber()) failType(env, "rate must be a number");
  const double rate = info[2].As<Napi::Number>().DoubleValue();
  checkRate(env, *network_, rate);

  TargetView target;
  int32_t label = 0;
  if (spec.output == Output::softmax) {
    label = static_cast<int32_t>(wholeNumber(env, info[1], "label", 0, spec.layers.back() - 1));
    target.labels = &label;
  } else {
    std::vector<int32_t> none;
    target = parseTargets(env, info[1], spec, 1, none);
  }
  network_->learn(input, target, rate);
}

void NetworkObject::drain(const Napi::CallbackInfo& info) {
  const InUse inUse = enter(info.Env());
  network_->drain();
}

Napi::Value NetworkObject::rewire(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const Napi::Object object = objectArgument(info);
  const auto share = static_cast<uint32_t>(wholeNumber(env, object.Get("share"), "share", 0, 65536));
  const bool byGradient = object.Get("byGradient").ToBoolean();
  requireDynamicPatterns(env, *network_);
  auto moved = std::make_shared<std::vector<double>>();
  return start(
      env, Napi::Object::New(env),
      [this, share, byGradient, moved] {
        for (const uint64_t edges : network_->rewire(share, byGradient)) {
          moved->push_back(static_cast<double>(edges));
        }
      },
      [moved](Napi::Env resultEnv) -> Napi::Value { return toArray(resultEnv, *moved); });
}

void NetworkObject::setPattern(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const uint32_t junction = junctionArgument(info);
  if (info.Length() < 2 || !info[1].IsObject()) failType(env, "a pattern must be an object");
  requireDynamicPatterns(env, *network_);
  const std::vector<uint32_t>& layers = network_->spec().layers;
  Pattern pattern =
      parseCheckedEdges(env, info[1].As<Napi::Object>(), layers[junction], layers[junction + 1]);
  requireIdle(env);  // a getter could have begun a call
  network_->setPattern(junction, std::move(pattern));
}

}  // namespace sparse_train
