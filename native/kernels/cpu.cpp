#include "cpu.hpp"

#if defined(SPARSE_TRAIN_X86)
#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace sparse_train {

#if defined(SPARSE_TRAIN_X86)

namespace {

struct Answer {
  uint32_t a, b, c, d;
};

/// The answer of CPUID for a leaf that the CPU supports.
Answer ask(uint32_t leaf, uint32_t subleaf) {
#if defined(_MSC_VER)
  int out[4];
  __cpuidex(out, static_cast<int>(leaf), static_cast<int>(subleaf));
  return {static_cast<uint32_t>(out[0]), static_cast<uint32_t>(out[1]), static_cast<uint32_t>(out[2]),
          static_cast<uint32_t>(out[3])};
#else
  Answer answer{0, 0, 0, 0};
  __cpuid_count(leaf, subleaf, answer.a, answer.b, answer.c, answer.d);
  return answer;
#endif
}

bool isSet(uint32_t bits, int bit) { return ((bits >> bit) & 1) != 0; }

bool has(const CpuidBit& feature) {
  if (ask(0, 0).a < feature.leaf) return false;
  if (feature.subleaf > 0 && ask(feature.leaf, 0).a < feature.subleaf) return false;
  const Answer answer = ask(feature.leaf, feature.subleaf);
  switch (feature.answer) {
    case 'a':
      return isSet(answer.a, feature.bit);
    case 'b':
      return isSet(answer.b, feature.bit);
    case 'c':
      return isSet(answer.c, feature.bit);
    default:
      return isSet(answer.d, feature.bit);
  }
}

/// XCR0. May be called only if CPUID reports OSXSAVE.
uint64_t savedRegisters() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

}  // namespace

bool x86Has(std::initializer_list<CpuidBit> features, uint64_t registers) {
  constexpr CpuidBit kOsxsave = {1, 0, 'c', 27};
  constexpr CpuidBit kAvx = {1, 0, 'c', 28};
  if (!has(kOsxsave) || !has(kAvx) || (savedRegisters() & registers) != registers) return false;
  for (const CpuidBit& feature : features) {
    if (!has(feature)) return false;
  }
  return true;
}

#else

bool x86Has(std::initializer_list<CpuidBit>, uint64_t) { return false; }

#endif

}  // namespace sparse_train
