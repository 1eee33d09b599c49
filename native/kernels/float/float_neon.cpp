// NEON: 16 lanes are four 128-bit registers.
#include <arm_neon.h>

#include "float_kernels.hpp"

namespace sparse_train {
namespace {

struct Ops {
  struct Lanes {
    float32x4_t v[4];
  };
  static constexpr uint32_t kRegisters = 4;

  template <typename Operation>
  static Lanes each(Operation operation) {
    return {{operation(0), operation(1), operation(2), operation(3)}};
  }

  static Lanes load(const float* p) {
    return {{vld1q_f32(p), vld1q_f32(p + 4), vld1q_f32(p + 8), vld1q_f32(p + 12)}};
  }
  static void store(float* p, Lanes a) {
    vst1q_f32(p, a.v[0]);
    vst1q_f32(p + 4, a.v[1]);
    vst1q_f32(p + 8, a.v[2]);
    vst1q_f32(p + 12, a.v[3]);
  }
  static Lanes loadFirst(const float* p, uint32_t count) {
    if (count == 16) return load(p);
    float all[16] = {};
    for (uint32_t i = 0; i < count; i++) all[i] = p[i];
    return load(all);
  }
  static void storeFirst(float* p, Lanes a, uint32_t count) {
    if (count == 16) return store(p, a);
    float all[16];
    store(all, a);
    for (uint32_t i = 0; i < count; i++) p[i] = all[i];
  }
  static Lanes broadcast(float x) {
    const float32x4_t v = vdupq_n_f32(x);
    return {{v, v, v, v}};
  }
  static Lanes multiply(Lanes a, Lanes b) {
    return each([&](int i) { return vmulq_f32(a.v[i], b.v[i]); });
  }
  static Lanes divide(Lanes a, Lanes b) {
    return each([&](int i) { return vdivq_f32(a.v[i], b.v[i]); });
  }
  static Lanes root(Lanes a) {
    return each([&](int i) { return vsqrtq_f32(a.v[i]); });
  }
  /// a * b + c, rounded once.
  static Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) {
    return each([&](int i) { return vfmaq_f32(c.v[i], a.v[i], b.v[i]); });
  }
  static Lanes positive(Lanes a) { return where(a, a); }
  /// b where a > 0, otherwise 0.
  static Lanes where(Lanes a, Lanes b) {
    return each([&](int i) {
      const uint32x4_t above = vcgtq_f32(a.v[i], vdupq_n_f32(0.0f));
      return vreinterpretq_f32_u32(vandq_u32(above, vreinterpretq_u32_f32(b.v[i])));
    });
  }
  static bool anyNonZero(Lanes a) {
    const float32x4_t zero = vdupq_n_f32(0.0f);
    const uint32x4_t none = vandq_u32(vandq_u32(vceqq_f32(a.v[0], zero), vceqq_f32(a.v[1], zero)),
                                      vandq_u32(vceqq_f32(a.v[2], zero), vceqq_f32(a.v[3], zero)));
    return vminvq_u32(none) == 0;
  }
  /// 16 bytes in units of 1/256.
  static Lanes loadBytes(const uint8_t* p) {
    const uint8x16_t bytes = vld1q_u8(p);
    const uint16x8_t low = vmovl_u8(vget_low_u8(bytes));
    const uint16x8_t high = vmovl_u8(vget_high_u8(bytes));
    const float32x4_t unit = vdupq_n_f32(1.0f / 256.0f);
    return {{vmulq_f32(vcvtq_f32_u32(vmovl_u16(vget_low_u16(low))), unit),
             vmulq_f32(vcvtq_f32_u32(vmovl_u16(vget_high_u16(low))), unit),
             vmulq_f32(vcvtq_f32_u32(vmovl_u16(vget_low_u16(high))), unit),
             vmulq_f32(vcvtq_f32_u32(vmovl_u16(vget_high_u16(high))), unit)}};
  }

  /// The sums of i and i + 8, then of i and i + 4.
  static float32x4_t fold(Lanes a) { return vaddq_f32(vaddq_f32(a.v[0], a.v[2]), vaddq_f32(a.v[1], a.v[3])); }
  static float total(Lanes a) {
    const float32x4_t quarter = fold(a);
    const float32x2_t pair = vadd_f32(vget_low_f32(quarter), vget_high_f32(quarter));
    return vget_lane_f32(pair, 0) + vget_lane_f32(pair, 1);
  }
  /// out[i] += total(a[i]).
  static void addTotals(const Lanes (&a)[4], float* out) {
    for (int i = 0; i < 4; i++) out[i] += total(a[i]);
  }

  /// Lane c of block[i] and lane i of block[c] change places.
  static void transpose(Lanes* block) {
    float in[16][16];
    float out[16][16];
    for (int i = 0; i < 16; i++) store(in[i], block[i]);
    for (int i = 0; i < 16; i++) {
      for (int c = 0; c < 16; c++) out[c][i] = in[i][c];
    }
    for (int i = 0; i < 16; i++) block[i] = load(out[i]);
  }
};

}  // namespace
}  // namespace sparse_train

#include "float_vector.inl"

namespace sparse_train {

const FloatKernels* floatKernelsNeon() {
  static constexpr FloatKernels kernels = makeFloatKernels();
  return &kernels;
}

}  // namespace sparse_train
