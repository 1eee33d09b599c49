#include "network_object.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "../kernels/wide/dispatch.hpp"

namespace sparse_train {
namespace {

constexpr uint64_t kMaxThreads = 256;
constexpr uint64_t kMaxBatch = 65536;
constexpr uint64_t kMaxShift = 1024;
constexpr uint64_t kMaxRecord = uint64_t{1} << 20;

Napi::Float64Array toArray(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

/// An error with one of the package's codes (lib/errors.ts).
Napi::Error codedError(Napi::Env env, const char* code, const char* message) {
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, code));
  return error;
}

Napi::Object objectArgument(const Napi::CallbackInfo& info) {
  if (info.Length() < 1 || !info[0].IsObject()) failType(info.Env(), "expected an object");
  return info[0].As<Napi::Object>();
}

}  // namespace

/// A call on its own thread.
struct NetworkObject::Call {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference keep;
  Napi::ThreadSafeFunction done;
  std::function<void()> work;
  std::function<Napi::Value(Napi::Env)> result;
  std::string failure;
  NetworkObject* owner;
};

Napi::Function NetworkObject::define(Napi::Env env) {
  return DefineClass(env, "Network",
                     {InstanceAccessor<&NetworkObject::kernelSet>("kernelSet"),
                      InstanceMethod<&NetworkObject::junctions>("junctions"),
                      InstanceMethod<&NetworkObject::train>("train"),
                      InstanceMethod<&NetworkObject::rewire>("rewire"),
                      InstanceMethod<&NetworkObject::setPattern>("setPattern"),
                      InstanceMethod<&NetworkObject::predict>("predict"),
                      InstanceMethod<&NetworkObject::learn>("learn"),
                      InstanceMethod<&NetworkObject::predictOne>("predictOne"),
                      InstanceMethod<&NetworkObject::setScaling>("setScaling"),
                      InstanceMethod<&NetworkObject::drain>("drain"),
                      InstanceMethod<&NetworkObject::progress>("progress"),
                      InstanceMethod<&NetworkObject::abort>("abort"),
                      InstanceMethod<&NetworkObject::pause>("pause"),
                      InstanceMethod<&NetworkObject::exportState>("exportState"),
                      InstanceMethod<&NetworkObject::importState>("importState"),
                      InstanceMethod<&NetworkObject::telemetry>("telemetry"),
                      InstanceMethod<&NetworkObject::pattern>("pattern"),
                      InstanceMethod<&NetworkObject::weights>("weights"),
                      InstanceMethod<&NetworkObject::setWeights>("setWeights"),
                      InstanceMethod<&NetworkObject::biases>("biases"),
                      InstanceMethod<&NetworkObject::setBiases>("setBiases")});
}

NetworkObject::NetworkObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NetworkObject>(info) {
  const WideKernels* kernels = currentKernels(info.Env());
  kernelSet_ = kernels->name;
  try {
    network_ = makeNetwork(parseSpec(info.Env(), objectArgument(info), kernels));
    if (network_->spec().arithmetic == Arithmetic::hardware) {
      hardware_ = static_cast<HardwareNetwork*>(network_.get());
    }
  } catch (const std::bad_alloc&) {
    throw codedError(info.Env(), "NETWORK_TOO_LARGE", "there is not enough memory for this network");
  }
  // When the environment goes (a worker is terminated, the process exits), a running call must end before the memory
  // it uses does.
  napi_add_env_cleanup_hook(Env(), onEnvironmentCleanup, this);
}

NetworkObject::~NetworkObject() {
  napi_remove_env_cleanup_hook(Env(), onEnvironmentCleanup, this);
  stopAndJoin();
}

void NetworkObject::onEnvironmentCleanup(void* object) { static_cast<NetworkObject*>(object)->stopAndJoin(); }

void NetworkObject::stopAndJoin() {
  progress_.abort = true;
  if (thread_.joinable()) thread_.join();
}

void NetworkObject::requireIdle(Napi::Env env) const {
  if (running_) throw codedError(env, "NETWORK_BUSY", "the network is busy with a running call");
}

uint32_t NetworkObject::junctionArgument(const Napi::CallbackInfo& info) const {
  return static_cast<uint32_t>(wholeNumber(info.Env(), info[0], "junction", 0, network_->junctions() - 1));
}

