#include "arguments.hpp"

#include <cmath>

#include "../kernels/kernel_set.hpp"
#include "../kernels/wide/wide_kernels.hpp"

namespace sparse_train {
namespace {

template <typename Enum>
struct Choice {
  const char* name;
  Enum value;
};

template <typename Enum, size_t n>
Enum choose(Napi::Env env, const Napi::Value& value, const char* what, const Choice<Enum> (&choices)[n]) {
  if (value.IsString()) {
    const std::string given = value.As<Napi::String>().Utf8Value();
    for (const Choice<Enum>& choice : choices) {
      if (given == choice.name) return choice.value;
    }
  }
  fail(env, std::string(what) + " is not one of the known names");
}

std::vector<uint32_t> parseLayers(Napi::Env env, const Napi::Value& value) {
  const auto array = typedArray<Napi::Uint32Array>(env, value, "layers", napi_uint32_array);
  if (array.ElementLength() < 2 || array.ElementLength() > kMaxLayers)
    fail(env, "layers must have 2 to " + std::to_string(kMaxLayers) + " entries");
  std::vector<uint32_t> layers(array.Data(), array.Data() + array.ElementLength());
  for (const uint32_t neurons : layers) {
    if (neurons < 1 || neurons > kMaxNeurons)
      fail(env, "a layer must have 1 to " + std::to_string(kMaxNeurons) + " neurons");
  }
  return layers;
}

Pattern checkedEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right,
                     bool hardware) {
  Pattern pattern = parseEdges(env, object, left, right);
  // The hardware has its own order of edges.
  const std::string fault = patternFault(hardware ? sortedPattern(pattern) : pattern);
  if (!fault.empty()) fail(env, "the pattern is not valid: " + fault);
  return pattern;
}

Pattern parsePatternInterleaver(Napi::Env env, const InterleaverSpec& spec, bool hardware) {
  std::string fault;
  const Interleaver interleaver = makeInterleaver(spec, fault);
  if (!fault.empty()) fail(env, "the interleaver is not valid: " + fault);
  Pattern pattern = interleaverPattern(spec, interleaver);
  return hardware ? pattern : sortedPattern(std::move(pattern));
}

std::vector<uint32_t> optionalNumbers(Napi::Env env, const Napi::Value& value, const char* name) {
  if (value.IsUndefined() || value.IsNull()) return {};
  const auto array = typedArray<Napi::Uint32Array>(env, value, name, napi_uint32_array);
  return std::vector<uint32_t>(array.Data(), array.Data() + array.ElementLength());
}

Pattern parsePattern(Napi::Env env, const Napi::Value& value, uint32_t left, uint32_t right, uint64_t seed,
                     uint32_t junction, bool hardware) {
  if (!value.IsObject()) failType(env, "a pattern must be an object");
  const Napi::Object object = value.As<Napi::Object>();
  enum class Kind { tiled, structured, random, dense, custom, interleaver };
  static constexpr Choice<Kind> kKinds[] = {{"tiled", Kind::tiled},   {"structured", Kind::structured},
                                            {"random", Kind::random}, {"dense", Kind::dense},
                                            {"custom", Kind::custom}, {"interleaver", Kind::interleaver}};
  const Kind kind = choose(env, object.Get("kind"), "the kind of a pattern", kKinds);
  if (kind == Kind::custom) return checkedEdges(env, object, left, right, hardware);
  if (kind == Kind::interleaver) {
    return parsePatternInterleaver(env, parseInterleaver(env, object, left, right, seed, junction), hardware);
  }
  const uint64_t cells = static_cast<uint64_t>(left) * right;
  const uint64_t edges =
      kind == Kind::dense ? cells : wholeNumber(env, object.Get("edges"), "edges", 1, cells);
  if (edges > kMaxEdges) fail(env, "a junction may have at most " + std::to_string(kMaxEdges) + " edges");
  switch (kind) {
    case Kind::tiled:
      return dealtPattern(left, right, edges, kTileLefts, kTileRights, seed, junction);
    case Kind::structured:
      return dealtPattern(left, right, edges, 1, 1, seed, junction);
    case Kind::random:
      return randomPattern(left, right, edges, seed, junction);
    default:
      return densePattern(left, right);
  }
}

constexpr Choice<HardwareActivation> kHardwareActivations[] = {{"relu", HardwareActivation::relu},
                                                               {"sigmoid", HardwareActivation::sigmoid}};

void parseHardware(Napi::Env env, const Napi::Object& object, HardwareSpec& hardware) {
  static constexpr Choice<HardwareCost> kCosts[] = {{"cross-entropy", HardwareCost::crossEntropy},
                                                    {"quadratic", HardwareCost::quadratic}};
  hardware.format = parseHardwareFormat(env, object);
  hardware.tableFloor = parseTableFloor(env, object);
  hardware.cost = choose(env, object.Get("cost"), "cost", kCosts);
  hardware.activations = {
      choose(env, object.Get("outputActivation"), "outputActivation", kHardwareActivations)};
}

/// The hardware arithmetic has no momentum, decay, tanh or linear outputs.
void checkHardware(Napi::Env env, NetworkSpec& spec) {
  if (spec.output == Output::linear) fail(env, "the hardware arithmetic has no linear output");
  if (spec.momentum != 0.0) fail(env, "the hardware arithmetic has no momentum");
  if (spec.weightDecay != 0.0) fail(env, "the hardware arithmetic has no weight decay");
  std::vector<HardwareActivation> activations;
  for (const Activation activation : spec.activations) {
    if (activation == Activation::tanh) fail(env, "the hardware arithmetic has no tanh");
    activations.push_back(activation == Activation::relu ? HardwareActivation::relu
                                                         : HardwareActivation::sigmoid);
  }
  spec.hardware.activations.insert(spec.hardware.activations.begin(), activations.begin(), activations.end());
}

void parseArithmetic(Napi::Env env, const Napi::Value& value, NetworkSpec& spec) {
  if (!value.IsObject()) failType(env, "arithmetic must be an object");
  const Napi::Object object = value.As<Napi::Object>();
  static constexpr Choice<Arithmetic> kKinds[] = {
      {"wide", Arithmetic::wide}, {"float", Arithmetic::floating}, {"hardware", Arithmetic::hardware}};
  spec.arithmetic = choose(env, object.Get("kind"), "the kind of arithmetic", kKinds);
  if (spec.arithmetic == Arithmetic::floating) return;
  if (spec.arithmetic == Arithmetic::hardware) {
    parseHardware(env, object, spec.hardware);
    return;
  }
  static constexpr Choice<bool> kRoundings[] = {{"stochastic", true}, {"nearest", false}};
  spec.format.bits = static_cast<int>(wholeNumber(env, object.Get("weightBits"), "weightBits", 4, 16));
  spec.format.fraction = static_cast<int>(wholeNumber(env, object.Get("weightFraction"), "weightFraction", 0,
                                                      static_cast<uint64_t>(spec.format.bits) - 1));
  spec.format.stochastic = choose(env, object.Get("rounding"), "rounding", kRoundings);
}

void parseOptimizer(Napi::Env env, const Napi::Value& value, NetworkSpec& spec) {
  if (value.IsUndefined()) return;
  if (!value.IsObject()) failType(env, "optimizer must be an object");
  const Napi::Object object = value.As<Napi::Object>();
  static constexpr Choice<OptimizerSpec::Kind> kKinds[] = {{"adam", OptimizerSpec::Kind::adam},
                                                           {"adamw", OptimizerSpec::Kind::adamw}};
  if (spec.arithmetic != Arithmetic::floating) fail(env, "only the float arithmetic has Adam");
  if (spec.momentum != 0.0) fail(env, "Adam has no momentum besides its own");
  spec.optimizer.kind = choose(env, object.Get("kind"), "the kind of optimizer", kKinds);
  spec.optimizer.beta1 = number(env, object.Get("beta1"), "beta1", 0.0, 0.9999);
  spec.optimizer.beta2 = number(env, object.Get("beta2"), "beta2", 0.0, 0.999999);
  spec.optimizer.epsilon = number(env, object.Get("epsilon"), "epsilon", 0.0, 1.0);
}

}  // namespace

