// The reference: computes the formulas of docs/arithmetic.md, "Hardware", edge by edge.
#include "../../fixed/rounding.hpp"
#include "hardware_kernels.hpp"

#include "hardware_common.inl"

namespace sparse_train {
namespace {

template <typename Word>
void loadBytes(const uint8_t* bytes, size_t n, const HardwareNumber* number, Word* values) {
  for (size_t i = 0; i < n; i++) values[i] = static_cast<Word>(hardwareInput(bytes[i], *number));
}

template <typename Word>
void gather(const HardwareWiring* wiring, const Word* values, Word* edges) {
  gatherAny(*wiring, values, edges);
}

template <typename Word>
void sweep(const HardwareSweep<Word>* work) {
  const HardwareNumber& number = work->number;
  for (uint32_t right = work->first; right < work->end; right++) {
    int64_t sum = 0;
    for (uint64_t edge = work->offsets[right]; edge < work->offsets[right + 1]; edge++) {
      const int32_t weight = work->weights[edge];
      if (work->forward != nullptr) sum += hardwareMultiply(work->forward[edge], weight, number);
      if (work->slopes != nullptr) {
        const int32_t sloped = hardwareMultiply(work->deltas[right], work->slopes[edge], number);
        work->products[edge] = static_cast<Word>(hardwareMultiply(sloped, weight, number));
      }
      if (work->backward != nullptr) {
        const int32_t step = hardwareMultiply(work->steps[right], work->backward[edge], number);
        work->weights[edge] = static_cast<Word>(hardwareAdd(weight, step, number));
      }
    }
    using Sum = HardwareSum<Word>;
    if (work->forward != nullptr) {
      work->sums[right] = static_cast<typename Sum::Type>(clip<int64_t>(sum, -Sum::kLimit, Sum::kLimit));
    }
  }
}

template <typename Word>
void accumulate(const HardwareWiring* wiring, const Word* products, const HardwareNumber* number,
                Word* deltas) {
  accumulateAny(*wiring, products, *number, deltas);
}

template <typename Word>
uint32_t address(typename HardwareSum<Word>::Type* sums, const Word* biases, size_t n,
                 const HardwareNumber* number, int32_t shift, int32_t limit) {
  using Sum = typename HardwareSum<Word>::Type;
  uint32_t clipped = 0;
  for (size_t i = 0; i < n; i++) {
    const Sum sum = sums[i] + biases[i];
    if (sum < number->min || sum > number->max) clipped++;
    sums[i] = clip<Sum>(sum >> shift, -static_cast<Sum>(limit) - 1, limit);
  }
  return clipped;
}

template <typename Word>
uint32_t scale(const Word* deltas, size_t n, int32_t shift, const HardwareNumber* number, Word* steps,
               Word* biases) {
  uint32_t largest = 0;
  for (size_t i = 0; i < n; i++) {
    const int64_t delta = deltas[i];
    const auto size = static_cast<uint32_t>(delta < 0 ? -delta : delta);
    largest = size > largest ? size : largest;
    steps[i] = static_cast<Word>(hardwareStep(deltas[i], shift, *number));
    biases[i] = static_cast<Word>(hardwareAdd(biases[i], steps[i], *number));
  }
  return largest;
}

template <typename Word>
constexpr HardwareKernels<Word> kKernels = {loadBytes<Word>,  gather<Word>,  sweep<Word>,
                                            accumulate<Word>, address<Word>, scale<Word>};

}  // namespace

const HardwareKernels<int16_t>* hardwareKernelsScalar() { return &kKernels<int16_t>; }
const HardwareKernels<int32_t>* hardwareKernelsScalar32() { return &kKernels<int32_t>; }

}  // namespace sparse_train
