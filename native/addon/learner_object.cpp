#include "learner_object.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "../kernels/kernel_set.hpp"
#include "limits.hpp"
#include "network_object.hpp"
#include "values.hpp"

namespace sparse_train {
namespace {

constexpr uint32_t kMaxSlots = 1u << 24;
constexpr uint32_t kMaxOutputs = 1u << 16;
constexpr size_t kResultsPerRow = 3;
/// The sizes of a stage, as in lib/engine/learner.ts.
constexpr size_t kStageEntries = size_t{1} << 16;
constexpr size_t kStageRows = 256;
constexpr size_t kEntriesBytes =
    kStageEntries * (sizeof(uint32_t) + sizeof(int16_t)) + 2 * kStageRows * sizeof(uint32_t);
constexpr size_t kTargetsBytes = kStageRows * (kResultsPerRow * sizeof(double) + 2 * sizeof(int32_t));

/// Keys are pairs of 32-bit words, the low one first.
std::vector<uint64_t> keysOf(Napi::Env env, const Napi::Value& value) {
  const auto words = typedArray<Napi::Uint32Array>(env, value, "keys", napi_uint32_array);
  if (words.ElementLength() % 2 != 0) fail(env, "keys must be pairs of words");
  std::vector<uint64_t> keys(words.ElementLength() / 2);
  for (size_t i = 0; i < keys.size(); i++) {
    keys[i] = words.Data()[2 * i] | static_cast<uint64_t>(words.Data()[2 * i + 1]) << 32;
  }
  return keys;
}

/// A buffer of the stage.
Napi::Reference<Napi::ArrayBuffer> keep(Napi::Env env, const Napi::Value& value, const char* name,
                                        size_t bytes) {
  if (!value.IsArrayBuffer()) failType(env, std::string(name) + " must be an ArrayBuffer");
  auto buffer = value.As<Napi::ArrayBuffer>();
  if (buffer.ByteLength() != bytes) fail(env, std::string(name) + " has the wrong length");
  return Napi::Persistent(buffer);
}

/// The memory of such a buffer.
char* memoryOf(Napi::Env env, const Napi::Reference<Napi::ArrayBuffer>& buffer, size_t bytes) {
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_arraybuffer_info(env, buffer.Value(), &data, &length) != napi_ok || length != bytes) {
    fail(env, "the buffer of a stage has been detached");
  }
  return static_cast<char*>(data);
}

Napi::Int16Array copyOf(Napi::Env env, const WeightRows& rows) {
  Napi::Int16Array out = Napi::Int16Array::New(env, rows.size() * rows.words());
  for (size_t i = 0; i < rows.size(); i++) {
    std::copy_n(rows[i], rows.words(), out.Data() + i * rows.words());
  }
  return out;
}

void setRows(Napi::Env env, WeightRows& rows, const Napi::Value& value, const char* name, int16_t limit) {
  const auto given = typedArray<Napi::Int16Array>(env, value, name, napi_int16_array);
  if (given.ElementLength() != rows.size() * rows.words()) {
    fail(env, std::string(name) + " has the wrong number of weights");
  }
  for (size_t i = 0; i < given.ElementLength(); i++) {
    if (std::abs(given.Data()[i]) > limit) fail(env, std::string(name) + " has a weight out of range");
  }
  for (size_t i = 0; i < rows.size(); i++) {
    std::copy_n(given.Data() + i * rows.words(), rows.words(), rows[i]);
  }
}

}  // namespace

Napi::Function LearnerObject::define(Napi::Env env) {
  return DefineClass(
      env, "Learner",
      {InstanceAccessor<&LearnerObject::kernelSet>("kernelSet"),
       InstanceMethod<&LearnerObject::addSlots>("addSlots"),
       InstanceMethod<&LearnerObject::addOutputs>("addOutputs"),
       InstanceMethod<&LearnerObject::learn>("learn"), InstanceMethod<&LearnerObject::predict>("predict"),
       InstanceMethod<&LearnerObject::probabilities>("probabilities"),
       InstanceMethod<&LearnerObject::exportState>("exportState"),
       InstanceMethod<&LearnerObject::importState>("importState"),
       InstanceMethod<&LearnerObject::close>("close")});
}