NetworkSpec parseSpec(Napi::Env env, const Napi::Object& object, const KernelSet* kernels) {
  static constexpr Choice<Activation> kActivations[] = {
      {"relu", Activation::relu}, {"sigmoid", Activation::sigmoid}, {"tanh", Activation::tanh}};
  static constexpr Choice<Output> kOutputs[] = {
      {"softmax", Output::softmax}, {"sigmoid", Output::sigmoid}, {"linear", Output::linear}};
  static constexpr Choice<Schedule> kSchedules[] = {{"pipelined", Schedule::pipelined},
                                                    {"sequential", Schedule::sequential}};
  NetworkSpec spec;
  spec.kernels = kernels;
  spec.layers = parseLayers(env, object.Get("layers"));
  const size_t junctions = spec.layers.size() - 1;
  spec.seed = wholeNumber(env, object.Get("seed"), "seed", 0, kMaxWhole);
  parseArithmetic(env, object.Get("arithmetic"), spec);
  spec.output = choose(env, object.Get("output"), "output", kOutputs);
  spec.schedule = choose(env, object.Get("schedule"), "schedule", kSchedules);
  spec.momentum = number(env, object.Get("momentum"), "momentum", 0.0, 0.9999);
  if (spec.momentum > 0.0 && spec.momentum < 0.5) fail(env, "momentum must be 0 or from 0.5 to 0.9999");
  spec.weightDecay = number(env, object.Get("weightDecay"), "weightDecay", 0.0, 1.0);
  parseOptimizer(env, object.Get("optimizer"), spec);

  const Napi::Value activations = object.Get("activations");
  if (!activations.IsArray() || activations.As<Napi::Array>().Length() != junctions - 1) {
    failType(env, "activations must be an array with one entry per hidden layer");
  }
  for (uint32_t i = 0; i + 1 < junctions; i++) {
    spec.activations.push_back(
        choose(env, activations.As<Napi::Array>().Get(i), "an activation", kActivations));
  }
  const bool hardware = spec.arithmetic == Arithmetic::hardware;
  if (hardware) checkHardware(env, spec);

  const Napi::Value patterns = object.Get("patterns");
  if (!patterns.IsArray() || patterns.As<Napi::Array>().Length() != junctions) {
    failType(env, "patterns must be an array with one entry per junction");
  }
  for (uint32_t j = 0; j < junctions; j++) {
    spec.patterns.push_back(parsePattern(env, patterns.As<Napi::Array>().Get(j), spec.layers[j],
                                         spec.layers[j + 1], spec.seed, j, hardware));
  }
  return spec;
}

