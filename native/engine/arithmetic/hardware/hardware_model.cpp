#include "hardware_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <vector>

#include "engine/aligned_buffer.hpp"
#include "engine/input/sparse_row.hpp"
#include "fixed/random.hpp"
#include "junction_wiring.hpp"
#include "kernels/hardware/hardware_kernels.hpp"
#include "layer_table.hpp"
#include "log_table.hpp"

namespace sparse_train {
namespace {

constexpr int kMaxRateShift = 31;
constexpr uint64_t kMinSlabEdges = 1u << 15;  // fewer edges are swept before another thread would wake up

/// Returns k of a learning rate 2^-k, or -1 if the rate has no such k.
int rateShift(double rate) {
  int exponent = 0;
  if (!(rate > 0.0) || std::frexp(rate, &exponent) != 0.5) return -1;
  const int shift = 1 - exponent;
  return shift >= 0 && shift <= kMaxRateShift ? shift : -1;
}

/// (x - offset) * scale rounded to the nearest word of the format, ties upwards.
int32_t quantise(double x, double offset, double scale, const HardwareNumber& number) {
  const double value = std::floor(std::ldexp((x - offset) * scale, number.fraction) + 0.5);
  if (!(value > number.min)) return number.min;
  return value > number.max ? number.max : static_cast<int32_t>(value);
}

template <typename Word>
class HardwareModel final : public Model {
 public:
  explicit HardwareModel(NetworkSpec given);

  Capabilities capabilities() override {
    Capabilities capabilities;
    capabilities.weights = std::is_same_v<Word, int16_t> ? WeightType::int16 : WeightType::int32;
    capabilities.rawOutputs = true;
    return capabilities;
  }
  const char* layoutOf(uint32_t junction) const override {
    return junctions_[junction].wiring->rotates() ? "memories" : "edges";
  }
  void readWeights(uint32_t junction, WeightSpan weights) const override;
  void writeWeights(uint32_t junction, ConstWeightSpan weights) override;
  void readBiases(uint32_t junction, BiasSpan biases) const override;
  void writeBiases(uint32_t junction, ConstBiasSpan biases) override;
  Telemetry telemetry() const override;
  std::string rateFault(double rate, uint32_t batchSize) const override;

  void load(uint32_t slot, const InputView& inputs, const TargetView& targets, uint64_t row) override;
  void prepare(uint32_t junction, const BlockWork& work) override;
  void sweep(uint32_t junction, uint32_t slab, const BlockWork& work) override;
  void finish(uint32_t junction, const BlockWork& work) override;
  uint32_t slabsOf(uint32_t junction) const override {
    return static_cast<uint32_t>(junctions_[junction].slabs.size() - 1);
  }
  void configure(uint32_t threads, const std::vector<double>& classWeights) override;
  void fingerprint(Fingerprint& fingerprint) const override;
  void exchangeJunction(StateExchange& state, uint32_t junction) override;
  void exchangeSlot(StateExchange& state, uint32_t slot) override;
  void exchangeRest(StateExchange&) override {}
  void preparePredictions(const InputView&, uint64_t) override {}
  std::unique_ptr<Scratch> makeScratch() const override;
  void infer(Scratch& scratch, const InputView& inputs, uint64_t first, uint64_t end, float* scores,
             uint32_t* decisions) const override;

 private:
  using Sum = typename HardwareSum<Word>::Type;

  /// The data of an input that a junction keeps between feed-forward and update.
  struct Bank {
    AlignedBuffer<Word> activations;  ///< of the left layer, in edge order
    AlignedBuffer<Word> slopes;       ///< their derivatives; empty in the first junction
    bool small = true;                ///< whether all activations are below 1 in size
  };

  struct Junction {
    AlignedBuffer<Word> weights;  ///< in edge order
    AlignedBuffer<Word> biases;
    AlignedBuffer<Word> startBiases;          ///< as they were at the start of the block
    AlignedBuffer<Sum> sums;                  ///< without the bias
    AlignedBuffer<Word> deltas;               ///< of the right layer, for the input in BP and UP
    AlignedBuffer<Word> steps;                ///< the deltas times -eta
    AlignedBuffer<Word> products;             ///< of BP, in edge order
    std::vector<Bank> banks;                  ///< per slot
    std::vector<uint32_t> slabs;              ///< first right neuron of each slab, and the end
    std::unique_ptr<LayerTable<Word>> table;  ///< of the right layer
    std::unique_ptr<JunctionWiring> wiring;
    bool slopedSmall = false;  ///< for the input in BP: no mul(delta, slope) reaches 1
    uint64_t activationsClipped = 0, deltasClipped = 0;
  };

