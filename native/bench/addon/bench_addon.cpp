// The addon with which `sparse-train bench` measures what a network alone does not show: the limits of a core and
// single kernels (MeasuringAddon in lib/engine/measuring.ts). It is built beside the engine's addon and is not part
// of the platform packages.
#include <napi.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "../../addon/values.hpp"
#include "../../kernels/kernel_set.hpp"
#include "../../kernels/wide/wide_kernels.hpp"
#include "../limits/limits.hpp"
#include "../timing/batch_timing.hpp"
#include "../timing/kernel_timing.hpp"

namespace sparse_train {
namespace {

constexpr double kMostSeconds = 60.0;

std::string stringProperty(const Napi::Object& object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) failType(object.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>().Utf8Value();
}

Napi::Value measureLimits(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object task = objectArgument(info);
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
  const Napi::Object object = objectArgument(info);
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
  const Napi::Object object = objectArgument(info);
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

/// The operations that measureKernel() knows.
Napi::Value operationNames(const Napi::CallbackInfo& info) {
  Napi::Array names = Napi::Array::New(info.Env());
  uint32_t count = 0;
  for (const char* const* name = kernelOperations(); *name != nullptr; name++) names.Set(count++, *name);
  return names;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("measureLimits", Napi::Function::New(env, measureLimits));
  exports.Set("measureKernel", Napi::Function::New(env, measureKernel));
  exports.Set("measureBatch", Napi::Function::New(env, measureBatch));
  exports.Set("kernelOperations", Napi::Function::New(env, operationNames));
  return exports;
}

}  // namespace
}  // namespace sparse_train

static Napi::Object initAddon(Napi::Env env, Napi::Object exports) {
  return sparse_train::init(env, exports);
}

NODE_API_MODULE(sparse_train_bench, initAddon)
