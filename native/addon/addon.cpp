// The addon's exports (NativeAddon in lib/engine/native.ts).
#include <napi.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "../fixed/activation_tables.hpp"
#include "../fixed/float_environment.hpp"
#include "../fixed/hardware_format.hpp"
#include "../fixed/random.hpp"
#include "../kernels/kernel_set.hpp"
#include "../pattern/interleaver.hpp"
#include "arguments.hpp"
#include "csv_scan.hpp"
#include "learner_object.hpp"
#include "network_object.hpp"

#ifndef SPARSE_TRAIN_VERSION
#define SPARSE_TRAIN_VERSION "unknown"
#endif

namespace sparse_train {
namespace {

/// The choices of one JavaScript environment (the main thread or a worker).
struct Environment {
  const KernelSet* kernels = availableKernelSets().back();
};

Napi::Value kernelSets(const Napi::CallbackInfo& info) {
  const auto& available = availableKernelSets();
  Napi::Array names = Napi::Array::New(info.Env(), available.size());
  for (uint32_t i = 0; i < available.size(); i++) names.Set(i, available[i]->name);
  return names;
}

void useKernelSet(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) failType(info.Env(), "the kernel set must be a string");
  const KernelSet* kernels = kernelSetByName(info[0].As<Napi::String>().Utf8Value().c_str());
  if (kernels == nullptr) fail(info.Env(), "this kernel set is not available here");
  currentKernels(info.Env()) = kernels;
}

Napi::Value currentKernelSet(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), currentKernels(info.Env())->name);
}

/// Calls a function of JavaScript, which computes in the mode that it finds.
Napi::Value inStandardFloatMode(const Napi::CallbackInfo& info) {
  if (!info[0].IsFunction()) failType(info.Env(), "there must be a function");
  const FloatEnvironment standard;
  return info[0].As<Napi::Function>().Call(std::initializer_list<napi_value>{});
}

/// A Fisher-Yates shuffle, from the end.
Napi::Value permutation(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint64_t n = wholeNumber(env, info[0], "n", 0, 0xFFFFFFFF);
  const uint64_t seed = wholeNumber(env, info[1], "seed", 0, kMaxWhole);
  const uint64_t stream = wholeNumber(env, info[2], "stream", 0, kMaxWhole);
  Napi::Uint32Array order = Napi::Uint32Array::New(env, n);
  uint32_t* numbers = order.Data();
  std::iota(numbers, numbers + n, 0u);
  RandomStream random(streamKey(seed, kShuffleStream), stream);
  for (uint64_t i = n; i-- > 1;) std::swap(numbers[i], numbers[random.below(i + 1)]);
  return order;
}

