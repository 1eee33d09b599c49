#include "hardware_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include "../fixed/random.hpp"
#include "../kernels/hardware_dispatch.hpp"
#include "../kernels/wide_kernels.hpp"
#include "aligned_buffer.hpp"

namespace sparse_train {
namespace {

constexpr int kMaxRateShift = 31;
constexpr uint64_t kMinSlabEdges = 1u << 15;  // fewer are swept sooner than another thread is awake

/// k of a learning rate 2^-k, or -1 if it is no such number.
int rateShift(double rate) {
  int exponent = 0;
  if (!(rate > 0.0) || std::frexp(rate, &exponent) != 0.5) return -1;
  const int shift = 1 - exponent;
  return shift >= 0 && shift <= kMaxRateShift ? shift : -1;
}

/// (x - offset) * scale to the nearest word of the format, ties upwards.
int32_t quantise(double x, double offset, double scale, const HardwareNumber& number) {
  const double value = std::floor(std::ldexp((x - offset) * scale, number.fraction) + 0.5);
  if (!(value > number.min)) return number.min;
  return value > number.max ? number.max : static_cast<int32_t>(value);
}

/// Whether the pattern is an interleaver of type 2 or 3 without memory dithering for z = `parallelism`.
bool isRotation(const Pattern& pattern, uint32_t parallelism) {
  const uint32_t rows = pattern.left / parallelism;
  for (uint64_t edge = 0; edge < pattern.edges(); edge++) {
    const uint32_t left = pattern.lefts[edge];
    if (left % parallelism != edge % parallelism) return false;
    if (edge % pattern.left < parallelism) continue;  // the first clock of a sweep: the start vector
    if (left / parallelism != (pattern.lefts[edge - parallelism] / parallelism + 1) % rows) return false;
  }
  return true;
}

/// The z, a multiple of 32, for which the kernels may rotate rows, or 0. The largest one: it has the fewest rows.
uint32_t rotationOf(const Pattern& pattern) {
  constexpr uint32_t kMultiple = 32;
  if (pattern.edges() % pattern.left != 0) return 0;
  for (uint32_t rows = 1; rows <= kHardwareMaxRows && rows * kMultiple <= pattern.left; rows++) {
    if (pattern.left % rows != 0 || (pattern.left / rows) % kMultiple != 0) continue;
    if (isRotation(pattern, pattern.left / rows)) return pattern.left / rows;
  }
  return 0;
}

/// Products of probabilities, so that a loss costs a logarithm per example instead of one per output.
class LogLoss {
 public:
  void add(double probability) {
    product_ *= probability;
    if (product_ < 1e-200) flush();
  }
  double total() {
    flush();
    return total_;
  }

 private:
  void flush() {
    total_ -= std::log(product_);
    product_ = 1.0;
  }
  double product_ = 1.0, total_ = 0.0;
};

template <typename Word>
class Datapath final : public HardwareNetwork {
 public:
  explicit Datapath(NetworkSpec given);

  bool integerWeights() const override { return true; }
  bool longWeights() const override { return sizeof(Word) == sizeof(int32_t); }
  const char* layoutOf(uint32_t junction) const override {
    return junctions_[junction].wiring.rows != 0 ? "memories" : "edges";
  }
  void readWeights(uint32_t junction, void* weights) const override;
  void writeWeights(uint32_t junction, const void* weights) override;
  void readBiases(uint32_t junction, void* biases) const override;
  void writeBiases(uint32_t junction, const void* biases) override;
  Telemetry telemetry() const override;
  std::string rateFault(double rate) const override;
  void recordOutputs(int32_t* rows, uint64_t count) override;

 protected:
  void load(const InFlight& input, const InputView& inputs, const TargetView& targets, uint64_t row) override;
  void prepare(uint32_t junction, const BlockWork& work) override;
  void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) override;
  void finish(uint32_t junction, const BlockWork& work) override;
  uint32_t slabsOf(uint32_t junction) const override {
    return static_cast<uint32_t>(junctions_[junction].slabs.size() - 1);
  }
  void configure(uint32_t threads, const std::vector<double>& classWeights) override;
  std::unique_ptr<Scratch> makeScratch() const override;
  void infer(Scratch& scratch, const InputView& inputs, uint64_t row, float* scores,
             uint32_t* decision) const override;

