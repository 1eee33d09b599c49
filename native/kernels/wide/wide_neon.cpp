// NEON (every 64-bit Arm): a tile is four 128-bit registers. Arm's dot product instructions work on bytes
// only, so they are of no use for 16-bit weights, and there is no separate kernel set for CPUs that have
// them.
#include <arm_neon.h>
#include <string.h>

#include "../../fixed/random.hpp"
#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"

#include "wide_octets.inl"

namespace sparse_train {
namespace {

/// For each of the 16 sets of 32-bit lanes: the byte indices that move the lanes of the set to the front, and
/// their number.
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
  /// Bit i of the 8-bit `mask` selects `yes` for lane i.
  static int16x8_t select8(uint32_t mask, int16x8_t yes, int16x8_t no) {
    alignas(16) static constexpr uint16_t kBits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    return vbslq_s16(vtstq_u16(vdupq_n_u16(static_cast<uint16_t>(mask)), vld1q_u16(kBits)), yes, no);
  }
  static Tile select(uint32_t mask, Tile yes, Tile no) {
    return {select8(mask & 0xFF, yes.v0, no.v0), select8((mask >> 8) & 0xFF, yes.v1, no.v1),
            select8((mask >> 16) & 0xFF, yes.v2, no.v2), select8(mask >> 24, yes.v3, no.v3)};
  }

  static Tile subtract(Tile a, Tile b) {
    return each(a, b, [](int16x8_t x, int16x8_t y) { return vsubq_s16(x, y); });
  }
  static Tile threshold(Tile r) {
    return each(r, [](int16x8_t x) { return vmvnq_s16(x); });
  }
  /// (a * b + r) >> 16 with unsigned r, given as its threshold ~r: the high half of the product plus the
  /// carry from the low half, which occurs if low > 65535 - r. The doubled product would saturate only if a
  /// and b were both -32768, but b never is.
  static Tile productHigh(Tile a, Tile b, Tile notR) {
    return each(a, b, notR, [](int16x8_t x, int16x8_t y, int16x8_t threshold) {
      const int16x8_t high = vshrq_n_s16(vqdmulhq_s16(x, y), 1);
      const uint16x8_t low = vreinterpretq_u16_s16(vmulq_s16(x, y));
      return vsubq_s16(high, vreinterpretq_s16_u16(vcgtq_u16(low, vreinterpretq_u16_s16(threshold))));
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
  /// Writes the pairs of `values` that are not zero and their groups (`first` is the group of the first
  /// pair); returns how many. Stores whole vectors.
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
  /// The upper 15 bits of each unsigned lane. They are below 2^15, so widening them as signed numbers is
  /// correct.
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

  // The fast path.

  /// Sums of products of a tile before neighbours are added.
  struct Products {
    int32x4_t v[8];
  };
  using Row = int32x4_t;                      ///< Of 32 products, added in any order.
  static constexpr bool kFourChains = false;  ///< One sum of a tile takes eight registers.
  static constexpr bool kTwoOfEach = false;
  static constexpr bool kOneLoadOfFour = false;
  static constexpr uint32_t kDenseBlocks = 2;  ///< Tiles of a group whose sums or deltas fit in registers.
  static constexpr uint32_t kRowsAtOnce = 16;
  static constexpr uint32_t kExamplesAtOnce = 2;
  static constexpr uint32_t kRun = 8;
  static constexpr uint32_t kListedGroups = 0;  ///< No compress instruction: tiles are listed by runs.

  static uint32_t activePairs8(int16x8_t a, int16x8_t b) {
    alignas(16) static constexpr uint16_t kBits[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    const uint32x4_t low = vreinterpretq_u32_s16(a);
    const uint32x4_t high = vreinterpretq_u32_s16(b);
    const uint16x8_t active = vmovn_high_u32(vmovn_u32(vtstq_u32(low, low)), vtstq_u32(high, high));
    return vaddvq_u16(vandq_u16(active, vld1q_u16(kBits)));
  }
  /// Bit i is set where values 2i and 2i + 1 are not both zero.
  static uint32_t activePairs(Tile v) { return activePairs8(v.v0, v.v1) | activePairs8(v.v2, v.v3) << 8; }
  static uint32_t activePairsOfHalf(Half v) { return activePairs8(v.low, v.high); }

  /// Converts 64 bytes to values and their activity. Returns the total with the sum of the bytes added,
  /// distributed over the lanes in any way.
  static Sums expandUnit(const uint8_t* bytes, int16_t* values, uint8_t* activity, Sums total) {
    for (uint32_t half = 0; half < 2; half++) {
      const Tile tile = widenBytes(bytes + 32 * half);
      storeTile(values + 32 * half, tile);
      const auto active = static_cast<uint16_t>(activePairs(tile));
      memcpy(activity + 2 * half, &active, sizeof(active));
      total.v0 = vpadalq_s16(vpadalq_s16(total.v0, tile.v0), tile.v1);
      total.v1 = vpadalq_s16(vpadalq_s16(total.v1, tile.v2), tile.v3);
    }
    return total;
  }

  static Sums widenUnsigned(Half v) {
    const uint16x8_t low = vreinterpretq_u16_s16(v.low), high = vreinterpretq_u16_s16(v.high);
    return {vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(low))), vreinterpretq_s32_u32(vmovl_high_u16(low)),
            vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(high))),
            vreinterpretq_s32_u32(vmovl_high_u16(high))};
  }
  /// The pairs of these numbers.
  static Tile gatherPairs(const int16_t* pairs, const uint32_t* numbers) {
    int32_t each[16];
    for (uint32_t i = 0; i < 16; i++)
      memcpy(each + i, pairs + 2 * static_cast<size_t>(numbers[i]), sizeof(int32_t));
    return {vreinterpretq_s16_s32(vld1q_s32(each)), vreinterpretq_s16_s32(vld1q_s32(each + 4)),
            vreinterpretq_s16_s32(vld1q_s32(each + 8)), vreinterpretq_s16_s32(vld1q_s32(each + 12))};
  }
  /// sums[numbers[i]] += values[i] for the first `count` values.
  static void addAt(int32_t* sums, const uint32_t* numbers, uint32_t count, Sums values) {
    int32_t each[16];
    storeSums(each, values);
    for (uint32_t i = 0; i < count; i++) sums[numbers[i]] += each[i];
  }
  /// Stores the first `count` values; `before` is what is there.
  static void storeFirst(int16_t* p, Half v, Half before, uint32_t count) {
    alignas(16) static constexpr uint16_t kFirst[32] = {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,
                                                        0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,
                                                        0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF};
    const uint16_t* chosen = kFirst + 16 - count;
    storeHalf(p, {vbslq_s16(vld1q_u16(chosen), v.low, before.low),
                  vbslq_s16(vld1q_u16(chosen + 8), v.high, before.high)});
  }

