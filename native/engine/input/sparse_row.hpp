// Reading rows of which only some values are given.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <vector>

#include "engine/spec.hpp"

namespace sparse_train {

/// Calls visit(column, index of the value) for what a sparse row gives in columns first .. end - 1, ascending. Columns were
/// checked, but lie in memory that the caller may have written to since: what is out of order or range is passed over, so
/// that it leads nowhere.
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

/// A sparse row as a whole one: a view of it as row 0, in `memory`.
InputView wholeRow(const InputView& inputs, uint64_t row, uint32_t columns, std::vector<uint8_t>& memory);

}  // namespace sparse_train
