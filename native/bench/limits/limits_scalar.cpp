// The limits of ordinary integer instructions, compiled without automatic vectorisation like the rest of this set.
#include <stdint.h>

namespace sparse_train {
namespace {

struct Limit {
  using Vector = int64_t;
  static constexpr int kAccumulators = 8;
  static constexpr uint32_t kProducts = 1;
  static Vector zero() { return 0; }
  static Vector load(const void* p) { return *static_cast<const int64_t*>(p); }
  static Vector combine(Vector a, Vector b) { return a | b; }
  static Vector multiplyAdd(Vector sums, Vector a, Vector b) { return sums + a * b; }
  static int32_t total(Vector v) { return static_cast<int32_t>(v | (v >> 32)); }
  static Vector opaque(Vector v) {
#if defined(__GNUC__)
    __asm__("" : "+r"(v));
#endif
    return v;
  }
};

}  // namespace
}  // namespace sparse_train

#include "limit_loops.inl"

namespace sparse_train {

const LimitKernels* limitKernelsScalar() {
  static constexpr LimitKernels kernels = makeLimitKernels("scalar");
  return &kernels;
}

}  // namespace sparse_train