  static float64x2_t twoReals(const float* p) { return vcvt_f64_f32(vld1_f32(p)); }
  static float64x2_t twoReals(const double* p) { return vld1q_f64(p); }
  template <bool kScaled, typename T>
  static int32x2_t quantised2(const T* x, const double* offset, const double* scale, size_t i) {
    const float64x2_t low = vdupq_n_f64(-kActivationMax), high = vdupq_n_f64(kActivationMax);
    float64x2_t v = twoReals(x + i);
    if (kScaled) v = vmulq_f64(vsubq_f64(v, vld1q_f64(offset + i)), vld1q_f64(scale + i));
    v = vrndmq_f64(vaddq_f64(vmulq_f64(v, vdupq_n_f64(1 << kActivationFraction)), vdupq_n_f64(0.5)));
    v = vbslq_f64(vcgtq_f64(v, low), v, low);  // the limit for NaN, too
    return vmovn_s64(vcvtq_s64_f64(vminq_f64(v, high)));
  }
  template <bool kScaled, typename T>
  static int16x8_t quantised8(const T* x, const double* offset, const double* scale, size_t i) {
    const auto two = [&](size_t k) { return quantised2<kScaled>(x, offset, scale, i + k); };
    return vcombine_s16(vmovn_s32(vcombine_s32(two(0), two(2))), vmovn_s32(vcombine_s32(two(4), two(6))));
  }
  /// Inputs i to i + 15 as activations: quantise() in fixed/quantise.hpp.
  template <bool kScaled, typename T>
  static Half quantised(const T* x, const double* offset, const double* scale, size_t i) {
    return {quantised8<kScaled>(x, offset, scale, i), quantised8<kScaled>(x, offset, scale, i + 8)};
  }
  static Tile tileOf(Half low, Half high) { return {low.low, low.high, high.low, high.high}; }