Napi::Uint32Array toArray(Napi::Env env, const std::vector<uint32_t>& values) {
  Napi::Uint32Array array = Napi::Uint32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

uint32_t neuronsOf(const Napi::Object& object, const char* name) {
  return static_cast<uint32_t>(wholeNumber(object.Env(), object.Get(name), name, 1, kMaxNeurons));
}

/// The vectors and edges of an interleaver.
Napi::Value interleaver(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = objectArgument(info);
  const InterleaverSpec spec = parseInterleaver(
      env, object, neuronsOf(object, "left"), neuronsOf(object, "right"),
      wholeNumber(env, object.Get("seed"), "seed", 0, kMaxWhole),
      static_cast<uint32_t>(wholeNumber(env, object.Get("junction"), "junction", 0, kMaxJunction)));
  std::string fault;
  const Interleaver made = makeInterleaver(spec, fault);
  if (!fault.empty()) fail(env, "the interleaver is not valid: " + fault);
  Napi::Object out = Napi::Object::New(env);
  out.Set("fanIn", static_cast<double>(made.fanIn));
  out.Set("rows", static_cast<double>(made.rows));
  if (!made.starts.empty()) out.Set("startVectors", toArray(env, made.starts));
  if (!made.orders.empty()) out.Set("rowOrders", toArray(env, made.orders));
  if (!made.permutation.empty()) out.Set("memoryDither", toArray(env, made.permutation));
  out.Set("left", toArray(env, made.lefts));
  out.Set("redrawn", static_cast<double>(made.redrawn));
  out.Set("constantSweeps", toArray(env, made.constantSweeps));
  return out;
}

/// The first edge of a pattern that breaks a rule, and whether its sweeps are complete.
Napi::Value checkClashFree(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = objectArgument(info);
  const Pattern pattern =
      parseEdges(env, object, neuronsOf(object, "leftNeurons"), neuronsOf(object, "rightNeurons"));
  const auto parallelism =
      static_cast<uint32_t>(wholeNumber(env, object.Get("parallelism"), "parallelism", 0, kMaxNeurons));
  const Violation violation = findViolation(pattern, parallelism);
  Napi::Object out = Napi::Object::New(env);
  if (violation.kind == Violation::Kind::none) {
    out.Set("completeSweeps", sweepsAreComplete(pattern, parallelism));
    return out;
  }
  static constexpr const char* kKinds[] = {"none", "range", "clash", "duplicate"};
  Napi::Object first = Napi::Object::New(env);
  first.Set("kind", kKinds[static_cast<int>(violation.kind)]);
  first.Set("edge", static_cast<double>(violation.edge));
  first.Set("other", static_cast<double>(violation.other));
  first.Set("clock", static_cast<double>(violation.clock));
  first.Set("memory", static_cast<double>(violation.memory));
  first.Set("right", static_cast<double>(violation.right));
  first.Set("left", static_cast<double>(violation.left));
  first.Set("message", violation.message);
  out.Set("violation", first);
  out.Set("completeSweeps", false);
  return out;
}

/// The entries of a sigmoid table as the hardware's memories store them.
Napi::Value hardwareTable(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object object = objectArgument(info);
  const HardwareTable table(parseHardwareFormat(env, object), HardwareActivation::sigmoid,
                            parseTableFloor(env, object));
  Napi::Int32Array values = Napi::Int32Array::New(env, table.entries().size());
  Napi::Int32Array slopes = Napi::Int32Array::New(env, table.entries().size());
  for (size_t i = 0; i < table.entries().size(); i++) {
    values.Data()[i] = table.entries()[i].value;
    slopes.Data()[i] = table.entries()[i].slope;
  }
  Napi::Object out = Napi::Object::New(env);
  out.Set("addressFraction", static_cast<double>(table.addressFraction()));
  out.Set("values", values);
  out.Set("slopes", slopes);
  return out;
}

Napi::Int16Array copyOfTable(Napi::Env env, const int16_t (&table)[kTableSize]) {
  Napi::Int16Array copy = Napi::Int16Array::New(env, kTableSize);
  std::copy(std::begin(table), std::end(table), copy.Data());
  return copy;
}

Napi::Value wideTables(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const ActivationTables& tables = activationTables();
  Napi::Object out = Napi::Object::New(env);
  out.Set("sigmoid", copyOfTable(env, tables.sigmoid));
  out.Set("tanh", copyOfTable(env, tables.tanh));
  out.Set("probability", copyOfTable(env, tables.sigmoidOutput));
  return out;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment());
  exports.Set("version", Napi::String::New(env, SPARSE_TRAIN_VERSION));
  exports.Set("kernelSets", Napi::Function::New(env, kernelSets));
  exports.Set("useKernelSet", Napi::Function::New(env, useKernelSet));
  exports.Set("currentKernelSet", Napi::Function::New(env, currentKernelSet));
  exports.Set("inStandardFloatMode", Napi::Function::New(env, inStandardFloatMode));
  exports.Set("permutation", Napi::Function::New(env, permutation));
  exports.Set("interleaver", Napi::Function::New(env, interleaver));
  exports.Set("checkClashFree", Napi::Function::New(env, checkClashFree));
  exports.Set("hardwareTable", Napi::Function::New(env, hardwareTable));
  exports.Set("wideTables", Napi::Function::New(env, wideTables));
  defineCsvScan(env, exports);
  exports.Set("Network", NetworkObject::define(env));
  exports.Set("Learner", LearnerObject::define(env));
  return exports;
}

}  // namespace

const KernelSet*& currentKernels(Napi::Env env) { return env.GetInstanceData<Environment>()->kernels; }

}  // namespace sparse_train

static Napi::Object initAddon(Napi::Env env, Napi::Object exports) {
  return sparse_train::init(env, exports);
}

NODE_API_MODULE(sparse_train, initAddon)
