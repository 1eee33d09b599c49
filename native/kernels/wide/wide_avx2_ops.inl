// The operations of wide_vector.inl on AVX2: a tile is two 256-bit registers. wide_avx2.cpp and wide_avx2vnni.cpp define
// dotProduct(sums, a, b) before they include this file.

#include "wide_octets.inl"

namespace sparse_train {
namespace {

struct Ops {
  using Half = __m256i;
  /// `low` holds the lanes of right neurons 0 to 7 of the tile, `high` those of 8 to 15.
  struct Tile {
    __m256i low, high;
  };
  struct Sums {
    __m256i low, high;
  };

  static __m256i load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void store(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }
  static __m128i lowHalf(__m256i v) { return _mm256_castsi256_si128(v); }
  static __m128i highHalf(__m256i v) { return _mm256_extracti128_si256(v, 1); }

  static Tile loadTile(const int16_t* p) { return {load(p), load(p + 16)}; }
  static void storeTile(int16_t* p, Tile v) {
    store(p, v.low);
    store(p + 16, v.high);
  }
  static Tile broadcastPair(int32_t pair) { return {_mm256_set1_epi32(pair), _mm256_set1_epi32(pair)}; }
  static Tile broadcast(int16_t v) { return {_mm256_set1_epi16(v), _mm256_set1_epi16(v)}; }
  static Tile add(Tile a, Tile b) {
    return {_mm256_add_epi16(a.low, b.low), _mm256_add_epi16(a.high, b.high)};
  }
  static Tile addClip(Tile a, Tile b) {
    return {_mm256_adds_epi16(a.low, b.low), _mm256_adds_epi16(a.high, b.high)};
  }
  static Tile subtractClip(Tile a, Tile b) {
    return {_mm256_subs_epi16(a.low, b.low), _mm256_subs_epi16(a.high, b.high)};
  }
  static Tile clamp(Tile v, Tile low, Tile high) {
    return {_mm256_max_epi16(_mm256_min_epi16(v.low, high.low), low.low),
            _mm256_max_epi16(_mm256_min_epi16(v.high, high.high), low.high)};
  }
  static Tile absolute(Tile v) { return {_mm256_abs_epi16(v.low), _mm256_abs_epi16(v.high)}; }
  static Tile shiftLeft(Tile v, int count) {
    const __m128i bits = _mm_cvtsi32_si128(count);
    return {_mm256_sll_epi16(v.low, bits), _mm256_sll_epi16(v.high, bits)};
  }
  /// Bit i of the 16-bit `mask` selects `yes` for lane i.
  static __m256i select16(int16_t mask, __m256i yes, __m256i no) {
    const __m256i bits =
        _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, -32768);
    const __m256i chosen = _mm256_cmpeq_epi16(_mm256_and_si256(_mm256_set1_epi16(mask), bits), bits);
    return _mm256_blendv_epi8(no, yes, chosen);
  }
  static Tile select(uint32_t mask, Tile yes, Tile no) {
    return {select16(static_cast<int16_t>(mask & 0xFFFF), yes.low, no.low),
            select16(static_cast<int16_t>(mask >> 16), yes.high, no.high)};
  }

  static Tile subtract(Tile a, Tile b) {
    return {_mm256_sub_epi16(a.low, b.low), _mm256_sub_epi16(a.high, b.high)};
  }
  /// ~r with the top bit flipped, because AVX2 only compares signed numbers.
  static Tile threshold(Tile r) {
    const __m256i bits = _mm256_set1_epi16(0x7FFF);
    return {_mm256_xor_si256(r.low, bits), _mm256_xor_si256(r.high, bits)};
  }
  /// (a * b + r) >> 16 with unsigned r, given as its threshold: the high half of the product plus the carry
  /// from the low half, which occurs if low > 65535 - r = ~r.
  static __m256i productHigh16(__m256i a, __m256i b, __m256i threshold) {
    const __m256i low = _mm256_xor_si256(_mm256_mullo_epi16(a, b), _mm256_set1_epi16(-0x8000));
    return _mm256_sub_epi16(_mm256_mulhi_epi16(a, b), _mm256_cmpgt_epi16(low, threshold));
  }
  static Tile productHigh(Tile a, Tile b, Tile threshold) {
    return {productHigh16(a.low, b.low, threshold.low), productHigh16(a.high, b.high, threshold.high)};
  }
  static __m256i momentumStep16(__m256i velocity, __m256i random) {
    return _mm256_srai_epi16(_mm256_adds_epi16(velocity, _mm256_srli_epi16(random, 16 - kMomentumGuardBits)),
                             kMomentumGuardBits);
  }
  static Tile momentumStep(Tile velocity, Tile random) {
    return {momentumStep16(velocity.low, random.low), momentumStep16(velocity.high, random.high)};
  }

