// Mini-batches on NEON: a vector holds four sums; products of 16-bit numbers are widened while they are
// added.
#include <arm_neon.h>

#include "../../fixed/wide_format.hpp"
#include "wide_batch_kernels.hpp"

namespace sparse_train {
namespace {

struct BatchOps {
  static constexpr uint32_t kLanes = 4;
  static constexpr uint32_t kForwardRows = 8;  // 16 sums
  static constexpr uint32_t kForwardRowsAtMost = 8;
  static constexpr uint32_t kGradientTiles = 2;  // 16 sums
  using Row = int16x8_t;
  /// First and second numbers of four pairs.
  struct Pair {
    int16x4_t a, b;
  };
  using Acc = int32x4_t;
  struct Weight {
    int16_t a, b;
  };

  static void prefetch([[maybe_unused]] const int16_t* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p);
#endif
  }
  static Row loadRow(const int16_t* p) { return vld1q_s16(p); }
  static void storeRowOf16(int16_t* p, Row v) { vst1q_s16(p, v); }
  static Row broadcastRow(int16_t v) { return vdupq_n_s16(v); }
  static Row absolute(Row v) { return vabsq_s16(v); }
  static Row larger(Row a, Row b) { return vmaxq_s16(a, b); }
  static void pairs(Row a, Row b, Pair& first, Pair& second) {
    first = {vget_low_s16(a), vget_low_s16(b)};
    second = {vget_high_s16(a), vget_high_s16(b)};
  }
  static Pair loadPairs(const int16_t* p) {
    const int16x4x2_t both = vld2_s16(p);
    return {both.val[0], both.val[1]};
  }
  static int16x4_t negativeAbsolute16(int16x4_t v) { return vmin_s16(v, vneg_s16(v)); }
  static Pair negativeAbsolute(Pair v) { return {negativeAbsolute16(v.a), negativeAbsolute16(v.b)}; }
  static Weight weight(const int16_t* p) { return {p[0], p[1]}; }
  static Acc multiplyAdd(Acc sums, Pair x, Weight w) {
    return vmlal_n_s16(vmlal_n_s16(sums, x.a, w.a), x.b, w.b);
  }
  static Acc dotRows(Acc sums, Row a, Row b) {
    return vmlal_high_s16(vmlal_s16(sums, vget_low_s16(a), vget_low_s16(b)), a, b);
  }

  static Acc broadcast(int32_t v) { return vdupq_n_s32(v); }
  static Acc loadAcc(const int32_t* p) { return vld1q_s32(p); }
  static void storeAcc(int32_t* p, Acc v) { vst1q_s32(p, v); }
  static Acc add(Acc a, Acc b) { return vaddq_s32(a, b); }
  static Acc subtract(Acc a, Acc b) { return vsubq_s32(a, b); }
  static Acc multiply(Acc a, int32_t b) { return vmulq_n_s32(a, b); }
  static Acc shiftRight(Acc v, int count) { return vshlq_s32(v, vdupq_n_s32(-count)); }
  static Acc clamp(Acc v, int32_t low, int32_t high) {
    return vmaxq_s32(vminq_s32(v, vdupq_n_s32(high)), vdupq_n_s32(low));
  }
  /// Lane i: all ones if bit i of the mask is set.
  static uint32x4_t lanesOf(uint32_t mask) {
    constexpr uint32_t kBits[4] = {1, 2, 4, 8};
    return vtstq_u32(vdupq_n_u32(mask), vld1q_u32(kBits));
  }
  static Acc select(uint32_t mask, Acc yes, Acc no) { return vbslq_s32(lanesOf(mask), yes, no); }
  static int32_t total(Acc v) { return vaddvq_s32(v); }
  static Acc widen(const int16_t* p) { return vmovl_s16(vld1_s16(p)); }
  static void narrow(int16_t* p, Acc v) { vst1_s16(p, vmovn_s32(v)); }

  static void storeRow(int32_t* p, Acc low, Acc high) {
    vst1q_s32(p, low);
    vst1q_s32(p + 4, high);
  }
  /// a0 b0 a1 b1 ...
  static void storeInterleaved(int32_t* p, Acc a, Acc b) { vst2q_s32(p, int32x4x2_t{{a, b}}); }
  /// The totals of 4 vectors, in order.
  static void storeTotals(int32_t* p, const Acc* v) {
    vst1q_s32(p, vpaddq_s32(vpaddq_s32(v[0], v[1]), vpaddq_s32(v[2], v[3])));
  }

