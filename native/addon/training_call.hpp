// Converts the arguments of NetworkObject::train() from JavaScript to the structs that the engine's thread
// uses.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../engine/network.hpp"
#include "arguments.hpp"

namespace sparse_train {

/// The memory that the thread of a call reads and writes. Arrays that must stay as they were checked are
/// copies; the caller keeps the others alive.
struct TrainingCall {
  TrainJob job;
  Scaling scaling;
  std::vector<uint64_t> starts;  ///< of sparse inputs
  std::vector<uint32_t> order;
  std::vector<int32_t> labels;
  std::vector<double> rates;
  TrainResult result;
};

/// Reads the properties of a NativeTrainJob for this network and checks them all. Afterwards `keep` holds the
/// arrays that the thread uses.
std::shared_ptr<TrainingCall> parseTraining(Napi::Env env, const Napi::Object& given, const Network& network,
                                            Napi::Object& keep);

/// Refuses networks whose patterns cannot change.
void requireDynamicPatterns(Napi::Env env, const Network& network);

/// Whether a number can be the learning rate of single examples.
bool isRate(const Network& network, double rate);

/// Refuses numbers that cannot be the learning rate for batches of this size.
void checkRate(Napi::Env env, const Network& network, double rate, uint32_t batchSize = 1);

}  // namespace sparse_train
