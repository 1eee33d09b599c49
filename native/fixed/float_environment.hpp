// The processor's floating-point mode. Other libraries in the process can change it (one built with
// -ffast-math sets flush-to-zero when it is loaded), which would change the results of float training and the
// losses.
#pragma once

#include <stdint.h>

#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
#elif !defined(__aarch64__) || !defined(__GNUC__)
#include <cfenv>
#endif

namespace sparse_train {

/// While an object of this class exists, its thread, and threads that this thread creates, round to nearest
/// and keep subnormal numbers.
class FloatEnvironment {
 public:
  FloatEnvironment() : given_(read()) {
    if (given_ != kDefault) write(kDefault);
  }
  ~FloatEnvironment() {
    if (given_ != kDefault) write(given_);
  }
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

 private:
#if defined(__x86_64__) || defined(_M_X64)
  static constexpr uint64_t kDefault = 0x1F80;  // all exceptions masked, nothing else set
  static constexpr unsigned kRaised = 0x3F;     // exceptions that have occurred: not part of the mode
  static uint64_t read() { return _mm_getcsr() & ~kRaised; }
  static void write(uint64_t mode) { _mm_setcsr(static_cast<unsigned>(mode)); }
#elif defined(__aarch64__) && defined(__GNUC__)
  static constexpr uint64_t kDefault = 0;
  static uint64_t read() {
    uint64_t mode = 0;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void write(uint64_t mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
#else
  static constexpr uint64_t kDefault = FE_TONEAREST;
  static uint64_t read() { return static_cast<uint64_t>(std::fegetround()); }
  static void write(uint64_t mode) { std::fesetround(static_cast<int>(mode)); }
#endif

  const uint64_t given_;
};

}  // namespace sparse_train
