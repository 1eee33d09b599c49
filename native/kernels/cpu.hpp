// What the CPU that runs this program can do. The build compiles for the baseline of the architecture; only what is found
// here at run time decides which kernel set is called.
#pragma once

#if !defined(SPARSE_TRAIN_X86) && (defined(__x86_64__) || (defined(_M_X64) && !defined(_M_ARM64EC)))
#define SPARSE_TRAIN_X86 1
#endif
#if !defined(SPARSE_TRAIN_ARM64) && (defined(__aarch64__) || defined(_M_ARM64) || defined(_M_ARM64EC))
#define SPARSE_TRAIN_ARM64 1
#endif

namespace sparse_train {

/// The instruction sets that a kernel set may need, each true only if the operating system saves its registers as well.
struct CpuFeatures {
  bool avx2 = false;     ///< AVX2, FMA, BMI1 and BMI2.
  bool avxVnni = false;  ///< 16-bit dot products on 256-bit registers without AVX-512 (the VEX form).
  bool avx512 = false;   ///< AVX-512 F, BW, DQ, VL, VBMI, VBMI2 and VNNI, all of them.
  bool neon = false;     ///< Part of every 64-bit Arm.
};

/// Asks the CPU once; the same answer for the life of the process.
const CpuFeatures& cpuFeatures();

}  // namespace sparse_train
