// Every kernel set of the hardware's datapath equals the scalar one, which computes the formulas directly. Buffers have
// exactly the promised padding, so that a sanitizer sees any access beyond it.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "fixed/hardware_format.hpp"
#include "fixed/random.hpp"
#include "kernels/hardware/hardware_kernels.hpp"
#include "kernels/kernel_set.hpp"

namespace sparse_train {
namespace {

using Kernels = HardwareKernels<int16_t>;

// Words, followed by the padding that the kernels may read and write.
std::vector<int16_t> words(size_t n) { return std::vector<int16_t>(n + kHardwarePadding); }

class Source {
 public:
  explicit Source(uint64_t seed) : random_(seed, 0) {}
  uint32_t below(uint64_t bound) { return random_.below(bound); }
  // Draws words; the ends of the range and zero are frequent.
  int32_t between(int32_t low, int32_t high) {
    switch (random_.below(8)) {
      case 0:
        return low;
      case 1:
        return high;
      case 2:
        return std::clamp(0, low, high);
      default:
        return low + static_cast<int32_t>(random_.below(static_cast<uint64_t>(int64_t{high} - low) + 1));
    }
  }
  std::vector<int16_t> fill(size_t n, int32_t low, int32_t high) {
    std::vector<int16_t> out = words(n);
    for (size_t i = 0; i < n; i++) out[i] = static_cast<int16_t>(between(low, high));
    return out;
  }