LearnerObject::LearnerObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<LearnerObject>(info) {
  const Napi::Env env = info.Env();
  const Napi::Object spec = objectArgument(info);
  const uint64_t seed = wholeNumber(env, spec.Get("seed"), "seed", 0, kMaxWhole);
  const bool classes = spec.Get("classes").ToBoolean();
  const auto hidden = static_cast<uint32_t>(
      wholeNumber(env, spec.Get("hidden"), "hidden", kLearnerWidth, kLearnerMostHidden));
  if (hidden % kLearnerWidth != 0) fail(env, "hidden must be a multiple of 64");
  entries_ = keep(env, spec.Get("entries"), "entries", kEntriesBytes);
  targets_ = keep(env, spec.Get("targets"), "targets", kTargetsBytes);
  const KernelSet* kernels = currentKernels(env);
  kernelSet_ = kernels->name;
  learner_ = std::make_unique<Learner>(*kernels->learner, seed, classes, hidden);
}

Napi::Value LearnerObject::kernelSet(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), kernelSet_);
}

Learner& LearnerObject::open(Napi::Env env) const {
  if (learner_ == nullptr) throw codedError(env, "NETWORK_CLOSED", "the learner has been closed");
  return *learner_;
}

void LearnerObject::close(const Napi::CallbackInfo&) { learner_.reset(); }

void LearnerObject::addSlots(const Napi::CallbackInfo& info) {
  Learner& learner = open(info.Env());
  const std::vector<uint64_t> keys = keysOf(info.Env(), info[0]);
  if (keys.size() > kMaxSlots - learner.slots()) fail(info.Env(), "there are too many slots");
  const bool random = info[1].ToBoolean();
  for (const uint64_t key : keys) learner.addSlot(key, random);
}

void LearnerObject::addOutputs(const Napi::CallbackInfo& info) {
  Learner& learner = open(info.Env());
  const std::vector<uint64_t> keys = keysOf(info.Env(), info[0]);
  if (!learner.classes()) fail(info.Env(), "a number has one output");
  if (keys.size() > kMaxOutputs - learner.knownOutputs()) fail(info.Env(), "there are too many classes");
  for (const uint64_t key : keys) learner.addOutput(key);
}

LearnerObject::View LearnerObject::view(Napi::Env env) const {
  const char* entries = memoryOf(env, entries_, kEntriesBytes);
  char* targets = memoryOf(env, targets_, kTargetsBytes);
  const auto* slots = reinterpret_cast<const uint32_t*>(entries);
  const uint32_t* ends = slots + kStageEntries;
  const uint32_t* plains = ends + kStageRows;
  auto* results = reinterpret_cast<double*>(targets);
  const auto* outputs = reinterpret_cast<const int32_t*>(results + kStageRows * kResultsPerRow);
  return {slots,
          ends,
          plains,
          reinterpret_cast<const int16_t*>(plains + kStageRows),
          results,
          outputs,
          outputs + kStageRows};
}

LearnerRow LearnerObject::rowAt(Napi::Env env, const View& stage, size_t row) const {
  const size_t first = row == 0 ? 0 : stage.ends[row - 1];
  const size_t end = stage.ends[row];
  if (end < first || end > kStageEntries) fail(env, "a row's end is out of range");
  const size_t entries = end - first;
  if (stage.plains[row] > entries) fail(env, "a row has more plain entries than entries");
  int32_t size = kLearnerOne;
  for (size_t i = first; i < end; i++) {
    if (stage.slots[i] == 0 || stage.slots[i] >= learner_->slots()) fail(env, "a slot is out of range");
    const int32_t value = std::abs(stage.values[i]);
    if (value > kLearnerValueMax) fail(env, "a value is out of range");
    size += value;
    if (size > kLearnerRowMax) fail(env, "a row's values are too large together");
  }
  return {stage.slots + first, stage.values + first, stage.plains[row], static_cast<uint32_t>(entries)};
}

LearnerRow LearnerObject::firstRow(Napi::Env env, const View& stage, uint64_t rows) const {
  if (rows == 0) return {};
  const LearnerRow row = rowAt(env, stage, 0);
  learner_->prefetchRow(row);
  return row;
}

LearnerTarget LearnerObject::targetAt(Napi::Env env, const View& stage, size_t row) const {
  const LearnerTarget target{stage.outputs[row], stage.numbers[row]};
  if (learner_->classes()) {
    const uint32_t known = std::min(learner_->knownOutputs(), learner_->outputs() + 1);
    if (target.output < 0 || static_cast<uint32_t>(target.output) >= known) {
      fail(env, "a class is out of range");
    }
  } else if (target.number < -kLearnerTargetMax || target.number > kLearnerTargetMax) {
    fail(env, "a target is out of range");
  }
  return target;
}

