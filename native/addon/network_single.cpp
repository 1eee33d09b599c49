// Synchronous calls for one example. Examining a typed array takes longer than a small network takes to learn
// from it, so whole rows can also be passed in memory that JavaScript and C++ share.
#include <cstring>
#include <vector>

#include "network_object.hpp"
#include "training_call.hpp"

namespace sparse_train {

namespace {

double rateArgument(Napi::Env env, const Network& network, const Napi::Value& value) {
  if (!value.IsNumber()) failType(env, "rate must be a number");
  const double rate = value.As<Napi::Number>().DoubleValue();
  checkRate(env, network, rate);
  return rate;
}

}  // namespace

void NetworkObject::learn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const NetworkSpec& spec = network_->spec();
  uint64_t rows = 0;
  std::vector<uint64_t> starts;
  const InputView input = GivenInputs(env, info[0]).view(spec.layers.front(), scaling_, starts, rows);
  if (rows != 1) fail(env, "the input must have one value per input neuron");
  const double rate = rateArgument(env, *network_, info[2]);

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

Napi::Value NetworkObject::predictOne(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  uint64_t rows = 0;
  std::vector<uint64_t> starts;
  const InputView input =
      GivenInputs(env, info[0]).view(network_->spec().layers.front(), scaling_, starts, rows);
  if (rows != 1) fail(env, "the input must have one value per input neuron");
  float* scores = nullptr;
  if (info.Length() > 1 && !info[1].IsUndefined()) {
    auto array = typedArray<Napi::Float32Array>(env, info[1], "scores", napi_float32_array);
    if (array.ElementLength() != network_->outputs()) fail(env, "scores must have one entry per output");
    scores = array.Data();
  }
  return Napi::Number::New(env, network_->predictOne(input, scores));
}

/// An array buffer over memory of the network, or undefined if the runtime has no such buffers.
Napi::Value NetworkObject::sharedMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const size_t columns = network_->spec().layers.front();
  const size_t scores = (network_->outputs() + 1) / 2;  // two floats take the place of a double
  if (shared_ == nullptr) shared_ = std::make_shared<std::vector<double>>(columns + scores);
  auto* held = new std::shared_ptr<std::vector<double>>(shared_);
  try {
    return Napi::ArrayBuffer::New(
        env, shared_->data(), shared_->size() * sizeof(double),
        [](Napi::Env, void*, std::shared_ptr<std::vector<double>>* own) { delete own; }, held);
  } catch (const Napi::Error&) {
    delete held;
    shared_ = nullptr;
    return env.Undefined();
  }
}

InputView NetworkObject::sharedRow(Napi::Env env, const Napi::Value& type) const {
  static constexpr InputView::Type kTypes[] = {InputView::Type::bytes, InputView::Type::fixed,
                                               InputView::Type::float32, InputView::Type::float64};
  if (shared_ == nullptr) fail(env, "this network has no shared memory");
  InputView view;
  view.type = kTypes[wholeNumber(env, type, "type", 0, 3)];
  view.data = shared_->data();
  if (!scaling_.offset.empty()) {
    view.offset = scaling_.offset.data();
    view.scale = scaling_.scale.data();
  }
  return view;
}

void NetworkObject::learnShared(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  if (network_->spec().output != Output::softmax) fail(env, "only labels are learned from shared memory");
  const InputView input = sharedRow(env, info[0]);
  const auto label = static_cast<int32_t>(wholeNumber(env, info[1], "label", 0, network_->outputs() - 1));
  const double rate = rateArgument(env, *network_, info[2]);
  TargetView target;
  target.labels = &label;
  network_->learn(input, target, rate);
}

Napi::Value NetworkObject::predictShared(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const InputView input = sharedRow(env, info[0]);
  auto* scores = reinterpret_cast<float*>(shared_->data() + network_->spec().layers.front());
  const bool wanted = info[1].ToBoolean();
  return Napi::Number::New(env, network_->predictOne(input, wanted ? scores : nullptr));
}

}  // namespace sparse_train
