// The kernels of `float` mini-batches, written once over 16 lanes that each instruction set provides as `struct Ops`
// before including this file (see float_avx512.cpp for the list). Everything is in the unnamed namespace: nothing here
// may be shared between instruction sets by the linker.
//
//   Ops::Lanes   16 x float        Ops::kRegisters   accumulators of that size that registers hold, 4 or more

#if defined(__clang__)
#define SPARSE_TRAIN_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define SPARSE_TRAIN_UNROLL _Pragma("GCC unroll 16")
#else
#define SPARSE_TRAIN_UNROLL
#endif

namespace sparse_train {
namespace {

using Lanes = Ops::Lanes;

inline const float* rowAt(const float* rows, uint32_t number, uint32_t stride) {
  return rows + static_cast<size_t>(number) * stride;
}

/// Stores up to 16 columns of a block; `block[i]` holds 16 columns of example i.
inline void storeColumns(Lanes* block, uint32_t columns, float* out, uint32_t stride, uint8_t* active) {
  Ops::transpose(block);
  SPARSE_TRAIN_UNROLL
  for (uint32_t c = 0; c < kFloatLanes; c++) {
    if (c >= columns) break;
    Ops::store(out + static_cast<size_t>(c) * stride, block[c]);
    active[c] = static_cast<uint8_t>(active[c] | static_cast<uint8_t>(Ops::anyNonZero(block[c])));
  }
}

void gatherBytes(const uint8_t* const* rows, uint32_t columns, float* out, uint32_t stride, uint8_t* active) {
  for (uint32_t c = 0; c < columns; c += kFloatLanes) {
    const uint32_t here = columns - c < kFloatLanes ? columns - c : kFloatLanes;
    Lanes block[kFloatLanes];
    SPARSE_TRAIN_UNROLL
    for (uint32_t i = 0; i < kFloatLanes; i++) {
      if (here == kFloatLanes) {
        block[i] = Ops::loadBytes(rows[i] + c);
      } else {
        uint8_t rest[kFloatLanes] = {};
        for (uint32_t k = 0; k < here; k++) rest[k] = rows[i][c + k];
        block[i] = Ops::loadBytes(rest);
      }
    }
    storeColumns(block, here, out + static_cast<size_t>(c) * stride, stride, active + c);
  }
}

void gatherFloats(const float* const* rows, uint32_t columns, float* out, uint32_t stride, uint8_t* active) {
  for (uint32_t c = 0; c < columns; c += kFloatLanes) {
    const uint32_t here = columns - c < kFloatLanes ? columns - c : kFloatLanes;
    Lanes block[kFloatLanes];
    SPARSE_TRAIN_UNROLL
    for (uint32_t i = 0; i < kFloatLanes; i++) {
      block[i] = here == kFloatLanes ? Ops::load(rows[i] + c) : Ops::loadFirst(rows[i] + c, here);
    }
    storeColumns(block, here, out + static_cast<size_t>(c) * stride, stride, active + c);
  }
}

/// The outputs of `group` neurons for `vectors` * 16 samples stay in registers during the pass over the list.
template <uint32_t group, uint32_t vectors>
inline void sumBlock(const float* rows, uint32_t stride, const uint32_t* list, const float* weights,
                     uint32_t count, const float* start, float* sums) {
  Lanes total[group][vectors];
  SPARSE_TRAIN_UNROLL
  for (uint32_t g = 0; g < group; g++) {
    SPARSE_TRAIN_UNROLL
    for (uint32_t v = 0; v < vectors; v++) total[g][v] = Ops::broadcast(start == nullptr ? 0.0f : start[g]);
  }
  for (uint32_t k = 0; k < count; k++) {
    const float* row = rowAt(rows, list[k], stride);
    Lanes values[vectors];
    SPARSE_TRAIN_UNROLL
    for (uint32_t v = 0; v < vectors; v++) values[v] = Ops::load(row + v * kFloatLanes);
    SPARSE_TRAIN_UNROLL
    for (uint32_t g = 0; g < group; g++) {
      const Lanes weight = Ops::broadcast(weights[k * group + g]);
      SPARSE_TRAIN_UNROLL
      for (uint32_t v = 0; v < vectors; v++) total[g][v] = Ops::multiplyAdd(values[v], weight, total[g][v]);
    }
  }
  SPARSE_TRAIN_UNROLL
  for (uint32_t g = 0; g < group; g++) {
    SPARSE_TRAIN_UNROLL
    for (uint32_t v = 0; v < vectors; v++) {
      Ops::store(sums + static_cast<size_t>(g) * stride + v * kFloatLanes, total[g][v]);
    }
  }
}

template <uint32_t group>
inline void sumGroup(const float* rows, uint32_t stride, const uint32_t* list, const float* weights,
                     uint32_t count, const float* start, float* sums, uint32_t samples) {
  constexpr uint32_t kMost = Ops::kRegisters / group < 8 ? Ops::kRegisters / group : 8;
  uint32_t s = 0;
  for (; s + kMost * kFloatLanes <= samples; s += kMost * kFloatLanes) {
    sumBlock<group, kMost>(rows + s, stride, list, weights, count, start, sums + s);
  }
  if constexpr (kMost > 4) {
    for (; s + 4 * kFloatLanes <= samples; s += 4 * kFloatLanes) {
      sumBlock<group, 4>(rows + s, stride, list, weights, count, start, sums + s);
    }
  }
  if constexpr (kMost > 2) {
    for (; s + 2 * kFloatLanes <= samples; s += 2 * kFloatLanes) {
      sumBlock<group, 2>(rows + s, stride, list, weights, count, start, sums + s);
    }
  }
  for (; s < samples; s += kFloatLanes) {
    sumBlock<group, 1>(rows + s, stride, list, weights, count, start, sums + s);
  }
}

void sumRows(const float* rows, uint32_t stride, const uint32_t* list, const float* weights, uint32_t count,
             uint32_t group, const float* start, float* sums, uint32_t samples) {
  switch (group) {
    case 1:
      return sumGroup<1>(rows, stride, list, weights, count, start, sums, samples);
    case 2:
      return sumGroup<2>(rows, stride, list, weights, count, start, sums, samples);
    default:
      return sumGroup<4>(rows, stride, list, weights, count, start, sums, samples);
  }
}

/// Multiplies `group` rows with `rights` others; the sums over all samples stay in registers.
template <uint32_t group, uint32_t rights>
inline void multiplyBlock(const float* own, const float* rows, uint32_t stride, const uint32_t* list,
                          uint32_t samples, Lanes (&total)[group][rights]) {
  const float* other[rights];
  SPARSE_TRAIN_UNROLL
  for (uint32_t r = 0; r < rights; r++) other[r] = rowAt(rows, list[r], stride);
  SPARSE_TRAIN_UNROLL
  for (uint32_t g = 0; g < group; g++) {
    SPARSE_TRAIN_UNROLL
    for (uint32_t r = 0; r < rights; r++) total[g][r] = Ops::broadcast(0.0f);
  }
  for (uint32_t s = 0; s < samples; s += kFloatLanes) {
    Lanes mine[group];
    SPARSE_TRAIN_UNROLL
    for (uint32_t g = 0; g < group; g++) mine[g] = Ops::load(rowAt(own, g, stride) + s);
    SPARSE_TRAIN_UNROLL
    for (uint32_t r = 0; r < rights; r++) {
      const Lanes theirs = Ops::load(other[r] + s);
      SPARSE_TRAIN_UNROLL
      for (uint32_t g = 0; g < group; g++) total[g][r] = Ops::multiplyAdd(mine[g], theirs, total[g][r]);
    }
  }
}

template <uint32_t group>
inline void multiplyGroup(const float* own, const float* rows, uint32_t stride, const uint32_t* list,
                          uint32_t count, float* const* products, uint32_t samples) {
  uint32_t k = 0;
  for (; k + 4 <= count; k += 4) {
    if constexpr (4 * group <= Ops::kRegisters) {
      Lanes total[group][4];
      multiplyBlock<group, 4>(own, rows, stride, list + k, samples, total);
      SPARSE_TRAIN_UNROLL
      for (uint32_t g = 0; g < group; g++) Ops::addTotals(total[g], products[g] + k);
    } else {
      for (uint32_t g = 0; g < group; g++) {
        Lanes total[1][4];
        multiplyBlock<1, 4>(rowAt(own, g, stride), rows, stride, list + k, samples, total);
        Ops::addTotals(total[0], products[g] + k);
      }
    }
  }
  for (; k < count; k++) {
    for (uint32_t g = 0; g < group; g++) {
      Lanes total[1][1];
      multiplyBlock<1, 1>(rowAt(own, g, stride), rows, stride, list + k, samples, total);
      products[g][k] += Ops::total(total[0][0]);
    }
  }
}

void multiplyRows(const float* own, const float* rows, uint32_t stride, const uint32_t* list, uint32_t count,
                  uint32_t group, float* const* products, uint32_t samples) {
  switch (group) {
    case 1:
      return multiplyGroup<1>(own, rows, stride, list, count, products, samples);
    case 2:
      return multiplyGroup<2>(own, rows, stride, list, count, products, samples);
    default:
      return multiplyGroup<4>(own, rows, stride, list, count, products, samples);
  }
}

void relu(float* values, size_t n) {
  for (size_t i = 0; i < n; i += kFloatLanes) Ops::store(values + i, Ops::positive(Ops::load(values + i)));
}

void reluSlope(float* errors, const float* activations, size_t n) {
  for (size_t i = 0; i < n; i += kFloatLanes) {
    Ops::store(errors + i, Ops::where(Ops::load(activations + i), Ops::load(errors + i)));
  }
}

inline Lanes updatedBySgd(Lanes weights, Lanes gradients, const FloatUpdate& rule) {
  const Lanes kept = Ops::multiply(weights, Ops::broadcast(rule.keep));
  return Ops::multiplyAdd(gradients, Ops::broadcast(-rule.rate), kept);
}

inline Lanes updatedByMomentum(Lanes weights, Lanes gradients, Lanes& velocities, const FloatUpdate& rule) {
  const Lanes gained = Ops::multiply(gradients, Ops::broadcast(rule.rate));
  velocities = Ops::multiplyAdd(velocities, Ops::broadcast(rule.momentum), gained);
  const Lanes kept = Ops::multiply(weights, Ops::broadcast(rule.keep));
  return Ops::multiplyAdd(velocities, Ops::broadcast(-1.0f), kept);
}

inline Lanes updatedByAdam(Lanes weights, Lanes gradients, Lanes& first, Lanes& second,
                           const FloatUpdate& rule) {
  const Lanes slope = Ops::multiplyAdd(weights, Ops::broadcast(rule.decay), gradients);
  const Lanes square = Ops::multiply(slope, slope);
  first =
      Ops::multiplyAdd(first, Ops::broadcast(rule.beta1), Ops::multiply(slope, Ops::broadcast(rule.rest1)));
  second =
      Ops::multiplyAdd(second, Ops::broadcast(rule.beta2), Ops::multiply(square, Ops::broadcast(rule.rest2)));
  const Lanes size =
      Ops::multiplyAdd(Ops::root(second), Ops::broadcast(rule.root), Ops::broadcast(rule.epsilon));
  const Lanes kept = Ops::multiply(weights, Ops::broadcast(rule.keep));
  return Ops::multiplyAdd(Ops::divide(first, size), Ops::broadcast(-rule.step), kept);
}

void update(float* weights, const float* gradients, float* first, float* second, size_t n,
            const FloatUpdate* rule) {
  for (size_t i = 0; i < n; i += kFloatLanes) {
    const auto here = static_cast<uint32_t>(n - i < kFloatLanes ? n - i : kFloatLanes);
    const Lanes w = Ops::loadFirst(weights + i, here);
    const Lanes g = Ops::loadFirst(gradients + i, here);
    switch (rule->kind) {
      case FloatUpdate::Kind::sgd:
        Ops::storeFirst(weights + i, updatedBySgd(w, g, *rule), here);
        break;
      case FloatUpdate::Kind::momentum: {
        Lanes v = Ops::loadFirst(first + i, here);
        Ops::storeFirst(weights + i, updatedByMomentum(w, g, v, *rule), here);
        Ops::storeFirst(first + i, v, here);
        break;
      }
      case FloatUpdate::Kind::adam: {
        Lanes m = Ops::loadFirst(first + i, here);
        Lanes v = Ops::loadFirst(second + i, here);
        Ops::storeFirst(weights + i, updatedByAdam(w, g, m, v, *rule), here);
        Ops::storeFirst(first + i, m, here);
        Ops::storeFirst(second + i, v, here);
        break;
      }
    }
  }
}

constexpr FloatKernels makeFloatKernels() {
  return {gatherBytes, gatherFloats, sumRows, multiplyRows, relu, reluSlope, update};
}

}  // namespace
}  // namespace sparse_train
