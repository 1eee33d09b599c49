#include "cpu.hpp"

#include <stdint.h>

#if defined(SPARSE_TRAIN_X86)
#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace sparse_train {
namespace {

#if defined(SPARSE_TRAIN_X86)

struct Registers {
  uint32_t a, b, c, d;
};

/// The answer of CPUID; zeros if the CPU does not know the leaf.
Registers cpuid(uint32_t leaf, uint32_t subleaf) {
#if defined(_MSC_VER)
  int out[4];
  __cpuid(out, 0);
  if (static_cast<uint32_t>(out[0]) < leaf) return {0, 0, 0, 0};
  __cpuidex(out, static_cast<int>(leaf), static_cast<int>(subleaf));
  return {static_cast<uint32_t>(out[0]), static_cast<uint32_t>(out[1]), static_cast<uint32_t>(out[2]),
          static_cast<uint32_t>(out[3])};
#else
  Registers r{0, 0, 0, 0};
  if (static_cast<uint32_t>(__get_cpuid_max(0, nullptr)) < leaf) return r;
  __cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
  return r;
#endif
}

/// Which registers the operating system saves when it switches threads (XCR0). Only after CPUID says OSXSAVE.
uint64_t savedRegisters() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

bool has(uint32_t bits, int bit) { return ((bits >> bit) & 1) != 0; }

/// Bit numbers as in Intel's manual, volume 2, CPUID.
CpuFeatures detect() {
  constexpr uint64_t kYmmState = 0x6;  // XMM and upper YMM halves
  constexpr uint64_t kZmmState =
      0xE6;  // and mask registers, upper ZMM halves, ZMM 16-31 (macOS shows these only
             // after their first use: AVX2 is chosen there)
  CpuFeatures features;
  const Registers one = cpuid(1, 0);
  if (!has(one.c, 12) || !has(one.c, 27) || !has(one.c, 28)) return features;  // FMA, OSXSAVE, AVX
  const uint64_t saved = savedRegisters();
  const Registers seven = cpuid(7, 0);
  const Registers more = seven.a >= 1 ? cpuid(7, 1) : Registers{0, 0, 0, 0};
  features.avx2 = (saved & kYmmState) == kYmmState && has(seven.b, 3) && has(seven.b, 5) && has(seven.b, 8);
  features.avxVnni = features.avx2 && has(more.a, 4);
  features.avx512 = features.avx2 && (saved & kZmmState) == kZmmState && has(seven.b, 16) &&  // F
                    has(seven.b, 17) &&                                                       // DQ
                    has(seven.b, 30) &&                                                       // BW
                    has(seven.b, 31) &&                                                       // VL
                    has(seven.c, 1) &&                                                        // VBMI
                    has(seven.c, 6) &&                                                        // VBMI2
                    has(seven.c, 11);                                                         // VNNI
  return features;
}

#else

CpuFeatures detect() {
  CpuFeatures features;
#if defined(SPARSE_TRAIN_ARM64)
  features.neon = true;
#endif
  return features;
}

#endif

}  // namespace

const CpuFeatures& cpuFeatures() {
  static const CpuFeatures features = detect();
  return features;
}

}  // namespace sparse_train
