// The arguments of NetworkObject::train(), from JavaScript to what the engine's thread works on.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../engine/arithmetic/hardware/hardware_network.hpp"
#include "../engine/network.hpp"
#include "arguments.hpp"

namespace sparse_train {

/// What the thread of a call reads and writes. Arrays that must stay as they were checked are copies; the caller keeps the
/// others alive.
struct TrainingCall {
  TrainJob job;
  Scaling scaling;
  std::vector<uint64_t> starts;  ///< of sparse inputs
  std::vector<uint32_t> order;
  std::vector<int32_t> labels;
  std::vector<double> rates;
  int32_t* rawOutputs = nullptr;
  TrainResult result;
};

/// The properties of a NativeTrainJob (lib/engine/native.ts) for this network, all checked. `keep` then holds the arrays that the
/// thread uses. `hardware`: the network if its arithmetic is the hardware's, or null.
std::shared_ptr<TrainingCall> parseTraining(Napi::Env env, const Napi::Object& given, const Network& network,
                                            const HardwareNetwork* hardware, Napi::Object& keep);

/// Refuses what is no learning rate for batches of this size.
void checkRate(Napi::Env env, const Network& network, double rate, uint32_t batchSize = 1);

}  // namespace sparse_train
