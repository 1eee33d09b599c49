// Reads rows that store only some of their values.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "engine/spec.hpp"

namespace sparse_train {

/// Calls visit(column, index of the value) for the values of a sparse row in columns first .. end - 1,
/// ascending. The columns were checked, but the caller may have written to their memory since then, so
/// indices out of order or out of range are skipped and cannot do harm.
template <typename Visit>
void forSparseRow(const InputView& inputs, uint64_t row, uint32_t first, uint32_t end, Visit visit) {
  const volatile uint32_t* columns = inputs.columns;  // read once each
  for (uint64_t i = inputs.starts[row]; i < inputs.starts[row + 1]; i++) {
    const uint32_t column = columns[i];
    if (column < first || column >= end) continue;
    visit(column, static_cast<size_t>(i));
    first = column + 1;
  }
}

/// A sparse row expanded to a whole one: a view of it as row 0, in `memory`.
InputView wholeRow(const InputView& inputs, uint64_t row, uint32_t columns, std::vector<uint8_t>& memory);

}  // namespace sparse_train
