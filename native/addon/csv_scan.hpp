// The part of the addon that reads CSV files.
#pragma once

#include <napi.h>

namespace sparse_train {

/// Adds scanCsv() (NativeAddon in lib/engine/native.ts).
void defineCsvScan(Napi::Env env, Napi::Object exports);

}  // namespace sparse_train
