// A kernel set is everything that the engine has for one instruction set: one table of functions per arithmetic, all
// bit-identical to those of every other set. docs/kernels.md says how to add one.
#pragma once

#include <stdint.h>

#include <vector>

namespace sparse_train {

struct WideKernels;
struct WideBatchKernels;
struct FloatKernels;
template <typename Word>
struct HardwareKernels;

struct KernelSet {
  const char* name;
  bool (*supported)();                       ///< Whether this CPU and its operating system can run the set.
  const WideKernels* wide;                   ///< The `wide` arithmetic, one example after another.
  const WideBatchKernels* wideBatch;         ///< The `wide` arithmetic in mini-batches.
  const FloatKernels* floating;              ///< Mini-batches of the `float` arithmetic.
  const HardwareKernels<int16_t>* hardware;  ///< The `hardware` arithmetic with words of 16 bits.
};

/// The sets that this build holds and this CPU can run: `scalar`, the slowest, first; the best last.
const std::vector<const KernelSet*>& availableKernelSets();

/// The available set of that name, or null.
const KernelSet* kernelSetByName(const char* name);

}  // namespace sparse_train
