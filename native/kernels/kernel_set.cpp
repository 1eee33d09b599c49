// The table of all kernel sets, and the only place that chooses among them. SPARSE_TRAIN_HAVE_<SET> says which sets were
// compiled (native/sources.json, scripts/native-sources.mjs).
#include "kernel_set.hpp"

#include <string.h>

#include "cpu.hpp"

namespace sparse_train {

const WideKernels* wideKernelsScalar();
const WideBatchKernels* wideBatchKernelsScalar();
const FloatKernels* floatKernelsScalar();
const HardwareKernels<int16_t>* hardwareKernelsScalar();
const LearnerKernels* learnerKernelsScalar();

const WideKernels* wideKernelsAvx2();
const WideBatchKernels* wideBatchKernelsAvx2();
const FloatKernels* floatKernelsAvx2();
const HardwareKernels<int16_t>* hardwareKernelsAvx2();
const LearnerKernels* learnerKernelsAvx2();

const WideKernels* wideKernelsAvx2Vnni();
const WideBatchKernels* wideBatchKernelsAvx2Vnni();

const WideKernels* wideKernelsAvx512();
const WideBatchKernels* wideBatchKernelsAvx512();
const FloatKernels* floatKernelsAvx512();
const HardwareKernels<int16_t>* hardwareKernelsAvx512();
const LearnerKernels* learnerKernelsAvx512();

const WideKernels* wideKernelsNeon();
const WideBatchKernels* wideBatchKernelsNeon();
const FloatKernels* floatKernelsNeon();
const HardwareKernels<int16_t>* hardwareKernelsNeon();
const LearnerKernels* learnerKernelsNeon();

namespace {

bool everywhere() { return true; }

[[maybe_unused]] bool hasAvx2() {
  return x86Has({{1, 0, 'c', 12},  // FMA
                 {7, 0, 'b', 3},   // BMI1
                 {7, 0, 'b', 5},   // AVX2
                 {7, 0, 'b', 8}},  // BMI2
                kYmmState);
}

/// The VEX form of VNNI: dot products on 256-bit registers without AVX-512.
[[maybe_unused]] bool hasAvxVnni() { return hasAvx2() && x86Has({{7, 1, 'a', 4}}, kYmmState); }

[[maybe_unused]] bool hasAvx512() {
  return hasAvx2() && x86Has({{7, 0, 'b', 16},   // F
                              {7, 0, 'b', 17},   // DQ
                              {7, 0, 'b', 30},   // BW
                              {7, 0, 'b', 31},   // VL
                              {7, 0, 'c', 1},    // VBMI
                              {7, 0, 'c', 6},    // VBMI2
                              {7, 0, 'c', 11}},  // VNNI
                             kZmmState);
}

/// All sets of this build, from the slowest to the fastest; the default is the last one that the CPU
/// supports. A set that has no kernels for an arithmetic uses those of a set that it extends.
const std::vector<KernelSet>& compiledKernelSets() {
  static const std::vector<KernelSet> sets = {
    {"scalar", everywhere, wideKernelsScalar(), wideBatchKernelsScalar(), floatKernelsScalar(),
     hardwareKernelsScalar(), learnerKernelsScalar()},
#if defined(SPARSE_TRAIN_HAVE_AVX2)
    {"avx2", hasAvx2, wideKernelsAvx2(), wideBatchKernelsAvx2(), floatKernelsAvx2(), hardwareKernelsAvx2(),
     learnerKernelsAvx2()},
#endif
#if defined(SPARSE_TRAIN_HAVE_AVX2VNNI)
    {"avx2vnni", hasAvxVnni, wideKernelsAvx2Vnni(), wideBatchKernelsAvx2Vnni(), floatKernelsAvx2(),
     hardwareKernelsAvx2(), learnerKernelsAvx2()},
#endif
#if defined(SPARSE_TRAIN_HAVE_AVX512)
    {"avx512", hasAvx512, wideKernelsAvx512(), wideBatchKernelsAvx512(), floatKernelsAvx512(),
     hardwareKernelsAvx512(), learnerKernelsAvx512()},
#endif
#if defined(SPARSE_TRAIN_HAVE_NEON)
    {"neon", everywhere, wideKernelsNeon(), wideBatchKernelsNeon(), floatKernelsNeon(), hardwareKernelsNeon(),
     learnerKernelsNeon()},
#endif
  };
  return sets;
}

}  // namespace

const std::vector<const KernelSet*>& availableKernelSets() {
  static const std::vector<const KernelSet*> available = [] {
    std::vector<const KernelSet*> found;
    for (const KernelSet& set : compiledKernelSets()) {
      if (set.supported()) found.push_back(&set);
    }
    return found;
  }();
  return available;
}

const KernelSet* kernelSetByName(const char* name) {
  for (const KernelSet* set : availableKernelSets()) {
    if (strcmp(set->name, name) == 0) return set;
  }
  return nullptr;
}

}  // namespace sparse_train