  static Products zeroProducts() {
    const int32x4_t zero = vdupq_n_s32(0);
    return {{zero, zero, zero, zero, zero, zero, zero, zero}};
  }
  static Products addProducts(Products a, Products) { return a; }
  static Sums sumsOf(const Products& p) {
    return {vpaddq_s32(p.v[0], p.v[1]), vpaddq_s32(p.v[2], p.v[3]), vpaddq_s32(p.v[4], p.v[5]),
            vpaddq_s32(p.v[6], p.v[7])};
  }
  static int16x8_t pairOf(const int16_t* pair) {
    int32_t both;
    memcpy(&both, pair, sizeof(both));
    return vreinterpretq_s16_s32(vdupq_n_s32(both));
  }
  static void dotTile(Products& sums, const int16_t* weights, const int16_t* pair) {
    dotPair(sums, loadTile(weights), pair);
  }
  static void dotPair(Products& sums, Tile weights, const int16_t* pair) {
    addProductsOf(sums, weights, pairOf(pair));
  }
  static void dotLoaded(Products& sums, const int16_t* weights, Tile pair) {
    addProductsOf(sums, loadTile(weights), pair.v0);
  }
  static void addProductsOf(Products& sums, Tile weights, int16x8_t both) {
    const int16x4_t half = vget_low_s16(both);
    sums.v[0] = vmlal_s16(sums.v[0], vget_low_s16(weights.v0), half);
    sums.v[1] = vmlal_high_s16(sums.v[1], weights.v0, both);
    sums.v[2] = vmlal_s16(sums.v[2], vget_low_s16(weights.v1), half);
    sums.v[3] = vmlal_high_s16(sums.v[3], weights.v1, both);
    sums.v[4] = vmlal_s16(sums.v[4], vget_low_s16(weights.v2), half);
    sums.v[5] = vmlal_high_s16(sums.v[5], weights.v2, both);
    sums.v[6] = vmlal_s16(sums.v[6], vget_low_s16(weights.v3), half);
    sums.v[7] = vmlal_high_s16(sums.v[7], weights.v3, both);
  }

  /// list[0..7] = tile, tile + 1, ...
  static void fillTiles(uint16_t* list, uint32_t tile) {
    alignas(16) static constexpr uint16_t kNumbers[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    vst1q_u16(list, vaddq_u16(vld1q_u16(kNumbers), vdupq_n_u16(static_cast<uint16_t>(tile))));
  }
  static uint32_t listActive(const TileFlags*, uint32_t, uint32_t, const uint8_t*, const uint8_t*,
                             uint16_t*) {
    return 0;
  }

  /// The activity of a layer.
  struct Activity {
    uint8x16x4_t low, high;
    bool two;

    Activity(const uint8_t* activity, uint32_t groups)
        : low(vld1q_u8_x4(activity)),
          high(groups > 512 ? vld1q_u8_x4(activity + 64) : low),
          two(groups > 512) {}

    /// Bit i is set if the activity bit of place i is.
    uint64_t of(const uint8_t* groupBytes, const uint8_t* groupBits) const {
      alignas(16) static constexpr uint8_t kBits[16] = {1, 2, 4, 8, 16, 32, 64, 128,
                                                        1, 2, 4, 8, 16, 32, 64, 128};
      const uint8x16_t bits = vld1q_u8(kBits);
      const auto active = [&](uint32_t first) {
        const uint8x16_t places = vld1q_u8(groupBytes + first);
        uint8x16_t bytes = vqtbl4q_u8(low, places);  // 0 beyond the table
        if (two) bytes = vqtbx4q_u8(bytes, high, vsubq_u8(places, vdupq_n_u8(64)));
        return vandq_u8(vtstq_u8(bytes, vld1q_u8(groupBits + first)), bits);
      };
      const uint8x16_t pairs = vpaddq_u8(vpaddq_u8(active(0), active(16)), vpaddq_u8(active(32), active(48)));
      return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(pairs, pairs)), 0);
    }
  };
  static uint32_t listPlaces(uint64_t bits, uint8_t* places) { return listBits(bits, places); }
  /// Sets list[i] to tiles[places[i]] for i below `count`, and may write up to 3 entries more.
  static void tilesAt(const uint16_t* tiles, const uint8_t* places, uint32_t count, uint16_t* list) {
    for (uint32_t i = 0; i < count; i += 4) {
      for (uint32_t k = 0; k < 4; k++) list[i + k] = tiles[places[i + k]];
    }
  }