  /// The even values of a tile, then the odd ones.
  static void turnTile(const int16_t* tile, int16_t* turned) {
    for (int half = 0; half < 2; half++) {
      const int16x8x2_t both = vld2q_s16(tile + 16 * half);
      vst1q_s16(turned + 8 * half, both.val[0]);
      vst1q_s16(turned + 16 + 8 * half, both.val[1]);
    }
  }
  /// 16 rows of 16 pairs, transposed.
  static void transposePairs(const int16_t* rows, int16_t* out) {
    for (uint32_t r = 0; r < kBatchBlock; r += 4) {
      for (uint32_t pair = 0; pair < kStripSamples / 2; pair += 4) {
        int32x4x4_t four;
        for (uint32_t i = 0; i < 4; i++)
          four.val[i] = vreinterpretq_s32_s16(vld1q_s16(rows + (r + i) * kStripSamples + 2 * pair));
        int32_t turned[16];
        vst4q_s32(turned, four);
        for (uint32_t i = 0; i < 4; i++)
          vst1q_s16(out + (pair + i) * 2 * kBatchBlock + 2 * r,
                    vreinterpretq_s16_s32(vld1q_s32(turned + 4 * i)));
      }
    }
  }
  /// Transposes the bytes of 32 samples, 16 columns, to rows of a strip, like transposeBytes32 of
  /// wide_batch_x86.inl.
  static void transposeBytes(const uint8_t* const* samples, size_t column, int16_t* rows, uint8_t* any) {
    uint8x16_t bits = vdupq_n_u8(0);
    for (uint32_t first = 0; first < kStripSamples; first += 16) {
      uint8x16_t now[16], next[16];
      for (uint32_t s = 0; s < 16; s++) {
        now[s] = vld1q_u8(samples[first + s] + column);
        bits = vorrq_u8(bits, now[s]);
      }
      for (int stage = 0; stage < 4; stage++) {
        for (int i = 0; i < 8; i++) {
          next[2 * i] = vzip1q_u8(now[i], now[i + 8]);
          next[2 * i + 1] = vzip2q_u8(now[i], now[i + 8]);
        }
        for (int i = 0; i < 16; i++) now[i] = next[i];
      }
      for (uint32_t c = 0; c < 16; c++) {
        int16_t* row = rows + c * kStripSamples + first;
        vst1q_s16(row, vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(now[c]))));
        vst1q_s16(row + 8, vreinterpretq_s16_u16(vmovl_high_u8(now[c])));
      }
    }
    vst1q_u8(any, bits);
  }

  static Acc randomLanes(const uint16_t* lanes, uint16_t offset) {
    return vreinterpretq_s32_u32(vmovl_u16(vadd_u16(vld1_u16(lanes), vdup_n_u16(offset))));
  }
  /// (value * multiplier + (r << (16 + shift))) >> (32 + shift).
  struct Multiplier {
    int32_t factor;
    int64x2_t left, right;
    Multiplier(int32_t multiplier, int32_t shift)
        : factor(multiplier), left(vdupq_n_s64(16 + shift)), right(vdupq_n_s64(-32 - shift)) {}
    int32x2_t half(int32x2_t value, int32x2_t r) const {
      return vmovn_s64(
          vshlq_s64(vaddq_s64(vmull_n_s32(value, factor), vshlq_s64(vmovl_s32(r), left)), right));
    }
    Acc apply(Acc value, Acc r) const {
      return vcombine_s32(half(vget_low_s32(value), vget_low_s32(r)),
                          half(vget_high_s32(value), vget_high_s32(r)));
    }
  };
  static void countSteps(Acc gradient, Acc step, uint32_t mask, uint64_t& steps, uint64_t& roundedToZero) {
    const uint32x4_t moving = vandq_u32(vtstq_s32(gradient, gradient), lanesOf(mask));
    const uint32x4_t zero = vandq_u32(moving, vceqzq_s32(step));
    steps += vaddvq_u32(vshrq_n_u32(moving, 31));
    roundedToZero += vaddvq_u32(vshrq_n_u32(zero, 31));
  }
};

}  // namespace
}  // namespace sparse_train

#include "wide_batch_vector.inl"

namespace sparse_train {

const WideBatchKernels* wideBatchKernelsNeon() {
  static constexpr WideBatchKernels kernels = makeBatchKernels();
  return &kernels;
}

}  // namespace sparse_train
