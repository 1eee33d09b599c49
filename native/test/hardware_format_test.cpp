// The adder, multiplier, steps and tables of the hardware's datapath equal docs/arithmetic.md, "Hardware", computed in
// plain integers. The tables of the published formats have the published sizes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "fixed/hardware_format.hpp"
#include "fixed/random.hpp"

namespace sparse_train {
namespace {

/// floor(a / b), b > 0.
int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// mul() as it is specified: cut, saturate, then add the highest bit that was cut off, unless the result is the maximum.
int64_t multiplyByWords(int64_t a, int64_t b, const HardwareFormat& format) {
  const int64_t one = int64_t{1} << format.fraction();
  const int64_t max = (int64_t{1} << (format.width - 1)) - 1;
  const int64_t product = a * b;
  int64_t q = floorDivide(product, one);
  const int64_t halves = floorDivide(product, one / 2);
  if (q > max) q = max;
  if (q < -max - 1) q = -max - 1;
  if (halves % 2 != 0 && q != max) q++;
  return q;
}

std::vector<HardwareFormat> everyFormat() {
  std::vector<HardwareFormat> formats;
  for (int width = 4; width <= 33; width++) {
    for (int integerBits = 0; integerBits < width; integerBits++) {
      const HardwareFormat format = {width, integerBits};
      if (hardwareFormatFault(format).empty()) formats.push_back(format);
    }
  }
  return formats;
}

const HardwareFormat kPublished[] = {{8, 2},  {10, 1}, {10, 2}, {10, 3}, {12, 2},
                                     {12, 3}, {16, 3}, {16, 4}, {32, 10}};

TEST(HardwareFormat, TakesFourToSixteenAndThirtyTwoBitsWithTwoFractionBits) {
  // Each width from 4 to 16 has width - 2 formats; width 32 has 30.
  EXPECT_EQ(everyFormat().size(), size_t{(2 + 14) * 13 / 2 + 30});
  EXPECT_NE(hardwareFormatFault({3, 0}), "");
  EXPECT_NE(hardwareFormatFault({17, 4}), "");
  EXPECT_NE(hardwareFormatFault({8, 6}), "");
  EXPECT_NE(hardwareFormatFault({8, -1}), "");
}

TEST(HardwareFormat, MultipliesAllPairsOfEightBits) {
  for (int integerBits = 0; integerBits <= 5; integerBits++) {
    const HardwareFormat format = {8, integerBits};
    for (int32_t a = -128; a < 128; a++) {
      for (int32_t b = -128; b < 128; b++) {
        ASSERT_EQ(hardwareMultiply(a, b, format.number()), multiplyByWords(a, b, format)) << a << " * " << b;
      }
    }
  }
}

TEST(HardwareFormat, MultipliesAndAddsInEveryFormat) {
  RandomStream random(1, 0);
  for (const HardwareFormat& format : everyFormat()) {
    const HardwareNumber number = format.number();
    const auto draw = [&]() -> int32_t {
      switch (random.below(6)) {
        case 0:
          return number.min;
        case 1:
          return number.max;
        case 2:
          return static_cast<int32_t>(random.below(3)) - 1;
        default:
          return hardwareClip(static_cast<int32_t>(random.next() >> (33 + random.below(20))) *
                                  (random.below(2) == 0 ? 1 : -1),
                              number);
      }
    };
    for (int i = 0; i < 2000; i++) {
      const int32_t a = draw();
      const int32_t b = draw();
      ASSERT_EQ(hardwareMultiply(a, b, number), multiplyByWords(a, b, format)) << a << " * " << b;
      const int64_t sum = static_cast<int64_t>(a) + b;
      ASSERT_EQ(hardwareAdd(a, b, number), std::min<int64_t>(std::max<int64_t>(sum, number.min), number.max));
    }
  }
}

TEST(HardwareFormat, KeepsTheQuirkOfTheMultiplierBelowTheMinimum) {
  // Format 1.2.5: -4 * 3.98 saturates to the minimum. The highest bit that was cut off is set, so the result is the
  // minimum plus one.
  const HardwareNumber number = HardwareFormat{8, 2}.number();
  EXPECT_EQ(hardwareMultiply(-128, 127, number), -128);  // -16256 / 32 = -508 exactly: no bit
  EXPECT_EQ(hardwareMultiply(-127, 125, number), -127);  // -15875 / 32 = -496.1: the bit is set
  EXPECT_EQ(hardwareMultiply(127, 127, number), 127);
}

TEST(HardwareFormat, RoundsStepsByTheBitShiftedOut) {
  for (const HardwareFormat& format : everyFormat()) {
    const HardwareNumber number = format.number();
    for (int shift = 0; shift <= 31; shift++) {
      for (const int64_t wide : {int64_t{number.min}, int64_t{number.max}, int64_t{0}, int64_t{1},
                                 int64_t{-1}, int64_t{number.max} / 3, int64_t{number.min} / 3}) {
        const auto delta = static_cast<int32_t>(wide);
        const int64_t negated = delta == number.min ? number.max : -wide;
        const int64_t scale = int64_t{1} << shift;
        const int64_t expected =
            shift == 0 ? negated
                       : floorDivide(negated, scale) + (floorDivide(negated, scale / 2) % 2 != 0 ? 1 : 0);
        ASSERT_EQ(hardwareStep(delta, shift, number), expected) << delta << " * 2^-" << shift;
      }
    }
  }
}

TEST(HardwareFormat, CutsInputsToTheFormat) {
  const HardwareFormat fine = {12, 2};  // nine fraction bits
  const HardwareFormat coarse = {8, 2};
  for (int x = 0; x < 256; x++) {
    EXPECT_EQ(hardwareInput(static_cast<uint8_t>(x), fine.number()), x * 2);
    EXPECT_EQ(hardwareInput(static_cast<uint8_t>(x), coarse.number()), x / 8);
  }
}

TEST(HardwareTable, HasThePublishedSizes) {
  const auto sizeOf = [](int width, int integerBits) {
    return HardwareTable({width, integerBits}, HardwareActivation::sigmoid, 0).entries().size();
  };
  EXPECT_EQ(sizeOf(8, 2), 256u);
  EXPECT_EQ(sizeOf(10, 2), 1024u);
  EXPECT_EQ(sizeOf(10, 3), 1024u);
  EXPECT_EQ(sizeOf(12, 3), 4096u);
  EXPECT_EQ(sizeOf(16, 4), 4096u);
  EXPECT_EQ(sizeOf(32, 10), 4096u);
  EXPECT_EQ(sizeOf(8, 4), 128u);  // 2^(3 + 3 + 1)
}

TEST(HardwareTable, IsTheSigmoidOfTheAddress) {
  for (const HardwareFormat& format : everyFormat()) {
    for (int floor = 0; floor <= 1; floor++) {
      const HardwareTable table(format, HardwareActivation::sigmoid, floor);
      const HardwareNumber number = format.number();
      const double unit = std::ldexp(1.0, format.fraction());
      const double domain = std::min(8.0, std::ldexp(1.0, format.integerBits));
      const double grid = std::ldexp(1.0, table.addressFraction());
      RandomStream random(7, static_cast<uint64_t>(format.width * 100 + format.integerBits));
      for (int i = 0; i < 400; i++) {
        const auto span = static_cast<uint64_t>(static_cast<int64_t>(number.max) - number.min) + 1;
        const auto sum = static_cast<int32_t>(number.min + static_cast<int64_t>(random.below(span)));
        const HardwareTable::Entry entry = table.at(sum);
        const double value = sum / unit;
        if (value >= domain) {
          ASSERT_EQ(entry.value, format.one() - 1);
          ASSERT_EQ(entry.slope, 1);
        } else if (value < -domain) {
          ASSERT_EQ(entry.value, 1);
          ASSERT_EQ(entry.slope, 1);
        } else {
          const double x = std::floor(value * grid) / grid;
          const double sigmoid = 1.0 / (1.0 + std::exp(-x));
          const double slope = sigmoid * (1.0 - sigmoid);
          const double least = floor;
          // The C library's exp may round differently from exactExp in the last place.
          ASSERT_NEAR(entry.value, std::max(least, std::min(std::floor(sigmoid * unit + 0.5), unit - 1)),
                      unit * 1e-12 + 1e-6)
              << format.width << "." << format.integerBits << " at " << sum;
          ASSERT_NEAR(entry.slope, std::max(least, std::min(std::floor(slope * unit + 0.5), unit / 4 - 1)),
                      unit * 1e-12 + 1e-6)
              << format.width << "." << format.integerBits << " at " << sum;
        }
        ASSERT_GE(entry.value, floor);
        ASSERT_LT(entry.value, format.one());
        ASSERT_LE(entry.slope, table.slopeMax());
      }
    }
  }
}

TEST(HardwareTable, ClipsReluBelowOne) {
  for (const HardwareFormat& format : kPublished) {
    const HardwareTable table(format, HardwareActivation::relu, 0);
    const auto one = static_cast<int32_t>(format.one());
    EXPECT_EQ(table.at(format.number().min).value, 1);
    EXPECT_EQ(table.at(0).value, 1);
    EXPECT_EQ(table.at(0).slope, 1);
    EXPECT_EQ(table.at(1).value, 1);
    EXPECT_EQ(table.at(1).slope, one - 1);
    EXPECT_EQ(table.at(one - 1).value, one - 1);
    EXPECT_EQ(table.at(one - 1).slope, one - 1);
    EXPECT_EQ(table.at(one).value, one - 1);
    EXPECT_EQ(table.at(one).slope, 1);
    EXPECT_EQ(table.slopeMax(), one - 1);
  }
}

}  // namespace
}  // namespace sparse_train
