// exp() from IEEE additions and multiplications only. The C library's exp differs between platforms in the
// last bit, and tables that are part of the numeric contract must not.
#pragma once

namespace sparse_train {

/// e^x for -700 <= x <= 700, relative error below 2e-13 (2e-14 for |x| <= 16), the same bits on every IEEE machine
/// (compile with -ffp-contract=off). Taylor series on x / 2^10, then ten squarings.
double exactExp(double x);

}  // namespace sparse_train
