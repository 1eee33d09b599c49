// What the core that runs the caller can do at best: its clock, dot products of 16-bit integers and reading memory.
#pragma once

#include <stddef.h>

#include <vector>

#include "../kernels/limits/limit_kernels.hpp"

namespace sparse_train {

/// Clock cycles per second, from a chain of additions and exclusive ors that each wait for the one before. Takes about
/// `seconds`; the fastest of several runs, since an interruption can only make one longer.
double measureClock(double seconds);

/// Multiply-accumulates of 16-bit integers per second: the fastest of several runs, about `seconds` in all.
double measureDotProducts(const LimitKernels& kernels, double seconds);

/// Bytes per second when `bytes` bytes are read over and over: the fastest of several runs, about `seconds` in all.
double measureReading(const LimitKernels& kernels, size_t bytes, double seconds);

}  // namespace sparse_train