 private:
  RandomStream random_;
};

std::vector<HardwareFormat> formats() {
  std::vector<HardwareFormat> all;
  for (int width = 4; width <= 16; width++) {
    for (int integerBits = 0; integerBits <= width - 3; integerBits++) all.push_back({width, integerBits});
  }
  return all;
}

class HardwareKernelSet : public testing::TestWithParam<std::string> {
 protected:
  const Kernels& kernels() const { return *kernelSetByName(GetParam().c_str())->hardware; }
  const Kernels& scalar() const { return *kernelSetByName("scalar")->hardware; }
};

std::vector<std::string> setNames() {
  std::vector<std::string> names;
  for (const KernelSet* set : availableKernelSets()) names.emplace_back(set->name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Isa, HardwareKernelSet, testing::ValuesIn(setNames()),
                         [](const auto& info) { return info.param; });

TEST_P(HardwareKernelSet, LoadsBytesOfEveryLength) {
  Source source(1);
  for (const HardwareFormat& format : formats()) {
    const HardwareNumber number = format.number();
    for (size_t n = 0; n <= 70; n += 1 + n / 10) {
      std::vector<uint8_t> bytes(n);
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(source.between(0, 255));
      std::vector<int16_t> expected = words(n), actual = words(n);
      scalar().loadBytes(bytes.data(), n, &number, expected.data());
      kernels().loadBytes(bytes.data(), n, &number, actual.data());
      ASSERT_EQ(expected, actual) << n << " bytes";
    }
  }
}

// --- The sweep --------------------------------------------------------------------------------------------------------

struct SweepCase {
  HardwareFormat format;
  std::vector<uint32_t> fanIn;
  bool forward, backward, update;
  bool smallForward, smallBackward, smallSloped;
};

/// The arrays of a sweep, and the sweep over them.
struct SweepData {
  std::vector<uint64_t> offsets{0};
  std::vector<int16_t> weights, forward, slopes, deltas, products, backward, steps;
  std::vector<int32_t> sums;

  SweepData(const SweepCase& given, Source& source) {
    for (const uint32_t fanIn : given.fanIn) offsets.push_back(offsets.back() + fanIn);
    const HardwareNumber number = given.format.number();
    const auto one = static_cast<int32_t>(std::min<int64_t>(given.format.one() - 1, number.max));
    const size_t edges = offsets.back();
    const size_t right = given.fanIn.size();
    const auto activations = [&](bool small) {
      return small ? source.fill(edges, -one, one) : source.fill(edges, number.min, number.max);
    };
    weights = source.fill(edges, number.min, number.max);
    forward = activations(given.smallForward);
    backward = activations(given.smallBackward);
    slopes = source.fill(edges, 0, given.smallSloped ? one : number.max);
    deltas = given.smallSloped ? source.fill(right, -one, one) : source.fill(right, number.min, number.max);
    steps = source.fill(right, -number.max, number.max);
    products = source.fill(edges, number.min, number.max);
    sums.assign(right + kHardwarePadding, 0);
  }

  HardwareSweep<int16_t> view(const SweepCase& given, uint32_t first, uint32_t end) {
    HardwareSweep<int16_t> sweep{};
    sweep.number = given.format.number();
    sweep.offsets = offsets.data();
    sweep.first = first;
    sweep.end = end;
    sweep.weights = weights.data();
    if (given.forward) {
      sweep.forward = forward.data();
      sweep.sums = sums.data();
    }
    if (given.backward) {
      sweep.slopes = slopes.data();
      sweep.deltas = deltas.data();
      sweep.products = products.data();
    }
    if (given.update) {
      sweep.backward = backward.data();
      sweep.steps = steps.data();
    }
    sweep.forwardSmall = given.smallForward;
    sweep.backwardSmall = given.smallBackward;
    sweep.slopedSmall = given.smallSloped;
    return sweep;
  }
};

TEST_P(HardwareKernelSet, SweepsLikeTheFormulas) {
  Source source(2);
  const std::vector<std::vector<uint32_t>> fanIns = {{32, 32, 32},    {1},       {7, 0, 31, 33, 64},
                                                     {8, 8, 8, 8, 8}, {16, 100}, {65, 1, 2, 3}};
  size_t turn = 0;
  for (const HardwareFormat& format : formats()) {
    for (uint32_t parts = 1; parts < 8; parts++) {
      for (uint32_t small = 0; small < 8; small++) {
        const SweepCase given = {
            format,           fanIns[turn++ % fanIns.size()], (parts & 1) != 0, (parts & 2) != 0,
            (parts & 4) != 0, small == 7 || (small & 1) != 0, (small & 2) != 0, (small & 4) != 0};
        SweepData expected(given, source);
        SweepData actual = expected;
        const auto right = static_cast<uint32_t>(given.fanIn.size());
        const HardwareSweep<int16_t> whole = expected.view(given, 0, right);
        scalar().sweep(&whole);
        // In two parts, as with two threads: the second part must not undo the first.
        const HardwareSweep<int16_t> second = actual.view(given, right / 2, right);
        const HardwareSweep<int16_t> first = actual.view(given, 0, right / 2);
        kernels().sweep(&second);
        kernels().sweep(&first);
        const std::string what = std::to_string(format.width) + "." + std::to_string(format.integerBits) +
                                 " parts " + std::to_string(parts) + " small " + std::to_string(small);
        ASSERT_EQ(expected.weights, actual.weights) << what;
        ASSERT_EQ(expected.products, actual.products) << what;
        ASSERT_EQ(expected.sums, actual.sums) << what;
      }
    }
  }
}

TEST_P(HardwareKernelSet, ClipsSumsThatNoFormatHolds) {
  // 70,000 edges of the largest product: beyond 32 bits.
  for (const int32_t weight : {-32768, 32767}) {
    const SweepCase given = {{16, 3}, {70000}, true, false, false, false, false, false};
    Source source(3);
    SweepData data(given, source);
    std::fill(data.weights.begin(), data.weights.end(), static_cast<int16_t>(weight));
    std::fill(data.forward.begin(), data.forward.end(), int16_t{32767});
    for (const bool small : {false, true}) {
      SweepCase once = given;
      once.smallForward = small;
      if (small) std::fill(data.forward.begin(), data.forward.end(), int16_t{4095});
      SweepData actual = data;
      const HardwareSweep<int16_t> a = data.view(once, 0, 1), b = actual.view(once, 0, 1);
      scalar().sweep(&a);
      kernels().sweep(&b);
      EXPECT_EQ(data.sums[0], weight < 0 ? -(1 << 30) : 1 << 30);
      EXPECT_EQ(actual.sums[0], data.sums[0]);
    }
  }
}

// --- From left to right and back --------------------------------------------------------------------------------------

/// A wiring with all its tables.
struct WiringData {
  std::vector<uint32_t> lefts, leftStart, leftEdges, rankEdges;
  std::vector<uint16_t> starts;
  HardwareWiring wiring{};

  WiringData(uint32_t left, std::vector<uint32_t> given) : lefts(std::move(given)), leftStart(left + 1, 0) {
    for (const uint32_t l : lefts) leftStart[l + 1]++;
    for (uint32_t l = 0; l < left; l++) leftStart[l + 1] += leftStart[l];
    std::vector<uint32_t> next(leftStart.begin(), leftStart.end() - 1);
    leftEdges.resize(lefts.size());
    for (uint32_t edge = 0; edge < lefts.size(); edge++) leftEdges[next[lefts[edge]]++] = edge;
    wiring.left = left;
    wiring.edges = lefts.size();
    wiring.lefts = lefts.data();
    wiring.leftStart = leftStart.data();
    wiring.leftEdges = leftEdges.data();
    rank();
  }

  void rank() {
    wiring.ranks = leftStart[1];
    wiring.sweptOnce = true;
    for (uint32_t l = 0; l < wiring.left; l++) {
      if (leftStart[l + 1] - leftStart[l] != wiring.ranks) return;
    }
    rankEdges.resize(lefts.size() + kHardwarePadding);
    for (uint32_t l = 0; l < wiring.left; l++) {
      for (uint32_t k = 0; k < wiring.ranks; k++) {
        rankEdges[k * wiring.left + l] = leftEdges[leftStart[l] + k];
        wiring.sweptOnce = wiring.sweptOnce && leftEdges[leftStart[l] + k] / wiring.left == k;
      }
    }
    wiring.rankEdges = rankEdges.data();
  }
};

std::unique_ptr<WiringData> randomWiring(uint32_t left, uint64_t edges, Source& source) {
  std::vector<uint32_t> lefts(edges);
  for (uint32_t& l : lefts) l = source.below(left);
  return std::make_unique<WiringData>(left, lefts);
}

std::unique_ptr<WiringData> rotatingWiring(uint32_t parallelism, uint32_t rows, uint32_t sweeps,
                                           Source& source) {
  std::vector<uint16_t> starts(static_cast<size_t>(parallelism) * sweeps);
  for (uint16_t& start : starts) start = static_cast<uint16_t>(source.below(rows));
  std::vector<uint32_t> lefts;
  for (uint32_t sweep = 0; sweep < sweeps; sweep++) {
    for (uint32_t c = 0; c < rows; c++) {
      for (uint32_t m = 0; m < parallelism; m++) {
        lefts.push_back((starts[sweep * parallelism + m] + c) % rows * parallelism + m);
      }
    }
  }
  auto data = std::make_unique<WiringData>(parallelism * rows, lefts);
  data->starts = starts;
  data->wiring.starts = data->starts.data();
  data->wiring.parallelism = parallelism;
  data->wiring.rows = rows;
  data->wiring.sweeps = sweeps;
  return data;
}

// Every left neuron has `fanOut` edges, either one per sweep or anywhere.
std::unique_ptr<WiringData> regularWiring(uint32_t left, uint32_t fanOut, bool sweeps, Source& source) {
  std::vector<uint32_t> lefts(static_cast<size_t>(left) * fanOut);
  for (size_t edge = 0; edge < lefts.size(); edge++) lefts[edge] = static_cast<uint32_t>(edge % left);
  const size_t run = sweeps ? left : lefts.size();
  for (size_t start = 0; start < lefts.size(); start += run) {
    for (size_t i = run; i-- > 1;) std::swap(lefts[start + i], lefts[start + source.below(i + 1)]);
  }
  return std::make_unique<WiringData>(left, lefts);
}

std::vector<std::unique_ptr<WiringData>> wirings(Source& source) {
  std::vector<std::unique_ptr<WiringData>> all;
  for (const uint32_t rows : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 13u, 16u, 33u, 64u}) {
    all.push_back(rotatingWiring(rows > 16 ? 32 : 64, rows, 3, source));
  }
  for (const uint32_t left : {1u, 5u, 31u, 32u, 33u, 64u, 65u, 300u}) {
    for (const uint64_t edges : {uint64_t{1}, uint64_t{33}, uint64_t{257}}) {
      all.push_back(randomWiring(left, edges, source));
    }
  }
  for (const uint32_t left : {1u, 3u, 31u, 32u, 33u, 63u, 64u, 65u, 200u}) {
    all.push_back(regularWiring(left, 5, true, source));
    all.push_back(regularWiring(left, 5, false, source));
  }
  return all;
}

TEST_P(HardwareKernelSet, GathersLeftValues) {
  Source source(4);
  for (const auto& data : wirings(source)) {
    for (const uint32_t zeroPercent : {0u, 80u, 100u}) {
      std::vector<int16_t> values = source.fill(data->wiring.left, -32768, 32767);
      for (uint32_t l = 0; l < data->wiring.left; l++) {
        if (source.below(100) < zeroPercent) values[l] = 0;
      }
      std::fill(values.begin() + data->wiring.left, values.end(), int16_t{77});  // of a wider layer
      std::vector<int16_t> actual = source.fill(data->wiring.edges, -9, 9);
      kernels().gather(&data->wiring, values.data(), actual.data());
      for (uint64_t edge = 0; edge < data->wiring.edges; edge++) {
        ASSERT_EQ(actual[edge], values[data->lefts[edge]]) << "edge " << edge << " of " << data->wiring.edges;
      }
    }
  }
}

TEST_P(HardwareKernelSet, AccumulatesInClockOrder) {
  Source source(5);
  for (const auto& data : wirings(source)) {
    for (const HardwareFormat& format :
         {HardwareFormat{4, 0}, HardwareFormat{10, 2}, HardwareFormat{16, 4}}) {
      const HardwareNumber number = format.number();
      const std::vector<int16_t> products = source.fill(data->wiring.edges, number.min, number.max);
      std::vector<int16_t> actual = words(data->wiring.left);
      kernels().accumulate(&data->wiring, products.data(), &number, actual.data());
      std::vector<int32_t> expected(data->wiring.left, 0);
      for (uint64_t edge = 0; edge < data->wiring.edges; edge++) {
        int32_t& sum = expected[data->lefts[edge]];
        sum = hardwareAdd(sum, products[edge], number);
      }
      for (uint32_t l = 0; l < data->wiring.left; l++)
        ASSERT_EQ(actual[l], expected[l]) << "left neuron " << l;
    }
  }
}

// --- Per neuron -------------------------------------------------------------------------------------------------------

TEST_P(HardwareKernelSet, FindsAddresses) {
  Source source(6);
  for (const HardwareFormat& format : formats()) {
    const HardwareNumber number = format.number();
    for (const size_t n : {size_t{1}, size_t{15}, size_t{16}, size_t{33}, size_t{64}}) {
      std::vector<int32_t> expected(n + kHardwarePadding, 0);
      for (size_t i = 0; i < n; i++) {
        expected[i] = source.below(2) == 0 ? source.between(-(1 << 30), 1 << 30)
                                           : source.between(2 * number.min, 2 * number.max);
      }
      std::vector<int32_t> actual = expected;
      const std::vector<int16_t> biases = source.fill(n, number.min, number.max);
      const auto shift = static_cast<int32_t>(source.below(static_cast<uint64_t>(format.fraction())));
      const int32_t limit = source.between(1, 2048);
      EXPECT_EQ(scalar().address(expected.data(), biases.data(), n, &number, shift, limit),
                kernels().address(actual.data(), biases.data(), n, &number, shift, limit));
      ASSERT_EQ(expected, actual);
    }
  }
}

TEST_P(HardwareKernelSet, ScalesDeltas) {
  Source source(7);
  for (const HardwareFormat& format : formats()) {
    const HardwareNumber number = format.number();
    for (int32_t shift = 0; shift <= 31; shift++) {
      const size_t n = 1 + source.below(70);
      const std::vector<int16_t> deltas = source.fill(n, number.min, number.max);
      std::vector<int16_t> expectedBiases = source.fill(n, number.min, number.max);
      std::vector<int16_t> actualBiases = expectedBiases;
      std::vector<int16_t> expected = words(n), actual = words(n);
      EXPECT_EQ(scalar().scale(deltas.data(), n, shift, &number, expected.data(), expectedBiases.data()),
                kernels().scale(deltas.data(), n, shift, &number, actual.data(), actualBiases.data()));
      ASSERT_EQ(expected, actual) << "shift " << shift;
      ASSERT_EQ(expectedBiases, actualBiases) << "shift " << shift;
    }
  }
}

}  // namespace
}  // namespace sparse_train
