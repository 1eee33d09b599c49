#include "limits.hpp"

#include <algorithm>
#include <cstring>

#include "../../engine/aligned_buffer.hpp"
#include "../stopwatch.hpp"

namespace sparse_train {
namespace {

constexpr double kRun = 1e-3;  // seconds: less than a time slice of the operating system
constexpr int kLinks = 32;     // links of the chain of dependent operations in a step

/// The work of `run(count)` per second in the fastest of many short runs; runs are repeated for about `seconds`.
template <typename Run>
double fastest(double seconds, double workPerCount, Run run) {
  uint64_t count = 1;
  for (double taken = 0.0; taken < kRun / 2; count *= 2) {
    const Stopwatch watch;
    run(count);
    taken = watch.seconds();
  }
  double least = 1e300;
  const Stopwatch whole;
  do {
    const Stopwatch watch;
    run(count);
    least = std::min(least, watch.seconds());
  } while (whole.seconds() < seconds);
  return static_cast<double>(count) * workPerCount / least;
}

}  // namespace

double measureClock(double seconds) {
  volatile uint64_t unknown = 0x9E3779B97F4A7C15ull;
  const uint64_t a = unknown;
  const uint64_t b = unknown;
  return fastest(seconds, kLinks, [&](uint64_t count) {
    uint64_t value = a;
    for (uint64_t i = 0; i < count; i++) {
      for (int link = 0; link < kLinks; link += 2) value = (value ^ b) + a;
    }
    unknown = value;
  });
}

double measureDotProducts(const LimitKernels& kernels, double seconds) {
  volatile int32_t sink = 0;
  return fastest(seconds, kernels.productsPerStep,
                 [&](uint64_t count) { sink = kernels.dotProducts(count); });
}

double measureReading(const LimitKernels& kernels, size_t bytes, double seconds) {
  const size_t whole = std::max<size_t>(1024, bytes / 1024 * 1024);
  AlignedBuffer<unsigned char> memory(whole);
  memset(memory.data(), 1, whole);  // maps every page
  volatile int32_t sink = 0;
  return fastest(seconds, static_cast<double>(whole), [&](uint64_t count) {
    for (uint64_t i = 0; i < count; i++) sink = kernels.readMemory(memory.data(), whole);
  });
}

}  // namespace sparse_train
