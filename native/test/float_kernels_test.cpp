// Every kernel set's `float` mini-batch operations against the scalar ones: the same bits.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "../kernels/float/float_kernels.hpp"
#include "../kernels/kernel_set.hpp"

namespace sparse_train {
namespace {

class FloatKernelsTest : public ::testing::TestWithParam<const KernelSet*> {
 protected:
  const FloatKernels& scalar = *kernelSetByName("scalar")->floating;
  const FloatKernels& tested = *GetParam()->floating;
  std::mt19937 random{7};

  std::vector<float> numbers(size_t n) {
    std::normal_distribution<float> normal;
    std::vector<float> values(n);
    for (float& value : values) value = random() % 3 == 0 ? 0.0f : normal(random);
    return values;
  }
  std::vector<uint32_t> list(size_t n, uint32_t below) {
    std::vector<uint32_t> numbersBelow(n);
    for (uint32_t& number : numbersBelow) number = static_cast<uint32_t>(random() % below);
    return numbersBelow;
  }
};

TEST_P(FloatKernelsTest, GathersColumnsOfBytesAndFloats) {
  for (const uint32_t columns : {1u, 15u, 16u, 17u, 50u}) {
    constexpr uint32_t kStride = 32;
    std::vector<std::vector<uint8_t>> bytes(kFloatLanes, std::vector<uint8_t>(columns));
    std::vector<std::vector<float>> floats;
    const uint8_t* byteRows[kFloatLanes];
    const float* floatRows[kFloatLanes];
    for (uint32_t i = 0; i < kFloatLanes; i++) {
      for (uint8_t& byte : bytes[i]) byte = static_cast<uint8_t>(random() % 30 == 0 ? random() : 0);
      floats.push_back(numbers(columns));
      if (columns > 3) floats[i][3] = 0.0f;
    }
    for (uint32_t i = 0; i < kFloatLanes; i++) {
      byteRows[i] = bytes[i].data();
      floatRows[i] = floats[i].data();
    }
    const auto gather = [&](const FloatKernels& kernels, bool isBytes) {
      std::vector<float> out(size_t{columns} * kStride, -1.0f);
      std::vector<uint8_t> active(columns, 0);
      if (isBytes) {
        kernels.gatherBytes(byteRows, columns, out.data(), kStride, active.data());
      } else {
        kernels.gatherFloats(floatRows, columns, out.data(), kStride, active.data());
      }
      return std::make_pair(out, active);
    };
    EXPECT_EQ(gather(tested, true), gather(scalar, true)) << columns;
    EXPECT_EQ(gather(tested, false), gather(scalar, false)) << columns;
  }
}

TEST_P(FloatKernelsTest, SumsRows) {
  for (const uint32_t samples : {16u, 32u, 48u, 64u, 112u, 128u}) {
    for (const uint32_t group : {1u, 2u, 4u}) {
      const std::vector<float> rows = numbers(size_t{40} * 128);
      const std::vector<uint32_t> lefts = list(23, 40);
      const std::vector<float> weights = numbers(lefts.size() * group);
      const std::vector<float> start = numbers(group);
      const auto sums = [&](const FloatKernels& kernels, const float* from) {
        std::vector<float> out(size_t{group} * 128, -1.0f);
        kernels.sumRows(rows.data(), 128, lefts.data(), weights.data(), static_cast<uint32_t>(lefts.size()),
                        group, from, out.data(), samples);
        return out;
      };
      EXPECT_EQ(sums(tested, start.data()), sums(scalar, start.data())) << samples << " x " << group;
      EXPECT_EQ(sums(tested, nullptr), sums(scalar, nullptr)) << samples << " x " << group;
    }
  }
}

TEST_P(FloatKernelsTest, MultipliesRows) {
  for (const uint32_t count : {0u, 1u, 3u, 4u, 5u, 8u, 13u}) {
    for (const uint32_t group : {1u, 2u, 4u}) {
      for (const uint32_t samples : {16u, 80u, 128u}) {
        const std::vector<float> rows = numbers(size_t{40} * 128);
        const std::vector<float> own = numbers(size_t{group} * 128);
        const std::vector<uint32_t> rights = list(count, 40);
        const std::vector<float> before = numbers(size_t{group} * count);
        const auto products = [&](const FloatKernels& kernels) {
          std::vector<float> out = before;
          float* places[kFloatGroup];
          for (uint32_t g = 0; g < group; g++) places[g] = out.data() + size_t{g} * count;
          kernels.multiplyRows(own.data(), rows.data(), 128, rights.data(), count, group, places, samples);
          return out;
        };
        EXPECT_EQ(products(tested), products(scalar)) << count << " x " << group << " x " << samples;
      }
    }
  }
}

TEST_P(FloatKernelsTest, AppliesReluAndItsSlope) {
  const std::vector<float> given = numbers(64);
  const std::vector<float> activations = numbers(64);
  const auto both = [&](const FloatKernels& kernels) {
    std::vector<float> out = given;
    kernels.relu(out.data(), out.size());
    std::vector<float> errors = given;
    kernels.reluSlope(errors.data(), activations.data(), errors.size());
    out.insert(out.end(), errors.begin(), errors.end());
    return out;
  };
  EXPECT_EQ(both(tested), both(scalar));
}

TEST_P(FloatKernelsTest, Updates) {
  FloatUpdate rule;
  rule.rate = 0.1f;
  rule.keep = 0.99f;
  rule.momentum = 0.9f;
  rule.decay = 0.01f;
  rule.beta1 = 0.9f;
  rule.rest1 = 0.1f;
  rule.beta2 = 0.99f;
  rule.rest2 = 0.01f;
  rule.step = 0.5f;
  rule.root = 3.0f;
  rule.epsilon = 1e-3f;
  for (const auto kind : {FloatUpdate::Kind::sgd, FloatUpdate::Kind::momentum, FloatUpdate::Kind::adam}) {
    rule.kind = kind;
    for (const size_t n : {size_t{1}, size_t{16}, size_t{37}}) {
      const std::vector<float> weights = numbers(n), gradients = numbers(n), first = numbers(n);
      std::vector<float> second = numbers(n);
      for (float& value : second) value *= value;
      const auto updated = [&](const FloatKernels& kernels) {
        std::vector<float> w = weights, m = first, v = second;
        kernels.update(w.data(), gradients.data(), m.data(), v.data(), n, &rule);
        w.insert(w.end(), m.begin(), m.end());
        w.insert(w.end(), v.begin(), v.end());
        return w;
      };
      EXPECT_EQ(updated(tested), updated(scalar)) << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(KernelSets, FloatKernelsTest, ::testing::ValuesIn(availableKernelSets()),
                         [](const auto& set) { return std::string(set.param->name); });

}  // namespace
}  // namespace sparse_train
