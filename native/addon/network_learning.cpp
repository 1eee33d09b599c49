// Calls that change a network: training on many examples, and moving edges.
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
  requireIdle(env);  // a getter could have started a call
  network_->setPattern(junction, std::move(pattern));
}

}  // namespace sparse_train