  static Row zeroRow() { return vdupq_n_s32(0); }
  static Row dotRow8(Row sum, int16x8_t a, int16x8_t b) {
    return vmlal_high_s16(vmlal_s16(sum, vget_low_s16(a), vget_low_s16(b)), a, b);
  }
  static Row dotRow(Row sum, Tile a, Tile b) {
    return dotRow8(dotRow8(dotRow8(dotRow8(sum, a.v0, b.v0), a.v1, b.v1), a.v2, b.v2), a.v3, b.v3);
  }
  static int32x4_t rowTotals4(const Row* v) {
    return vpaddq_s32(vpaddq_s32(v[0], v[1]), vpaddq_s32(v[2], v[3]));
  }
  static Sums rowTotals(const Row* v) {
    return {rowTotals4(v), rowTotals4(v + 4), rowTotals4(v + 8), rowTotals4(v + 12)};
  }
  static void addErrors8(int32x4_t& low, int32x4_t& high, int16x8_t weights, int16_t delta) {
    low = vmlal_n_s16(low, vget_low_s16(weights), delta);
    high = vmlal_high_n_s16(high, weights, delta);
  }
  /// Adds delta * weight of two rows of 32 left neurons (Errors in wide_fast_vector.inl).
  static void addErrors(Sums& low, Sums& high, Tile even, Tile odd, const int16_t* deltas) {
    addErrors8(low.v0, high.v0, even.v0, deltas[0]);
    addErrors8(low.v1, high.v1, even.v1, deltas[0]);
    addErrors8(low.v2, high.v2, even.v2, deltas[0]);
    addErrors8(low.v3, high.v3, even.v3, deltas[0]);
    addErrors8(low.v0, high.v0, odd.v0, deltas[1]);
    addErrors8(low.v1, high.v1, odd.v1, deltas[1]);
    addErrors8(low.v2, high.v2, odd.v2, deltas[1]);
    addErrors8(low.v3, high.v3, odd.v3, deltas[1]);
  }
  static int32x4_t largestOf(Sums v) {
    const Sums sizes = absoluteSums(v);
    return vmaxq_s32(vmaxq_s32(sizes.v0, sizes.v1), vmaxq_s32(sizes.v2, sizes.v3));
  }
  static bool anyBeyond(Sums a, Sums b, int32_t limit) {
    return vmaxvq_s32(vmaxq_s32(largestOf(a), largestOf(b))) > limit;
  }
  static int16x8_t deltasOf8(int32x4_t low, int32x4_t high, int16x8_t values) {
    const int16x8_t packed =
        vmaxq_s16(vqmovn_high_s32(vqmovn_s32(low), high), vdupq_n_s16(static_cast<int16_t>(-kDeltaMax)));
    return vandq_s16(packed, vreinterpretq_s16_u16(vcgtzq_s16(values)));
  }
  /// Clipped to +-32767, zero where the value is not positive, in order.
  static Tile deltasOf(Sums low, Sums high, Tile values) {
    return {deltasOf8(low.v0, high.v0, values.v0), deltasOf8(low.v1, high.v1, values.v1),
            deltasOf8(low.v2, high.v2, values.v2), deltasOf8(low.v3, high.v3, values.v3)};
  }

  static Sums broadcastSum(int32_t value) {
    const int32x4_t v = vdupq_n_s32(value);
    return {v, v, v, v};
  }
  static Sums bitAndNot(Sums a, Sums b) {
    return eachSum(a, b, [](int32x4_t x, int32x4_t y) { return vbicq_s32(y, x); });
  }
  /// All ones where the condition holds.
  static Sums below(Sums v, int32_t limit) {
    const int32x4_t limits = vdupq_n_s32(limit);
    return eachSum(v, [limits](int32x4_t x) { return vreinterpretq_s32_u32(vcltq_s32(x, limits)); });
  }
  static Sums equals(Sums a, Sums b) {
    return eachSum(a, b, [](int32x4_t x, int32x4_t y) { return vreinterpretq_s32_u32(vceqq_s32(x, y)); });
  }
  static uint32_t laneMask(Sums v) {
    return activePairs8(vreinterpretq_s16_s32(v.v0), vreinterpretq_s16_s32(v.v1)) |
           activePairs8(vreinterpretq_s16_s32(v.v2), vreinterpretq_s16_s32(v.v3)) << 8;
  }
  static int32_t largestSum(Sums v) {
    return vmaxvq_s32(vmaxq_s32(vmaxq_s32(v.v0, v.v1), vmaxq_s32(v.v2, v.v3)));
  }
  static Sums minUnsigned(Sums v, int32_t limit) {
    const uint32x4_t limits = vdupq_n_u32(static_cast<uint32_t>(limit));
    return eachSum(v, [limits](int32x4_t x) {
      return vreinterpretq_s32_u32(vminq_u32(vreinterpretq_u32_s32(x), limits));
    });
  }
  static Sums shiftRightUnsigned(Sums v, int count) {
    const int32x4_t bits = vdupq_n_s32(-count);
    return eachSum(
        v, [bits](int32x4_t x) { return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(x), bits)); });
  }
  static Sums shiftRightEach(Sums v, Sums counts) {
    return eachSum(v, counts, [](int32x4_t x, int32x4_t count) { return vshlq_s32(x, vnegq_s32(count)); });
  }
  /// a * b, where a has 16 bits and b has 15.
  static Sums multiplySmall(Sums a, Sums b) {
    return eachSum(a, b, [](int32x4_t x, int32x4_t y) { return vmulq_s32(x, y); });
  }

  /// Eight numbers of a stream, from number `first` on.
  static void drawNumbers(uint64_t key, uint64_t first, uint16_t* lanes) {
    for (uint64_t i = 0; i < 8; i++) {
      const uint64_t bits = randomAt(key, first + i);
      memcpy(lanes + 4 * i, &bits, sizeof(bits));
    }
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
