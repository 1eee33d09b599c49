// AVX-512 (F, BW, DQ, VL, VBMI, VBMI2, VNNI): a tile is one 512-bit register.
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 warns about its own intrinsics' deliberately undefined operands (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <immintrin.h>
#include <string.h>

#include "../../fixed/wide_format.hpp"
#include "wide_kernels.hpp"

namespace sparse_train {
namespace {

/// sums[i] + a[2i] * b[2i] + a[2i + 1] * b[2i + 1]. GCC 12 copies the sums of the intrinsic in every
/// iteration, so this uses the instruction itself.
inline __m512i dotProduct(__m512i sums, __m512i a, __m512i b) {
#if defined(__GNUC__) && !defined(__clang__)
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(a), "v"(b));
  return sums;
#else
  return _mm512_dpwssd_epi32(sums, a, b);
#endif
}

/// The same with a single pair for b, which the instruction broadcasts from memory.
inline __m512i dotProductOfPair(__m512i sums, __m512i a, const int16_t* pair) {
#if defined(__GNUC__) && !defined(__clang__)
  typedef int32_t __attribute__((may_alias, aligned(2))) Pair;
  __asm__("vpdpwssd %2%{1to16%}, %1, %0" : "+v"(sums) : "v"(a), "m"(*reinterpret_cast<const Pair*>(pair)));
  return sums;
#else
  int32_t both;
  memcpy(&both, pair, sizeof(both));
  return _mm512_dpwssd_epi32(sums, a, _mm512_set1_epi32(both));
#endif
}

struct Ops {
  using Tile = __m512i;
  using Sums = __m512i;
  using Half = __m256i;

  static Tile loadTile(const int16_t* p) { return _mm512_loadu_si512(p); }
  static void storeTile(int16_t* p, Tile v) { _mm512_storeu_si512(p, v); }
  static Tile broadcastPair(int32_t pair) { return _mm512_set1_epi32(pair); }
  static Tile broadcast(int16_t v) { return _mm512_set1_epi16(v); }
  static Tile add(Tile a, Tile b) { return _mm512_add_epi16(a, b); }
  static Tile addClip(Tile a, Tile b) { return _mm512_adds_epi16(a, b); }
  static Tile subtractClip(Tile a, Tile b) { return _mm512_subs_epi16(a, b); }
  static Tile clamp(Tile v, Tile low, Tile high) { return _mm512_max_epi16(_mm512_min_epi16(v, high), low); }
  static Tile absolute(Tile v) { return _mm512_abs_epi16(v); }
  static Tile shiftLeft(Tile v, int count) { return _mm512_sll_epi16(v, _mm_cvtsi32_si128(count)); }
  static Tile select(uint32_t mask, Tile yes, Tile no) { return _mm512_mask_mov_epi16(no, mask, yes); }

  static Tile subtract(Tile a, Tile b) { return _mm512_sub_epi16(a, b); }
  static Tile threshold(Tile r) { return _mm512_xor_si512(r, _mm512_set1_epi8(-1)); }
  /// (a * b + r) >> 16 with unsigned r, given as its threshold ~r: the high half of the product plus the
  /// carry from the low half, which occurs if low > 65535 - r.
  static Tile productHigh(Tile a, Tile b, Tile notR) {
    const Tile high = _mm512_mulhi_epi16(a, b);
    const __mmask32 carry = _mm512_cmpgt_epu16_mask(_mm512_mullo_epi16(a, b), notR);
    return _mm512_mask_sub_epi16(high, carry, high, _mm512_set1_epi16(-1));
  }
  static Tile momentumStep(Tile velocity, Tile random) {
    return _mm512_srai_epi16(_mm512_adds_epi16(velocity, _mm512_srli_epi16(random, 16 - kMomentumGuardBits)),
                             kMomentumGuardBits);
  }

