// The vector kernels of the hardware's datapath for words of up to 16 bits, written once over a small set of operations
// that each instruction set provides as `struct Ops` before including this file (see hardware_avx512.cpp for the list).
// Everything is in the unnamed namespace: nothing here may be shared between instruction sets by the linker.
//
//   Words   kLanes x int16      Sums   kLanes / 2 x int32
//
// Where an operand is below 1 in size (activations, derivatives, most deltas), shifted left by 15 - F it fits 16 bits,
// and the instructions' own rounding high multiplication, (a * b + 2^14) >> 15, is mul(): the product never saturates,
// and rounding up by the highest bit cut off is adding one half. Otherwise whole products are formed.

namespace sparse_train {
namespace {

using Words = Ops::Words;
using Sums = Ops::Sums;
using Wiring = HardwareWiring;
using Sweep = HardwareSweep<int16_t>;

constexpr uint32_t kLanes = Ops::kLanes;
/// The number of edges whose products (up to 2^15 in size) a 32-bit sum can hold.
constexpr uint64_t kSegment = 1u << 15;
constexpr int64_t kSumLimit = HardwareSum<int16_t>::kLimit;

/// mul() and add() of a format. `kSmall`: whether the first operand is below 1 in size.
template <bool kSmall>
struct Arithmetic {
  Words low, high;
  Sums sumLow, sumHigh;
  int fraction, shift;

  explicit Arithmetic(const HardwareNumber& number)
      : low(Ops::broadcast(static_cast<int16_t>(number.min))),
        high(Ops::broadcast(static_cast<int16_t>(number.max))),
        sumLow(Ops::broadcastSum(number.min)),
        sumHigh(Ops::broadcastSum(number.max)),
        fraction(number.fraction),
        shift(15 - number.fraction) {}