 private:
  /// What a junction keeps of an input between its feed-forward and its update.
  struct Bank {
    AlignedBuffer<Word> activations;  ///< of the left layer, in edge order
    AlignedBuffer<Word> slopes;       ///< their derivatives; none in the first junction
    bool small = true;                ///< activations are below 1 in size
  };

  struct Junction {
    AlignedBuffer<Word> weights;  ///< in edge order
    std::vector<int32_t> biases;
    std::vector<int32_t> startBiases;      ///< as they were at the block's start
    std::vector<int64_t> sums;             ///< without the bias
    AlignedBuffer<Word> deltas;            ///< of the right layer, for the input in BP and UP
    AlignedBuffer<Word> steps;             ///< the same, times -eta
    AlignedBuffer<Word> products;          ///< of BP, in edge order
    std::vector<Bank> banks;               ///< per slot
    std::vector<uint32_t> slabs;           ///< first right neuron of each slab, and one more
    std::unique_ptr<HardwareTable> table;  ///< of the right layer
    std::vector<uint32_t> leftStart, leftEdges;
    std::vector<uint16_t> starts;
    HardwareWiring wiring{};
    bool slopedSmall = false;  ///< of the input in BP: no mul(delta, slope) reaches 1
    uint64_t activationsClipped = 0, deltasClipped = 0;
  };

  struct Slot {
    int shift = 0;  ///< k of the learning rate 2^-k
    int32_t label = 0;
    std::vector<uint8_t> flags;
  };

  class DatapathScratch;

  void wire(uint32_t junction);
  void initialise(uint32_t junction);
  bool readInput(const InputView& inputs, uint64_t row, Word* values) const;
  int32_t saturated(int64_t sum, uint64_t& clipped) const;
  void finishForward(uint32_t junction, const InFlight& input);
  void finishOutput(const InFlight& input);
  int32_t target(const Slot& slot, uint32_t output) const {
    return spec().output == Output::softmax ? (static_cast<int32_t>(output) == slot.label ? 1 : 0)
                                            : slot.flags[output];
  }

  HardwareNumber number_;
  const HardwareKernels<Word>* kernels_;
  std::vector<Junction> junctions_;
  std::vector<Slot> slots_;
  AlignedBuffer<Word> values_, slopes_;  ///< of one layer on its way to edge order
  std::vector<int32_t> outputs_;
  int32_t* record_ = nullptr;
  uint64_t recordFirst_ = 0, recordCount_ = 0;
};

template <typename Word>
Datapath<Word>::Datapath(NetworkSpec given)
    : HardwareNetwork(std::move(given)),
      number_(spec().hardware.format.number()),
      junctions_(Network::junctions()),
      slots_(slots()) {
  if constexpr (std::is_same_v<Word, int16_t>) {
    kernels_ = hardwareKernelsFor(spec().kernels->name);
  } else {
    kernels_ = hardwareKernelsScalar32();
  }
  const std::vector<uint32_t>& sizes = spec().layers;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    const size_t edges = spec().patterns[j].edges();
    junction.weights.reset(edges + kHardwarePadding);
    junction.products.reset(j > 0 ? edges + kHardwarePadding : 0);
    junction.biases.resize(sizes[j + 1]);
    junction.startBiases.resize(sizes[j + 1]);
    junction.sums.resize(sizes[j + 1]);
    junction.deltas.reset(sizes[j + 1] + kHardwarePadding);
    junction.steps.reset(sizes[j + 1] + kHardwarePadding);
    junction.slabs = {0, sizes[j + 1]};
    junction.table = std::make_unique<HardwareTable>(spec().hardware.format, spec().hardware.activations[j],
                                                     spec().hardware.tableFloor);
    junction.banks.resize(slots());
    for (Bank& bank : junction.banks) {
      bank.activations.reset(edges + kHardwarePadding);
      if (j > 0) bank.slopes.reset(edges + kHardwarePadding);
    }
    wire(j);
    initialise(j);
  }
  const size_t widest = *std::max_element(sizes.begin(), sizes.end()) + kHardwarePadding;
  values_.reset(widest);
  slopes_.reset(widest);
  outputs_.resize(outputs());
}

