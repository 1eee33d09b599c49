// The limits of NEON: a widening multiply-add of each half of a vector, into separate sums.
#include <arm_neon.h>
#include <stdint.h>

namespace sparse_train {
namespace {

struct Limit {
  using Vector = int32x4_t;
  static constexpr int kAccumulators = 16;
  static constexpr uint32_t kProducts = 4;
  static Vector zero() { return vdupq_n_s32(0); }
  static Vector load(const void* p) { return vld1q_s32(static_cast<const int32_t*>(p)); }
  static Vector combine(Vector a, Vector b) { return vorrq_s32(a, b); }
  static Vector multiplyAdd(Vector sums, Vector a, Vector b) {
    return vmlal_s16(sums, vget_low_s16(vreinterpretq_s16_s32(a)), vget_low_s16(vreinterpretq_s16_s32(b)));
  }
  static int32_t total(Vector v) { return vaddvq_s32(v); }
  static Vector opaque(Vector v) {
#if defined(__GNUC__)
    __asm__("" : "+w"(v));
#endif
    return v;
  }
};

}  // namespace
}  // namespace sparse_train

#include "limit_loops.inl"

namespace sparse_train {

const LimitKernels* limitKernelsNeon() {
  static constexpr LimitKernels kernels = makeLimitKernels("neon");
  return &kernels;
}

}  // namespace sparse_train
