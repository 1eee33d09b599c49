// NEON (every 64-bit Arm): a tile is four 128-bit registers. Arm's dot product instructions work on bytes only, so that
// 16-bit weights have no use for them and there is no further set for CPUs that have them.
#include <arm_neon.h>

#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"

namespace sparse_train {
namespace {

/// For each of the 16 sets of 32-bit lanes: the bytes that move the lanes in it to the front, and how many they are.
struct CompressTable {
  uint8_t bytes[16][16];
  uint8_t counts[16];
};

constexpr CompressTable makeCompressTable() {
  CompressTable table{};
  for (int set = 0; set < 16; set++) {
    int count = 0;
    for (int lane = 0; lane < 4; lane++) {
      if (((set >> lane) & 1) == 0) continue;
      for (int byte = 0; byte < 4; byte++)
        table.bytes[set][4 * count + byte] = static_cast<uint8_t>(4 * lane + byte);
      count++;
    }
    table.counts[set] = static_cast<uint8_t>(count);
  }
  return table;
}

alignas(64) constexpr CompressTable kCompressTable = makeCompressTable();

struct Ops {
  /// Register i holds the lanes of right neurons 4i to 4i + 3 of the tile.
  struct Tile {
    int16x8_t v0, v1, v2, v3;
  };
  struct Sums {
    int32x4_t v0, v1, v2, v3;
  };
  struct Half {
    int16x8_t low, high;
  };

  /// Applies an operation on registers to all four.
  template <typename Operation>
  static Tile each(Tile a, Operation operation) {
    return {operation(a.v0), operation(a.v1), operation(a.v2), operation(a.v3)};
  }
  template <typename Operation>
  static Tile each(Tile a, Tile b, Operation operation) {
    return {operation(a.v0, b.v0), operation(a.v1, b.v1), operation(a.v2, b.v2), operation(a.v3, b.v3)};
  }
  template <typename Operation>
  static Tile each(Tile a, Tile b, Tile c, Operation operation) {
    return {operation(a.v0, b.v0, c.v0), operation(a.v1, b.v1, c.v1), operation(a.v2, b.v2, c.v2),
            operation(a.v3, b.v3, c.v3)};
  }
  template <typename Operation>
  static Sums eachSum(Sums a, Operation operation) {
    return {operation(a.v0), operation(a.v1), operation(a.v2), operation(a.v3)};
  }
  template <typename Operation>
  static Sums eachSum(Sums a, Sums b, Operation operation) {
    return {operation(a.v0, b.v0), operation(a.v1, b.v1), operation(a.v2, b.v2), operation(a.v3, b.v3)};
  }

  static Tile loadTile(const int16_t* p) {
    return {vld1q_s16(p), vld1q_s16(p + 8), vld1q_s16(p + 16), vld1q_s16(p + 24)};
  }
  static void storeTile(int16_t* p, Tile v) {
    vst1q_s16(p, v.v0);
    vst1q_s16(p + 8, v.v1);
    vst1q_s16(p + 16, v.v2);
    vst1q_s16(p + 24, v.v3);
  }
  static Tile broadcastPair(int32_t pair) {
    const int16x8_t v = vreinterpretq_s16_s32(vdupq_n_s32(pair));
    return {v, v, v, v};
  }
  static Tile broadcast(int16_t value) {
    const int16x8_t v = vdupq_n_s16(value);
    return {v, v, v, v};
  }
  static Tile add(Tile a, Tile b) {
    return each(a, b, [](int16x8_t x, int16x8_t y) { return vaddq_s16(x, y); });
  }
  static Tile addClip(Tile a, Tile b) {
    return each(a, b, [](int16x8_t x, int16x8_t y) { return vqaddq_s16(x, y); });
  }
  static Tile subtractClip(Tile a, Tile b) {
    return each(a, b, [](int16x8_t x, int16x8_t y) { return vqsubq_s16(x, y); });
  }
  static Tile clamp(Tile v, Tile low, Tile high) {
    return each(v, low, high, [](int16x8_t x, int16x8_t least, int16x8_t most) {
      return vmaxq_s16(vminq_s16(x, most), least);
    });
  }
  static Tile absolute(Tile v) {
    return each(v, [](int16x8_t x) { return vabsq_s16(x); });
  }
  static Tile shiftLeft(Tile v, int count) {
    const int16x8_t bits = vdupq_n_s16(static_cast<int16_t>(count));
    return each(v, [bits](int16x8_t x) { return vshlq_s16(x, bits); });
  }
  /// Bit i of the 8-bit `mask` chooses `yes` for lane i.
  static int16x8_t select8(uint32_t mask, int16x8_t yes, int16x8_t no) {
    alignas(16) static constexpr uint16_t kBits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vbslq_s16(vtstq_u16(vdupq_n_u16(static_cast<uint16_t>(mask)), vld1q_u16(kBits)), yes, no);
  }
  static Tile select(uint32_t mask, Tile yes, Tile no) {
    return {select8(mask & 0xFF, yes.v0, no.v0), select8((mask >> 8) & 0xFF, yes.v1, no.v1),
            select8((mask >> 16) & 0xFF, yes.v2, no.v2), select8(mask >> 24, yes.v3, no.v3)};
  }