  Words multiply(Words a, Words b) const {
    if constexpr (kSmall) return Ops::multiplyRound(Ops::shiftLeft(a, shift), b);
    Sums first = Ops::productsLow(a, b);
    Sums second = Ops::productsHigh(a, b);
    first = round(first);
    second = round(second);
    return Ops::pack(first, second);
  }
  /// Rounds up only after clipping and then clips at the maximum again: q + 1 unless q is the maximum.
  Sums round(Sums product) const {
    const Sums cut = Ops::clampSums(Ops::shiftRight(product, fraction), sumLow, sumHigh);
    const Sums half = Ops::andOne(Ops::shiftRight(product, fraction - 1));
    return Ops::minSums(Ops::addSums(cut, half), sumHigh);
  }
  Words add(Words a, Words b) const { return Ops::clamp(Ops::addClip(a, b), low, high); }
};

void loadBytes(const uint8_t* bytes, size_t n, const HardwareNumber* number, int16_t* values) {
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    Ops::store(values + i, Ops::scaleBytes(bytes + i, number->fraction - 8));
  for (; i < n; i++) values[i] = static_cast<int16_t>(hardwareInput(bytes[i], *number));
}

/// The edges begin .. end - 1 of a right neuron in a sweep (at most kSegment); their products are added up.
template <bool kForward, bool kBackward, bool kUpdate, bool kSmall>
inline int32_t sweepEdges(const Sweep& work, const Arithmetic<kSmall>& arithmetic, uint32_t right,
                          uint64_t begin, uint64_t end) {
  Sums sum = Ops::zeroSums();
  [[maybe_unused]] const Words delta = kBackward ? Ops::broadcast(work.deltas[right]) : arithmetic.low;
  [[maybe_unused]] const Words step = kUpdate ? Ops::broadcast(work.steps[right]) : arithmetic.low;
  for (uint64_t edge = begin; edge < end; edge += kLanes) {
    const Words weights = Ops::load(work.weights + edge);
    const uint32_t count = end - edge < kLanes ? static_cast<uint32_t>(end - edge) : kLanes;
    if constexpr (kForward) {
      Words activations = Ops::load(work.forward + edge);
      if (count < kLanes) activations = Ops::firstLanes(activations, count);  // mul(0, w) is 0
      sum = Ops::addPairs(sum, arithmetic.multiply(activations, weights));
    }
    if constexpr (kBackward) {
      const Words sloped = arithmetic.multiply(Ops::load(work.slopes + edge), delta);
      const Words products = arithmetic.multiply(sloped, weights);
      if (count < kLanes) {
        Ops::storeFirst(work.products + edge, products, count);
      } else {
        Ops::store(work.products + edge, products);
      }
    }
    if constexpr (kUpdate) {
      const Words change = arithmetic.multiply(Ops::load(work.backward + edge), step);
      const Words updated = arithmetic.add(weights, change);
      if (count < kLanes) {
        Ops::storeFirst(work.weights + edge, updated, count);
      } else {
        Ops::store(work.weights + edge, updated);
      }
    }
  }
  return kForward ? Ops::total(sum) : 0;
}

template <bool kForward, bool kBackward, bool kUpdate, bool kSmall>
inline int64_t sweepNeuron(const Sweep& work, const Arithmetic<kSmall>& arithmetic, uint32_t right) {
  const uint64_t end = work.offsets[right + 1];
  int64_t sum = 0;
  for (uint64_t begin = work.offsets[right]; begin < end; begin += kSegment) {
    const uint64_t stop = end - begin < kSegment ? end : begin + kSegment;
    sum += sweepEdges<kForward, kBackward, kUpdate>(work, arithmetic, right, begin, stop);
  }
  return sum;
}

/// mul(0, x) is 0: a neuron without a delta propagates only zeros, and one without a step changes nothing.
template <bool kForward, bool kBackward, bool kUpdate, bool kSmall>
void sweepNeurons(const Sweep& work) {
  const Arithmetic<kSmall> arithmetic(work.number);
  for (uint32_t right = work.first; right < work.end; right++) {
    const bool updates = kUpdate && work.steps[right] != 0;
    int64_t sum = 0;
    if (kBackward && work.deltas[right] == 0) {
      for (uint64_t edge = work.offsets[right]; edge < work.offsets[right + 1]; edge++)
        work.products[edge] = 0;
      sum = updates ? sweepNeuron<kForward, false, kUpdate>(work, arithmetic, right)
                    : sweepNeuron<kForward, false, false>(work, arithmetic, right);
    } else {
      sum = updates ? sweepNeuron<kForward, kBackward, kUpdate>(work, arithmetic, right)
                    : sweepNeuron<kForward, kBackward, false>(work, arithmetic, right);
    }
    if (kForward) {
      work.sums[right] =
          static_cast<int32_t>(sum < -kSumLimit ? -kSumLimit : (sum > kSumLimit ? kSumLimit : sum));
    }
  }
}

template <bool kSmall>
void sweepWith(const Sweep& work) {
  const bool backward = work.slopes != nullptr;
  const bool update = work.backward != nullptr;
  if (work.forward != nullptr) {
    if (backward) {
      update ? sweepNeurons<true, true, true, kSmall>(work) : sweepNeurons<true, true, false, kSmall>(work);
    } else {
      update ? sweepNeurons<true, false, true, kSmall>(work) : sweepNeurons<true, false, false, kSmall>(work);
    }
  } else if (backward) {
    update ? sweepNeurons<false, true, true, kSmall>(work) : sweepNeurons<false, true, false, kSmall>(work);
  } else if (update) {
    sweepNeurons<false, false, true, kSmall>(work);
  }
}

void sweep(const Sweep* work) {
  const bool small = (work->forward == nullptr || work->forwardSmall) &&
                     (work->backward == nullptr || work->backwardSmall) &&
                     (work->slopes == nullptr || work->slopedSmall);
  if (small) {
    sweepWith<true>(*work);
  } else {
    sweepWith<false>(*work);
  }
}

/// Rotates the rows of one register's memories: row r becomes row (r + distance) mod rows, lane by lane; the
/// distance is the start of the lane (forwards) or its negative (backwards). One stage per bit of a start.
template <bool kForwards, uint32_t kRows>
inline void rotate(Words* rows, uint32_t count, Words starts) {
  const uint32_t n = kRows == 0 ? count : kRows;
  Words moved[kRows == 0 ? kHardwareMaxRows : kRows];
  for (uint32_t bit = 1; bit < n; bit *= 2) {
    for (uint32_t row = 0; row < n; row++) {
      const uint32_t from = kForwards ? (row + bit) % n : (row + n - bit) % n;
      moved[row] = Ops::selectBit(starts, static_cast<int16_t>(bit), rows[from], rows[row]);
    }
    for (uint32_t row = 0; row < n; row++) rows[row] = moved[row];
  }
}

template <uint32_t kRows>
void gatherRows(const Wiring& wiring, const int16_t* values, int16_t* edges) {
  const uint32_t rows = kRows == 0 ? wiring.rows : kRows;
  const size_t z = wiring.parallelism;
  for (size_t m = 0; m < z; m += kLanes) {
    for (uint32_t sweep = 0; sweep < wiring.sweeps; sweep++) {
      Words column[kRows == 0 ? kHardwareMaxRows : kRows];
      for (uint32_t row = 0; row < rows; row++) column[row] = Ops::load(values + row * z + m);
      const auto* starts = reinterpret_cast<const int16_t*>(wiring.starts + sweep * z + m);
      rotate<true, kRows>(column, rows, Ops::load(starts));
      int16_t* out = edges + static_cast<size_t>(sweep) * rows * z + m;
      for (uint32_t row = 0; row < rows; row++) Ops::store(out + row * z, column[row]);
    }
  }
}

/// Works for any pattern. If most values are zero, only the others are copied, each to all of its edges.
void gatherSparse(const Wiring& wiring, const int16_t* values, int16_t* edges) {
  const auto activeAt = [&](uint32_t left) {
    const uint32_t rest = wiring.left - left;
    return Ops::nonZeroLanes(Ops::load(values + left)) & (rest < kLanes ? (1u << rest) - 1 : ~0u);
  };
  uint32_t active = 0;
  for (uint32_t left = 0; left < wiring.left; left += kLanes) active += Ops::countBits(activeAt(left));
  if (active > wiring.left / 2) return gatherAny(wiring, values, edges);
  for (uint64_t edge = 0; edge < wiring.edges; edge += kLanes) {  // the padding receives the excess
    Ops::store(edges + edge, Ops::broadcast(0));
  }
  for (uint32_t left = 0; left < wiring.left; left += kLanes) {
    for (uint32_t lanes = activeAt(left); lanes != 0; lanes &= lanes - 1) {
      const uint32_t neuron = left + Ops::lowestBit(lanes);
      const uint32_t end = wiring.leftStart[neuron + 1];
      for (uint32_t i = wiring.leftStart[neuron]; i < end; i++) edges[wiring.leftEdges[i]] = values[neuron];
    }
  }
}

void gather(const Wiring* wiring, const int16_t* values, int16_t* edges) {
  switch (wiring->rows) {
    case 0:
      if (!Ops::gatherFew(*wiring, values, edges)) gatherSparse(*wiring, values, edges);
      return;
    case 1:
      return gatherRows<1>(*wiring, values, edges);
    case 2:
      return gatherRows<2>(*wiring, values, edges);
    case 4:
      return gatherRows<4>(*wiring, values, edges);
    case 8:
      return gatherRows<8>(*wiring, values, edges);
    default:
      return gatherRows<0>(*wiring, values, edges);
  }
}

/// Goes sweep by sweep. This is clock order for every left neuron, because a sweep reads each neuron once.
template <uint32_t kRows>
void accumulateRows(const Wiring& wiring, const int16_t* products, const HardwareNumber& number,
                    int16_t* deltas) {
  const Arithmetic<true> arithmetic(number);
  const uint32_t rows = kRows == 0 ? wiring.rows : kRows;
  const size_t z = wiring.parallelism;
  for (size_t m = 0; m < z; m += kLanes) {
    Words totals[kRows == 0 ? kHardwareMaxRows : kRows];
    for (uint32_t row = 0; row < rows; row++) totals[row] = Ops::broadcast(0);
    for (uint32_t sweep = 0; sweep < wiring.sweeps; sweep++) {
      Words column[kRows == 0 ? kHardwareMaxRows : kRows];
      const int16_t* in = products + static_cast<size_t>(sweep) * rows * z + m;
      for (uint32_t row = 0; row < rows; row++) column[row] = Ops::load(in + row * z);
      const auto* starts = reinterpret_cast<const int16_t*>(wiring.starts + sweep * z + m);
      rotate<false, kRows>(column, rows, Ops::load(starts));
      for (uint32_t row = 0; row < rows; row++) totals[row] = arithmetic.add(totals[row], column[row]);
    }
    for (uint32_t row = 0; row < rows; row++) Ops::store(deltas + row * z + m, totals[row]);
  }
}

/// For patterns in which all left neurons have the same number of edges: processes many neurons at once.
void accumulateRanks(const Wiring& wiring, const int16_t* products, const HardwareNumber& number,
                     int16_t* deltas) {
  const Arithmetic<true> arithmetic(number);
  for (uint32_t left = 0; left < wiring.left; left += kLanes) {
    const uint32_t count = wiring.left - left < kLanes ? wiring.left - left : kLanes;
    Words total = Ops::broadcast(0);
    alignas(64) int16_t picked[kLanes] = {};
    for (uint32_t rank = 0; rank < wiring.ranks; rank++) {
      const uint32_t* from = wiring.rankEdges + static_cast<size_t>(rank) * wiring.left + left;
      for (uint32_t lane = 0; lane < count; lane++) picked[lane] = products[from[lane]];
      total = arithmetic.add(total, Ops::load(picked));
    }
    Ops::storeFirst(deltas + left, total, count);
  }
}

void accumulate(const Wiring* wiring, const int16_t* products, const HardwareNumber* number,
                int16_t* deltas) {
  switch (wiring->rows) {
    case 0:
      if (wiring->rankEdges == nullptr) return accumulateAny(*wiring, products, *number, deltas);
      if (!Ops::accumulateFew(*wiring, products, *number, deltas))
        accumulateRanks(*wiring, products, *number, deltas);
      return;
    case 1:
      return accumulateRows<1>(*wiring, products, *number, deltas);
    case 2:
      return accumulateRows<2>(*wiring, products, *number, deltas);
    case 4:
      return accumulateRows<4>(*wiring, products, *number, deltas);
    case 8:
      return accumulateRows<8>(*wiring, products, *number, deltas);
    default:
      return accumulateRows<0>(*wiring, products, *number, deltas);
  }
}

uint32_t address(int32_t* sums, const int16_t* biases, size_t n, const HardwareNumber* number, int32_t shift,
                 int32_t limit) {
  const Sums least = Ops::broadcastSum(-limit - 1);
  const Sums most = Ops::broadcastSum(limit);
  const Sums low = Ops::broadcastSum(number->min);
  const Sums high = Ops::broadcastSum(number->max);
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i += kLanes / 2) {
    const Sums sum = Ops::addSums(Ops::loadSums(sums + i), Ops::widen(biases + i));
    clipped += Ops::countDifferent(sum, Ops::clampSums(sum, low, high));
    Ops::storeSums(sums + i, Ops::clampSums(Ops::shiftRight(sum, shift), least, most));
  }
  return clipped;
}

uint32_t scale(const int16_t* deltas, size_t n, int32_t shift, const HardwareNumber* number, int16_t* steps,
               int16_t* biases) {
  const Arithmetic<true> arithmetic(*number);
  const Words zero = Ops::broadcast(0);
  const Words one = Ops::broadcast(shift > 0 ? 1 : 0);
  Words least = zero;
  Words most = zero;
  for (size_t i = 0; i < n; i += kLanes) {
    const Words delta = Ops::load(deltas + i);
    least = Ops::minimum(least, delta);
    most = Ops::maximum(most, delta);
    const Words negated = Ops::minimum(Ops::subtractClip(zero, delta), arithmetic.high);
    const Words half = Ops::bitAnd(Ops::shiftRightWords(negated, shift > 0 ? shift - 1 : 0), one);
    const Words step = Ops::addClip(Ops::shiftRightWords(negated, shift), half);
    Ops::store(steps + i, step);
    Ops::store(biases + i, arithmetic.add(Ops::load(biases + i), step));
  }
  int16_t ends[2 * kLanes];
  Ops::store(ends, least);
  Ops::store(ends + kLanes, most);
  int32_t largest = 0;
  for (uint32_t lane = 0; lane < kLanes; lane++) {
    const int32_t size = -ends[lane] > ends[kLanes + lane] ? -ends[lane] : ends[kLanes + lane];
    largest = size > largest ? size : largest;
  }
  return static_cast<uint32_t>(largest);
}

constexpr HardwareKernels<int16_t> makeHardwareKernels() {
  return {loadBytes, gather, sweep, accumulate, address, scale};
}

}  // namespace
}  // namespace sparse_train