void LearnerObject::learn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Learner& learner = open(env);
  const View stage = view(env);
  const uint64_t rows = wholeNumber(env, info[0], "rows", 0, kStageRows);
  const bool boost = info[1].ToBoolean();
  LearnerRow next = firstRow(env, stage, rows);
  for (uint64_t row = 0; row < rows; row++) {
    const LearnerRow current = next;
    if (row + 1 < rows) learner.prefetchRow(next = rowAt(env, stage, row + 1));
    const LearnerPrediction predicted = learner.learn(current, targetAt(env, stage, row), boost);
    double* result = stage.results + row * kResultsPerRow;
    result[0] = predicted.output;
    result[1] = learner.classes() ? predicted.probability : predicted.value;
    result[2] = learner.probabilityOfTarget();
  }
}

void LearnerObject::predict(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Learner& learner = open(env);
  const View stage = view(env);
  const uint64_t rows = wholeNumber(env, info[0], "rows", 0, kStageRows);
  LearnerRow next = firstRow(env, stage, rows);
  for (uint64_t row = 0; row < rows; row++) {
    const LearnerRow current = next;
    if (row + 1 < rows) learner.prefetchRow(next = rowAt(env, stage, row + 1));
    const LearnerPrediction predicted = learner.predict(current);
    double* result = stage.results + row * kResultsPerRow;
    result[0] = predicted.output;
    result[1] = learner.classes() ? predicted.probability : predicted.value;
    result[2] = 0;
  }
}

Napi::Value LearnerObject::probabilities(const Napi::CallbackInfo& info) {
  return toArray(info.Env(), open(info.Env()).probabilities());
}

Napi::Value LearnerObject::exportState(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Learner& learner = open(env);
  const LearnerState& state = learner.state();
  const std::vector<int32_t> memory = learner.replayMemory();
  const std::vector<int32_t>& biases = learner.outputBiases();
  Napi::Int32Array rows = Napi::Int32Array::New(env, memory.size());
  std::copy(memory.begin(), memory.end(), rows.Data());
  Napi::Int32Array bias = Napi::Int32Array::New(env, biases.size());
  std::copy(biases.begin(), biases.end(), bias.Data());
  Napi::Object out = Napi::Object::New(env);
  out.Set("learned", static_cast<double>(state.learned));
  out.Set("outputs", static_cast<double>(state.outputs));
  out.Set("shares", toArray(env, {state.shares.begin(), state.shares.end()}));
  out.Set("memory", rows);
  out.Set("inputWeights", copyOf(env, learner.inputWeights()));
  out.Set("outputWeights", copyOf(env, learner.outputWeights()));
  out.Set("outputBiases", bias);
  return out;
}

void LearnerObject::importState(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object given = objectArgument(info);
  // All properties are read before anything changes: a getter could close the learner.
  LearnerState state;
  state.learned = wholeNumber(env, given.Get("learned"), "learned", 0, kMaxWhole);
  state.outputs = static_cast<uint32_t>(wholeNumber(env, given.Get("outputs"), "outputs", 0, kMaxOutputs));
  const Napi::Value inputWeights = given.Get("inputWeights");
  const Napi::Value outputWeights = given.Get("outputWeights");
  const auto shares = typedArray<Napi::Float64Array>(env, given.Get("shares"), "shares", napi_float64_array);
  const auto memory = typedArray<Napi::Int32Array>(env, given.Get("memory"), "memory", napi_int32_array);
  const auto biases =
      typedArray<Napi::Int32Array>(env, given.Get("outputBiases"), "outputBiases", napi_int32_array);
  Learner& learner = open(env);
  if (shares.ElementLength() != state.shares.size()) fail(env, "shares has the wrong length");
  std::copy_n(shares.Data(), state.shares.size(), state.shares.begin());
  if (biases.ElementLength() != learner.outputBiases().size()) fail(env, "outputBiases has the wrong length");
  for (size_t i = 0; i < biases.ElementLength(); i++) {
    if (std::abs(static_cast<int64_t>(biases.Data()[i])) > kLearnerBiasMax)
      fail(env, "a bias is out of range");
  }
  if (!learner.restore(state, {memory.Data(), memory.Data() + memory.ElementLength()})) {
    fail(env, "the state does not fit the learner");
  }
  setRows(env, learner.inputWeights(), inputWeights, "inputWeights", kLearnerInputWeightMax);
  setRows(env, learner.outputWeights(), outputWeights, "outputWeights", kLearnerOutputWeightMax);
  std::copy_n(biases.Data(), biases.ElementLength(), learner.outputBiases().begin());
}

}  // namespace sparse_train
