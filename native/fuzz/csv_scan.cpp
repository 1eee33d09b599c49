// Runs scanCsv() on arbitrary bytes. Fields must lie within the text, one after another, and scanning a text in
// blocks and parts must give the same records as scanning all of it at once.
#include "../csv/scan.hpp"

#include <cmath>
#include <cstring>

#include "tiny.hpp"

using namespace sparse_train;

namespace {

/// A block of this capacity holds the fields of any text that the fuzzer makes.
constexpr uint32_t kRoom = 4096;

struct Block {
  explicit Block(uint32_t fields, uint32_t records)
      : numbers(fields), starts(fields), ends(fields), firsts(records + 1), lines(records) {}

  CsvBlock view() {
    return {numbers.data(),
            starts.data(),
            ends.data(),
            static_cast<uint32_t>(numbers.size()),
            firsts.data(),
            lines.data(),
            static_cast<uint32_t>(lines.size())};
  }

  // Separately allocated, so that the sanitizer sees any access beyond the end.
  std::vector<double> numbers;
  std::vector<int32_t> starts, ends;
  std::vector<uint32_t> firsts, lines;
};

struct Field {
  double number;
  int32_t start, end;
};

struct Record {
  uint32_t line;
  std::vector<Field> fields;
};

struct Whole {
  std::vector<Record> records;
  CsvStop stop;
  size_t position;
  uint32_t wrongLine, wrongField;
};

bool same(double a, double b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

void checkBlock(const CsvText& text, const Block& block, const CsvScanned& scanned) {
  require(scanned.position >= text.begin && scanned.position <= text.end, "the text holds the records");
  require(scanned.records <= block.lines.size(), "there was room for the records");
  require(scanned.lines >= scanned.records, "every record has a line");
  require(block.firsts[0] == 0, "the first record has the first fields");
  auto before = static_cast<int32_t>(text.begin);
  for (uint32_t record = 0; record < scanned.records; record++) {
    require(block.firsts[record] < block.firsts[record + 1], "every record has a field");
    require(block.firsts[record + 1] <= block.numbers.size(), "there was room for the fields");
    require(record == 0 || block.lines[record - 1] < block.lines[record], "lines ascend");
    for (uint32_t field = block.firsts[record]; field < block.firsts[record + 1]; field++) {
      require(before <= block.starts[field] && block.starts[field] <= block.ends[field],
              "fields follow each other");
      require(!std::isinf(block.numbers[field]), "a number is finite");
      before = block.ends[field];
    }
  }
  require(static_cast<size_t>(before) <= scanned.position, "the last field ends before the next record");
}

/// Scans a whole text through a block; if it comes in parts, each part is `step` bytes longer than the last.
Whole scanAll(CsvText text, size_t end, size_t step, Block& block) {
  Whole whole{};
  uint32_t line = 0;
  text.end = step == 0 ? end : std::min(end, text.begin + step);
  for (;;) {
    text.isPart = text.end < end;
    const CsvScanned scanned = scanCsv(text, block.view());
    checkBlock(text, block, scanned);
    for (uint32_t i = 0; i < scanned.records; i++) {
      Record record{line + block.lines[i], {}};
      for (uint32_t field = block.firsts[i]; field < block.firsts[i + 1]; field++)
        record.fields.push_back({block.numbers[field], block.starts[field], block.ends[field]});
      whole.records.push_back(std::move(record));
    }
    text.begin = whole.position = scanned.position;
    whole.stop = scanned.stop;
    whole.wrongLine = line + scanned.wrongLine;
    whole.wrongField = scanned.wrongField;
    line += scanned.lines;
    if (scanned.stop == CsvStop::kFull) {
      if (scanned.records > 0) continue;
      // A single record needs a larger block.
      block = Block(static_cast<uint32_t>(2 * block.numbers.size() + 1),
                    static_cast<uint32_t>(block.lines.size() + 1));
      continue;
    }
    if (!text.isPart || scanned.stop == CsvStop::kAfterQuote) return whole;
    text.end = std::min(end, text.end + step);
  }
}

void compare(const Whole& expected, const Whole& actual) {
  require(expected.records.size() == actual.records.size(), "as many records in parts as in the whole");
  for (size_t i = 0; i < expected.records.size(); i++) {
    const Record &a = expected.records[i], &b = actual.records[i];
    require(a.line == b.line, "the same line");
    require(a.fields.size() == b.fields.size(), "the same fields");
    for (size_t j = 0; j < a.fields.size(); j++) {
      require(a.fields[j].start == b.fields[j].start && a.fields[j].end == b.fields[j].end, "the same bytes");
      require(same(a.fields[j].number, b.fields[j].number), "the same numbers");
    }
  }
  require(expected.stop == actual.stop, "the same end");
  if (expected.stop == CsvStop::kEnd) return;
  require(expected.position == actual.position, "the same place");
  require(expected.wrongLine == actual.wrongLine && expected.wrongField == actual.wrongField,
          "the same wrong quote");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const uint8_t delimiters[][kMostDelimiterBytes] = {{','}, {';'}, {'\t'}, {' '},        {'|'},
                                                     {'.'}, {'-'}, {'e'},  {0xC2, 0xA7}, {0xE2, 0x82, 0xAC}};
  const auto& delimiter = delimiters[bytes.ConsumeIntegralInRange<size_t>(0, std::size(delimiters) - 1)];
  const auto length =
      static_cast<uint32_t>(strnlen(reinterpret_cast<const char*>(delimiter), sizeof delimiter));
  const uint8_t decimal = bytes.ConsumeBool() ? '.' : bytes.ConsumeIntegralInRange<uint8_t>(0, 127);
  const bool keepsBlankLines = bytes.ConsumeBool();
  const auto fields = bytes.ConsumeIntegralInRange<uint32_t>(0, 8);
  const auto records = bytes.ConsumeIntegralInRange<uint32_t>(0, 4);
  const auto step = bytes.ConsumeIntegralInRange<size_t>(1, 40);
  const auto skipped = bytes.ConsumeIntegralInRange<size_t>(0, 3);
  const std::vector<uint8_t> text = bytes.ConsumeRemainingBytes<uint8_t>();
  if (text.size() >= kRoom) return 0;
  const size_t begin = std::min(skipped, text.size());
  const CsvText whole{text.data(), begin, text.size(), delimiter, length, decimal, false, keepsBlankLines};
  Block room(kRoom, kRoom), small(fields, records);
  const Whole expected = scanAll(whole, text.size(), 0, room);
  require(expected.stop != CsvStop::kFull && expected.stop != CsvStop::kIncomplete,
          "a whole text is read to its end");
  require(expected.stop != CsvStop::kEnd || expected.position == text.size(), "all of the text was read");
  compare(expected, scanAll(whole, text.size(), 0, small));
  Block parts(fields, records);
  compare(expected, scanAll(whole, text.size(), step, parts));
  return 0;
}