  /// 32 bytes to 32 x int16.
  static Tile widenBytes(const uint8_t* p) {
    const __m256i bytes = load(p);
    return {_mm256_cvtepu8_epi16(lowHalf(bytes)), _mm256_cvtepu8_epi16(highHalf(bytes))};
  }
  static uint32_t appendPairs8(uint32_t* groups, int32_t* pairs, uint32_t first, __m256i values) {
    const __m256i zero = _mm256_cmpeq_epi32(values, _mm256_setzero_si256());
    const uint32_t active = static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(zero))) ^ 0xFF;
    const __m256i lanes =
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(kOctets.lanes[active])));
    store(pairs, _mm256_permutevar8x32_epi32(values, lanes));
    store(groups, _mm256_add_epi32(lanes, _mm256_set1_epi32(static_cast<int32_t>(first))));
    return static_cast<uint32_t>(_mm_popcnt_u32(active));
  }
  /// Writes the pairs of `values` that are not zero and their groups (`first` is the group of the first
  /// pair); returns how many. Stores whole vectors.
  static uint32_t appendPairs(uint32_t* groups, int32_t* pairs, uint32_t first, Tile values) {
    const uint32_t low = appendPairs8(groups, pairs, first, values.low);
    return low + appendPairs8(groups + low, pairs + low, first + 8, values.high);
  }

  /// tiles[0..3] = first, first + 1, ...; pairs[0..3] = pair.
  static void fillRun(uint32_t* tiles, uint32_t first, int32_t* pairs, int32_t pair) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(tiles),
                     _mm_add_epi32(_mm_set1_epi32(static_cast<int>(first)), _mm_set_epi32(3, 2, 1, 0)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(pairs), _mm_set1_epi32(pair));
  }

  static Sums zeroSums() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
  static Sums loadSums(const int32_t* p) { return {load(p), load(p + 8)}; }
  static void storeSums(int32_t* p, Sums v) {
    store(p, v.low);
    store(p + 8, v.high);
  }
  /// sums[i] += a[2i] * b[2i] + a[2i + 1] * b[2i + 1].
  static Sums multiplyAdd(Sums sums, Tile a, Tile b) {
    return {dotProduct(sums.low, a.low, b.low), dotProduct(sums.high, a.high, b.high)};
  }
  static int32_t total(Sums v) {
    const __m256i eight = _mm256_add_epi32(v.low, v.high);
    const __m128i four = _mm_add_epi32(lowHalf(eight), highHalf(eight));
    const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }
  /// The totals of 16 vectors, in order.
  static Sums totals(const Sums* v) { return {totalsOf8(v), totalsOf8(v + 8)}; }
  static __m256i totalsOf8(const Sums* v) {
    __m256i quads[2];  // sums of vectors 4i to 4i + 3, of the low and of the high 128 bits
    for (int i = 0; i < 2; i++) {
      __m256i eight[4];
      for (int k = 0; k < 4; k++) eight[k] = _mm256_add_epi32(v[4 * i + k].low, v[4 * i + k].high);
      quads[i] =
          _mm256_hadd_epi32(_mm256_hadd_epi32(eight[0], eight[1]), _mm256_hadd_epi32(eight[2], eight[3]));
    }
    return _mm256_add_epi32(_mm256_permute2x128_si256(quads[0], quads[1], 0x20),
                            _mm256_permute2x128_si256(quads[0], quads[1], 0x31));
  }
  static Sums addSums(Sums a, Sums b) {
    return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
  }
  static Sums subtractSums(Sums a, Sums b) {
    return {_mm256_sub_epi32(a.low, b.low), _mm256_sub_epi32(a.high, b.high)};
  }
  static Sums bitAnd(Sums a, Sums b) {
    return {_mm256_and_si256(a.low, b.low), _mm256_and_si256(a.high, b.high)};
  }
  static Sums bitOr(Sums a, Sums b) {
    return {_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
  }
  static Sums clampSums(Sums v, int32_t low, int32_t high) {
    const __m256i least = _mm256_set1_epi32(low);
    const __m256i most = _mm256_set1_epi32(high);
    return {_mm256_max_epi32(_mm256_min_epi32(v.low, most), least),
            _mm256_max_epi32(_mm256_min_epi32(v.high, most), least)};
  }
  static Sums shiftRight(Sums v, int count) {
    const __m128i bits = _mm_cvtsi32_si128(count);
    return {_mm256_sra_epi32(v.low, bits), _mm256_sra_epi32(v.high, bits)};
  }
  static Sums shiftLeftSums(Sums v, int count) {
    const __m128i bits = _mm_cvtsi32_si128(count);
    return {_mm256_sll_epi32(v.low, bits), _mm256_sll_epi32(v.high, bits)};
  }
  static Sums shiftRound(Sums v, int count) {
    const __m256i half = _mm256_set1_epi32(count == 0 ? 0 : 1 << (count - 1));
    return shiftRight({_mm256_add_epi32(v.low, half), _mm256_add_epi32(v.high, half)}, count);
  }
  static Sums multiplyBy(Sums v, int32_t factor) {
    const __m256i factors = _mm256_set1_epi32(factor);
    return {_mm256_mullo_epi32(v.low, factors), _mm256_mullo_epi32(v.high, factors)};
  }
  /// count - 1 in every lane above the limit.
  static Sums discountAbove(Sums count, Sums v, int32_t limit) {
    const __m256i limits = _mm256_set1_epi32(limit);
    return {_mm256_add_epi32(count.low, _mm256_cmpgt_epi32(v.low, limits)),
            _mm256_add_epi32(count.high, _mm256_cmpgt_epi32(v.high, limits))};
  }
  static Sums absoluteSums(Sums v) { return {_mm256_abs_epi32(v.low), _mm256_abs_epi32(v.high)}; }
  static uint32_t anySet(Sums v) {
    const __m256i all = _mm256_or_si256(v.low, v.high);
    return _mm256_testz_si256(all, all) == 0 ? 1 : 0;
  }

  static Half loadHalf(const int16_t* p) { return load(p); }
  static void storeHalf(int16_t* p, Half v) { store(p, v); }
  static Half broadcastHalf(int16_t v) { return _mm256_set1_epi16(v); }
  static Half addHalf(Half a, Half b) { return _mm256_add_epi16(a, b); }
  /// 16 values that fit 16 bits.
  static Half narrow(Sums v) { return _mm256_permute4x64_epi64(_mm256_packs_epi32(v.low, v.high), 0xD8); }
  static Sums widen(Half v) {
    return {_mm256_cvtepi16_epi32(lowHalf(v)), _mm256_cvtepi16_epi32(highHalf(v))};
  }
  static Sums widenUnsigned(Half v) {
    return {_mm256_cvtepu16_epi32(lowHalf(v)), _mm256_cvtepu16_epi32(highHalf(v))};
  }
  /// The upper 15 bits of each unsigned lane.
  static Sums upperBits(Half v) { return widenUnsigned(_mm256_srli_epi16(v, 1)); }
  /// All ones where the value is positive.
  static Sums positiveMask(Half v) { return widen(_mm256_cmpgt_epi16(v, _mm256_setzero_si256())); }
  /// 16 values that fit 16 bits, each twice in a row.
  static Tile twice(Sums v) {
    return {_mm256_blend_epi16(v.low, _mm256_slli_epi32(v.low, 16), 0xAA),
            _mm256_blend_epi16(v.high, _mm256_slli_epi32(v.high, 16), 0xAA)};
  }
  /// Values d as pairs (d, 0); oddFromEven turns them into (0, d).
  static Tile evenLanes(const int16_t* p) {
    const Sums pairs = widenUnsigned(loadHalf(p));
    return {pairs.low, pairs.high};
  }
  static Tile oddFromEven(Tile v) { return {_mm256_slli_epi32(v.low, 16), _mm256_slli_epi32(v.high, 16)}; }

  // The fast path.

  using Products = Sums;                     ///< Sums of products of a tile before neighbours are added.
  using Row = __m256i;                       ///< Of 32 products, added in any order.
  static constexpr bool kFourChains = true;  ///< Whether registers suffice for four sums at a time ...
  static constexpr bool kTwoOfEach = false;  ///< ... and for two sums of each of four examples.
  static constexpr bool kOneLoadOfFour = false;
  static constexpr uint32_t kDenseBlocks = 4;  ///< Tiles of a group whose sums or deltas fit in registers.
  static constexpr uint32_t kRowsAtOnce = 10;
  static constexpr uint32_t kExamplesAtOnce = 4;
  static constexpr uint32_t kRun = 16;
  static constexpr uint32_t kListedGroups = 0;  ///< No compress instruction: tiles are listed by runs.

  static uint32_t activePairs8(__m256i v) {
    const __m256i zero = _mm256_cmpeq_epi32(v, _mm256_setzero_si256());
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(zero))) ^ 0xFF;
  }
  /// Bit i is set where values 2i and 2i + 1 are not both zero.
  static uint32_t activePairs(Tile v) { return activePairs8(v.low) | activePairs8(v.high) << 8; }
  static uint32_t activePairsOfHalf(Half v) { return activePairs8(v); }

  /// Converts 64 bytes to values and their activity. Returns the total with the sum of the bytes added,
  /// distributed over the lanes in any way.
  static Sums expandUnit(const uint8_t* bytes, int16_t* values, uint8_t* activity, Sums total) {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i low = load(bytes), high = load(bytes + 32);
    const __m256i silent = _mm256_packs_epi16(_mm256_cmpeq_epi16(low, zero), _mm256_cmpeq_epi16(high, zero));
    const uint32_t active =
        ~static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_permute4x64_epi64(silent, 0xD8)));
    memcpy(activity, &active, sizeof(active));
    storeTile(values, widenBytes(bytes));
    storeTile(values + 32, widenBytes(bytes + 32));
    return addSums(total, {_mm256_sad_epu8(low, zero), _mm256_sad_epu8(high, zero)});
  }

  /// The pairs of these numbers.
  static Tile gatherPairs(const int16_t* pairs, const uint32_t* numbers) {
    const auto* base = reinterpret_cast<const int*>(pairs);
    return {_mm256_i32gather_epi32(base, load(numbers), 4),
            _mm256_i32gather_epi32(base, load(numbers + 8), 4)};
  }
  /// sums[numbers[i]] += values[i] for the first `count` values.
  static void addAt(int32_t* sums, const uint32_t* numbers, uint32_t count, Sums values) {
    int32_t each[16];
    storeSums(each, values);
    for (uint32_t i = 0; i < count; i++) sums[numbers[i]] += each[i];
  }
  /// Stores the first `count` values; `before` is what is there.
  static void storeFirst(int16_t* p, Half v, Half before, uint32_t count) {
    alignas(32) static constexpr int16_t kFirst[32] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                       -1, -1, -1, -1, -1, -1, -1, -1};
    store(p, _mm256_blendv_epi8(before, v, load(kFirst + 16 - count)));
  }

  static __m256d fourReals(const float* p) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
  static __m256d fourReals(const double* p) { return _mm256_loadu_pd(p); }
  template <bool kScaled, typename T>
  static __m128i quantised4(const T* x, const double* offset, const double* scale, size_t i) {
    __m256d v = fourReals(x + i);
    if (kScaled) v = _mm256_mul_pd(_mm256_sub_pd(v, _mm256_loadu_pd(offset + i)), _mm256_loadu_pd(scale + i));
    v = _mm256_add_pd(_mm256_mul_pd(v, _mm256_set1_pd(1 << kActivationFraction)), _mm256_set1_pd(0.5));
    v = _mm256_floor_pd(v);
    // The maximum is the second operand where the first one is NaN.
    v = _mm256_min_pd(_mm256_max_pd(v, _mm256_set1_pd(-kActivationMax)), _mm256_set1_pd(kActivationMax));
    return _mm256_cvtpd_epi32(v);
  }
  /// Inputs i to i + 15 as activations: quantise() in fixed/quantise.hpp.
  template <bool kScaled, typename T>
  static Half quantised(const T* x, const double* offset, const double* scale, size_t i) {
    const auto four = [&](size_t k) { return quantised4<kScaled>(x, offset, scale, i + k); };
    return _mm256_packs_epi32(_mm256_set_m128i(four(8), four(0)), _mm256_set_m128i(four(12), four(4)));
  }
  static Tile tileOf(Half low, Half high) { return {low, high}; }

  static Products zeroProducts() { return zeroSums(); }
  static Products addProducts(Products a, Products b) { return addSums(a, b); }
  static Sums sumsOf(Products v) { return v; }
  static __m256i pairOf(const int16_t* pair) {
    int32_t both;
    memcpy(&both, pair, sizeof(both));
    return _mm256_set1_epi32(both);
  }
  static void dotTile(Products& sums, const int16_t* weights, const int16_t* pair) {
    dotPair(sums, loadTile(weights), pair);
  }
  static void dotLoaded(Products& sums, const int16_t* weights, Tile pair) {
    sums = multiplyAdd(sums, loadTile(weights), pair);
  }
  static void dotPair(Products& sums, Tile weights, const int16_t* pair) {
    const __m256i both = pairOf(pair);
    sums.low = dotProduct(sums.low, weights.low, both);
    sums.high = dotProduct(sums.high, weights.high, both);
  }

  /// list[0..15] = tile, tile + 1, ...
  static void fillTiles(uint16_t* list, uint32_t tile) {
    store(list, _mm256_add_epi16(_mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                 _mm256_set1_epi16(static_cast<int16_t>(tile))));
  }
  static uint32_t listActive(const TileFlags*, uint32_t, uint32_t, const uint8_t*, const uint8_t*,
                             uint16_t*) {
    return 0;
  }

  /// The activity of a layer.
  struct Activity {
    const uint8_t* activity;
    uint32_t parts;  ///< of 16 bytes

    Activity(const uint8_t* bytes, uint32_t groups) : activity(bytes), parts((groups + 127) / 128) {}

    /// Bit i is set if the activity bit of place i is.
    uint64_t of(const uint8_t* groupBytes, const uint8_t* groupBits) const {
      const __m256i above = _mm256_set1_epi8(0x70), next = _mm256_set1_epi8(16);
      __m256i low = load(groupBytes), high = load(groupBytes + 32);
      __m256i lowFound = _mm256_setzero_si256(), highFound = lowFound;
      for (uint32_t part = 0; part < parts; part++) {
        const __m256i bytes = _mm256_broadcastsi128_si256(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(activity + size_t{16} * part)));
        // A shuffle gives 0 for numbers from 128 on: those below 0 and, with 0x70 added, those above 15.
        lowFound = _mm256_or_si256(lowFound, _mm256_shuffle_epi8(bytes, _mm256_adds_epu8(low, above)));
        highFound = _mm256_or_si256(highFound, _mm256_shuffle_epi8(bytes, _mm256_adds_epu8(high, above)));
        low = _mm256_sub_epi8(low, next);
        high = _mm256_sub_epi8(high, next);
      }
      return ~(inactive(lowFound, load(groupBits)) | inactive(highFound, load(groupBits + 32)) << 32);
    }

   private:
    static uint64_t inactive(__m256i bytes, __m256i bits) {
      const __m256i zero = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, bits), _mm256_setzero_si256());
      return static_cast<uint32_t>(_mm256_movemask_epi8(zero));
    }
  };
  static uint32_t listPlaces(uint64_t bits, uint8_t* places) { return listBits(bits, places); }
  /// Sets list[i] to tiles[places[i]] for i below `count`, and may write up to 3 entries more.
  static void tilesAt(const uint16_t* tiles, const uint8_t* places, uint32_t count, uint16_t* list) {
    for (uint32_t i = 0; i < count; i += 4) {
      for (uint32_t k = 0; k < 4; k++) list[i + k] = tiles[places[i + k]];
    }
  }

  static Row zeroRow() { return _mm256_setzero_si256(); }
  static Row dotRow(Row sum, Tile a, Tile b) {
    return dotProduct(dotProduct(sum, a.low, b.low), a.high, b.high);
  }
  static __m256i rowTotals8(const Row* v) {
    const __m256i low = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    const __m256i high = _mm256_hadd_epi32(_mm256_hadd_epi32(v[4], v[5]), _mm256_hadd_epi32(v[6], v[7]));
    return _mm256_add_epi32(_mm256_permute2x128_si256(low, high, 0x20),
                            _mm256_permute2x128_si256(low, high, 0x31));
  }
  static Sums rowTotals(const Row* rows) { return {rowTotals8(rows), rowTotals8(rows + 8)}; }
  /// Adds delta * weight of two rows of 32 left neurons (Errors in wide_fast_vector.inl).
  static void addErrors(Sums& low, Sums& high, Tile even, Tile odd, const int16_t* deltas) {
    const __m256i pair = pairOf(deltas);
    low.low = dotProduct(low.low, _mm256_unpacklo_epi16(even.low, odd.low), pair);
    high.low = dotProduct(high.low, _mm256_unpackhi_epi16(even.low, odd.low), pair);
    low.high = dotProduct(low.high, _mm256_unpacklo_epi16(even.high, odd.high), pair);
    high.high = dotProduct(high.high, _mm256_unpackhi_epi16(even.high, odd.high), pair);
  }
  static bool anyBeyond(Sums a, Sums b, int32_t limit) {
    const __m256i low = _mm256_max_epi32(_mm256_abs_epi32(a.low), _mm256_abs_epi32(b.low));
    const __m256i high = _mm256_max_epi32(_mm256_abs_epi32(a.high), _mm256_abs_epi32(b.high));
    const __m256i beyond = _mm256_cmpgt_epi32(_mm256_max_epi32(low, high), _mm256_set1_epi32(limit));
    return _mm256_testz_si256(beyond, beyond) == 0;
  }
  static __m256i deltasOf16(__m256i low, __m256i high, __m256i values) {
    const __m256i packed = _mm256_max_epi16(_mm256_packs_epi32(low, high), _mm256_set1_epi16(-kDeltaMax));
    return _mm256_and_si256(packed, _mm256_cmpgt_epi16(values, _mm256_setzero_si256()));
  }
  /// Clipped to +-32767, zero where the value is not positive, in order.
  static Tile deltasOf(Sums low, Sums high, Tile values) {
    return {deltasOf16(low.low, high.low, values.low), deltasOf16(low.high, high.high, values.high)};
  }

  static Sums broadcastSum(int32_t v) { return {_mm256_set1_epi32(v), _mm256_set1_epi32(v)}; }
  static Sums bitAndNot(Sums a, Sums b) {
    return {_mm256_andnot_si256(a.low, b.low), _mm256_andnot_si256(a.high, b.high)};
  }
  /// All ones where the condition holds.
  static Sums below(Sums v, int32_t limit) {
    const __m256i limits = _mm256_set1_epi32(limit);
    return {_mm256_cmpgt_epi32(limits, v.low), _mm256_cmpgt_epi32(limits, v.high)};
  }
  static Sums equals(Sums a, Sums b) {
    return {_mm256_cmpeq_epi32(a.low, b.low), _mm256_cmpeq_epi32(a.high, b.high)};
  }
  static uint32_t laneMask(Sums v) {
    return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(v.low))) |
           static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(v.high))) << 8;
  }
  static int32_t largestSum(Sums v) {
    const __m256i eight = _mm256_max_epi32(v.low, v.high);
    const __m128i four = _mm_max_epi32(lowHalf(eight), highHalf(eight));
    const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }
  static Sums minUnsigned(Sums v, int32_t limit) {
    const __m256i limits = _mm256_set1_epi32(limit);
    return {_mm256_min_epu32(v.low, limits), _mm256_min_epu32(v.high, limits)};
  }
  static Sums shiftRightUnsigned(Sums v, int count) {
    const __m128i bits = _mm_cvtsi32_si128(count);
    return {_mm256_srl_epi32(v.low, bits), _mm256_srl_epi32(v.high, bits)};
  }
  static Sums shiftRightEach(Sums v, Sums counts) {
    return {_mm256_srav_epi32(v.low, counts.low), _mm256_srav_epi32(v.high, counts.high)};
  }
  /// a * b, where a has 16 bits and b has 15.
  static Sums multiplySmall(Sums a, Sums b) {
    return {_mm256_madd_epi16(a.low, b.low), _mm256_madd_epi16(a.high, b.high)};
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