  /// 32 bytes to 32 x int16.
  static Tile widenBytes(const uint8_t* p) {
    return _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  /// Writes the pairs of `values` that are not zero and their groups (`first` is the group of the first
  /// pair); returns how many. Stores whole vectors, because compress instructions with a memory operand are
  /// slow on AMD's Zen 4.
  static uint32_t appendPairs(uint32_t* groups, int32_t* pairs, uint32_t first, Tile values) {
    const __m512i numbers =
        _mm512_add_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                         _mm512_set1_epi32(static_cast<int>(first)));
    const __mmask16 active = _mm512_test_epi32_mask(values, values);
    _mm512_storeu_si512(pairs, _mm512_maskz_compress_epi32(active, values));
    _mm512_storeu_si512(groups, _mm512_maskz_compress_epi32(active, numbers));
    return static_cast<uint32_t>(_mm_popcnt_u32(active));
  }

  /// tiles[0..3] = first, first + 1, ...; pairs[0..3] = pair.
  static void fillRun(uint32_t* tiles, uint32_t first, int32_t* pairs, int32_t pair) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(tiles),
                     _mm_add_epi32(_mm_set1_epi32(static_cast<int>(first)), _mm_set_epi32(3, 2, 1, 0)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(pairs), _mm_set1_epi32(pair));
  }