template <typename Word>
void Datapath<Word>::wire(uint32_t j) {
  Junction& junction = junctions_[j];
  const Pattern& pattern = spec().patterns[j];
  junction.leftStart.assign(static_cast<size_t>(pattern.left) + 1, 0);
  for (const uint32_t left : pattern.lefts) junction.leftStart[left + 1]++;
  for (uint32_t left = 0; left < pattern.left; left++)
    junction.leftStart[left + 1] += junction.leftStart[left];
  std::vector<uint32_t> next(junction.leftStart.begin(), junction.leftStart.end() - 1);
  junction.leftEdges.resize(pattern.edges());
  for (uint64_t edge = 0; edge < pattern.edges(); edge++) {
    junction.leftEdges[next[pattern.lefts[edge]]++] = static_cast<uint32_t>(edge);
  }
  HardwareWiring& wiring = junction.wiring;
  wiring.left = pattern.left;
  wiring.edges = pattern.edges();
  wiring.lefts = pattern.lefts.data();
  wiring.leftStart = junction.leftStart.data();
  wiring.leftEdges = junction.leftEdges.data();
  wiring.parallelism = rotationOf(pattern);
  if (wiring.parallelism == 0) return;
  wiring.rows = pattern.left / wiring.parallelism;
  wiring.sweeps = static_cast<uint32_t>(pattern.edges() / pattern.left);
  for (uint64_t sweep = 0; sweep < wiring.sweeps; sweep++) {
    for (uint32_t m = 0; m < wiring.parallelism; m++) {
      junction.starts.push_back(
          static_cast<uint16_t>(pattern.lefts[sweep * pattern.left + m] / wiring.parallelism));
    }
  }
  wiring.starts = junction.starts.data();
}

/// The published start: weights and biases normal with variance 2 / (fan-in + fan-out), rounded to the format.
template <typename Word>
void Datapath<Word>::initialise(uint32_t j) {
  Junction& junction = junctions_[j];
  const Pattern& pattern = spec().patterns[j];
  const double edges = static_cast<double>(pattern.edges());
  const double sigma = std::sqrt(2.0 / (edges / pattern.right + edges / pattern.left));
  constexpr double kUniformSumSigma = 37837.22771;  // 65536 / sqrt(3), of irwinHall()
  const double scale = std::ldexp(sigma / kUniformSumSigma, number_.fraction);
  const uint64_t key = streamKey(spec().seed, junctionStream(kInitialWeightStream, j));
  uint64_t drawn = 0;
  const auto draw = [&] {
    const double value = std::floor(irwinHall(randomAt(key, drawn++)) * scale + 0.5);
    return hardwareClip(static_cast<int64_t>(value), number_);
  };
  for (uint64_t edge = 0; edge < pattern.edges(); edge++) junction.weights[edge] = static_cast<Word>(draw());
  for (int32_t& bias : junction.biases) bias = draw();
}

template <typename Word>
void Datapath<Word>::readWeights(uint32_t j, void* weights) const {
  memcpy(weights, junctions_[j].weights.data(), spec().patterns[j].edges() * sizeof(Word));
}

template <typename Word>
void Datapath<Word>::writeWeights(uint32_t j, const void* weights) {
  const auto* given = static_cast<const Word*>(weights);
  for (uint64_t edge = 0; edge < spec().patterns[j].edges(); edge++) {
    junctions_[j].weights[edge] = static_cast<Word>(hardwareClip(given[edge], number_));
  }
}

template <typename Word>
void Datapath<Word>::readBiases(uint32_t j, void* biases) const {
  memcpy(biases, junctions_[j].biases.data(), junctions_[j].biases.size() * sizeof(int32_t));
}

template <typename Word>
void Datapath<Word>::writeBiases(uint32_t j, const void* biases) {
  const auto* given = static_cast<const int32_t*>(biases);
  for (size_t right = 0; right < junctions_[j].biases.size(); right++) {
    junctions_[j].biases[right] = hardwareClip(given[right], number_);
  }
}