void NetworkObject::checkRate(Napi::Env env, double rate, uint32_t batchSize) const {
  if (!(rate >= 0.0) || !std::isfinite(rate)) fail(env, "the learning rate must be a number of 0 or more");
  const std::string fault = batchSize == 1 ? network_->rateFault(rate) : network_->batchRateFault(rate);
  if (!fault.empty()) fail(env, "the learning rate must be " + fault);
}

/// Runs on the JavaScript thread when a call has ended. While an environment is torn down (a worker is terminated) this
/// comes with no environment, or with one in which nothing can be called any more: then there is nobody to tell.
void NetworkObject::settle(Napi::Env env, Napi::Function, Call* call) {
  const std::unique_ptr<Call> owned(call);
  if (static_cast<napi_env>(env) == nullptr) {
    owned->keep.SuppressDestruct();
    return;
  }
  owned->owner->running_ = false;
  try {
    if (owned->failure.empty()) {
      owned->deferred.Resolve(owned->result(env));
    } else {
      owned->deferred.Reject(Napi::Error::New(env, owned->failure).Value());
    }
    owned->owner->Unref();
  } catch (const Napi::Error&) {
    // Only a terminating environment refuses to settle a promise.
  }
}

Napi::Value NetworkObject::start(Napi::Env env, const Napi::Object& keep, std::function<void()> work,
                                 std::function<Napi::Value(Napi::Env)> result) {
  requireIdle(env);  // a getter of the arguments could have begun another call
  auto* call = new Call{Napi::Promise::Deferred::New(env),
                        Napi::Persistent(keep),
                        {},
                        std::move(work),
                        std::move(result),
                        {},
                        this};
  call->done = Napi::ThreadSafeFunction::New(env, Napi::Function(), "sparse-train", 0, 1);
  const Napi::Value promise = call->deferred.Promise();
  progress_.abort = false;
  progress_.pause = false;
  progress_.examples = 0;
  progress_.outputs = 0;
  progress_.correct = 0;
  progress_.loss = 0.0;
  if (thread_.joinable()) thread_.join();  // the previous call has settled
  running_ = true;
  Ref();  // neither the network nor the arrays may be collected while the thread uses them
  const auto run = [call] {
    try {
      call->work();
    } catch (const std::bad_alloc&) {
      call->failure = "there is not enough memory";
    } catch (const std::exception& error) {
      call->failure = error.what();
    }
    Napi::ThreadSafeFunction done = call->done;
    const napi_status status = done.BlockingCall(call, settle);
    if (status == napi_ok)
      done.Release();  // otherwise the environment is closing, and takes the call with it
  };
  try {
    thread_ = std::thread(run);
  } catch (const std::system_error& error) {
    running_ = false;
    Unref();
    call->done.Release();
    call->deferred.Reject(
        Napi::Error::New(env, std::string("no thread can be started: ") + error.what()).Value());
    delete call;
  }
  return promise;
}

Napi::Value NetworkObject::kernelSet(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), kernelSet_);
}

Napi::Value NetworkObject::junctions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  Napi::Array result = Napi::Array::New(env, network_->junctions());
  for (uint32_t j = 0; j < network_->junctions(); j++) {
    const Pattern& pattern = network_->spec().patterns[j];
    const Degrees degrees = degreesOf(pattern);
    Napi::Object object = Napi::Object::New(env);
    object.Set("left", static_cast<double>(pattern.left));
    object.Set("right", static_cast<double>(pattern.right));
    object.Set("edges", static_cast<double>(pattern.edges()));
    object.Set("fanInMin", static_cast<double>(degrees.fanInMin));
    object.Set("fanInMax", static_cast<double>(degrees.fanInMax));
    object.Set("fanOutMin", static_cast<double>(degrees.fanOutMin));
    object.Set("fanOutMax", static_cast<double>(degrees.fanOutMax));
    object.Set("layout", network_->layoutOf(j));
    result.Set(j, object);
  }
  return result;
}