  static Sums zeroSums() { return _mm512_setzero_si512(); }
  static Sums loadSums(const int32_t* p) { return _mm512_loadu_si512(p); }
  static void storeSums(int32_t* p, Sums v) { _mm512_storeu_si512(p, v); }
  /// sums[i] += a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
  static Sums multiplyAdd(Sums sums, Tile a, Tile b) { return dotProduct(sums, a, b); }
  static int32_t total(Sums v) { return _mm512_reduce_add_epi32(v); }
  /// The totals of 16 vectors, in order: a tree of pairwise sums that halves the vectors while it transposes them.
  static Sums totals(const Sums* v) {
    Sums pairs[8];  // 128-bit lanes: (a b a b) sums of two vectors each
    for (int i = 0; i < 8; i++) {
      pairs[i] = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2 * i], v[2 * i + 1]),
                                  _mm512_unpackhi_epi32(v[2 * i], v[2 * i + 1]));
    }
    Sums quads[4];  // (a b c d) in each 128-bit lane
    for (int i = 0; i < 4; i++) {
      quads[i] = _mm512_add_epi32(_mm512_unpacklo_epi64(pairs[2 * i], pairs[2 * i + 1]),
                                  _mm512_unpackhi_epi64(pairs[2 * i], pairs[2 * i + 1]));
    }
    const Sums low = _mm512_add_epi32(_mm512_shuffle_i32x4(quads[0], quads[1], 0x44),
                                      _mm512_shuffle_i32x4(quads[0], quads[1], 0xEE));
    const Sums high = _mm512_add_epi32(_mm512_shuffle_i32x4(quads[2], quads[3], 0x44),
                                       _mm512_shuffle_i32x4(quads[2], quads[3], 0xEE));
    return _mm512_add_epi32(_mm512_shuffle_i32x4(low, high, 0x88), _mm512_shuffle_i32x4(low, high, 0xDD));
  }
  static Sums addSums(Sums a, Sums b) { return _mm512_add_epi32(a, b); }
  static Sums subtractSums(Sums a, Sums b) { return _mm512_sub_epi32(a, b); }
  static Sums bitAnd(Sums a, Sums b) { return _mm512_and_si512(a, b); }
  static Sums bitOr(Sums a, Sums b) { return _mm512_or_si512(a, b); }
  static Sums clampSums(Sums v, int32_t low, int32_t high) {
    return _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(high)), _mm512_set1_epi32(low));
  }
  static Sums shiftRight(Sums v, int count) { return _mm512_sra_epi32(v, _mm_cvtsi32_si128(count)); }
  static Sums shiftLeftSums(Sums v, int count) { return _mm512_sll_epi32(v, _mm_cvtsi32_si128(count)); }
  static Sums shiftRound(Sums v, int count) {
    const int32_t half = count == 0 ? 0 : 1 << (count - 1);
    return shiftRight(_mm512_add_epi32(v, _mm512_set1_epi32(half)), count);
  }
  static Sums multiplyBy(Sums v, int32_t factor) { return _mm512_mullo_epi32(v, _mm512_set1_epi32(factor)); }
  /// count - 1 in every lane above the limit.
  static Sums discountAbove(Sums count, Sums v, int32_t limit) {
    return _mm512_mask_add_epi32(count, _mm512_cmpgt_epi32_mask(v, _mm512_set1_epi32(limit)), count,
                                 _mm512_set1_epi32(-1));
  }
  static Sums absoluteSums(Sums v) { return _mm512_abs_epi32(v); }
  static uint32_t anySet(Sums v) { return _mm512_test_epi32_mask(v, v) != 0 ? 1 : 0; }

  static Half loadHalf(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static void storeHalf(int16_t* p, Half v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
  static Half broadcastHalf(int16_t v) { return _mm256_set1_epi16(v); }
  static Half addHalf(Half a, Half b) { return _mm256_add_epi16(a, b); }
  static Half narrow(Sums v) { return _mm512_cvtepi32_epi16(v); }
  static Sums widen(Half v) { return _mm512_cvtepi16_epi32(v); }
  /// The upper 15 bits of each unsigned lane.
  static Sums upperBits(Half v) { return _mm512_cvtepu16_epi32(_mm256_srli_epi16(v, 1)); }
  /// All ones where the value is positive.
  static Sums positiveMask(Half v) {
    return _mm512_maskz_set1_epi32(_mm256_cmpgt_epi16_mask(v, _mm256_setzero_si256()), -1);
  }
  /// 16 values that fit 16 bits, each twice in a row.
  static Tile twice(Sums v) {
    return _mm512_shuffle_epi8(v, _mm512_set4_epi32(0x0D0C0D0C, 0x09080908, 0x05040504, 0x01000100));
  }
  /// Values d as pairs (d, 0); oddFromEven turns them into (0, d).
  static Tile evenLanes(const int16_t* p) { return _mm512_cvtepu16_epi32(loadHalf(p)); }
  static Tile oddFromEven(Tile v) { return _mm512_slli_epi32(v, 16); }

  // The fast path.

  using Products = Sums;  ///< Sums of products of a tile before neighbours are added.
  using Row = Sums;       ///< Of 32 products, added in any order.
  static constexpr bool kFourChains =
      true;  ///< Four sums at a time, because a single one would have to wait for itself.
  static constexpr bool kTwoOfEach = true;
  static constexpr bool kOneLoadOfFour =
      true;  ///< A vector uses two of the four loads that Zen 5 performs per cycle.
  static constexpr uint32_t kDenseBlocks = 16;  ///< Tiles of a group whose sums or deltas fit in registers.
  static constexpr uint32_t kRowsAtOnce = 16;
  static constexpr uint32_t kExamplesAtOnce = 4;
  static constexpr uint32_t kRun = 32;
  static constexpr uint32_t kListedGroups = 1024;  ///< Their activity takes two registers.

  /// Bit i is set where values 2i and 2i + 1 are not both zero.
  static uint32_t activePairs(Tile v) { return _mm512_test_epi32_mask(v, v); }
  static uint32_t activePairsOfHalf(Half v) { return _mm256_test_epi32_mask(v, v); }

  /// Converts 64 bytes to values and their activity. Returns the total with the sum of the bytes added,
  /// distributed over the lanes in any way.
  static Sums expandUnit(const uint8_t* bytes, int16_t* values, uint8_t* activity, Sums total) {
    const __m512i all = _mm512_loadu_si512(bytes);
    const uint32_t active = _mm512_test_epi16_mask(all, all);
    memcpy(activity, &active, sizeof(active));
    storeTile(values, widenBytes(bytes));
    storeTile(values + 32, widenBytes(bytes + 32));
    return _mm512_add_epi32(total, _mm512_sad_epu8(all, _mm512_setzero_si512()));
  }

  static Sums widenUnsigned(Half v) { return _mm512_cvtepu16_epi32(v); }
  /// The pairs of these numbers.
  static Tile gatherPairs(const int16_t* pairs, const uint32_t* numbers) {
    return _mm512_i32gather_epi32(_mm512_loadu_si512(numbers), pairs, 4);
  }
  /// sums[numbers[i]] += values[i] for the first `count` values; the numbers differ.
  static void addAt(int32_t* sums, const uint32_t* numbers, uint32_t count, Sums values) {
    const auto lanes = static_cast<__mmask16>((1u << count) - 1);
    const __m512i places = _mm512_loadu_si512(numbers);
    const __m512i before = _mm512_mask_i32gather_epi32(values, lanes, places, sums, 4);
    _mm512_mask_i32scatter_epi32(sums, lanes, places, _mm512_add_epi32(before, values), 4);
  }
  /// Stores the first `count` values; `before` is what is there.
  static void storeFirst(int16_t* p, Half v, Half, uint32_t count) {
    _mm256_mask_storeu_epi16(p, static_cast<__mmask16>((1u << count) - 1), v);
  }

  static __m512d eightReals(const float* p) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }
  static __m512d eightReals(const double* p) { return _mm512_loadu_pd(p); }
  template <bool kScaled, typename T>
  static __m256i quantised8(const T* x, const double* offset, const double* scale, size_t i) {
    __m512d v = eightReals(x + i);
    if (kScaled) v = _mm512_mul_pd(_mm512_sub_pd(v, _mm512_loadu_pd(offset + i)), _mm512_loadu_pd(scale + i));
    v = _mm512_add_pd(_mm512_mul_pd(v, _mm512_set1_pd(1 << kActivationFraction)), _mm512_set1_pd(0.5));
    v = _mm512_roundscale_pd(v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    // The maximum is the second operand where the first one is NaN.
    v = _mm512_min_pd(_mm512_max_pd(v, _mm512_set1_pd(-kActivationMax)), _mm512_set1_pd(kActivationMax));
    return _mm512_cvtpd_epi32(v);
  }
  /// Inputs i to i + 15 as activations: quantise() in fixed/quantise.hpp.
  template <bool kScaled, typename T>
  static Half quantised(const T* x, const double* offset, const double* scale, size_t i) {
    const __m512i low = _mm512_castsi256_si512(quantised8<kScaled>(x, offset, scale, i));
    return _mm512_cvtepi32_epi16(_mm512_inserti64x4(low, quantised8<kScaled>(x, offset, scale, i + 8), 1));
  }
  static Tile tileOf(Half low, Half high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }

  static Products zeroProducts() { return _mm512_setzero_si512(); }
  static Products addProducts(Products a, Products b) { return _mm512_add_epi32(a, b); }
  static Sums sumsOf(Products v) { return v; }
  static void dotTile(Products& sums, const int16_t* weights, const int16_t* pair) {
    sums = dotProductOfPair(sums, _mm512_loadu_si512(weights), pair);
  }
  /// The same with weights in memory and a pair in a register.
  static void dotLoaded(Products& sums, const int16_t* weights, Tile pair) {
#if defined(__GNUC__) && !defined(__clang__)
    typedef __m512i __attribute__((may_alias, aligned(2))) Weights;
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sums) : "v"(pair), "m"(*reinterpret_cast<const Weights*>(weights)));
#else
    sums = _mm512_dpwssd_epi32(sums, pair, _mm512_loadu_si512(weights));
#endif
  }
  static void dotPair(Products& sums, Tile weights, const int16_t* pair) {
    sums = dotProductOfPair(sums, weights, pair);
  }

  /// list[0..31] = tile, tile + 1, ...
  static void fillTiles(uint16_t* list, uint32_t tile) {
    _mm512_storeu_si512(
        list, _mm512_add_epi16(_mm512_loadu_si512(kNumbers), _mm512_set1_epi16(static_cast<int16_t>(tile))));
  }
  /// The activity of a layer, in one register or two.
  struct Activity {
    __m512i low, high;
    bool two;

    Activity(const uint8_t* activity, uint32_t groups)
        : low(_mm512_loadu_si512(activity)),
          high(groups > 512 ? _mm512_loadu_si512(activity + 64) : low),
          two(groups > 512) {}

    /// Bit i is set if the activity bit of place i is.
    uint64_t of(const uint8_t* groupBytes, const uint8_t* groupBits) const {
      const __m512i places = _mm512_loadu_si512(groupBytes);
      const __m512i bytes =
          two ? _mm512_permutex2var_epi8(low, places, high) : _mm512_permutexvar_epi8(places, low);
      return static_cast<uint64_t>(_mm512_test_epi8_mask(bytes, _mm512_loadu_si512(groupBits)));
    }
  };
  /// The numbers of the bits that are set, ascending, then 63; writes 64 of them. Returns how many bits are set.
  static uint32_t listPlaces(uint64_t bits, uint8_t* places) {
    const __m512i empty = _mm512_set1_epi8(63);
    _mm512_storeu_si512(places, _mm512_mask_compress_epi8(empty, bits, _mm512_loadu_si512(kPlaces)));
    return static_cast<uint32_t>(_mm_popcnt_u64(bits));
  }
  /// Sets list[i] to tiles[places[i]] for i below 64.
  static void tilesAt(const uint16_t* tiles, const uint8_t* places, uint32_t, uint16_t* list) {
    const __m512i low = _mm512_loadu_si512(tiles), high = _mm512_loadu_si512(tiles + 32);
    for (uint32_t i = 0; i < 64; i += 32) {
      const __m512i few =
          _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(places + i)));
      _mm512_storeu_si512(list + i, _mm512_permutex2var_epi16(low, few, high));
    }
  }

  template <bool kTwo, bool kSome>
  static uint32_t listActiveOf(const TileFlags* flags, uint32_t tiles, const uint8_t* activity,
                               const uint8_t* moving, uint16_t* list) {
    const __m512i low = _mm512_loadu_si512(activity);
    const __m512i high = kTwo ? _mm512_loadu_si512(activity + 64) : low;
    const __m512i moved = kSome ? _mm512_loadu_si512(moving) : low;
    const __m512i next = _mm512_set1_epi16(64);
    __m512i first = _mm512_loadu_si512(kNumbers);
    __m512i second = _mm512_add_epi16(first, _mm512_set1_epi16(32));
    uint32_t count = 0;
    for (uint32_t tile = 0; tile < tiles; tile += 64) {
      const __m512i places = _mm512_loadu_si512(flags->groupBytes + tile);
      const __m512i bytes =
          kTwo ? _mm512_permutex2var_epi8(low, places, high) : _mm512_permutexvar_epi8(places, low);
      __mmask64 active = _mm512_test_epi8_mask(bytes, _mm512_loadu_si512(flags->groupBits + tile));
      if (kSome) {
        const __m512i blocks = _mm512_permutexvar_epi8(_mm512_loadu_si512(flags->blockBytes + tile), moved);
        active = _mm512_mask_test_epi8_mask(active, blocks, _mm512_loadu_si512(flags->blockBits + tile));
      }
      const auto ones = static_cast<uint64_t>(active);
      const auto firstOnes = static_cast<uint32_t>(ones), secondOnes = static_cast<uint32_t>(ones >> 32);
      _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi16(firstOnes, first));
      count += static_cast<uint32_t>(_mm_popcnt_u32(firstOnes));
      _mm512_storeu_si512(list + count, _mm512_maskz_compress_epi16(secondOnes, second));
      count += static_cast<uint32_t>(_mm_popcnt_u32(secondOnes));
      first = _mm512_add_epi16(first, next);
      second = _mm512_add_epi16(second, next);
    }
    return count;
  }
  static uint32_t listActive(const TileFlags* flags, uint32_t tiles, uint32_t groups, const uint8_t* activity,
                             const uint8_t* moving, uint16_t* list) {
    if (groups <= 512) {
      return moving != nullptr ? listActiveOf<false, true>(flags, tiles, activity, moving, list)
                               : listActiveOf<false, false>(flags, tiles, activity, moving, list);
    }
    return moving != nullptr ? listActiveOf<true, true>(flags, tiles, activity, moving, list)
                             : listActiveOf<true, false>(flags, tiles, activity, moving, list);
  }

  static Row zeroRow() { return _mm512_setzero_si512(); }
  static Row dotRow(Row sum, Tile a, Tile b) { return dotProduct(sum, a, b); }
  static Sums rowTotals(const Row* rows) { return totals(rows); }
  /// Adds delta * weight of two rows of 32 left neurons (Errors in wide_fast_vector.inl).
  static void addErrors(Sums& low, Sums& high, Tile even, Tile odd, const int16_t* deltas) {
    low = dotProductOfPair(low, _mm512_unpacklo_epi16(even, odd), deltas);
    high = dotProductOfPair(high, _mm512_unpackhi_epi16(even, odd), deltas);
  }
  static bool anyBeyond(Sums a, Sums b, int32_t limit) {
    const Sums larger = _mm512_max_epi32(_mm512_abs_epi32(a), _mm512_abs_epi32(b));
    return _mm512_cmpgt_epi32_mask(larger, _mm512_set1_epi32(limit)) != 0;
  }
  /// Clipped to +-32767, zero where the value is not positive, in order.
  static Tile deltasOf(Sums low, Sums high, Tile values) {
    const Tile packed = _mm512_max_epi16(_mm512_packs_epi32(low, high), _mm512_set1_epi16(-kDeltaMax));
    return _mm512_maskz_mov_epi16(_mm512_cmpgt_epi16_mask(values, _mm512_setzero_si512()), packed);
  }

  static Sums broadcastSum(int32_t v) { return _mm512_set1_epi32(v); }
  static Sums bitAndNot(Sums a, Sums b) { return _mm512_andnot_si512(a, b); }
  /// All ones where the condition holds.
  static Sums below(Sums v, int32_t limit) {
    return _mm512_maskz_set1_epi32(_mm512_cmplt_epi32_mask(v, _mm512_set1_epi32(limit)), -1);
  }
  static Sums equals(Sums a, Sums b) { return _mm512_maskz_set1_epi32(_mm512_cmpeq_epi32_mask(a, b), -1); }
  static uint32_t laneMask(Sums v) { return _mm512_movepi32_mask(v); }
  static int32_t largestSum(Sums v) { return _mm512_reduce_max_epi32(v); }
  static Sums minUnsigned(Sums v, int32_t limit) { return _mm512_min_epu32(v, _mm512_set1_epi32(limit)); }
  static Sums shiftRightUnsigned(Sums v, int count) { return _mm512_srl_epi32(v, _mm_cvtsi32_si128(count)); }
  static Sums shiftRightEach(Sums v, Sums counts) { return _mm512_srav_epi32(v, counts); }
  /// a * b, where a has 16 bits and b has 15.
  static Sums multiplySmall(Sums a, Sums b) { return _mm512_madd_epi16(a, b); }

  /// Eight numbers of a stream (randomAt() in fixed/random.hpp), from number `first` on.
  static void drawNumbers(uint64_t key, uint64_t first, uint16_t* lanes) {
    constexpr uint64_t kStep = 0x9E3779B97F4A7C15ull;
    alignas(64) static constexpr uint64_t kCounters[8] = {kStep,     2 * kStep, 3 * kStep, 4 * kStep,
                                                          5 * kStep, 6 * kStep, 7 * kStep, 8 * kStep};
    __m512i x = _mm512_add_epi64(_mm512_loadu_si512(kCounters),
                                 _mm512_set1_epi64(static_cast<long long>(key + first * kStep)));
    x = _mm512_mullo_epi64(_mm512_xor_si512(x, _mm512_srli_epi64(x, 30)),
                           _mm512_set1_epi64(static_cast<long long>(0xBF58476D1CE4E5B9ull)));
    x = _mm512_mullo_epi64(_mm512_xor_si512(x, _mm512_srli_epi64(x, 27)),
                           _mm512_set1_epi64(static_cast<long long>(0x94D049BB133111EBull)));
    _mm512_storeu_si512(lanes, _mm512_xor_si512(x, _mm512_srli_epi64(x, 31)));
  }

 private:
  alignas(64) static constexpr uint8_t kPlaces[64] = {
      0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
      22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
      44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  alignas(64) static constexpr uint16_t kNumbers[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                        11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                        22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
};

}  // namespace
}  // namespace sparse_train

#include "wide_vector.inl"

namespace sparse_train {

const WideKernels* wideKernelsAvx512() {
  static constexpr WideKernels kernels = makeKernels();
  return &kernels;
}

}  // namespace sparse_train