template <typename Word>
Telemetry Datapath<Word>::telemetry() const {
  Telemetry telemetry;
  telemetry.inputs = inputsPresented();
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    const Junction& junction = junctions_[j];
    const Word* weights = junction.weights.data();
    telemetry.weightsAtLimit.push_back(
        static_cast<double>(std::count_if(weights, weights + spec().patterns[j].edges(),
                                          [&](Word w) { return w == number_.min || w == number_.max; })));
    telemetry.activationsClipped.push_back(static_cast<double>(junction.activationsClipped));
    telemetry.deltasClipped.push_back(static_cast<double>(junction.deltasClipped));
  }
  return telemetry;
}

template <typename Word>
std::string Datapath<Word>::rateFault(double rate) const {
  if (rateShift(rate) >= 0) return "";
  return "2^-k with a whole number k from 0 to " + std::to_string(kMaxRateShift) + ", as the hardware shifts";
}

template <typename Word>
void Datapath<Word>::recordOutputs(int32_t* rows, uint64_t count) {
  record_ = rows;
  recordFirst_ = inputsPresented();
  recordCount_ = count;
}

template <typename Word>
void Datapath<Word>::configure(uint32_t threads, const std::vector<double>&) {
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    const Pattern& pattern = spec().patterns[j];
    const uint64_t wanted = std::clamp<uint64_t>(pattern.edges() / kMinSlabEdges, 1, threads);
    if (junction.slabs.size() == wanted + 1) continue;
    junction.slabs = {0};
    for (uint64_t slab = 1; slab < wanted; slab++) {
      const auto first = std::lower_bound(pattern.offsets.begin(), pattern.offsets.end() - 1,
                                          pattern.edges() * slab / wanted);
      junction.slabs.push_back(static_cast<uint32_t>(first - pattern.offsets.begin()));
    }
    junction.slabs.push_back(pattern.right);
  }
}

/// Returns whether all activations are below 1 in size.
template <typename Word>
bool Datapath<Word>::readInput(const InputView& inputs, uint64_t row, Word* values) const {
  const uint32_t columns = spec().layers[0];
  const size_t start = static_cast<size_t>(row) * columns;
  if (inputs.type == InputView::Type::bytes) {
    kernels_->loadBytes(static_cast<const uint8_t*>(inputs.data) + start, columns, &number_, values);
    return true;
  }
  bool small = true;
  const int64_t one = spec().hardware.format.one();
  const auto place = [&](uint32_t c, int32_t value) {
    values[c] = static_cast<Word>(value);
    small = small && value < one && value > -one;
  };
  const auto scaled = [&](uint32_t c, double x) {
    place(c, quantise(x, inputs.offset == nullptr ? 0.0 : inputs.offset[c],
                      inputs.scale == nullptr ? 1.0 : inputs.scale[c], number_));
  };
  for (uint32_t c = 0; c < columns; c++) {
    switch (inputs.type) {
      case InputView::Type::fixed:
        place(c, hardwareClip(static_cast<const int16_t*>(inputs.data)[start + c], number_));
        break;
      case InputView::Type::float32:
        scaled(c, static_cast<double>(static_cast<const float*>(inputs.data)[start + c]));
        break;
      default:
        scaled(c, static_cast<const double*>(inputs.data)[start + c]);
    }
  }
  return small;
}

template <typename Word>
void Datapath<Word>::load(const InFlight& input, const InputView& inputs, const TargetView& targets,
                          uint64_t row) {
  Junction& junction = junctions_[0];
  Bank& bank = junction.banks[input.slot];
  bank.small = readInput(inputs, row, values_.data());
  kernels_->gather(&junction.wiring, values_.data(), bank.activations.data());
  Slot& slot = slots_[input.slot];
  slot.shift = rateShift(input.rate);
  if (targets.labels != nullptr) {
    slot.label = targets.labels[row];
  } else {
    slot.flags.assign(targets.flags + row * outputs(), targets.flags + (row + 1) * outputs());
  }
}

