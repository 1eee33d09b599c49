#include "measurements.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "../bench/batch_timing.hpp"
#include "../bench/kernel_timing.hpp"
#include "../bench/limits.hpp"
#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"
#include "arguments.hpp"

namespace sparse_train {
namespace {

constexpr double kMostSeconds = 60.0;

Napi::Object taskArgument(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) failType(info.Env(), "expected an object");
  return info[0].As<Napi::Object>();
}

std::string stringProperty(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) failType(object.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Value measureLimits(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object task = taskArgument(info);
  const LimitKernels* kernels = limitKernelsByName(stringProperty(task, "kernelSet").c_str());
  if (kernels == nullptr) fail(env, "this kernel set is not available here");
  const double seconds = number(env, task.Get("seconds"), "seconds", 1e-6, kMostSeconds);
  const auto sizes = typedArray<Napi::Float64Array>(env, task.Get("sizes"), "sizes", napi_float64_array);
  std::vector<size_t> bytes;
  for (size_t i = 0; i < sizes.ElementLength(); i++) {
    bytes.push_back(wholeNumber(env, Napi::Number::New(env, sizes[i]), "a size", 1024, uint64_t{1} << 32));
  }
  Napi::Float64Array speeds = Napi::Float64Array::New(env, bytes.size());
  for (size_t i = 0; i < bytes.size(); i++) speeds[i] = measureReading(*kernels, bytes[i], seconds);
  Napi::Object out = Napi::Object::New(env);
  out.Set("clock", measureClock(seconds));
  out.Set("dotProducts", measureDotProducts(*kernels, seconds));
  out.Set("reading", speeds);
  return out;
}

Napi::Value measureKernel(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = taskArgument(info);
  KernelTask task;
  task.kernels = kernelSetByName(stringProperty(object, "kernelSet").c_str());
  if (task.kernels == nullptr) fail(env, "this kernel set is not available here");
  task.operation = stringProperty(object, "operation");
  bool known = false;
  for (const char* const* name = kernelOperations(); *name != nullptr; name++)
    known |= task.operation == *name;
  if (!known) fail(env, "there is no such operation");
  constexpr uint64_t kMostNeurons = 1 << 16;
  task.left = static_cast<uint32_t>(wholeNumber(env, object.Get("left"), "left", 1, kMostNeurons));
  task.right = static_cast<uint32_t>(wholeNumber(env, object.Get("right"), "right", 1, kMostNeurons));
  task.edges = wholeNumber(env, object.Get("edges"), "edges", 1, uint64_t{1} << 32);
  task.seconds = number(env, object.Get("seconds"), "seconds", 1e-6, kMostSeconds);
  const auto rows = typedArray<Napi::Uint8Array>(env, object.Get("rows"), "rows", napi_uint8_array);
  if (rows.ElementLength() == 0 || rows.ElementLength() % task.left != 0)
    fail(env, "rows must be whole rows of left bytes");
  task.rows = rows.Data();
  task.rowCount = rows.ElementLength() / task.left;
  const KernelTiming timing = timeKernel(task);
  Napi::Object out = Napi::Object::New(env);
  out.Set("seconds", timing.seconds);
  out.Set("calls", static_cast<double>(timing.calls));
  out.Set("edges", timing.edges);
  out.Set("neurons", timing.neurons);
  out.Set("bytes", timing.bytes);
  out.Set("workingSet", timing.workingSet);
  return out;
}

Napi::Object passOf(Napi::Env env, const BatchPass& pass) {
  Napi::Object out = Napi::Object::New(env);
  out.Set("seconds", pass.seconds);
  out.Set("weightBytes", pass.weightBytes);
  out.Set("rowBytes", pass.rowBytes);
  out.Set("rowSet", pass.rowSet);
  return out;
}

Napi::Value measureBatch(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = taskArgument(info);
  BatchTask task;
  task.kernels = kernelSetByName(stringProperty(object, "kernelSet").c_str());
  if (task.kernels == nullptr) fail(env, "this kernel set is not available here");
  constexpr uint64_t kMostNeurons = 1 << 20;
  const auto left = static_cast<uint32_t>(wholeNumber(env, object.Get("left"), "left", 1, kMostNeurons));
  const auto right = static_cast<uint32_t>(wholeNumber(env, object.Get("right"), "right", 1, kMostNeurons));
  const uint64_t most = static_cast<uint64_t>(left) * right;
  constexpr uint64_t kMostEdges = 100'000'000;
  const uint64_t edges = wholeNumber(env, object.Get("edges"), "edges", 1, std::min(most, kMostEdges));
  task.samples = static_cast<uint32_t>(wholeNumber(env, object.Get("samples"), "samples", 1, 65536));
  task.seconds = number(env, object.Get("seconds"), "seconds", 1e-6, kMostSeconds);
  const bool tiled = stringProperty(object, "pattern") == "tiled";
  const Pattern pattern = tiled ? dealtPattern(left, right, edges, kTileLefts, kTileRights, 1, 0)
                                : dealtPattern(left, right, edges, 1, 1, 1, 0);
  task.pattern = &pattern;
  const BatchTiming timing = timeBatch(task);
  Napi::Object out = Napi::Object::New(env);
  out.Set("forward", passOf(env, timing.forward));
  out.Set("backward", passOf(env, timing.backward));
  out.Set("update", passOf(env, timing.update));
  out.Set("layout", timing.tiles ? "tiles" : "list");
  out.Set("edges", static_cast<double>(timing.edges));
  out.Set("junctionBytes", static_cast<double>(timing.junctionBytes));
  out.Set("layerBytes", static_cast<double>(timing.layerBytes));
  return out;
}

/// The names of the operations that measureKernel() knows.
Napi::Value operationNames(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (const char* const* name = kernelOperations(); *name != nullptr; name++) names.Set(count++, *name);
  return names;
}

}  // namespace

void defineMeasurements(Napi::Env env, Napi::Object exports) {
  exports.Set("measureLimits", Napi::Function::New(env, measureLimits));
  exports.Set("measureKernel", Napi::Function::New(env, measureKernel));
  exports.Set("measureBatch", Napi::Function::New(env, measureBatch));
  exports.Set("kernelOperations", Napi::Function::New(env, operationNames));
}

}  // namespace sparse_train
