#include "sparse_row.hpp"

#include <string.h>

namespace sparse_train {

InputView wholeRow(const InputView& inputs, uint64_t row, uint32_t columns, std::vector<uint8_t>& memory) {
  const size_t size = inputs.elementSize();
  memory.assign(columns * size, 0);
  const auto* values = static_cast<const uint8_t*>(inputs.data);
  forSparseRow(inputs, row, 0, columns, [&](uint32_t column, size_t index) {
    memcpy(memory.data() + column * size, values + index * size, size);
  });
  InputView whole = inputs;
  whole.data = memory.data();
  whole.starts = nullptr;
  whole.columns = nullptr;
  return whole;
}

}  // namespace sparse_train