Napi::Value NetworkObject::train(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const Napi::Object object = objectArgument(info);
  const NetworkSpec& spec = network_->spec();

  struct Owned {
    TrainJob job;
    Scaling scaling;
    std::vector<uint64_t> starts;  ///< of sparse inputs
    std::vector<uint32_t> order;
    std::vector<int32_t> labels;
    std::vector<double> rates;
    int32_t* rawOutputs = nullptr;
    TrainResult result;
  };
  auto owned = std::make_shared<Owned>();
  TrainJob& job = owned->job;
  // Every property is read once: a getter could answer differently the second time. And all are read before any memory
  // is looked at, which a getter could free. What the thread reads is kept, or copied where it must stay as checked.
  Napi::Object keep = Napi::Object::New(env);
  const GivenInputs inputs(env, object.Get("inputs"));
  const Napi::Value targets = object.Get("targets");
  const Napi::Value orderValue = object.Get("order");
  const Napi::Value ratesValue = object.Get("rates");
  const Napi::Value rateInterval = object.Get("rateInterval");
  const Napi::Value classWeights = object.Get("classWeights");
  const Napi::Value threads = object.Get("threads");
  const Napi::Value drain = object.Get("drain");
  const Napi::Value batchSize = object.Get("batchSize");
  const Napi::Value first = object.Get("first");
  const Napi::Value record = object.Get("record");
  const Napi::Value augment = object.Get("augment");
  const Napi::Value rawOutputs = object.Get("rawOutputs");
  owned->scaling = parseScaling(env, object.Get("scaling"), spec.layers.front());
  if (!augment.IsUndefined()) {
    if (!augment.IsObject()) failType(env, "augment must be an object");
    const Napi::Object variation = augment.As<Napi::Object>();
    const uint32_t columns = spec.layers.front();
    job.augmentation.width =
        static_cast<uint32_t>(wholeNumber(env, variation.Get("width"), "width", 1, columns));
    if (columns % job.augmentation.width != 0) fail(env, "width must divide the number of inputs");
    job.augmentation.shift =
        static_cast<uint32_t>(wholeNumber(env, variation.Get("shift"), "shift", 0, kMaxShift));
    job.augmentation.mirror = variation.Get("mirror").ToBoolean();
  }
  inputs.keepIn(keep);
  refuseResizable(env, targets, "targets");
  refuseResizable(env, rawOutputs, "rawOutputs");
  const auto order = typedArray<Napi::Uint32Array>(env, orderValue, "order", napi_uint32_array);
  const auto rates = typedArray<Napi::Float64Array>(env, ratesValue, "rates", napi_float64_array);
  keep.Set("targets", targets);

  uint64_t rows = 0;
  job.inputs = inputs.view(spec.layers.front(), owned->scaling, owned->starts, rows);
  job.targets = parseTargets(env, targets, spec, rows, owned->labels);
  owned->order.assign(order.Data(), order.Data() + order.ElementLength());
  job.order = owned->order.data();
  job.count = owned->order.size();
  for (uint64_t i = 0; i < job.count; i++) {
    if (job.order[i] >= rows)
      fail(env, "order names example " + std::to_string(job.order[i]) + " of " + std::to_string(rows));
  }
  owned->rates.assign(rates.Data(), rates.Data() + rates.ElementLength());
  if (owned->rates.empty()) fail(env, "rates must have at least one entry");
  job.rates = owned->rates.data();
  job.rateCount = owned->rates.size();
  job.rateInterval = wholeNumber(env, rateInterval, "rateInterval", 1, uint64_t{1} << 53);
  if (!classWeights.IsUndefined() && !classWeights.IsNull()) {
    const auto array = typedArray<Napi::Float64Array>(env, classWeights, "classWeights", napi_float64_array);
    if (hardware_ != nullptr) fail(env, "the hardware arithmetic has no class weights");
    if (spec.output != Output::softmax || array.ElementLength() != spec.layers.back()) {
      fail(env, "classWeights must have one weight per output of a softmax network");
    }
    for (size_t i = 0; i < array.ElementLength(); i++) {
      if (!(array[i] >= 0.0 && array[i] <= 127.0)) fail(env, "classWeights must be from 0 to 127");
    }
    job.classWeights.assign(array.Data(), array.Data() + array.ElementLength());
  }
  job.threads = static_cast<uint32_t>(wholeNumber(env, threads, "threads", 1, kMaxThreads));
  job.drain = drain.ToBoolean();
  if (!first.IsUndefined()) job.first = wholeNumber(env, first, "first", 0, job.count);
  if (!batchSize.IsUndefined()) {
    job.batchSize = static_cast<uint32_t>(wholeNumber(env, batchSize, "batchSize", 1, kMaxBatch));
    const std::string fault = job.batchSize > 1 ? network_->batchFault(job.batchSize) : "";
    if (!fault.empty()) fail(env, fault);
  }
  for (const double rate : owned->rates) checkRate(env, rate, job.batchSize);

  if (!record.IsUndefined()) {
    job.record = wholeNumber(env, record, "record", 0, kMaxRecord);
    const std::string fault = job.record > 0 ? network_->rewireFault() : "";
    if (!fault.empty()) fail(env, fault);
    if (job.record > 0 && job.batchSize > 1) fail(env, "gradients are recorded only without batches");
  }

  if (!augment.IsUndefined() && job.batchSize > 1) fail(env, "inputs are augmented only without batches");
  if (!augment.IsUndefined() && job.inputs.isSparse()) fail(env, "sparse inputs cannot be augmented");

  if (!rawOutputs.IsUndefined() && !rawOutputs.IsNull()) {
    auto array = typedArray<Napi::Int32Array>(env, rawOutputs, "rawOutputs", napi_int32_array);
    if (hardware_ == nullptr) fail(env, "only the hardware arithmetic gives rawOutputs");
    if (array.ElementLength() != job.count * spec.layers.back()) {
      fail(env, "rawOutputs must have one entry per example and output");
    }
    keep.Set("rawOutputs", array);
    owned->rawOutputs = array.Data();
  }

  return start(
      env, keep,
      [this, owned] {
        if (hardware_ != nullptr) hardware_->recordOutputs(owned->rawOutputs, owned->job.count);
        owned->result = network_->train(owned->job, progress_);
        if (hardware_ != nullptr) hardware_->recordOutputs(nullptr, 0);
      },
      [owned](Napi::Env resultEnv) -> Napi::Value {
        const TrainResult& result = owned->result;
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

Napi::Value NetworkObject::rewire(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const Napi::Object object = objectArgument(info);
  const auto share = static_cast<uint32_t>(wholeNumber(env, object.Get("share"), "share", 0, 65536));
  const bool byGradient = object.Get("byGradient").ToBoolean();
  const std::string fault = network_->rewireFault();
  if (!fault.empty()) fail(env, fault);
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
  requireIdle(env);
  const uint32_t junction = junctionArgument(info);
  if (info.Length() < 2 || !info[1].IsObject()) failType(env, "a pattern must be an object");
  const std::string fault = network_->rewireFault();
  if (!fault.empty()) fail(env, fault);
  const std::vector<uint32_t>& layers = network_->spec().layers;
  Pattern pattern =
      parseCheckedEdges(env, info[1].As<Napi::Object>(), layers[junction], layers[junction + 1]);
  requireIdle(env);  // a getter could have begun a call
  network_->setPattern(junction, std::move(pattern));
}

Napi::Value NetworkObject::predict(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
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

void NetworkObject::learn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const NetworkSpec& spec = network_->spec();
  uint64_t rows = 0;
  std::vector<uint64_t> starts;
  const InputView input = GivenInputs(env, info[0]).view(spec.layers.front(), scaling_, starts, rows);
  if (rows != 1) fail(env, "the input must have one value per input neuron");
  if (!info[2].IsNumber()) failType(env, "rate must be a number");
  const double rate = info[2].As<Napi::Number>().DoubleValue();
  checkRate(env, rate);

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
  requireIdle(env);
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

void NetworkObject::setScaling(const Napi::CallbackInfo& info) {
  requireIdle(info.Env());
  scaling_ = parseScaling(info.Env(), info[0], network_->spec().layers.front());
}

void NetworkObject::drain(const Napi::CallbackInfo& info) {
  requireIdle(info.Env());
  network_->drain();
}

Napi::Value NetworkObject::progress(const Napi::CallbackInfo& info) {
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("running", running_);
  out.Set("examples", static_cast<double>(progress_.examples.load()));
  out.Set("lossSum", progress_.loss.load());
  out.Set("outputs", static_cast<double>(progress_.outputs.load()));
  out.Set("correct", static_cast<double>(progress_.correct.load()));
  return out;
}

void NetworkObject::abort(const Napi::CallbackInfo&) { progress_.abort = true; }

void NetworkObject::pause(const Napi::CallbackInfo&) { progress_.pause = true; }

Napi::Value NetworkObject::exportState(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  std::vector<uint8_t> state;
  try {
    state = network_->exportState();
  } catch (const std::bad_alloc&) {
    throw codedError(env, "NETWORK_TOO_LARGE", "there is not enough memory for the state of this network");
  }
  Napi::Uint8Array out = Napi::Uint8Array::New(env, state.size());
  std::copy(state.begin(), state.end(), out.Data());
  return out;
}

void NetworkObject::importState(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const auto array = typedArray<Napi::Uint8Array>(env, info[0], "state", napi_uint8_array);
  // A copy: what another thread may change (in shared memory) between check and use has not been checked.
  const std::vector<uint8_t> state(array.Data(), array.Data() + array.ElementLength());
  const std::string fault = network_->importState(state.data(), state.size());
  if (!fault.empty()) fail(env, "the state is not one of this network: " + fault);
}

Napi::Value NetworkObject::telemetry(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const Telemetry telemetry = network_->telemetry();
  Napi::Object out = Napi::Object::New(env);
  out.Set("weightsAtLimit", toArray(env, telemetry.weightsAtLimit));
  out.Set("activationsClipped", toArray(env, telemetry.activationsClipped));
  out.Set("deltasClipped", toArray(env, telemetry.deltasClipped));
  out.Set("batchSteps", toArray(env, telemetry.batchSteps));
  out.Set("stepsRoundedToZero", toArray(env, telemetry.stepsRoundedToZero));
  out.Set("inputs", static_cast<double>(telemetry.inputs));
  return out;
}

Napi::Value NetworkObject::pattern(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const Pattern& pattern = network_->spec().patterns[junctionArgument(info)];
  Napi::Float64Array offsets = Napi::Float64Array::New(env, pattern.offsets.size());
  std::copy(pattern.offsets.begin(), pattern.offsets.end(), offsets.Data());
  Napi::Uint32Array left = Napi::Uint32Array::New(env, pattern.lefts.size());
  std::copy(pattern.lefts.begin(), pattern.lefts.end(), left.Data());
  Napi::Object out = Napi::Object::New(env);
  out.Set("offsets", offsets);
  out.Set("left", left);
  return out;
}

Napi::Value NetworkObject::weights(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const uint32_t junction = junctionArgument(info);
  const size_t edges = network_->spec().patterns[junction].edges();
  if (longWeights()) {
    Napi::Int32Array out = Napi::Int32Array::New(env, edges);
    network_->readWeights(junction, out.Data());
    return out;
  }
  if (network_->integerWeights()) {
    Napi::Int16Array out = Napi::Int16Array::New(env, edges);
    network_->readWeights(junction, out.Data());
    return out;
  }
  Napi::Float32Array out = Napi::Float32Array::New(env, edges);
  network_->readWeights(junction, out.Data());
  return out;
}

void NetworkObject::setWeights(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const uint32_t junction = junctionArgument(info);
  const size_t edges = network_->spec().patterns[junction].edges();
  const auto checkLength = [&](size_t length) {
    if (length != edges) fail(env, "weights must have " + std::to_string(edges) + " entries");
  };
  if (longWeights()) {
    const auto array = typedArray<Napi::Int32Array>(env, info[1], "weights", napi_int32_array);
    checkLength(array.ElementLength());
    network_->writeWeights(junction, array.Data());
  } else if (network_->integerWeights()) {
    const auto array = typedArray<Napi::Int16Array>(env, info[1], "weights", napi_int16_array);
    checkLength(array.ElementLength());
    network_->writeWeights(junction, array.Data());
  } else {
    const auto array = typedArray<Napi::Float32Array>(env, info[1], "weights", napi_float32_array);
    checkLength(array.ElementLength());
    network_->writeWeights(junction, array.Data());
  }
}

Napi::Value NetworkObject::biases(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const uint32_t junction = junctionArgument(info);
  const size_t neurons = network_->spec().layers[junction + 1];
  if (network_->integerWeights()) {
    Napi::Int32Array out = Napi::Int32Array::New(env, neurons);
    network_->readBiases(junction, out.Data());
    return out;
  }
  Napi::Float32Array out = Napi::Float32Array::New(env, neurons);
  network_->readBiases(junction, out.Data());
  return out;
}

void NetworkObject::setBiases(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  requireIdle(env);
  const uint32_t junction = junctionArgument(info);
  const size_t neurons = network_->spec().layers[junction + 1];
  const auto checkLength = [&](size_t length) {
    if (length != neurons) fail(env, "biases must have " + std::to_string(neurons) + " entries");
  };
  if (network_->integerWeights()) {
    const auto array = typedArray<Napi::Int32Array>(env, info[1], "biases", napi_int32_array);
    checkLength(array.ElementLength());
    network_->writeBiases(junction, array.Data());
  } else {
    const auto array = typedArray<Napi::Float32Array>(env, info[1], "biases", napi_float32_array);
    checkLength(array.ElementLength());
    network_->writeBiases(junction, array.Data());
  }
}

}  // namespace sparse_train
