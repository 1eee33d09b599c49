/*
 * Stands for a library that was built with -ffast-math, which changes the processor's floating-point mode when it is
 * loaded: subnormal numbers become zero. It rounds upward as well.
 */
#include <fenv.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

__attribute__((constructor)) static void change(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
  unsigned long mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  mode |= 1ul << 24;
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#endif
  fesetround(FE_UPWARD);
}