  /// (a * b + r) >> 16 with r unsigned: the whole products, of which the odd 16-bit halves are kept.
  static Tile productHigh(Tile a, Tile b, Tile r) {
    return each(a, b, r, [](int16x8_t x, int16x8_t y, int16x8_t rounding) {
      const uint16x8_t term = vreinterpretq_u16_s16(rounding);
      const uint32x4_t low = vreinterpretq_u32_s32(vmull_s16(vget_low_s16(x), vget_low_s16(y)));
      const uint32x4_t high = vreinterpretq_u32_s32(vmull_high_s16(x, y));
      return vuzp2q_s16(vreinterpretq_s16_u32(vaddw_u16(low, vget_low_u16(term))),
                        vreinterpretq_s16_u32(vaddw_high_u16(high, term)));
    });
  }
  static Tile momentumStep(Tile velocity, Tile random) {
    return each(velocity, random, [](int16x8_t v, int16x8_t r) {
      const uint16x8_t term = vshrq_n_u16(vreinterpretq_u16_s16(r), 16 - kMomentumGuardBits);
      return vshrq_n_s16(vqaddq_s16(v, vreinterpretq_s16_u16(term)), kMomentumGuardBits);
    });
  }

  /// 32 bytes to 32 x int16.
  static Tile widenBytes(const uint8_t* p) {
    const uint8x16_t low = vld1q_u8(p);
    const uint8x16_t high = vld1q_u8(p + 16);
    return {vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(low))), vreinterpretq_s16_u16(vmovl_high_u8(low)),
            vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(high))), vreinterpretq_s16_u16(vmovl_high_u8(high))};
  }
  static uint32_t appendPairs4(uint32_t* groups, int32_t* pairs, uint32_t first, int16x8_t values) {
    alignas(16) static constexpr uint32_t kBits[4] = {1, 2, 4, 8};
    alignas(16) static constexpr uint32_t kNumbers[4] = {0, 1, 2, 3};
    const uint32x4_t words = vreinterpretq_u32_s16(values);
    const uint32_t active = vaddvq_u32(vandq_u32(vtstq_u32(words, words), vld1q_u32(kBits)));
    const uint32x4_t numbers = vaddq_u32(vld1q_u32(kNumbers), vdupq_n_u32(first));
    const uint8x16_t order = vld1q_u8(kCompressTable.bytes[active]);
    const uint8x16_t movedPairs = vqtbl1q_u8(vreinterpretq_u8_u32(words), order);
    const uint8x16_t movedNumbers = vqtbl1q_u8(vreinterpretq_u8_u32(numbers), order);
    vst1q_s32(pairs, vreinterpretq_s32_u8(movedPairs));
    vst1q_u32(groups, vreinterpretq_u32_u8(movedNumbers));
    return kCompressTable.counts[active];
  }
  /// Writes the pairs of `values` that are not zero and their groups (`first` is that of the first); returns how many. Whole
  /// vectors are stored.
  static uint32_t appendPairs(uint32_t* groups, int32_t* pairs, uint32_t first, Tile values) {
    uint32_t count = appendPairs4(groups, pairs, first, values.v0);
    count += appendPairs4(groups + count, pairs + count, first + 4, values.v1);
    count += appendPairs4(groups + count, pairs + count, first + 8, values.v2);
    return count + appendPairs4(groups + count, pairs + count, first + 12, values.v3);
  }

  /// tiles[0..3] = first, first + 1, ...; pairs[0..3] = pair.
  static void fillRun(uint32_t* tiles, uint32_t first, int32_t* pairs, int32_t pair) {
    static const uint32_t kSteps[4] = {0, 1, 2, 3};
    vst1q_u32(tiles, vaddq_u32(vdupq_n_u32(first), vld1q_u32(kSteps)));
    vst1q_s32(pairs, vdupq_n_s32(pair));
  }

  static Sums zeroSums() { return {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)}; }
  static Sums loadSums(const int32_t* p) {
    return {vld1q_s32(p), vld1q_s32(p + 4), vld1q_s32(p + 8), vld1q_s32(p + 12)};
  }
  static void storeSums(int32_t* p, Sums v) {
    vst1q_s32(p, v.v0);
    vst1q_s32(p + 4, v.v1);
    vst1q_s32(p + 8, v.v2);
    vst1q_s32(p + 12, v.v3);
  }
  static int32x4_t pairSums(int16x8_t a, int16x8_t b) {
    return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
  }
  /// sums[i] += a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
  static Sums multiplyAdd(Sums sums, Tile a, Tile b) {
    return {vaddq_s32(sums.v0, pairSums(a.v0, b.v0)), vaddq_s32(sums.v1, pairSums(a.v1, b.v1)),
            vaddq_s32(sums.v2, pairSums(a.v2, b.v2)), vaddq_s32(sums.v3, pairSums(a.v3, b.v3))};
  }
  static int32_t total(Sums v) { return vaddvq_s32(vaddq_s32(vaddq_s32(v.v0, v.v1), vaddq_s32(v.v2, v.v3))); }
  /// The totals of 16 vectors, in order.
  static Sums totals(const Sums* v) {
    return {totalsOf4(v), totalsOf4(v + 4), totalsOf4(v + 8), totalsOf4(v + 12)};
  }
  static int32x4_t totalsOf4(const Sums* v) {
    int32x4_t four[4];
    for (int i = 0; i < 4; i++) four[i] = vaddq_s32(vaddq_s32(v[i].v0, v[i].v1), vaddq_s32(v[i].v2, v[i].v3));
    return vpaddq_s32(vpaddq_s32(four[0], four[1]), vpaddq_s32(four[2], four[3]));
  }
  static Sums addSums(Sums a, Sums b) {
    return eachSum(a, b, [](int32x4_t x, int32x4_t y) { return vaddq_s32(x, y); });
  }
  static Sums subtractSums(Sums a, Sums b) {
    return eachSum(a, b, [](int32x4_t x, int32x4_t y) { return vsubq_s32(x, y); });
  }
  static Sums bitOr(Sums a, Sums b) {
    return {vorrq_s32(a.v0, b.v0), vorrq_s32(a.v1, b.v1), vorrq_s32(a.v2, b.v2), vorrq_s32(a.v3, b.v3)};
  }
  static Sums bitAnd(Sums a, Sums b) {
    return eachSum(a, b, [](int32x4_t x, int32x4_t y) { return vandq_s32(x, y); });
  }
  static Sums clampSums(Sums v, int32_t low, int32_t high) {
    const int32x4_t least = vdupq_n_s32(low);
    const int32x4_t most = vdupq_n_s32(high);
    return eachSum(v, [least, most](int32x4_t x) { return vmaxq_s32(vminq_s32(x, most), least); });
  }
  static Sums shiftRight(Sums v, int count) { return shiftLeftSums(v, -count); }
  static Sums shiftLeftSums(Sums v, int count) {
    const int32x4_t bits = vdupq_n_s32(count);
    return eachSum(v, [bits](int32x4_t x) { return vshlq_s32(x, bits); });
  }
  static Sums shiftRound(Sums v, int count) {
    const int32x4_t bits = vdupq_n_s32(-count);
    return eachSum(v, [bits](int32x4_t x) { return vrshlq_s32(x, bits); });
  }
  static Sums multiplyBy(Sums v, int32_t factor) {
    const int32x4_t factors = vdupq_n_s32(factor);
    return eachSum(v, [factors](int32x4_t x) { return vmulq_s32(x, factors); });
  }
  /// count - 1 in every lane above the limit.
  static Sums discountAbove(Sums count, Sums v, int32_t limit) {
    const int32x4_t limits = vdupq_n_s32(limit);
    return addSums(count,
                   eachSum(v, [limits](int32x4_t x) { return vreinterpretq_s32_u32(vcgtq_s32(x, limits)); }));
  }
  static Sums absoluteSums(Sums v) {
    return eachSum(v, [](int32x4_t x) { return vabsq_s32(x); });
  }
  static uint32_t anySet(Sums v) {
    return vmaxvq_u32(vreinterpretq_u32_s32(vorrq_s32(vorrq_s32(v.v0, v.v1), vorrq_s32(v.v2, v.v3)))) != 0
               ? 1
               : 0;
  }

  static Half loadHalf(const int16_t* p) { return {vld1q_s16(p), vld1q_s16(p + 8)}; }
  static void storeHalf(int16_t* p, Half v) {
    vst1q_s16(p, v.low);
    vst1q_s16(p + 8, v.high);
  }
  static Half broadcastHalf(int16_t v) { return {vdupq_n_s16(v), vdupq_n_s16(v)}; }
  static Half addHalf(Half a, Half b) { return {vaddq_s16(a.low, b.low), vaddq_s16(a.high, b.high)}; }
  /// 16 values that fit 16 bits.
  static Half narrow(Sums v) {
    return {vmovn_high_s32(vmovn_s32(v.v0), v.v1), vmovn_high_s32(vmovn_s32(v.v2), v.v3)};
  }
  static Sums widen(Half v) {
    return {vmovl_s16(vget_low_s16(v.low)), vmovl_high_s16(v.low), vmovl_s16(vget_low_s16(v.high)),
            vmovl_high_s16(v.high)};
  }
  /// The upper 15 bits of each unsigned lane: below 2^15, so that the signed widening does.
  static Sums upperBits(Half v) {
    return widen({vreinterpretq_s16_u16(vshrq_n_u16(vreinterpretq_u16_s16(v.low), 1)),
                  vreinterpretq_s16_u16(vshrq_n_u16(vreinterpretq_u16_s16(v.high), 1))});
  }
  /// All ones where the value is positive.
  static Sums positiveMask(Half v) {
    return widen({vreinterpretq_s16_u16(vcgtzq_s16(v.low)), vreinterpretq_s16_u16(vcgtzq_s16(v.high))});
  }
  static int16x8_t twice4(int32x4_t v) {
    const int16x8_t halves = vreinterpretq_s16_s32(v);
    return vtrn1q_s16(halves, halves);
  }
  /// 16 values that fit 16 bits, each twice in a row.
  static Tile twice(Sums v) { return {twice4(v.v0), twice4(v.v1), twice4(v.v2), twice4(v.v3)}; }
  /// Values d as pairs (d, 0); oddFromEven turns them into (0, d).
  static Tile evenLanes(const int16_t* p) {
    const uint16x8_t low = vreinterpretq_u16_s16(vld1q_s16(p));
    const uint16x8_t high = vreinterpretq_u16_s16(vld1q_s16(p + 8));
    return {vreinterpretq_s16_u32(vmovl_u16(vget_low_u16(low))), vreinterpretq_s16_u32(vmovl_high_u16(low)),
            vreinterpretq_s16_u32(vmovl_u16(vget_low_u16(high))),
            vreinterpretq_s16_u32(vmovl_high_u16(high))};
  }
  static Tile oddFromEven(Tile v) {
    return each(v,
                [](int16x8_t x) { return vreinterpretq_s16_s32(vshlq_n_s32(vreinterpretq_s32_s16(x), 16)); });
  }
};

}  // namespace
}  // namespace sparse_train

#include "wide_vector.inl"

namespace sparse_train {

const WideKernels* wideKernelsNeon() {
  static constexpr WideKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
