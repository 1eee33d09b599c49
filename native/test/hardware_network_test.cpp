// The hardware's network equals the published design (test/fixtures). For other shapes it equals an emulator that
// follows docs/arithmetic.md, "Hardware", block by block, and shares only formats and tables with the engine.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/network.hpp"
#include "fixed/random.hpp"
#include "kernels/kernel_set.hpp"
#include "pattern/interleaver.hpp"

namespace sparse_train {
namespace {

class HardwareNetworks : public testing::TestWithParam<std::string> {
 protected:
  const KernelSet* kernels() const { return kernelSetByName(GetParam().c_str()); }
};

std::vector<std::string> setNames() {
  std::vector<std::string> names;
  for (const KernelSet* set : availableKernelSets()) names.emplace_back(set->name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Isa, HardwareNetworks, testing::ValuesIn(setNames()),
                         [](const auto& info) { return info.param; });

std::vector<int32_t> weightsOf(const Network& network, uint32_t j) {
  const size_t edges = network.spec().patterns[j].edges();
  std::vector<int32_t> out(edges);
  if (network.capabilities().weights == WeightType::int32) {
    network.readWeights(j, out);
  } else {
    std::vector<int16_t> words(edges);
    network.readWeights(j, words);
    std::copy(words.begin(), words.end(), out.begin());
  }
  return out;
}

std::vector<int32_t> biasesOf(const Network& network, uint32_t j) {
  std::vector<int32_t> out(network.spec().layers[j + 1]);
  network.readBiases(j, out);
  return out;
}

// --- Fixtures ---------------------------------------------------------------------------------------------------------

// Reads the part of JSON that fixtures need: the numbers or the string at a path of keys.
class Fixture {
 public:
  explicit Fixture(const std::string& name) {
    std::ifstream file(std::string(SPARSE_TRAIN_REPOSITORY) + "/test/fixtures/" + name);
    std::stringstream text;
    text << file.rdbuf();
    text_ = text.str();
    EXPECT_FALSE(text_.empty()) << name << " is missing";
  }

  /// All numbers of the value, however nested.
  std::vector<int32_t> numbers(const std::vector<std::string>& path) const {
    std::vector<int32_t> out;
    const std::string value = valueOf(path);
    for (const char* p = value.c_str(); *p != 0;) {
      if (*p != '-' && (*p < '0' || *p > '9')) {
        p++;
        continue;
      }
      char* end = nullptr;
      out.push_back(static_cast<int32_t>(std::strtol(p, &end, 10)));
      p = end;
    }
    return out;
  }

  std::vector<uint8_t> base64(const std::vector<std::string>& path) const {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<uint8_t> out;
    uint32_t bits = 0;
    int held = 0;
    for (const char c : valueOf(path)) {
      const size_t digit = digits.find(c);
      if (digit == std::string::npos) continue;
      bits = (bits << 6) | static_cast<uint32_t>(digit);
      held += 6;
      if (held < 8) continue;
      held -= 8;
      out.push_back(static_cast<uint8_t>(bits >> held));
    }
    return out;
  }

  std::string valueOf(const std::vector<std::string>& path) const {
    size_t at = 0;
    for (const std::string& key : path) at = text_.find("\"" + key + "\"", at) + key.size() + 3;
    int depth = 0;
    size_t end = at;
    for (; end < text_.size(); end++) {
      const char c = text_[end];
      if (depth == 0 && (c == ',' || c == '}')) break;
      if (c == '[' || c == '{') depth++;
      if (c == ']' || c == '}') depth--;
    }
    return text_.substr(at, end - at);
  }

 private:
  std::string text_;
};

TEST_P(HardwareNetworks, EqualThePublishedDesign) {
  for (const char* name : {"hardware-64-16-4.json", "hardware-1024-64-32.json"}) {
    const Fixture fixture(name);
    NetworkSpec spec;
    spec.kernels = kernels();
    spec.arithmetic = Arithmetic::hardware;
    for (const int32_t neurons : fixture.numbers({"layers"}))
      spec.layers.push_back(static_cast<uint32_t>(neurons));
    const size_t junctions = spec.layers.size() - 1;
    spec.hardware.format = {fixture.numbers({"arithmetic", "width"})[0],
                            fixture.numbers({"arithmetic", "integerBits"})[0]};
    spec.hardware.activations.assign(junctions, HardwareActivation::sigmoid);
    const std::vector<int32_t> fanOut = fixture.numbers({"fanOut"});
    const std::vector<int32_t> parallelism = fixture.numbers({"parallelism"});
    const std::vector<int32_t> starts = fixture.numbers({"startVectors"});
    size_t next = 0;
    for (size_t j = 0; j < junctions; j++) {
      InterleaverSpec interleaver;
      interleaver.left = spec.layers[j];
      interleaver.right = spec.layers[j + 1];
      interleaver.fanOut = static_cast<uint32_t>(fanOut[j]);
      interleaver.parallelism = static_cast<uint32_t>(parallelism[j]);
      interleaver.type = 2;
      for (uint32_t i = 0; i < interleaver.fanOut * interleaver.parallelism; i++) {
        interleaver.starts.push_back(static_cast<uint32_t>(starts[next++]));
      }
      ASSERT_EQ(interleaverFault(interleaver), "");
      std::string fault;
      spec.patterns.push_back(interleaverPattern(interleaver, makeInterleaver(interleaver, fault)));
      ASSERT_EQ(fault, "");
    }

    const std::unique_ptr<Network> network = makeNetwork(spec);
    const std::vector<int32_t> weights = fixture.numbers({"initial", "weights"});
    const std::vector<int32_t> biases = fixture.numbers({"initial", "biases"});
    size_t weight = 0, bias = 0;
    for (uint32_t j = 0; j < junctions; j++) {
      const std::vector<int16_t> words(
          weights.begin() + static_cast<int64_t>(weight),
          weights.begin() + static_cast<int64_t>(weight + spec.patterns[j].edges()));
      network->writeWeights(j, words);
      network->writeBiases(j, Span(biases.data() + bias, spec.layers[j + 1]));
      weight += words.size();
      bias += spec.layers[j + 1];
    }

    const std::vector<uint8_t> inputs = fixture.base64({"inputs", "data"});
    const std::vector<int32_t> labels = fixture.numbers({"labels"});
    std::vector<uint32_t> order(labels.size());
    for (uint32_t i = 0; i < order.size(); i++) order[i] = i;
    const double rate = std::ldexp(1.0, -fixture.numbers({"etaShift"})[0]);
    TrainJob job;
    job.inputs = {InputView::Type::bytes, inputs.data(), nullptr, nullptr};
    job.targets.labels = labels.data();
    job.order = order.data();
    job.count = order.size();
    job.rates = &rate;
    job.rateCount = 1;
    Progress progress;
    std::vector<int32_t> outputs(labels.size() * spec.layers.back());
    job.rawOutputs = outputs.data();
    network->train(job, progress);

    EXPECT_EQ(outputs, fixture.numbers({"expected", "outputs"})) << name;
    std::vector<int32_t> allWeights, allBiases;
    for (uint32_t j = 0; j < junctions; j++) {
      for (const int32_t w : weightsOf(*network, j)) allWeights.push_back(w);
      for (const int32_t b : biasesOf(*network, j)) allBiases.push_back(b);
    }
    EXPECT_EQ(allWeights, fixture.numbers({"expected", "weights"})) << name;
    EXPECT_EQ(allBiases, fixture.numbers({"expected", "biases"})) << name;
  }
}

// --- Emulation --------------------------------------------------------------------------------------------------------

/// Sections 3 and 4: input t is loaded in block t; FF_i in t + i, BP_i and UP_i in t + 2J + 1 - i, all on the state of the
/// block's start.
class Emulator {
 public:
  Emulator(const NetworkSpec& spec, const Network& start)
      : spec_(spec), number_(spec.hardware.format.number()) {
    for (uint32_t j = 0; j < spec.patterns.size(); j++) {
      weights.push_back(weightsOf(start, j));
      biases.push_back(biasesOf(start, j));
      tables_.emplace_back(spec.hardware.format, spec.hardware.activations[j], spec.hardware.tableFloor);
    }
  }

  struct Example {
    std::vector<int32_t> input, targets;  ///< raw activations; 0 or 1 per output
    int shift;
  };

  void run(const std::vector<Example>& examples) {
    const auto junctions = static_cast<int64_t>(weights.size());
    const auto count = static_cast<int64_t>(examples.size());
    std::vector<Flight> flights(examples.size());
    for (size_t t = 0; t < examples.size(); t++) {
      flights[t].activations.resize(weights.size() + 1);
      flights[t].slopes.resize(weights.size() + 1);
      flights[t].deltas.resize(weights.size() + 1);
      flights[t].activations[0] = examples[t].input;
    }
    outputs.assign(examples.size(), {});
    for (int64_t block = 0; block <= count + 2 * junctions; block++) {
      const std::vector<std::vector<int32_t>> w0 = weights, b0 = biases;
      for (int64_t i = 1; i <= junctions; i++) {
        const int64_t forward = block - i;
        const int64_t backward = block - (2 * junctions + 1 - i);
        if (backward >= 0 && backward < count) {
          const auto t = static_cast<size_t>(backward);
          if (i >= 2) backpropagate(static_cast<size_t>(i), flights[t], w0);
          update(static_cast<size_t>(i), flights[t], examples[t].shift);
        }
        if (forward < 0 || forward >= count) continue;
        const auto t = static_cast<size_t>(forward);
        feedForward(static_cast<size_t>(i), flights[t], w0, b0);
        if (i < junctions) continue;
        outputs[t] = flights[t].activations.back();
        costDelta(flights[t], examples[t].targets);
      }
    }
  }

  std::vector<std::vector<int32_t>> weights, biases, outputs;

 private:
  struct Flight {
    std::vector<std::vector<int32_t>> activations, slopes, deltas;  // by layer
  };

  void feedForward(size_t i, Flight& flight, const std::vector<std::vector<int32_t>>& w0,
                   const std::vector<std::vector<int32_t>>& b0) {
    const Pattern& pattern = spec_.patterns[i - 1];
    for (uint32_t right = 0; right < pattern.right; right++) {
      int64_t sum = b0[i - 1][right];
      for (uint64_t w = pattern.offsets[right]; w < pattern.offsets[right + 1]; w++) {
        sum += hardwareMultiply(flight.activations[i - 1][pattern.lefts[w]], w0[i - 1][w], number_);
      }
      const HardwareTable::Entry entry = tables_[i - 1].at(hardwareClip(sum, number_));
      flight.activations[i].push_back(entry.value);
      flight.slopes[i].push_back(entry.slope);
    }
  }

  void costDelta(Flight& flight, const std::vector<int32_t>& targets) {
    for (size_t r = 0; r < targets.size(); r++) {
      int32_t delta =
          hardwareClip(flight.activations.back()[r] - targets[r] * spec_.hardware.format.one(), number_);
      if (spec_.hardware.cost == HardwareCost::quadratic) {
        delta = hardwareMultiply(delta, flight.slopes.back()[r], number_);
      }
      flight.deltas.back().push_back(delta);
    }
  }

  void backpropagate(size_t i, Flight& flight, const std::vector<std::vector<int32_t>>& w0) {
    const Pattern& pattern = spec_.patterns[i - 1];
    flight.deltas[i - 1].assign(pattern.left, 0);
    for (uint32_t right = 0; right < pattern.right; right++) {
      for (uint64_t w = pattern.offsets[right]; w < pattern.offsets[right + 1]; w++) {
        const uint32_t l = pattern.lefts[w];
        const int32_t sloped = hardwareMultiply(flight.deltas[i][right], flight.slopes[i - 1][l], number_);
        flight.deltas[i - 1][l] =
            hardwareAdd(flight.deltas[i - 1][l], hardwareMultiply(sloped, w0[i - 1][w], number_), number_);
      }
    }
  }

  void update(size_t i, const Flight& flight, int shift) {
    const Pattern& pattern = spec_.patterns[i - 1];
    for (uint32_t right = 0; right < pattern.right; right++) {
      const int32_t step = hardwareStep(flight.deltas[i][right], shift, number_);
      biases[i - 1][right] = hardwareAdd(biases[i - 1][right], step, number_);
      for (uint64_t w = pattern.offsets[right]; w < pattern.offsets[right + 1]; w++) {
        weights[i - 1][w] = hardwareAdd(
            weights[i - 1][w], hardwareMultiply(step, flight.activations[i - 1][pattern.lefts[w]], number_),
            number_);
      }
    }
  }

  const NetworkSpec& spec_;
  HardwareNumber number_;
  std::deque<HardwareTable> tables_;
};

/// A junction of a random family.
Pattern drawPattern(uint32_t left, uint32_t right, RandomStream& random) {
  const uint64_t seed = random.next() >> 12;
  switch (random.below(4)) {
    case 0:
      return densePattern(left, right);
    case 1:
      return randomPattern(left, right, 1 + random.below(static_cast<uint64_t>(left) * right), seed, 0);
    default: {
      InterleaverSpec spec;
      spec.left = left;
      spec.right = right;
      spec.type = 1 + static_cast<int>(random.below(3));
      spec.dither = random.below(2) == 0;
      spec.seed = seed;
      do {
        spec.fanOut = 1 + random.below(right);
        spec.parallelism = 1 + random.below(left);
      } while (!interleaverFault(spec).empty());
      std::string fault;
      const Interleaver interleaver = makeInterleaver(spec, fault);
      return fault.empty() ? interleaverPattern(spec, interleaver) : densePattern(left, right);
    }
  }
}

TEST_P(HardwareNetworks, EqualTheEmulatorInEveryShape) {
  RandomStream random(20, 0);
  const uint32_t sizes[] = {1, 2, 4, 8, 12, 32, 64, 96};
  const HardwareFormat published[] = {{8, 2}, {10, 1}, {10, 2}, {12, 3}, {16, 3}, {16, 4}, {32, 10}};
  for (int round = 0; round < 150; round++) {
    NetworkSpec spec;
    spec.kernels = kernels();
    spec.arithmetic = Arithmetic::hardware;
    spec.seed = static_cast<uint64_t>(round);
    if (random.below(2) == 0) {
      spec.hardware.format = published[random.below(7)];
    } else {
      spec.hardware.format.width = 4 + static_cast<int>(random.below(13));
      spec.hardware.format.integerBits =
          static_cast<int>(random.below(static_cast<uint64_t>(spec.hardware.format.width) - 2));
    }
    spec.hardware.tableFloor = static_cast<int>(random.below(2));
    spec.hardware.cost = random.below(2) == 0 ? HardwareCost::crossEntropy : HardwareCost::quadratic;
    spec.output = random.below(2) == 0 ? Output::softmax : Output::sigmoid;
    const uint32_t junctions = 1 + random.below(4);
    spec.layers.push_back(sizes[random.below(8)]);
    for (uint32_t j = 0; j < junctions; j++) {
      spec.layers.push_back(sizes[random.below(8)]);
      spec.patterns.push_back(drawPattern(spec.layers[j], spec.layers[j + 1], random));
      spec.hardware.activations.push_back(random.below(3) == 0 ? HardwareActivation::relu
                                                               : HardwareActivation::sigmoid);
    }
    const HardwareNumber number = spec.hardware.format.number();
    const std::unique_ptr<Network> network = makeNetwork(spec);
    Emulator emulator(spec, *network);

    const uint32_t count = 12;
    const uint32_t columns = spec.layers[0], width = spec.layers.back();
    const bool bytes = random.below(2) == 0;
    std::vector<uint8_t> pixels;
    std::vector<int16_t> raw;
    std::vector<int32_t> labels;
    std::vector<uint8_t> flags;
    std::vector<uint32_t> order;
    std::vector<double> rates;
    std::vector<Emulator::Example> examples(count);
    for (uint32_t t = 0; t < count; t++) {
      order.push_back(t);
      examples[t].shift = static_cast<int>(random.below(6));
      rates.push_back(std::ldexp(1.0, -examples[t].shift));
      for (uint32_t c = 0; c < columns; c++) {
        const bool zero = random.below(3) == 0;
        pixels.push_back(zero ? uint8_t{0} : static_cast<uint8_t>(random.below(256)));
        raw.push_back(static_cast<int16_t>(hardwareClip(static_cast<int16_t>(random.next() >> 48), number)));
        examples[t].input.push_back(bytes ? hardwareInput(pixels.back(), number) : raw.back());
      }
      labels.push_back(static_cast<int32_t>(random.below(width)));
      for (uint32_t i = 0; i < width; i++) {
        flags.push_back(static_cast<uint8_t>(random.below(2)));
        examples[t].targets.push_back(spec.output == Output::softmax
                                          ? (static_cast<int32_t>(i) == labels.back() ? 1 : 0)
                                          : flags.back());
      }
    }
    TrainJob job;
    job.inputs.type = bytes ? InputView::Type::bytes : InputView::Type::fixed;
    job.inputs.data = bytes ? static_cast<const void*>(pixels.data()) : raw.data();
    if (spec.output == Output::softmax) {
      job.targets.labels = labels.data();
    } else {
      job.targets.flags = flags.data();
    }
    job.order = order.data();
    job.count = count;
    job.rates = rates.data();
    job.rateCount = rates.size();
    job.threads = 1 + random.below(3);
    std::vector<int32_t> outputs(static_cast<size_t>(count) * width);
    job.rawOutputs = outputs.data();
    Progress progress;
    network->train(job, progress);
    emulator.run(examples);

    const std::string what =
        "round " + std::to_string(round) + ", " + std::to_string(spec.hardware.format.width) + "." +
        std::to_string(spec.hardware.format.integerBits) + ", " + std::to_string(junctions) + " junctions";
    for (uint32_t t = 0; t < count; t++) {
      const std::vector<int32_t> row(outputs.begin() + static_cast<int64_t>(t) * width,
                                     outputs.begin() + static_cast<int64_t>(t + 1) * width);
      ASSERT_EQ(row, emulator.outputs[t]) << what << ", input " << t;
    }
    for (uint32_t j = 0; j < junctions; j++) {
      ASSERT_EQ(weightsOf(*network, j), emulator.weights[j]) << what << ", junction " << j;
      ASSERT_EQ(biasesOf(*network, j), emulator.biases[j]) << what << ", junction " << j;
    }

    // predict() computes a feed-forward with the current weights.
    std::vector<float> scores(static_cast<size_t>(count) * width);
    std::vector<uint32_t> decisions(count);
    network->predict(job.inputs, count, 1, scores.data(), decisions.data(), progress);
    for (uint32_t t = 0; t < count; t++) {
      uint32_t best = 0;
      for (uint32_t i = 1; i < width; i++) {
        if (scores[t * width + i] > scores[t * width + best]) best = i;
      }
      ASSERT_EQ(decisions[t], best);
    }
  }
}

TEST_P(HardwareNetworks, TrainTheSameOneByOneThreadedAndSequentially) {
  NetworkSpec spec;
  spec.kernels = kernels();
  spec.arithmetic = Arithmetic::hardware;
  spec.hardware.format = {12, 3};
  spec.layers = {256, 512, 8};
  spec.patterns = {densePattern(256, 512), densePattern(512, 8)};
  spec.hardware.activations = {HardwareActivation::sigmoid, HardwareActivation::sigmoid};
  const uint32_t count = 40;
  RandomStream random(5, 0);
  std::vector<uint8_t> pixels(static_cast<size_t>(count) * 256);
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random.below(256));
  std::vector<int32_t> labels(count);
  std::vector<uint32_t> order(count);
  for (uint32_t t = 0; t < count; t++) {
    labels[t] = static_cast<int32_t>(random.below(8));
    order[t] = t;
  }
  const double rate = 0.125;
  TrainJob job;
  job.inputs.data = pixels.data();
  job.targets.labels = labels.data();
  job.order = order.data();
  job.count = count;
  job.rates = &rate;
  job.rateCount = 1;
  Progress progress;
  const auto oneByOne = [&](Network& network, bool drained) {
    for (uint32_t t = 0; t < count; t++) {
      InputView input = job.inputs;
      input.data = pixels.data() + t * 256;
      TargetView target;
      target.labels = &labels[t];
      network.learn(input, target, rate);
      if (drained) network.drain();
    }
    network.drain();
  };
  const auto trained = [&](uint32_t threads) {
    std::unique_ptr<Network> network = makeNetwork(spec);
    if (threads > 0) {
      job.threads = threads;
      network->train(job, progress);
    } else {
      oneByOne(*network, false);
    }
    return network;
  };
  const std::unique_ptr<Network> one = trained(1);
  for (const uint32_t threads : {0u, 2u, 3u}) {
    const std::unique_ptr<Network> other = trained(threads);
    for (uint32_t j = 0; j < 2; j++) {
      EXPECT_EQ(weightsOf(*one, j), weightsOf(*other, j)) << threads;
      EXPECT_EQ(biasesOf(*one, j), biasesOf(*other, j)) << threads;
    }
    EXPECT_EQ(one->telemetry().deltasClipped, other->telemetry().deltasClipped);
    EXPECT_EQ(one->telemetry().activationsClipped, other->telemetry().activationsClipped);
  }

  // With one input in the pipeline at a time, the pipelined schedule equals the sequential one.
  const std::unique_ptr<Network> alone = makeNetwork(spec);
  oneByOne(*alone, true);
  spec.schedule = Schedule::sequential;
  const std::unique_ptr<Network> sequential = trained(2);
  for (uint32_t j = 0; j < 2; j++) {
    EXPECT_EQ(weightsOf(*alone, j), weightsOf(*sequential, j));
    EXPECT_NE(weightsOf(*alone, j), weightsOf(*one, j));
  }
}

TEST_P(HardwareNetworks, TakeOnlyPowersOfTwoAsRates) {
  NetworkSpec spec;
  spec.kernels = kernels();
  spec.arithmetic = Arithmetic::hardware;
  spec.layers = {4, 2};
  spec.patterns = {densePattern(4, 2)};
  spec.hardware.activations = {HardwareActivation::sigmoid};
  const std::unique_ptr<Network> network = makeNetwork(spec);
  for (int k = 0; k <= 31; k++) EXPECT_EQ(network->rateFault(std::ldexp(1.0, -k)), "");
  for (const double rate : {0.0, 0.1, 0.75, 2.0, std::ldexp(1.0, -32), std::nan(""), -0.5, HUGE_VAL}) {
    EXPECT_NE(network->rateFault(rate), "") << rate;
  }
}

}  // namespace
}  // namespace sparse_train