/// In a block, everything reads the state of its start: biases are kept before they are updated.
template <typename Word>
void Datapath<Word>::prepare(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.forward != nullptr) junction.startBiases = junction.biases;
  if (work.backward == nullptr) return;
  const int shift = slots_[work.backward->slot].shift;
  int64_t largest = 0;
  for (size_t right = 0; right < junction.biases.size(); right++) {
    const int32_t delta = junction.deltas[right];
    largest = std::max(largest, delta < 0 ? -static_cast<int64_t>(delta) : delta);
    const int32_t step = hardwareStep(delta, shift, number_);
    junction.steps[right] = static_cast<Word>(step);
    junction.biases[right] = hardwareAdd(junction.biases[right], step, number_);
  }
  if (j == 0) return;
  const int64_t one = spec().hardware.format.one();
  // The largest product, rounded, is below 1: largest * slope + 1/2 < 1 * 1 in units of 2^-2F.
  junction.slopedSmall =
      number_.fraction < 16 && largest * junctions_[j - 1].table->slopeMax() + one / 2 < one * one;
}

template <typename Word>
void Datapath<Word>::sweep(uint32_t j, uint32_t slab, const BlockWork& work) {
  Junction& junction = junctions_[j];
  HardwareSweep<Word> pass{};
  pass.number = number_;
  pass.offsets = spec().patterns[j].offsets.data();
  pass.first = junction.slabs[slab];
  pass.end = junction.slabs[slab + 1];
  pass.weights = junction.weights.data();
  if (work.forward != nullptr) {
    const Bank& bank = junction.banks[work.forward->slot];
    pass.forward = bank.activations.data();
    pass.forwardSmall = bank.small;
    pass.sums = junction.sums.data();
  }
  if (work.backward != nullptr) {
    const Bank& bank = junction.banks[work.backward->slot];
    pass.backward = bank.activations.data();
    pass.backwardSmall = bank.small;
    pass.steps = junction.steps.data();
    if (j > 0) {
      pass.slopes = bank.slopes.data();
      pass.slopedSmall = junction.slopedSmall;
      pass.deltas = junction.deltas.data();
      pass.products = junction.products.data();
    }
  }
  kernels_->sweep(&pass);
}

template <typename Word>
int32_t Datapath<Word>::saturated(int64_t sum, uint64_t& clipped) const {
  const int32_t value = hardwareClip(sum, number_);
  if (value != sum) clipped++;
  return value;
}

template <typename Word>
void Datapath<Word>::finishForward(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  for (size_t right = 0; right < junction.sums.size(); right++) {
    const int32_t sum =
        saturated(junction.startBiases[right] + junction.sums[right], junction.activationsClipped);
    const HardwareTable::Entry entry = junction.table->at(sum);
    values_[right] = static_cast<Word>(entry.value);
    slopes_[right] = static_cast<Word>(entry.slope);
  }
  if (j + 1 == junctions_.size()) {
    finishOutput(input);
    return;
  }
  Junction& next = junctions_[j + 1];
  Bank& bank = next.banks[input.slot];
  kernels_->gather(&next.wiring, values_.data(), bank.activations.data());
  kernels_->gather(&next.wiring, slopes_.data(), bank.slopes.data());
}

/// Decision, loss and deltas of the output layer, whose activations and derivatives are in values_ and slopes_.
template <typename Word>
void Datapath<Word>::finishOutput(const InFlight& input) {
  Junction& junction = junctions_.back();
  const Slot& slot = slots_[input.slot];
  const uint32_t width = outputs();
  const int64_t one = spec().hardware.format.one();
  const bool crossEntropy = spec().hardware.cost == HardwareCost::crossEntropy;
  const double unit = 1.0 / static_cast<double>(one);
  const double least = unit / 2;  // of a probability that the format rounds to 0
  uint32_t decision = 0;
  bool allRight = true;
  LogLoss logLoss;
  double squares = 0.0;
  for (uint32_t i = 0; i < width; i++) {
    const int32_t value = values_[i];
    const int32_t wanted = target(slot, i);
    if (value > values_[decision]) decision = i;
    allRight = allRight && (2 * static_cast<int64_t>(value) > one) == (wanted != 0);
    const double error = wanted != 0 ? static_cast<double>(one - value) * unit : value * unit;
    int32_t delta = hardwareClip(value - wanted * one, number_);
    if (crossEntropy) {
      logLoss.add(std::max(least, 1.0 - error));
    } else {
      squares += error * error;
      delta = hardwareMultiply(delta, slopes_[i], number_);
    }
    if (delta == number_.min || delta == number_.max) junction.deltasClipped++;
    junction.deltas[i] = static_cast<Word>(delta);
  }
  if (spec().output == Output::softmax ? static_cast<int32_t>(decision) == slot.label : allRight)
    tally_.correct++;
  tally_.loss += crossEntropy ? logLoss.total() : squares / 2;
  tally_.outputs++;

  const uint64_t row = input.number - recordFirst_;
  if (record_ == nullptr || input.number < recordFirst_ || row >= recordCount_) return;
  for (uint32_t i = 0; i < width; i++) record_[row * width + i] = values_[i];
}

