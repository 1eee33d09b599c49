// Decimal numbers in text.
#pragma once

#include <cstdint>

namespace sparse_train {

/// Reads the number that begins at `at`, correctly rounded, and moves `at` behind its last character. NaN if no number
/// begins there, or if it exceeds a double's range.
double parseNumber(const uint8_t*& at, const uint8_t* end, uint8_t decimal);

}  // namespace sparse_train
