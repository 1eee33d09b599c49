// The part of the addon that `sparse-train bench` uses: what the CPU can do at best, and single kernels.
#pragma once

#include <napi.h>

namespace sparse_train {

/// Adds measureLimits() and measureKernel() (NativeAddon in lib/engine/native.ts).
void defineMeasurements(Napi::Env env, Napi::Object exports);

}  // namespace sparse_train