Pattern parseEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right) {
  // Reads both properties before looking at the memory of either, because a getter could free it.
  const Napi::Value offsetsValue = object.Get("offsets");
  const Napi::Value leftValue = object.Get("left");
  const auto offsets = typedArray<Napi::Float64Array>(env, offsetsValue, "offsets", napi_float64_array);
  const auto lefts = typedArray<Napi::Uint32Array>(env, leftValue, "left", napi_uint32_array);
  Pattern pattern;
  pattern.left = left;
  pattern.right = right;
  if (offsets.ElementLength() != static_cast<size_t>(right) + 1) {
    fail(env, "offsets of a pattern must have one entry more than there are right neurons");
  }
  for (size_t i = 0; i < offsets.ElementLength(); i++) {
    const double offset = offsets[i];
    if (!(offset >= 0.0) || offset > static_cast<double>(lefts.ElementLength()) ||
        offset != std::floor(offset)) {
      fail(env, "offsets of a pattern must be whole numbers up to the number of edges");
    }
    pattern.offsets.push_back(static_cast<uint64_t>(offset));
    if (i > 0 && pattern.offsets[i] < pattern.offsets[i - 1])
      fail(env, "offsets of a pattern may not descend");
  }
  if (pattern.offsets.front() != 0 || pattern.offsets.back() != lefts.ElementLength()) {
    fail(env, "offsets of a pattern must begin with 0 and end with the number of edges");
  }
  pattern.lefts.assign(lefts.Data(), lefts.Data() + lefts.ElementLength());
  return pattern;
}

Pattern parseCheckedEdges(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right) {
  return checkedEdges(env, object, left, right, false);
}

HardwareFormat parseHardwareFormat(Napi::Env env, const Napi::Object& object) {
  HardwareFormat format;
  format.width = static_cast<int>(wholeNumber(env, object.Get("width"), "width", 4, 32));
  format.integerBits = static_cast<int>(wholeNumber(env, object.Get("integerBits"), "integerBits", 0, 29));
  const std::string fault = hardwareFormatFault(format);
  if (!fault.empty()) fail(env, fault);
  return format;
}

