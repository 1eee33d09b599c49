// Random junctions for the tests of the `wide` kernels, in buffers that have exactly the promised sizes, so that a sanitizer
// sees any access beyond them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fixed/random.hpp"
#include "fixed/wide_format.hpp"
#include "kernels/kernel_set.hpp"
#include "kernels/wide/wide_kernels.hpp"

namespace sparse_train {

constexpr int32_t kInt16Min = std::numeric_limits<int16_t>::min();
constexpr int32_t kInt16Max = std::numeric_limits<int16_t>::max();
constexpr int32_t kInt32Min = std::numeric_limits<int32_t>::min();
constexpr int32_t kInt32Max = std::numeric_limits<int32_t>::max();

// Elements on the heap. They begin `skip` elements after the beginning of the allocation and end exactly at its end.
// With skip = 1 they have only their natural alignment.
template <typename T>
class Buffer {
 public:
  explicit Buffer(size_t size = 0, size_t skip = 0)
      : size_(size), skip_(skip), memory_(new T[size + skip]()) {}
  Buffer(const Buffer& other) : Buffer(other.size_, other.skip_) {
    std::copy(other.begin(), other.end(), begin());
  }
  Buffer& operator=(Buffer other) {
    std::swap(size_, other.size_);
    std::swap(skip_, other.skip_);
    std::swap(memory_, other.memory_);
    return *this;
  }

  T* begin() { return memory_.get() + skip_; }
  T* end() { return begin() + size_; }
  const T* begin() const { return memory_.get() + skip_; }
  const T* end() const { return begin() + size_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return begin()[i]; }
  const T& operator[](size_t i) const { return begin()[i]; }

