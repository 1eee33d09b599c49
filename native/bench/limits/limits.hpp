// Measures the limits of the core that runs the caller: its clock, dot products of 16-bit integers, reading memory.
#pragma once

#include <stddef.h>

#include <vector>

#include "limit_kernels.hpp"

namespace sparse_train {

/// Clock cycles per second, measured with a chain of additions and exclusive ors, each of which waits for the one
/// before. Takes about `seconds` and reports the fastest of several runs, since an interruption can only make a run
/// longer.
double measureClock(double seconds);

/// Multiply-accumulates of 16-bit integers per second: the fastest of several runs, about `seconds` in all.
double measureDotProducts(const LimitKernels& kernels, double seconds);

/// Bytes per second when `bytes` bytes are read over and over: the fastest of several runs, about `seconds` in all.
double measureReading(const LimitKernels& kernels, size_t bytes, double seconds);

}  // namespace sparse_train