template <typename Word>
void Datapath<Word>::finish(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.backward != nullptr && j > 0) {
    Junction& before = junctions_[j - 1];
    kernels_->accumulate(&junction.wiring, junction.products.data(), &number_, before.deltas.data());
    const Word* deltas = before.deltas.data();
    before.deltasClipped +=
        static_cast<uint64_t>(std::count_if(deltas, deltas + spec().layers[j], [&](Word delta) {
          return delta == number_.min || delta == number_.max;
        }));
  }
  if (work.forward != nullptr) finishForward(j, *work.forward);
}

template <typename Word>
class Datapath<Word>::DatapathScratch final : public Network::Scratch {
 public:
  explicit DatapathScratch(const Datapath& network) {
    size_t edges = 0;
    for (const Pattern& pattern : network.spec().patterns) edges = std::max<size_t>(edges, pattern.edges());
    const std::vector<uint32_t>& sizes = network.spec().layers;
    const size_t widest = *std::max_element(sizes.begin(), sizes.end());
    values.reset(widest + kHardwarePadding);
    activations.reset(edges + kHardwarePadding);
    sums.resize(widest);
  }
  AlignedBuffer<Word> values, activations;
  std::vector<int64_t> sums;
};

template <typename Word>
std::unique_ptr<Network::Scratch> Datapath<Word>::makeScratch() const {
  return std::make_unique<DatapathScratch>(*this);
}

template <typename Word>
void Datapath<Word>::infer(Scratch& given, const InputView& inputs, uint64_t row, float* scores,
                           uint32_t* decision) const {
  auto& scratch = static_cast<DatapathScratch&>(given);
  bool small = readInput(inputs, row, scratch.values.data());
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    const Junction& junction = junctions_[j];
    kernels_->gather(&junction.wiring, scratch.values.data(), scratch.activations.data());
    HardwareSweep<Word> pass{};
    pass.number = number_;
    pass.offsets = spec().patterns[j].offsets.data();
    pass.end = spec().layers[j + 1];
    pass.weights = const_cast<Word*>(junction.weights.data());  // only an update writes them
    pass.forward = scratch.activations.data();
    pass.forwardSmall = small;
    pass.sums = scratch.sums.data();
    kernels_->sweep(&pass);
    for (uint32_t right = 0; right < pass.end; right++) {
      const int32_t sum = hardwareClip(junction.biases[right] + scratch.sums[right], number_);
      scratch.values[right] = static_cast<Word>(junction.table->at(sum).value);
    }
    small = true;  // tables give less than 1
  }
  const Word* values = scratch.values.data();
  if (decision != nullptr) {
    *decision = static_cast<uint32_t>(std::max_element(values, values + outputs()) - values);
  }
  if (scores == nullptr) return;
  for (uint32_t i = 0; i < outputs(); i++) {
    scores[i] = static_cast<float>(std::ldexp(static_cast<double>(values[i]), -number_.fraction));
  }
}

}  // namespace

std::unique_ptr<HardwareNetwork> makeHardwareNetwork(NetworkSpec spec) {
  if (spec.hardware.format.width <= 16) return std::make_unique<Datapath<int16_t>>(std::move(spec));
  return std::make_unique<Datapath<int32_t>>(std::move(spec));
}

}  // namespace sparse_train
