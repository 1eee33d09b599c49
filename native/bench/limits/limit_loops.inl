// The loops of LimitKernels for one vector type. The file that includes this one defines, in an anonymous namespace, the
// struct Limit: Vector, kAccumulators, zero(), load(), combine() (a cheap logical operation), multiplyAdd(), total() (a
// number that depends on every lane) and opaque() (hides the origin of a value from the compiler, so that it cannot move
// a product out of the loop).
#include "limit_kernels.hpp"

namespace sparse_train {
namespace {

constexpr int kRepeats = 4;  // passes over all accumulators in a step, so that the loop itself costs nothing

int32_t limitDotProducts(uint64_t steps) {
  Limit::Vector sums[Limit::kAccumulators];
  for (auto& sum : sums) sum = Limit::zero();
  Limit::Vector a = Limit::zero();
  const Limit::Vector b = Limit::opaque(Limit::zero());
  for (uint64_t step = 0; step < steps; step++) {
    for (int repeat = 0; repeat < kRepeats; repeat++) {
      for (auto& sum : sums) {
        a = Limit::opaque(a);
        sum = Limit::multiplyAdd(sum, a, b);
      }
    }
  }
  Limit::Vector all = sums[0];
  for (const auto& sum : sums) all = Limit::combine(all, sum);
  return Limit::total(all);
}

int32_t limitReadMemory(const void* memory, size_t bytes) {
  constexpr size_t kAtOnce = 8;
  constexpr size_t kBytes = sizeof(Limit::Vector);
  const char* place = static_cast<const char*>(memory);
  Limit::Vector seen[kAtOnce];
  for (auto& vector : seen) vector = Limit::zero();
  for (const char* end = place + bytes; place < end; place += kAtOnce * kBytes) {
    for (size_t i = 0; i < kAtOnce; i++) seen[i] = Limit::combine(seen[i], Limit::load(place + i * kBytes));
  }
  Limit::Vector all = seen[0];
  for (const auto& vector : seen) all = Limit::combine(all, vector);
  return Limit::total(all);
}

constexpr LimitKernels makeLimitKernels(const char* name) {
  return {name, kRepeats * Limit::kAccumulators * Limit::kProducts, limitDotProducts, limitReadMemory};
}

}  // namespace
}  // namespace sparse_train
