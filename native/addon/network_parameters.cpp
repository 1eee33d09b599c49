// Reads and writes an idle network: junctions, patterns, weights, biases, state, telemetry.
#include <algorithm>
#include <string>
#include <vector>

#include "network_object.hpp"

namespace sparse_train {
namespace {

/// Returns an array of n entries, filled by `read`, which receives a span of the same type.
template <typename Array, typename Read>
Napi::Value filled(Napi::Env env, size_t n, const Read& read) {
  Array out = Array::New(env, n);
  read(Span(out.Data(), n));
  return out;
}

/// Passes a typed array of n entries to `write` as a span of the same type.
template <typename Array, typename Write>
void written(Napi::Env env, const Napi::Value& value, const char* name, napi_typedarray_type type, size_t n,
             const Write& write) {
  auto array = typedArray<Array>(env, value, name, type);
  if (array.ElementLength() != n)
    fail(env, std::string(name) + " must have " + std::to_string(n) + " entries");
  const auto* data = array.Data();
  write(Span(data, n));
}

}  // namespace

Napi::Value NetworkObject::junctions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
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

Napi::Value NetworkObject::pattern(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
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
  const InUse inUse = enter(env);
  const uint32_t junction = junctionArgument(info);
  const size_t edges = network_->spec().patterns[junction].edges();
  const auto read = [&](auto span) { network_->readWeights(junction, span); };
  switch (network_->capabilities().weights) {
    case WeightType::int16:
      return filled<Napi::Int16Array>(env, edges, read);
    case WeightType::int32:
      return filled<Napi::Int32Array>(env, edges, read);
    default:
      return filled<Napi::Float32Array>(env, edges, read);
  }
}

void NetworkObject::setWeights(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const uint32_t junction = junctionArgument(info);
  const size_t edges = network_->spec().patterns[junction].edges();
  const auto write = [&](auto span) { network_->writeWeights(junction, span); };
  switch (network_->capabilities().weights) {
    case WeightType::int16:
      return written<Napi::Int16Array>(env, info[1], "weights", napi_int16_array, edges, write);
    case WeightType::int32:
      return written<Napi::Int32Array>(env, info[1], "weights", napi_int32_array, edges, write);
    default:
      return written<Napi::Float32Array>(env, info[1], "weights", napi_float32_array, edges, write);
  }
}

Napi::Value NetworkObject::biases(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const uint32_t junction = junctionArgument(info);
  const size_t neurons = network_->spec().layers[junction + 1];
  const auto read = [&](auto span) { network_->readBiases(junction, span); };
  if (network_->capabilities().weights == WeightType::float32)
    return filled<Napi::Float32Array>(env, neurons, read);
  return filled<Napi::Int32Array>(env, neurons, read);
}

void NetworkObject::setBiases(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const uint32_t junction = junctionArgument(info);
  const size_t neurons = network_->spec().layers[junction + 1];
  const auto write = [&](auto span) { network_->writeBiases(junction, span); };
  if (network_->capabilities().weights == WeightType::float32) {
    written<Napi::Float32Array>(env, info[1], "biases", napi_float32_array, neurons, write);
  } else {
    written<Napi::Int32Array>(env, info[1], "biases", napi_int32_array, neurons, write);
  }
}

Napi::Value NetworkObject::exportState(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
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
  const InUse inUse = enter(env);
  const auto array = typedArray<Napi::Uint8Array>(env, info[0], "state", napi_uint8_array);
  // A copy, because another thread may change shared memory between the check and the use.
  const std::vector<uint8_t> state(array.Data(), array.Data() + array.ElementLength());
  const std::string fault = network_->importState(state.data(), state.size());
  if (!fault.empty()) fail(env, "the state is not one of this network: " + fault);
}

Napi::Value NetworkObject::telemetry(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  const Telemetry telemetry = network_->telemetry();
  Napi::Object out = Napi::Object::New(env);
  out.Set("weightsAtLimit", toArray(env, telemetry.weightsAtLimit));
  out.Set("activationsClipped", toArray(env, telemetry.activationsClipped));
  out.Set("deltasClipped", toArray(env, telemetry.deltasClipped));
  out.Set("batchSteps", toArray(env, telemetry.batchSteps));
  out.Set("stepsRoundedToZero", toArray(env, telemetry.stepsRoundedToZero));
  out.Set("inputs", static_cast<double>(network_->inputsPresented()));
  return out;
}

void NetworkObject::setInputsPresented(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const InUse inUse = enter(env);
  network_->setInputsPresented(wholeNumber(env, info[0], "inputs", 0, kMaxWhole));
}

}  // namespace sparse_train
