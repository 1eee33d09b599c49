// NEON (every 64-bit Arm): 8 words per register.
#include <arm_neon.h>

#include "hardware_kernels.hpp"

#include "hardware_common.inl"

namespace sparse_train {
namespace {

struct Ops {
  using Words = int16x8_t;
  using Sums = int32x4_t;
  static constexpr uint32_t kLanes = 8;

  static Words load(const int16_t* p) { return vld1q_s16(p); }
  static void store(int16_t* p, Words v) { vst1q_s16(p, v); }
  static void storeFirst(int16_t* p, Words v, uint32_t count) {
    int16_t words[kLanes];
    store(words, v);
    for (uint32_t i = 0; i < count; i++) p[i] = words[i];
  }
  static Words firstLanes(Words v, uint32_t count) {
    alignas(16) static constexpr int16_t kNumbers[kLanes] = {0, 1, 2, 3, 4, 5, 6, 7};
    const uint16x8_t kept = vcgtq_s16(vdupq_n_s16(static_cast<int16_t>(count)), vld1q_s16(kNumbers));
    return vandq_s16(v, vreinterpretq_s16_u16(kept));
  }
  static Words broadcast(int16_t v) { return vdupq_n_s16(v); }
  static Words shiftLeft(Words v, int count) {
    return vshlq_s16(v, vdupq_n_s16(static_cast<int16_t>(count)));
  }
  static Words addClip(Words a, Words b) { return vqaddq_s16(a, b); }
  static Words clamp(Words v, Words low, Words high) { return vmaxq_s16(vminq_s16(v, high), low); }
  /// (a * b + 2^14) >> 15; never both -2^15.
  static Words multiplyRound(Words a, Words b) { return vqrdmulhq_s16(a, b); }
  static Words subtractClip(Words a, Words b) { return vqsubq_s16(a, b); }
  static Words minimum(Words a, Words b) { return vminq_s16(a, b); }
  static Words maximum(Words a, Words b) { return vmaxq_s16(a, b); }
  static Words bitAnd(Words a, Words b) { return vandq_s16(a, b); }
  /// A shift by sixteen or more leaves only the sign.
  static Words shiftRightWords(Words v, int count) { return shiftLeft(v, -count); }
  /// `yes` in the lanes whose value has the bit set, `no` in the others.
  static Words selectBit(Words v, int16_t bit, Words yes, Words no) {
    return vbslq_s16(vtstq_s16(v, vdupq_n_s16(bit)), yes, no);
  }
  /// Bytes times 2^shift; a negative shift halves them -shift times.
  static Words scaleBytes(const uint8_t* p, int shift) {
    return shiftLeft(vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p))), shift);
  }

  static Sums zeroSums() { return vdupq_n_s32(0); }
  static Sums broadcastSum(int32_t v) { return vdupq_n_s32(v); }
  static Sums addSums(Sums a, Sums b) { return vaddq_s32(a, b); }
  static Sums minSums(Sums a, Sums b) { return vminq_s32(a, b); }
  static Sums clampSums(Sums v, Sums low, Sums high) { return vmaxq_s32(vminq_s32(v, high), low); }
  static Sums loadSums(const int32_t* p) { return vld1q_s32(p); }
  static void storeSums(int32_t* p, Sums v) { vst1q_s32(p, v); }
  static Sums widen(const int16_t* p) { return vmovl_s16(vld1_s16(p)); }
  static uint32_t countDifferent(Sums a, Sums b) { return 4 - vaddvq_u32(vshrq_n_u32(vceqq_s32(a, b), 31)); }
  static Sums andOne(Sums v) { return vandq_s32(v, vdupq_n_s32(1)); }
  static Sums shiftRight(Sums v, int count) { return vshlq_s32(v, vdupq_n_s32(-count)); }
  /// Adds neighbouring words to 32-bit sums.
  static Sums addPairs(Sums sums, Words v) { return vpadalq_s16(sums, v); }
  static int32_t total(Sums v) { return vaddvq_s32(v); }
  /// Exact products of one half of the lanes and of the other; pack() puts two such halves back in order.
  static Sums productsLow(Words a, Words b) { return vmull_s16(vget_low_s16(a), vget_low_s16(b)); }
  static Sums productsHigh(Words a, Words b) { return vmull_high_s16(a, b); }
  static Words pack(Sums low, Sums high) { return vmovn_high_s32(vmovn_s32(low), high); }

  static uint32_t nonZeroLanes(Words v) {
    alignas(16) static constexpr uint16_t kBits[kLanes] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vaddvq_u16(vandq_u16(vtstq_s16(v, v), vld1q_u16(kBits)));
  }
  static uint32_t countBits(uint32_t bits) { return vaddv_u8(vcnt_u8(vcreate_u8(bits))); }
  static uint32_t lowestBit(uint32_t bits) { return countBits((bits & (~bits + 1)) - 1); }

  static bool gatherFew(const HardwareWiring&, const int16_t*, int16_t*) { return false; }
  static bool accumulateFew(const HardwareWiring&, const int16_t*, const HardwareNumber&, int16_t*) {
    return false;
  }
};

}  // namespace
}  // namespace sparse_train

#include "hardware_vector.inl"

namespace sparse_train {

const HardwareKernels<int16_t>* hardwareKernelsNeon() {
  static constexpr HardwareKernels<int16_t> kernels = makeHardwareKernels();
  return &kernels;
}

}  // namespace sparse_train
