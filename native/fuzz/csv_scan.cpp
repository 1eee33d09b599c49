// scanCsv() with any bytes: what it says of records lies within the text and within the room given.
#include "../csv/scan.hpp"

#include <cmath>

#include "tiny.hpp"

using namespace sparse_train;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const auto columns = bytes.ConsumeIntegralInRange<uint32_t>(2, 5);
  const auto capacity = bytes.ConsumeIntegralInRange<uint32_t>(0, 20);
  const uint8_t delimiters[] = {',', ';', '\t', ' ', '.'};
  const uint8_t delimiter = bytes.ConsumeBool() ? bytes.PickValueInArray(delimiters)
                                                : bytes.ConsumeIntegralInRange<uint8_t>(0, 127);
  const uint8_t decimal = bytes.ConsumeBool() ? '.' : bytes.ConsumeIntegralInRange<uint8_t>(0, 127);
  const auto skipped = bytes.ConsumeIntegralInRange<size_t>(0, 3);
  // Memory of their own, so that the sanitizer sees any access beyond.
  const std::vector<uint8_t> text = bytes.ConsumeRemainingBytes<uint8_t>();
  const size_t begin = std::min(skipped, text.size());
  std::vector<double> numbers(size_t{capacity} * columns);
  std::vector<int32_t> starts(numbers.size()), ends(numbers.size());
  std::vector<uint32_t> lines(capacity);
  const CsvScanned scanned = scanCsv({text.data(), begin, text.size(), delimiter, decimal, columns},
                                     {numbers.data(), starts.data(), ends.data(), lines.data(), capacity});
  require(scanned.records <= capacity, "there was room for the records");
  require(scanned.position >= begin && scanned.position <= text.size(), "the text holds them");
  require(scanned.lines >= scanned.records, "every record has a line");
  auto before = static_cast<int32_t>(begin);
  for (size_t field = 0; field < size_t{scanned.records} * columns; field++) {
    require(before <= starts[field] && starts[field] <= ends[field], "fields follow each other");
    before = ends[field];
    require(!std::isinf(numbers[field]), "a number is finite or left out");
  }
  require(static_cast<size_t>(before) <= scanned.position, "the last field ends before the next record");
  return 0;
}
