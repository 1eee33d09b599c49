// Detects the features of the CPU that runs this program. The build compiles for the baseline of the
// architecture; only these features decide at run time which kernel sets are called.
#pragma once

#include <stdint.h>

#include <initializer_list>

#if !defined(SPARSE_TRAIN_X86) && (defined(__x86_64__) || (defined(_M_X64) && !defined(_M_ARM64EC)))
#define SPARSE_TRAIN_X86 1
#endif

namespace sparse_train {

/// One bit in the answer of x86's CPUID instruction, numbered as in Intel's manual, volume 2, CPUID.
struct CpuidBit {
  uint32_t leaf, subleaf;
  char answer;  ///< The register: 'a', 'b', 'c' or 'd'.
  int bit;
};

/// Register sets that an operating system saves when it switches threads, as bits of XCR0.
constexpr uint64_t kYmmState = 0x6;  ///< XMM and the upper halves of YMM.
constexpr uint64_t kZmmState =
    0xE6;  ///< Mask registers and all of ZMM. macOS reports these only after their first use.

/// Whether this is an x86 CPU that has all of the features, with an operating system that saves the
/// registers. Both must be checked: a CPU may have AVX-512 under a system that does not save its registers.
bool x86Has(std::initializer_list<CpuidBit> features, uint64_t registers);

}  // namespace sparse_train