int parseTableFloor(Napi::Env env, const Napi::Object& object) {
  return static_cast<int>(wholeNumber(env, object.Get("tableFloor"), "tableFloor", 0, 1));
}

InterleaverSpec parseInterleaver(Napi::Env env, const Napi::Object& object, uint32_t left, uint32_t right,
                                 uint64_t seed, uint32_t junction) {
  InterleaverSpec spec;
  spec.left = left;
  spec.right = right;
  spec.fanOut = static_cast<uint32_t>(wholeNumber(env, object.Get("fanOut"), "fanOut", 1, kMaxNeurons));
  spec.parallelism =
      static_cast<uint32_t>(wholeNumber(env, object.Get("parallelism"), "parallelism", 1, kMaxNeurons));
  spec.type = static_cast<int>(wholeNumber(env, object.Get("type"), "the type of an interleaver", 1, 3));
  spec.dither = object.Get("dither").ToBoolean();
  spec.starts = optionalNumbers(env, object.Get("startVectors"), "startVectors");
  spec.orders = optionalNumbers(env, object.Get("rowOrders"), "rowOrders");
  spec.permutation = optionalNumbers(env, object.Get("memoryDither"), "memoryDither");
  spec.seed = seed;
  spec.junction = junction;
  const std::string fault = interleaverFault(spec);
  if (!fault.empty()) fail(env, "the interleaver is not valid: " + fault);
  return spec;
}

Scaling parseScaling(Napi::Env env, const Napi::Value& value, uint32_t columns) {
  Scaling scaling;
  if (value.IsUndefined() || value.IsNull()) return scaling;
  if (!value.IsObject()) failType(env, "scaling must be an object");
  const Napi::Object object = value.As<Napi::Object>();
  // Reads both properties before looking at the memory of either, because a getter could free it.
  const Napi::Value offsetValue = object.Get("offset");
  const Napi::Value scaleValue = object.Get("scale");
  const auto offset = typedArray<Napi::Float64Array>(env, offsetValue, "scaling.offset", napi_float64_array);
  const auto scale = typedArray<Napi::Float64Array>(env, scaleValue, "scaling.scale", napi_float64_array);
  if (offset.ElementLength() != columns || scale.ElementLength() != columns) {
    fail(env, "scaling must have one entry per input neuron");
  }
  for (uint32_t c = 0; c < columns; c++) {
    if (!std::isfinite(offset[c]) || !std::isfinite(scale[c])) fail(env, "scaling must be finite");
  }
  scaling.offset.assign(offset.Data(), offset.Data() + columns);
  scaling.scale.assign(scale.Data(), scale.Data() + columns);
  return scaling;
}

GivenInputs::GivenInputs(Napi::Env env, const Napi::Value& value) : env_(env), values_(value) {
  if (value.IsTypedArray() || !value.IsObject()) return;
  sparse_ = true;
  const Napi::Object object = value.As<Napi::Object>();
  values_ = object.Get("values");
  indices_ = object.Get("indices");
  starts_ = object.Get("starts");
}

void GivenInputs::keepIn(Napi::Object& keep) const {
  refuseResizable(env_, values_, "inputs");
  keep.Set("inputs", values_);
  if (!sparse_) return;
  refuseResizable(env_, indices_, "indices of inputs");
  keep.Set("indices", indices_);
}

InputView GivenInputs::view(uint32_t columns, const Scaling& scaling, std::vector<uint64_t>& starts,
                            uint64_t& rows) const {
  // Does everything in one call, because learn() and predict() pay for each call.
  napi_typedarray_type type{};
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env_, values_, &type, &length, &data, nullptr, nullptr) != napi_ok)
    failType(env_, "inputs must be a typed array");
  InputView view;
  view.data = data;
  switch (type) {
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      view.type = InputView::Type::bytes;
      break;
    case napi_int16_array:
      view.type = InputView::Type::fixed;
      break;
    case napi_float32_array:
      view.type = InputView::Type::float32;
      break;
    case napi_float64_array:
      view.type = InputView::Type::float64;
      break;
    default:
      failType(env_, "inputs must be a Uint8Array, Int16Array, Float32Array or Float64Array");
  }
  if (!scaling.offset.empty()) {
    view.offset = scaling.offset.data();
    view.scale = scaling.scale.data();
  }
  if (sparse_) {
    checkSparse(columns, view, starts);
    rows = starts.size() - 1;
    return view;
  }
  if (length % columns != 0) fail(env_, "inputs do not divide into rows of one value per input neuron");
  rows = length / columns;
  return view;
}

