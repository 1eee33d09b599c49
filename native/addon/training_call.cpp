#include "training_call.hpp"

#include <cmath>
#include <string>

namespace sparse_train {
namespace {

Augmentation parseAugmentation(Napi::Env env, const Napi::Value& value, uint32_t columns) {
  Augmentation augmentation;
  if (value.IsUndefined()) return augmentation;
  if (!value.IsObject()) failType(env, "augment must be an object");
  const Napi::Object object = value.As<Napi::Object>();
  augmentation.width = static_cast<uint32_t>(wholeNumber(env, object.Get("width"), "width", 1, columns));
  if (columns % augmentation.width != 0) fail(env, "width must divide the number of inputs");
  augmentation.shift = static_cast<uint32_t>(wholeNumber(env, object.Get("shift"), "shift", 0, kMaxShift));
  augmentation.mirror = object.Get("mirror").ToBoolean();
  return augmentation;
}

std::vector<uint32_t> parseOrder(Napi::Env env, const Napi::Value& value, uint64_t rows) {
  const auto array = typedArray<Napi::Uint32Array>(env, value, "order", napi_uint32_array);
  std::vector<uint32_t> order(array.Data(), array.Data() + array.ElementLength());
  for (const uint32_t example : order) {
    if (example >= rows)
      fail(env, "order names example " + std::to_string(example) + " of " + std::to_string(rows));
  }
  return order;
}

std::vector<double> parseRates(Napi::Env env, const Napi::Value& value) {
  const auto array = typedArray<Napi::Float64Array>(env, value, "rates", napi_float64_array);
  std::vector<double> rates(array.Data(), array.Data() + array.ElementLength());
  if (rates.empty()) fail(env, "rates must have at least one entry");
  return rates;
}

std::vector<double> parseClassWeights(Napi::Env env, const Napi::Value& value, const Network& network) {
  const NetworkSpec& spec = network.spec();
  if (value.IsUndefined() || value.IsNull()) return {};
  const auto array = typedArray<Napi::Float64Array>(env, value, "classWeights", napi_float64_array);
  if (!network.capabilities().classWeights) fail(env, "this arithmetic has no class weights");
  std::vector<double> weights(array.Data(), array.Data() + array.ElementLength());
  if (spec.output != Output::softmax || weights.size() != spec.layers.back()) {
    fail(env, "classWeights must have one weight per output of a softmax network");
  }
  for (const double weight : weights) {
    if (!(weight >= 0.0 && weight <= 127.0)) fail(env, "classWeights must be from 0 to 127");
  }
  return weights;
}

uint32_t parseBatchSize(Napi::Env env, const Napi::Value& value, const Network& network) {
  if (value.IsUndefined()) return 1;
  const auto size = static_cast<uint32_t>(wholeNumber(env, value, "batchSize", 1, kMaxBatch));
  if (size > 1 && network.capabilities().batches == nullptr) fail(env, "this arithmetic has no mini-batches");
  return size;
}

/// The number of last examples whose gradients are recorded, for rewire().
uint64_t parseRecord(Napi::Env env, const Napi::Value& value, const Network& network, uint32_t batchSize) {
  if (value.IsUndefined()) return 0;
  const uint64_t record = wholeNumber(env, value, "record", 0, kMaxRecord);
  if (record == 0) return record;
  requireDynamicPatterns(env, network);
  if (batchSize > 1) fail(env, "gradients are recorded only without batches");
  return record;
}

int32_t* parseRawOutputs(Napi::Env env, const Napi::Value& value, const Network& network, uint64_t entries,
                         Napi::Object& keep) {
  if (value.IsUndefined() || value.IsNull()) return nullptr;
  auto array = typedArray<Napi::Int32Array>(env, value, "rawOutputs", napi_int32_array);
  if (!network.capabilities().rawOutputs) fail(env, "only the hardware arithmetic gives rawOutputs");
  if (array.ElementLength() != entries) fail(env, "rawOutputs must have one entry per example and output");
  keep.Set("rawOutputs", array);
  return array.Data();
}

}  // namespace

std::shared_ptr<TrainingCall> parseTraining(Napi::Env env, const Napi::Object& given, const Network& network,
                                            Napi::Object& keep) {
  const NetworkSpec& spec = network.spec();
  auto call = std::make_shared<TrainingCall>();
  TrainJob& job = call->job;
  // Reads every property once, because a getter could answer differently the second time, and reads all of
  // them before looking at any memory, because a getter could free it.
  const GivenInputs inputs(env, given.Get("inputs"));
  const Napi::Value targets = given.Get("targets");
  const Napi::Value order = given.Get("order");
  const Napi::Value rates = given.Get("rates");
  const Napi::Value rateInterval = given.Get("rateInterval");
  const Napi::Value classWeights = given.Get("classWeights");
  const Napi::Value threads = given.Get("threads");
  const Napi::Value drain = given.Get("drain");
  const Napi::Value batchSize = given.Get("batchSize");
  const Napi::Value first = given.Get("first");
  const Napi::Value record = given.Get("record");
  const Napi::Value augment = given.Get("augment");
  const Napi::Value rawOutputs = given.Get("rawOutputs");
  call->scaling = parseScaling(env, given.Get("scaling"), spec.layers.front());
  job.augmentation = parseAugmentation(env, augment, spec.layers.front());
  inputs.keepIn(keep);
  refuseResizable(env, targets, "targets");
  refuseResizable(env, rawOutputs, "rawOutputs");
  keep.Set("targets", targets);

  uint64_t rows = 0;
  job.inputs = inputs.view(spec.layers.front(), call->scaling, call->starts, rows);
  job.targets = parseTargets(env, targets, spec, rows, call->labels);
  call->order = parseOrder(env, order, rows);
  job.order = call->order.data();
  job.count = call->order.size();
  call->rates = parseRates(env, rates);
  job.rates = call->rates.data();
  job.rateCount = call->rates.size();
  job.rateInterval = wholeNumber(env, rateInterval, "rateInterval", 1, uint64_t{1} << 53);
  job.classWeights = parseClassWeights(env, classWeights, network);
  job.threads = static_cast<uint32_t>(wholeNumber(env, threads, "threads", 1, kMaxThreads));
  job.drain = drain.ToBoolean();
  if (!first.IsUndefined()) job.first = wholeNumber(env, first, "first", 0, job.count);
  job.batchSize = parseBatchSize(env, batchSize, network);
  for (const double rate : call->rates) checkRate(env, network, rate, job.batchSize);
  job.record = parseRecord(env, record, network, job.batchSize);
  if (!augment.IsUndefined() && job.batchSize > 1) fail(env, "inputs are augmented only without batches");
  if (!augment.IsUndefined() && job.inputs.isSparse()) fail(env, "sparse inputs cannot be augmented");
  job.rawOutputs = parseRawOutputs(env, rawOutputs, network, job.count * spec.layers.back(), keep);
  return call;
}

void requireDynamicPatterns(Napi::Env env, const Network& network) {
  if (network.capabilities().patterns == nullptr) fail(env, "this arithmetic has no dynamic patterns");
}

bool isRate(const Network& network, double rate) {
  return rate >= 0.0 && std::isfinite(rate) && network.rateFault(rate).empty();
}

void checkRate(Napi::Env env, const Network& network, double rate, uint32_t batchSize) {
  if (!(rate >= 0.0) || !std::isfinite(rate)) fail(env, "the learning rate must be a number of 0 or more");
  const std::string fault = network.rateFault(rate, batchSize);
  if (!fault.empty()) fail(env, "the learning rate must be " + fault);
}

}  // namespace sparse_train
