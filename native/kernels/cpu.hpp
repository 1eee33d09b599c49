// What the CPU that runs this program can do. The build compiles for the baseline of the architecture; only what is found
// here at run time decides which kernel set is called.
#pragma once

#include <stdint.h>

#include <initializer_list>

#if !defined(SPARSE_TRAIN_X86) && (defined(__x86_64__) || (defined(_M_X64) && !defined(_M_ARM64EC)))
#define SPARSE_TRAIN_X86 1
#endif

namespace sparse_train {

/// One bit of an answer of x86's CPUID instruction. Numbers are those of Intel's manual, volume 2, CPUID.
struct CpuidBit {
  uint32_t leaf, subleaf;
  char answer;  ///< The register: 'a', 'b', 'c' or 'd'.
  int bit;
};

/// Sets of registers that an operating system saves when it switches threads, as bits of XCR0.
constexpr uint64_t kYmmState = 0x6;  ///< XMM and the upper halves of YMM.
constexpr uint64_t kZmmState =
    0xE6;  ///< Mask registers and all of ZMM too. macOS shows these only after their first use.

/// Whether this is an x86 CPU that has all of the features, and whose operating system saves the registers. Both must be
/// asked: a CPU may have AVX-512 under a system that does not know its registers.
bool x86Has(std::initializer_list<CpuidBit> features, uint64_t registers);

}  // namespace sparse_train