 private:
  size_t size_;
  size_t skip_;
  std::unique_ptr<T[]> memory_;
};

template <typename T>
bool operator==(const Buffer<T>& a, const Buffer<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// The first difference of two buffers, for messages.
template <typename T>
testing::AssertionResult same(const Buffer<T>& expected, const Buffer<T>& actual) {
  if (expected.size() != actual.size()) return testing::AssertionFailure() << "sizes differ";
  for (size_t i = 0; i < expected.size(); i++) {
    if (expected[i] != actual[i]) {
      return testing::AssertionFailure()
             << "element " << i << ": expected " << +expected[i] << ", got " << +actual[i];
    }
  }
  return testing::AssertionSuccess();
}

// Random numbers in which the ends of the range are frequent.
class Source {
 public:
  explicit Source(uint64_t seed) : random_(seed, 0) {}

  bool chance(uint32_t percent) { return random_.below(100) < percent; }
  int32_t between(int64_t low, int64_t high) {
    return static_cast<int32_t>(low + random_.below(static_cast<uint64_t>(high - low + 1)));
  }
  int32_t edgy(int64_t low, int64_t high) {
    switch (random_.below(8)) {
      case 0:
        return static_cast<int32_t>(low);
      case 1:
        return static_cast<int32_t>(high);
      case 2:
        return static_cast<int32_t>(std::clamp<int64_t>(between(-1, 1), low, high));
      default:
        return between(low, high);
    }
  }
  template <typename T>
  Buffer<T> buffer(size_t size, int64_t low, int64_t high, size_t skip = 0) {
    Buffer<T> values(size, skip);
    for (T& value : values) value = static_cast<T>(edgy(low, high));
    return values;
  }
  // Values within +-limit, a share of them zero. Their absolute values add up to at most `budget`, because the kernels'
  // callers promise sums that fit 32 bits.
  Buffer<int16_t> budgeted(size_t size, int32_t limit, int64_t budget, uint32_t zeroPercent,
                           size_t skip = 0) {
    Buffer<int16_t> values(size, skip);
    for (int16_t& value : values) {
      if (chance(zeroPercent)) continue;
      const auto most = static_cast<int32_t>(std::min<int64_t>(limit, budget));
      value = static_cast<int16_t>(edgy(-most, most));
      budget -= value < 0 ? -value : value;
    }
    std::rotate(values.begin(), values.begin() + random_.below(size + 1), values.end());
    return values;
  }

 private:
  RandomStream random_;
};

/// An ActiveList of the promised capacity.
struct ListBuffers {
  Buffer<uint32_t> groups;
  Buffer<int32_t> pairs;
  ActiveList list;

  ListBuffers(size_t groupCount, size_t skip)
      : groups((groupCount + 15) / 16 * 16 + 16, skip), pairs((groupCount + 15) / 16 * 16 + 16, skip) {
    list = {0, groups.begin(), pairs.begin()};
  }
};

inline testing::AssertionResult sameList(const ActiveList& expected, const ActiveList& actual) {
  if (expected.count != actual.count) {
    return testing::AssertionFailure() << "expected " << expected.count << " pairs, got " << actual.count;
  }
  for (uint32_t i = 0; i < expected.count; i++) {
    if (expected.groups[i] != actual.groups[i] || expected.pairs[i] != actual.pairs[i]) {
      return testing::AssertionFailure()
             << "entry " << i << ": expected group " << expected.groups[i] << " with " << expected.pairs[i]
             << ", got group " << actual.groups[i] << " with " << actual.pairs[i];
    }
  }
  return testing::AssertionSuccess();
}

inline int32_t pairOf(int32_t low, int32_t high) {
  return static_cast<int32_t>((static_cast<uint32_t>(high) << 16) | (static_cast<uint32_t>(low) & 0xFFFF));
}

// The list of the given activations (two per group), made without a kernel.
inline ListBuffers listOf(const Buffer<int16_t>& values) {
  ListBuffers out(values.size() / 2, 0);
  for (size_t group = 0; group < values.size() / 2; group++) {
    if (values[2 * group] == 0 && values[2 * group + 1] == 0) continue;
    out.list.groups[out.list.count] = static_cast<uint32_t>(group);
    out.list.pairs[out.list.count++] = pairOf(values[2 * group], values[2 * group + 1]);
  }
  return out;
}

enum class Masks { kNone, kEmpty, kRandom, kFull };

// The properties in which junctions differ.
struct Shape {
  uint32_t groups = 1;
  uint32_t blocks = 1;
  uint32_t slabs = 1;
  uint32_t tilePercent = 100;
  int bits = 16;
  Masks masks = Masks::kNone;
  uint32_t firstOrdinal = 0;
  size_t skip = 0;
};

inline std::string describe(const Shape& shape) {
  return std::to_string(shape.groups) + " groups, " + std::to_string(shape.blocks) + " blocks, " +
         std::to_string(shape.slabs) + " slabs, " + std::to_string(shape.tilePercent) + " % of the tiles, " +
         std::to_string(shape.bits) + " bits, masks " + std::to_string(static_cast<int>(shape.masks)) +
         ", first ordinal " + std::to_string(shape.firstOrdinal) + ", skip " + std::to_string(shape.skip);
}

struct Slab {
  Buffer<uint32_t> groupStart, blocks, ordinals, masks;
  Buffer<uint16_t> steps;
  Buffer<int16_t> weights, velocities;
  bool masked = false;
  bool oneBlock = false, everyBlock = false;
  uint32_t leastTiles = 0, mostTiles = 0;

  TileSlab view() {
    return {groupStart.begin(), blocks.begin(),     steps.begin(), masked ? masks.begin() : nullptr,
            weights.begin(),    velocities.begin(), oneBlock,      leastTiles,
            mostTiles,          everyBlock};
  }
};

template <typename T>
Buffer<T> toBuffer(const std::vector<T>& values, size_t skip) {
  Buffer<T> buffer(values.size(), skip);
  std::copy(values.begin(), values.end(), buffer.begin());
  return buffer;
}

/// The slabs of a random junction: slab s holds an equal share of the right blocks.
inline std::vector<Slab> makeSlabs(const Shape& shape, Source& source) {
  struct Lists {
    std::vector<uint32_t> groupStart{0}, blocks, ordinals;
  };
  std::vector<Lists> lists(shape.slabs);
  uint32_t ordinal = shape.firstOrdinal;
  for (uint32_t group = 0; group < shape.groups; group++) {
    uint32_t block = 0;
    for (uint32_t s = 0; s < shape.slabs; s++) {
      for (; block < shape.blocks * (s + 1) / shape.slabs; block++) {
        if (!source.chance(shape.tilePercent)) continue;
        lists[s].blocks.push_back(block);
        lists[s].ordinals.push_back(ordinal++);
      }
      lists[s].groupStart.push_back(static_cast<uint32_t>(lists[s].blocks.size()));
    }
  }

  const int32_t low = -(1 << (shape.bits - 1));
  const int32_t high = (1 << (shape.bits - 1)) - 1;
  std::vector<Slab> slabs(shape.slabs);
  for (uint32_t s = 0; s < shape.slabs; s++) {
    const size_t tiles = lists[s].blocks.size();
    slabs[s].groupStart = toBuffer(lists[s].groupStart, shape.skip);
    slabs[s].blocks = toBuffer(lists[s].blocks, shape.skip);
    slabs[s].ordinals = toBuffer(lists[s].ordinals, shape.skip);
    std::vector<uint16_t> steps;
    for (const uint32_t number : lists[s].ordinals)
      steps.push_back(static_cast<uint16_t>(number * kLaneStride));
    slabs[s].steps = toBuffer(steps, shape.skip);
    slabs[s].oneBlock = shape.blocks == 1 && tiles == shape.groups;
    slabs[s].leastTiles = UINT32_MAX;
    for (uint32_t group = 0; group < shape.groups; group++) {
      const uint32_t count = lists[s].groupStart[group + 1] - lists[s].groupStart[group];
      slabs[s].leastTiles = std::min(slabs[s].leastTiles, count);
      slabs[s].mostTiles = std::max(slabs[s].mostTiles, count);
    }
    slabs[s].everyBlock =
        slabs[s].leastTiles == shape.blocks * (s + 1) / shape.slabs - shape.blocks * s / shape.slabs;
    slabs[s].weights = source.buffer<int16_t>(tiles * kTileLanes, low, high, shape.skip);
    slabs[s].velocities = source.buffer<int16_t>(tiles * kTileLanes, kInt16Min, kInt16Max, shape.skip);
    slabs[s].masked = shape.masks != Masks::kNone;
    slabs[s].masks = Buffer<uint32_t>(tiles, shape.skip);
    for (size_t tile = 0; tile < tiles; tile++) {
      uint32_t& mask = slabs[s].masks[tile];
      if (shape.masks == Masks::kFull) mask = 0xFFFFFFFF;
      if (shape.masks == Masks::kRandom) mask = static_cast<uint32_t>(source.between(0, 0xFFFFFFFFll));
      if (shape.masks == Masks::kNone) continue;
      for (uint32_t lane = 0; lane < kTileLanes; lane++) {  // lanes without an edge have the weight 0
        if (((mask >> lane) & 1) == 0) slabs[s].weights[tile * kTileLanes + lane] = 0;
      }
    }
  }
  return slabs;
}

// Shapes that together cover every number of weight bits, one and many groups, blocks and slabs, missing tiles, layers
// of one block (which have their own loops), and more tiles than the kernels handle at a time.
inline std::vector<Shape> shapes() {
  std::vector<Shape> all;
  const uint32_t groups[] = {1, 2, 7, 16, 37};
  const uint32_t blocks[] = {1, 2, 5, 9};
  const uint32_t percents[] = {100, 50, 10};
  const uint32_t ordinals[] = {0, 1, 65530, 0x7FFFFFF0u};
  for (int bits = 4; bits <= 16; bits++) {
    for (int variant = 0; variant < 4; variant++) {
      const size_t i = static_cast<size_t>(bits * 4 + variant);
      Shape shape;
      shape.groups = groups[i % 5];
      shape.blocks = blocks[i % 4];
      shape.slabs = 1 + static_cast<uint32_t>(i % 3);
      shape.tilePercent = percents[(i / 2) % 3];
      shape.bits = bits;
      shape.masks = static_cast<Masks>((i / 4 + i) % 4);
      shape.firstOrdinal = ordinals[(i / 3) % 4];
      shape.skip = i % 2;
      all.push_back(shape);
    }
  }
  for (const uint32_t oneBlockGroups : {1u, 3u, 7u, 8u, 9u, 31u, 64u, 100u}) {
    Shape shape;
    shape.groups = oneBlockGroups;
    shape.bits = oneBlockGroups % 2 == 0 ? 16 : 6;
    shape.masks = oneBlockGroups % 3 == 0 ? Masks::kRandom : Masks::kNone;
    all.push_back(shape);
  }
  for (const uint32_t denseBlocks : {3u, 4u, 5u, 16u, 17u, 23u, 39u}) {
    Shape shape;
    shape.groups = 29;
    shape.blocks = denseBlocks;
    shape.slabs = denseBlocks % 2 == 0 ? 1 : 2;
    shape.bits = denseBlocks % 3 == 0 ? 16 : 7;
    shape.skip = denseBlocks % 2;
    all.push_back(shape);
  }
  for (const uint32_t tilePercent : {100u, 20u}) {
    Shape shape;
    shape.groups = 150;
    shape.blocks = 17;
    shape.slabs = 2;
    shape.tilePercent = tilePercent;
    shape.masks = tilePercent == 100 ? Masks::kNone : Masks::kRandom;
    all.push_back(shape);
  }
  return all;
}

inline int32_t weightLimit(int bits) { return 1 << (bits - 1); }

inline const WideKernels& scalarKernels() { return *kernelSetByName("scalar")->wide; }

inline std::string nameOf(const testing::TestParamInfo<const KernelSet*>& info) { return info.param->name; }

}  // namespace sparse_train
