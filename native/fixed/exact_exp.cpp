#include "exact_exp.hpp"

namespace sparse_train {

double exactExp(double x) {
  if (x < 0.0) return 1.0 / exactExp(-x);
  // x / 1024 < 0.7: 16 terms leave less than 1e-16 of the series. The squarings multiply the relative error by
  // 1024, so the series is summed as e^x - 1 (small numbers keep their digits): (1 + m)^2 - 1 = m * (m + 2).
  const double small = x / 1024.0;
  double m = 0.0;
  for (int term = 16; term >= 1; term--) m = small / term * (1.0 + m);
  for (int i = 0; i < 10; i++) m = m * (m + 2.0);
  return 1.0 + m;
}

}  // namespace sparse_train
