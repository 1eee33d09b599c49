// NEON (every 64-bit Arm): 8 words a register.
#include <arm_neon.h>

#include "learner_kernels.hpp"

namespace sparse_train {
namespace {

struct Ops {
  using Words = int16x8_t;
  using Pair = int16x4_t;
  using Dot = int32x4_t;
  /// Sums of words 0-3 and of words 4-7.
  struct Sums {
    int32x4_t low, high;
  };
  static constexpr uint32_t kWords = 8;

  static Words load(const int16_t* p) { return vld1q_s16(p); }
  static void store(int16_t* p, Words v) { vst1q_s16(p, v); }
  static Words broadcast(int16_t v) { return vdupq_n_s16(v); }
  static Words add(Words a, Words b) { return vaddq_s16(a, b); }
  static Words addClip(Words a, Words b) { return vqaddq_s16(a, b); }
  static Words clamp(Words v, Words low, Words high) { return vminq_s16(vmaxq_s16(v, low), high); }
  /// (a * b + rho) >> 16 with rho unsigned.
  static Words highOfProduct(Words a, Words b, Words rho) {
    const uint16x8_t unsignedRho = vreinterpretq_u16_s16(rho);
    const int32x4_t low = vaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)),
                                    vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(unsignedRho))));
    const int32x4_t high =
        vaddq_s32(vmull_high_s16(a, b), vreinterpretq_s32_u32(vmovl_high_u16(unsignedRho)));
    return vshrn_high_n_s32(vshrn_n_s32(low, 16), high, 16);
  }

  static Pair pair(int16_t first, int16_t second) { return vset_lane_s16(second, vdup_n_s16(first), 1); }
  static Sums zero() { return {vdupq_n_s32(0), vdupq_n_s32(0)}; }
  static Sums addProducts(Sums sums, Words a, Words b, Pair pair) {
    return {vmlal_lane_s16(vmlal_lane_s16(sums.low, vget_low_s16(a), pair, 0), vget_low_s16(b), pair, 1),
            vmlal_high_lane_s16(vmlal_high_lane_s16(sums.high, a, pair, 0), b, pair, 1)};
  }
  static void store(int32_t* p, Sums sums) {
    vst1q_s32(p, sums.low);
    vst1q_s32(p + 4, sums.high);
  }

  static Dot zeroDot() { return vdupq_n_s32(0); }
  static Dot addDot(Dot total, Words a, Words b) {
    return vmlal_high_s16(vmlal_s16(total, vget_low_s16(a), vget_low_s16(b)), a, b);
  }
  static int32_t sum(Dot total) { return vaddvq_s32(total); }
};

}  // namespace
}  // namespace sparse_train

#include "learner_vector.inl"

namespace sparse_train {

const LearnerKernels* learnerKernelsNeon() {
  static constexpr LearnerKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
