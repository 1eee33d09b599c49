// A kernel set is the engine's code for one instruction set: one table of functions per arithmetic. All
// kernel sets give the same bits. docs/kernels.md says how to add one.
#pragma once

#include <stdint.h>

#include <vector>

namespace sparse_train {

struct WideKernels;
struct WideBatchKernels;
struct FloatKernels;
struct LearnerKernels;
template <typename Word>
struct HardwareKernels;

struct KernelSet {
  const char* name;
  bool (*supported)();                       ///< Whether this CPU and its operating system can run the set.
  const WideKernels* wide;                   ///< The `wide` arithmetic, example by example.
  const WideBatchKernels* wideBatch;         ///< The `wide` arithmetic in mini-batches.
  const FloatKernels* floating;              ///< Mini-batches of the `float` arithmetic.
  const HardwareKernels<int16_t>* hardware;  ///< The `hardware` arithmetic with words of 16 bits.
  const LearnerKernels* learner;             ///< Learners of rows as they come.
};

/// The sets that this build contains and this CPU can run, from the slowest (`scalar`) to the fastest.
const std::vector<const KernelSet*>& availableKernelSets();

/// The available set with this name, or null.
const KernelSet* kernelSetByName(const char* name);

}  // namespace sparse_train
