// The addon's exports (NativeAddon in lib/native.ts).
#include <napi.h>

#include <numeric>
#include <string>
#include <utility>

#include "../fixed/random.hpp"
#include "../kernels/dispatch.hpp"
#include "arguments.hpp"
#include "network_object.hpp"

#ifndef SPARSE_TRAIN_VERSION
#define SPARSE_TRAIN_VERSION "unknown"
#endif

namespace sparse_train {
namespace {

/// What one JavaScript environment (the main thread or a worker) has chosen.
struct Environment {
  const WideKernels* kernels = availableWideKernels().back();
};

Napi::Value kernelSets(const Napi::CallbackInfo& info) {
  const auto& available = availableWideKernels();
  Napi::Array names = Napi::Array::New(info.Env(), available.size());
  for (uint32_t i = 0; i < available.size(); i++) names.Set(i, available[i]->name);
  return names;
}

void useKernelSet(const Napi::CallbackInfo& info) {
  if (!info[0].IsString()) failType(info.Env(), "the kernel set must be a string");
  const WideKernels* kernels = wideKernelsByName(info[0].As<Napi::String>().Utf8Value().c_str());
  if (kernels == nullptr) fail(info.Env(), "this kernel set is not available here");
  currentKernels(info.Env()) = kernels;
}

Napi::Value currentKernelSet(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), currentKernels(info.Env())->name);
}

/// Fisher-Yates from the end.
Napi::Value permutation(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  constexpr uint64_t kMaxSeed = (uint64_t{1} << 53) - 1;
  const uint64_t n = wholeNumber(env, info[0], "n", 0, 0xFFFFFFFF);
  const uint64_t seed = wholeNumber(env, info[1], "seed", 0, kMaxSeed);
  const uint64_t stream = wholeNumber(env, info[2], "stream", 0, kMaxSeed);
  Napi::Uint32Array order = Napi::Uint32Array::New(env, n);
  uint32_t* numbers = order.Data();
  std::iota(numbers, numbers + n, 0u);
  RandomStream random(streamKey(seed, kShuffleStream), stream);
  for (uint64_t i = n; i-- > 1;) std::swap(numbers[i], numbers[random.below(i + 1)]);
  return order;
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Environment());
  exports.Set("version", Napi::String::New(env, SPARSE_TRAIN_VERSION));
  exports.Set("kernelSets", Napi::Function::New(env, kernelSets));
  exports.Set("useKernelSet", Napi::Function::New(env, useKernelSet));
  exports.Set("currentKernelSet", Napi::Function::New(env, currentKernelSet));
  exports.Set("permutation", Napi::Function::New(env, permutation));
  exports.Set("Network", NetworkObject::define(env));
  return exports;
}

}  // namespace

const WideKernels*& currentKernels(Napi::Env env) { return env.GetInstanceData<Environment>()->kernels; }

}  // namespace sparse_train

static Napi::Object initAddon(Napi::Env env, Napi::Object exports) {
  return sparse_train::init(env, exports);
}

NODE_API_MODULE(sparse_train, initAddon)
