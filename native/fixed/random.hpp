// Counter-based random numbers: every number is a function of (seed, stream, counter), so it does not depend
// on the instruction set, the number of threads or the order of evaluation. The mixing function is the
// finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014).
#pragma once

#include <stdint.h>

namespace sparse_train {

inline uint64_t mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// The key of a stream of random numbers.
inline uint64_t streamKey(uint64_t seed, uint64_t stream) {
  return mix64(mix64(seed) ^ (stream * 0xD1342543DE82EF95ull));
}

/// The counter-th 64-bit number of a stream.
inline uint64_t randomAt(uint64_t key, uint64_t counter) {
  return mix64(key + counter * 0x9E3779B97F4A7C15ull);
}

/// A sequential reader of a stream, for pattern generation and shuffling.
class RandomStream {
 public:
  RandomStream(uint64_t seed, uint64_t stream) : key_(streamKey(seed, stream)) {}

  uint64_t next() { return randomAt(key_, counter_++); }

  /// A whole number in [0, bound), bound >= 1, bound <= 2^32: the high half of a 32 x 32 bit product (bias below
  /// bound / 2^32, irrelevant here and simple to reproduce).
  uint32_t below(uint64_t bound) { return static_cast<uint32_t>(((next() >> 32) * bound) >> 32); }

 private:
  uint64_t key_;
  uint64_t counter_ = 0;
};

/// Approximately normal with mean 0 and variance 2^32 / 3: the sum of four independent 16-bit uniforms, centred
/// (Irwin-Hall). Integers only, so the same on every machine. Range +-131070.
inline int32_t irwinHall(uint64_t bits) {
  const int32_t sum = static_cast<int32_t>((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) +
                                           ((bits >> 32) & 0xFFFF) + (bits >> 48));
  return sum - 131070;
}

/// Streams by purpose. The streams of a junction add its index times kStreamsPerJunction.
enum Stream : uint64_t {
  kShuffleStream = 1,
  kPatternStream = 2,
  kInitialWeightStream = 3,
  kUpdateRoundingStream = 4,
  kDeltaRoundingStream = 5,
  kDecayRoundingStream = 6,
  kMomentumRoundingStream = 7,
  kRewireStream = 8,
  kAugmentStream = 9,  ///< streams that belong to no junction
  kStreamsPerJunction = 16,
};

inline uint64_t junctionStream(Stream purpose, uint64_t junction) {
  return purpose + kStreamsPerJunction * (junction + 1);
}

}  // namespace sparse_train