void GivenInputs::checkSparse(uint32_t columns, InputView& view, std::vector<uint64_t>& starts) const {
  const size_t count = values_.As<Napi::TypedArray>().ElementLength();
  const auto indices = typedArray<Napi::Uint32Array>(env_, indices_, "indices", napi_uint32_array);
  const auto given = typedArray<Napi::Float64Array>(env_, starts_, "starts", napi_float64_array);
  if (indices.ElementLength() != count) fail(env_, "sparse inputs must have one index per value");
  if (given.ElementLength() < 1) fail(env_, "sparse inputs must have one start more than rows");
  starts.reserve(given.ElementLength());
  for (size_t i = 0; i < given.ElementLength(); i++) {
    const double start = given[i];
    const bool fits = start >= 0.0 && start <= static_cast<double>(count) && start == std::floor(start);
    if (!fits || (i > 0 && static_cast<uint64_t>(start) < starts.back()))
      fail(env_, "starts of sparse inputs must be whole numbers, not descending, up to the number of values");
    starts.push_back(static_cast<uint64_t>(start));
  }
  if (starts.front() != 0 || starts.back() != count)
    fail(env_, "starts of sparse inputs must begin with 0 and end with the number of values");
  const uint32_t* data = indices.Data();
  for (size_t row = 0; row + 1 < starts.size(); row++) {
    for (uint64_t i = starts[row]; i < starts[row + 1]; i++) {
      if (data[i] >= columns || (i > starts[row] && data[i] <= data[i - 1]))
        fail(env_, "indices of a sparse input must ascend and be numbers of input neurons");
    }
  }
  view.starts = starts.data();
  view.columns = data;
  const bool floats = view.type == InputView::Type::float32 || view.type == InputView::Type::float64;
  // A negative scale would turn 0 into -0, which is a different number in floating point.
  for (uint32_t c = 0; floats && view.offset != nullptr && c < columns; c++)
    view.keepsZero = view.keepsZero && view.offset[c] == 0.0 && view.scale[c] >= 0.0;
}

TargetView parseTargets(Napi::Env env, const Napi::Value& value, const NetworkSpec& spec, uint64_t rows,
                        std::vector<int32_t>& labels) {
  const uint64_t width = spec.layers.back();
  TargetView targets;
  if (spec.output == Output::softmax) {
    const auto array = typedArray<Napi::Int32Array>(env, value, "targets", napi_int32_array);
    if (array.ElementLength() != rows) fail(env, "targets must have one label per example");
    labels.assign(array.Data(), array.Data() + rows);
    targets.labels = labels.data();
    for (uint64_t i = 0; i < rows; i++) {
      if (targets.labels[i] < 0 || static_cast<uint64_t>(targets.labels[i]) >= width) {
        fail(env, "label " + std::to_string(targets.labels[i]) + " of example " + std::to_string(i) +
                      " is not an output neuron");
      }
    }
    return targets;
  }
  if (spec.output == Output::sigmoid) {
    const auto flags = typedArray<Napi::Uint8Array>(env, value, "targets", napi_uint8_array);
    if (flags.ElementLength() != rows * width) fail(env, "targets must have one flag per example and output");
    targets.flags = flags.Data();
    for (uint64_t i = 0; i < rows * width; i++) {
      if (targets.flags[i] > 1) fail(env, "targets of a sigmoid output must be 0 or 1");
    }
    return targets;
  }
  const auto values = typedArray<Napi::Float64Array>(env, value, "targets", napi_float64_array);
  if (values.ElementLength() != rows * width) fail(env, "targets must have one value per example and output");
  targets.values = values.Data();
  for (uint64_t i = 0; i < rows * width; i++) {
    if (!std::isfinite(targets.values[i])) fail(env, "targets must be finite");
  }
  return targets;
}

}  // namespace sparse_train