  struct Slot {
    int32_t label = 0;
    std::vector<uint8_t> flags;
  };

  class HardwareScratch;

  void initialise(uint32_t junction);
  bool readInput(const InputView& inputs, uint64_t row, Word* values) const;
  uint64_t countAtLimit(const Word* words, size_t n) const;
  void finishForward(uint32_t junction, const InFlight& input);
  void finishOutput(const InFlight& input);
  /// Feed-forward of one example through all junctions; afterwards scratch.values holds the output
  /// activations.
  void feedForward(HardwareScratch& scratch, const InputView& inputs, uint64_t row) const;

  HardwareNumber number_;
  LogTable logs_;
  const HardwareKernels<Word>* kernels_;
  std::vector<Junction> junctions_;
  std::vector<Slot> slots_;
  AlignedBuffer<Word> values_, slopes_;  ///< of one layer, while it is converted to edge order
};

template <typename Word>
HardwareModel<Word>::HardwareModel(NetworkSpec given)
    : Model(std::move(given)),
      number_(spec().hardware.format.number()),
      logs_(number_.fraction),
      junctions_(Model::junctions()),
      slots_(slots()) {
  if constexpr (std::is_same_v<Word, int16_t>) {
    kernels_ = spec().kernels->hardware;
  } else {
    kernels_ = hardwareKernelsScalar32();
  }
  const std::vector<uint32_t>& sizes = spec().layers;
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    const size_t edges = spec().patterns[j].edges();
    junction.weights.reset(edges + kHardwarePadding);
    junction.products.reset(j > 0 ? edges + kHardwarePadding : 0);
    junction.biases.reset(sizes[j + 1] + kHardwarePadding);
    junction.startBiases.reset(sizes[j + 1] + kHardwarePadding);
    junction.sums.reset(sizes[j + 1] + kHardwarePadding);
    junction.deltas.reset(sizes[j + 1] + kHardwarePadding);
    junction.steps.reset(sizes[j + 1] + kHardwarePadding);
    junction.slabs = {0, sizes[j + 1]};
    junction.table = std::make_unique<LayerTable<Word>>(
        spec().hardware.format, spec().hardware.activations[j], spec().hardware.tableFloor);
    junction.banks.resize(slots());
    for (Bank& bank : junction.banks) {
      bank.activations.reset(edges + kHardwarePadding);
      if (j > 0) bank.slopes.reset(edges + kHardwarePadding);
    }
    junction.wiring = std::make_unique<JunctionWiring>(spec().patterns[j]);
    initialise(j);
  }
  const size_t widest = *std::max_element(sizes.begin(), sizes.end()) + kHardwarePadding;
  values_.reset(widest);
  slopes_.reset(widest);
}

/// The published initial state: weights and biases are normal with variance 2 / (fan-in + fan-out), rounded
/// to the format. Without edges the variance is undefined, and biases start at 0.
template <typename Word>
void HardwareModel<Word>::initialise(uint32_t j) {
  Junction& junction = junctions_[j];
  const Pattern& pattern = spec().patterns[j];
  if (pattern.edges() == 0) return;
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
  for (uint32_t right = 0; right < pattern.right; right++) junction.biases[right] = static_cast<Word>(draw());
}

template <typename Word>
void HardwareModel<Word>::readWeights(uint32_t j, WeightSpan weights) const {
  const Word* held = junctions_[j].weights.data();
  std::copy(held, held + spec().patterns[j].edges(), std::get<Span<Word>>(weights).data());
}

template <typename Word>
void HardwareModel<Word>::writeWeights(uint32_t j, ConstWeightSpan weights) {
  const Word* given = std::get<Span<const Word>>(weights).data();
  for (uint64_t edge = 0; edge < spec().patterns[j].edges(); edge++) {
    junctions_[j].weights[edge] = static_cast<Word>(hardwareClip(given[edge], number_));
  }
}

template <typename Word>
void HardwareModel<Word>::readBiases(uint32_t j, BiasSpan biases) const {
  const Word* held = junctions_[j].biases.data();
  std::copy(held, held + spec().layers[j + 1], std::get<Span<int32_t>>(biases).data());
}

template <typename Word>
void HardwareModel<Word>::writeBiases(uint32_t j, ConstBiasSpan biases) {
  const int32_t* given = std::get<Span<const int32_t>>(biases).data();
  for (uint32_t right = 0; right < spec().layers[j + 1]; right++) {
    junctions_[j].biases[right] = static_cast<Word>(hardwareClip(given[right], number_));
  }
}

template <typename Word>
Telemetry HardwareModel<Word>::telemetry() const {
  Telemetry telemetry;
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
std::string HardwareModel<Word>::rateFault(double rate, uint32_t) const {
  if (rateShift(rate) >= 0) return "";
  return "2^-k with a whole number k from 0 to " + std::to_string(kMaxRateShift) + ", as the hardware shifts";
}

template <typename Word>
void HardwareModel<Word>::configure(uint32_t threads, const std::vector<double>&) {
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Junction& junction = junctions_[j];
    const Pattern& pattern = spec().patterns[j];
    if (threads == kKeepThreads && !junction.slabs.empty()) continue;
    const uint64_t wanted = std::clamp<uint64_t>(pattern.edges() / kMinSlabEdges, 1, std::max(threads, 1u));
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
bool HardwareModel<Word>::readInput(const InputView& inputs, uint64_t row, Word* values) const {
  const uint32_t columns = spec().layers[0];
  if (inputs.isSparse()) {
    std::vector<uint8_t> memory;
    return readInput(wholeRow(inputs, row, columns, memory), 0, values);
  }
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
void HardwareModel<Word>::load(uint32_t index, const InputView& inputs, const TargetView& targets,
                               uint64_t row) {
  Junction& junction = junctions_[0];
  Bank& bank = junction.banks[index];
  bank.small = readInput(inputs, row, values_.data());
  kernels_->gather(junction.wiring->lists(), values_.data(), bank.activations.data());
  Slot& slot = slots_[index];
  if (targets.labels != nullptr) {
    slot.label = targets.labels[row];
  } else {
    slot.flags.assign(targets.flags + row * outputs(), targets.flags + (row + 1) * outputs());
  }
}

/// Within a block, everything reads the state from the start of the block, so biases are copied before they
/// are updated.
template <typename Word>
void HardwareModel<Word>::prepare(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  const uint32_t neurons = spec().layers[j + 1];
  if (work.forward != nullptr)
    memcpy(junction.startBiases.data(), junction.biases.data(), neurons * sizeof(Word));
  if (work.backward == nullptr) return;
  const int64_t largest = kernels_->scale(junction.deltas.data(), neurons, rateShift(work.backward->rate),
                                          &number_, junction.steps.data(), junction.biases.data());
  if (j == 0) return;
  const int64_t one = spec().hardware.format.one();
  // Whether the largest product, rounded, is below 1: largest * slope + 1/2 < 1 * 1 in units of 2^-2F.
  junction.slopedSmall =
      number_.fraction < 16 && largest * junctions_[j - 1].table->slopeMax() + one / 2 < one * one;
}

template <typename Word>
void HardwareModel<Word>::sweep(uint32_t j, uint32_t slab, const BlockWork& work) {
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
uint64_t HardwareModel<Word>::countAtLimit(const Word* words, size_t n) const {
  const auto low = static_cast<Word>(number_.min);
  const auto high = static_cast<Word>(number_.max);
  uint64_t count = 0;
  for (size_t i = 0; i < n; i++) count += words[i] == low || words[i] == high ? 1 : 0;
  return count;
}

template <typename Word>
void HardwareModel<Word>::finishForward(uint32_t j, const InFlight& input) {
  Junction& junction = junctions_[j];
  junction.activationsClipped +=
      junction.table->look(*kernels_, junction.sums.data(), junction.startBiases.data(), spec().layers[j + 1],
                           values_.data(), slopes_.data());
  if (j + 1 == junctions_.size()) {
    finishOutput(input);
    return;
  }
  Junction& next = junctions_[j + 1];
  Bank& bank = next.banks[input.slot];
  kernels_->gather(next.wiring->lists(), values_.data(), bank.activations.data());
  kernels_->gather(next.wiring->lists(), slopes_.data(), bank.slopes.data());
}

/// Computes decision, loss and deltas of the output layer. values_ and slopes_ hold its activations and
/// derivatives.
template <typename Word>
void HardwareModel<Word>::finishOutput(const InFlight& input) {
  Junction& junction = junctions_.back();
  const Slot& slot = slots_[input.slot];
  const uint32_t width = outputs();
  const Word* values = values_.data();
  Word* deltas = junction.deltas.data();
  const int64_t one = spec().hardware.format.one();
  const bool labels = spec().output == Output::softmax;

  // First as if all targets were 0: the activation is the delta, as it already is in the format.
  uint64_t loss = 0;
  const bool crossEntropy = spec().hardware.cost == HardwareCost::crossEntropy;
  for (uint32_t i = 0; i < width; i++) deltas[i] = values[i];
  if (crossEntropy) {
    for (uint32_t i = 0; i < width; i++) loss += logs_.at(one - values[i]);
  }
  const auto wanted = [&](uint32_t i) {
    deltas[i] = static_cast<Word>(hardwareClip(values[i] - one, number_));
    if (crossEntropy) loss += uint64_t{logs_.at(values[i])} - logs_.at(one - values[i]);
  };
  if (labels) {
    wanted(static_cast<uint32_t>(slot.label));
    const auto decision = std::max_element(values, values + width) - values;
    if (decision == slot.label) tally_.correct++;
  } else {
    bool allRight = true;
    for (uint32_t i = 0; i < width; i++) {
      if (slot.flags[i] != 0) wanted(i);
      allRight = allRight && (2 * static_cast<int64_t>(values[i]) > one) == (slot.flags[i] != 0);
    }
    if (allRight) tally_.correct++;
  }
  tally_.outputs++;
  tally_.loss += static_cast<double>(loss) * LogTable::kUnit;
  if (!crossEntropy) {
    double squares = 0.0;
    for (uint32_t i = 0; i < width; i++) {
      const bool isWanted = labels ? static_cast<int32_t>(i) == slot.label : slot.flags[i] != 0;
      const double error =
          std::ldexp(static_cast<double>(values[i] - (isWanted ? one : 0)), -number_.fraction);
      squares += error * error;
      deltas[i] = static_cast<Word>(hardwareMultiply(deltas[i], slopes_[i], number_));
    }
    tally_.loss += squares / 2;
  }
  junction.deltasClipped += countAtLimit(deltas, width);

  if (input.rawOutputs != nullptr) std::copy(values, values + width, input.rawOutputs);
}

template <typename Word>
void HardwareModel<Word>::finish(uint32_t j, const BlockWork& work) {
  Junction& junction = junctions_[j];
  if (work.backward != nullptr && j > 0) {
    Junction& before = junctions_[j - 1];
    kernels_->accumulate(junction.wiring->lists(), junction.products.data(), &number_, before.deltas.data());
    before.deltasClipped += countAtLimit(before.deltas.data(), spec().layers[j]);
  }
  if (work.forward != nullptr) finishForward(j, *work.forward);
}

template <typename Word>
void HardwareModel<Word>::fingerprint(Fingerprint& fingerprint) const {
  const HardwareSpec& hardware = spec().hardware;
  fingerprint.add(static_cast<uint64_t>(hardware.format.width));
  fingerprint.add(static_cast<uint64_t>(hardware.format.integerBits));
  fingerprint.add(static_cast<uint64_t>(hardware.tableFloor));
  fingerprint.add(static_cast<uint64_t>(hardware.cost));
  for (const HardwareActivation activation : hardware.activations)
    fingerprint.add(static_cast<uint64_t>(activation));
}

template <typename Word>
void HardwareModel<Word>::exchangeJunction(StateExchange& state, uint32_t j) {
  Junction& junction = junctions_[j];
  const size_t edges = spec().patterns[j].edges();
  const size_t neurons = spec().layers[j + 1];
  const auto low = static_cast<Word>(number_.min);
  const auto high = static_cast<Word>(number_.max);
  state.numbers("a weight", junction.weights.data(), edges, low, high);
  state.numbers("a bias", junction.biases.data(), neurons, low, high);
  state.numbers("a delta", junction.deltas.data(), neurons, low, high);
  state.any(&junction.activationsClipped, 1);
  state.any(&junction.deltasClipped, 1);
}

template <typename Word>
void HardwareModel<Word>::exchangeSlot(StateExchange& state, uint32_t index) {
  const auto low = static_cast<Word>(number_.min);
  const auto high = static_cast<Word>(number_.max);
  const auto one = static_cast<int64_t>(spec().hardware.format.one());
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    Bank& bank = junctions_[j].banks[index];
    const size_t edges = spec().patterns[j].edges();
    state.numbers("an activation", bank.activations.data(), edges, low, high);
    // prepare() relies on derivatives that come from the table.
    if (j > 0)
      state.numbers("a derivative", bank.slopes.data(), edges, Word{0},
                    static_cast<Word>(junctions_[j - 1].table->slopeMax()));
    if (!state.applying()) continue;
    const Word* values = bank.activations.data();
    bank.small = std::all_of(values, values + edges, [one](Word x) { return x < one && x > -one; });
  }
  Slot& slot = slots_[index];
  if (spec().output == Output::softmax) {
    state.numbers("a label", &slot.label, 1, 0, static_cast<int32_t>(outputs() - 1));
  } else {
    slot.flags.resize(outputs());
    state.numbers("a target", slot.flags.data(), outputs(), uint8_t{0}, uint8_t{1});
  }
}

template <typename Word>
class HardwareModel<Word>::HardwareScratch final : public Prediction::Scratch {
 public:
  explicit HardwareScratch(const HardwareModel& model) {
    size_t edges = 0;
    for (const Pattern& pattern : model.spec().patterns) edges = std::max<size_t>(edges, pattern.edges());
    const std::vector<uint32_t>& sizes = model.spec().layers;
    const size_t widest = *std::max_element(sizes.begin(), sizes.end());
    values.reset(widest + kHardwarePadding);
    activations.reset(edges + kHardwarePadding);
    slopes.reset(widest + kHardwarePadding);
    sums.reset(widest + kHardwarePadding);
  }
  AlignedBuffer<Word> values, slopes, activations;
  AlignedBuffer<Sum> sums;
};

template <typename Word>
std::unique_ptr<Prediction::Scratch> HardwareModel<Word>::makeScratch() const {
  return std::make_unique<HardwareScratch>(*this);
}

template <typename Word>
void HardwareModel<Word>::feedForward(HardwareScratch& scratch, const InputView& inputs, uint64_t row) const {
  bool small = readInput(inputs, row, scratch.values.data());
  for (uint32_t j = 0; j < junctions_.size(); j++) {
    const Junction& junction = junctions_[j];
    kernels_->gather(junction.wiring->lists(), scratch.values.data(), scratch.activations.data());
    HardwareSweep<Word> pass{};
    pass.number = number_;
    pass.offsets = spec().patterns[j].offsets.data();
    pass.end = spec().layers[j + 1];
    pass.weights = const_cast<Word*>(junction.weights.data());  // only updates write these
    pass.forward = scratch.activations.data();
    pass.forwardSmall = small;
    pass.sums = scratch.sums.data();
    kernels_->sweep(&pass);
    junction.table->look(*kernels_, scratch.sums.data(), junction.biases.data(), pass.end,
                         scratch.values.data(), scratch.slopes.data());
    small = true;  // table entries are below 1
  }
}

template <typename Word>
void HardwareModel<Word>::infer(Scratch& given, const InputView& inputs, uint64_t first, uint64_t end,
                                float* scores, uint32_t* decisions) const {
  auto& scratch = static_cast<HardwareScratch&>(given);
  const uint32_t width = outputs();
  for (uint64_t row = first; row < end; row++) {
    feedForward(scratch, inputs, row);
    const Word* values = scratch.values.data();
    if (decisions != nullptr) {
      decisions[row] = static_cast<uint32_t>(std::max_element(values, values + width) - values);
    }
    for (uint32_t i = 0; scores != nullptr && i < width; i++) {
      scores[row * width + i] =
          static_cast<float>(std::ldexp(static_cast<double>(values[i]), -number_.fraction));
    }
  }
}

}  // namespace

std::unique_ptr<Model> makeHardwareModel(NetworkSpec spec) {
  if (spec.hardware.format.width <= 16) return std::make_unique<HardwareModel<int16_t>>(std::move(spec));
  return std::make_unique<HardwareModel<int32_t>>(std::move(spec));
}

}  // namespace sparse_train
