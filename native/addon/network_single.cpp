// Synchronous calls for one example. Examining a typed array takes longer than a small network takes to learn
// from it, so whole rows can also be passed in memory that JavaScript and C++ share.
#include <exception>
#include <memory>
#include <vector>

#include "../engine/aligned_buffer.hpp"
#include "network_object.hpp"
#include "training_call.hpp"

namespace sparse_train {
namespace {

/// Where things are in shared memory, in doubles, as lib/engine/shared-row.ts knows them.
enum Place : size_t { kType, kLabel, kRate, kScoresWanted, kDecision, kDone };

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

/// The calls for single examples in shared memory. Functions of their own that know their network: finding the network of a
/// method's `this`, and turning arguments and results into numbers, takes Node-API as long as a small network takes to learn.
struct NetworkObject::SharedCalls {
  static constexpr size_t kHeader = 8;  ///< doubles

  SharedCalls(NetworkObject* network, size_t columns, size_t outputs)
      : owner(network), memory(kHeader + columns + (outputs + 1) / 2), scoresAt(kHeader + columns) {}

  double& given(Place place) { return memory[place]; }
  float* scores() { return reinterpret_cast<float*>(memory.data() + scoresAt); }
  /// The row, if the call can be made; otherwise its data is null.
  InputView row();
  bool learn();
  bool predict();

  template <bool (SharedCalls::*Work)()>
  static napi_value call(napi_env env, napi_callback_info info);

  NetworkObject* owner;  ///< null when it is gone
  AlignedBuffer<double> memory;
  size_t scoresAt;
  double checkedRate = -1.0;
};

InputView NetworkObject::SharedCalls::row() {
  static constexpr InputView::Type kTypes[] = {InputView::Type::bytes, InputView::Type::fixed,
                                               InputView::Type::float32, InputView::Type::float64};
  InputView view;
  const double type = given(kType);
  if (owner == nullptr || owner->network_ == nullptr || owner->running_ || !(type >= 0 && type <= 3))
    return view;
  view.type = kTypes[static_cast<size_t>(type)];
  view.data = memory.data() + kHeader;
  if (!owner->scaling_.offset.empty()) {
    view.offset = owner->scaling_.offset.data();
    view.scale = owner->scaling_.scale.data();
  }
  return view;
}

bool NetworkObject::SharedCalls::learn() {
  const InputView input = row();
  if (input.data == nullptr) return false;
  Network& network = *owner->network_;
  const double labelGiven = given(kLabel);
  const double rate = given(kRate);
  if (!(labelGiven >= 0 && labelGiven < network.outputs())) return false;
  const auto label = static_cast<int32_t>(labelGiven);
  if (label != labelGiven || network.spec().output != Output::softmax) return false;
  if (rate != checkedRate) {
    if (!isRate(network, rate)) return false;
    checkedRate = rate;
  }
  TargetView target;
  target.labels = &label;
  network.learn(input, target, rate);
  return true;
}

bool NetworkObject::SharedCalls::predict() {
  const InputView input = row();
  if (input.data == nullptr) return false;
  given(kDecision) = owner->network_->predictOne(input, given(kScoresWanted) != 0 ? scores() : nullptr);
  return true;
}

template <bool (NetworkObject::SharedCalls::*Work)()>
napi_value NetworkObject::SharedCalls::call(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  if (napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data) != napi_ok) return nullptr;
  SharedCalls& calls = **static_cast<std::shared_ptr<SharedCalls>*>(data);
  calls.given(kDone) = 0;
  try {
    if ((calls.*Work)()) calls.given(kDone) = 1;
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

/// { memory, learn, predict }, or undefined where the runtime has no buffers over memory of an addon's own.
Napi::Value NetworkObject::sharedCalls(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  if (shared_ == nullptr)
    shared_ = std::make_shared<SharedCalls>(this, network_->spec().layers.front(), network_->outputs());
  // The buffer and the functions may outlive the network, and keep the memory.
  using Held = std::shared_ptr<SharedCalls>;
  const auto release = [](Napi::Env, void*, Held* held) { delete held; };
  auto held = std::make_unique<Held>(shared_);
  Napi::Object result = Napi::Object::New(env);
  try {
    result["memory"] = Napi::ArrayBuffer::New(env, shared_->memory.data(),
                                              shared_->memory.size() * sizeof(double), release, held.get());
  } catch (const Napi::Error&) {
    return env.Undefined();
  }
  static_cast<void>(held.release());
  // The array buffer frees it. NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks)
  const auto add = [&](const char* name, napi_callback callback) {
    auto own = std::make_unique<Held>(shared_);
    napi_value function = nullptr;
    if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, own.get(), &function) != napi_ok ||
        napi_add_finalizer(
            env, function, own.get(), [](napi_env, void* data, void*) { delete static_cast<Held*>(data); },
            nullptr, nullptr) != napi_ok)
      fail(env, "a function could not be made");
    static_cast<void>(own.release());
    result.Set(name, Napi::Value(env, function));
  };
  add("learn", SharedCalls::call<&SharedCalls::learn>);
  add("predict", SharedCalls::call<&SharedCalls::predict>);
  return result;
}

/// The network is gone: calls do nothing from now on.
void NetworkObject::forsakeSharedCalls() {
  if (shared_ != nullptr) shared_->owner = nullptr;
}

}  // namespace sparse_train
