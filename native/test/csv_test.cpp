// Scanning of CSV text.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "csv/scan.hpp"

namespace sparse_train {
namespace {

struct Scan {
  std::vector<double> numbers;
  std::vector<std::string> fields;
  std::vector<uint32_t> lines;
  CsvScanned scanned;
};

/// Scans a text that is exactly as large as it is, so that reading past its end is noticed by sanitizers.
Scan scan(const std::string& text, uint32_t columns, uint32_t capacity = 100, char delimiter = ',',
          char decimal = '.') {
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  std::vector<int32_t> starts(capacity * columns), ends(capacity * columns);
  Scan out;
  out.numbers.resize(capacity * columns);
  out.lines.resize(capacity);
  out.scanned = scanCsv({bytes.data(), 0, bytes.size(), static_cast<uint8_t>(delimiter),
                         static_cast<uint8_t>(decimal), columns},
                        {out.numbers.data(), starts.data(), ends.data(), out.lines.data(), capacity});
  out.numbers.resize(out.scanned.records * columns);
  out.lines.resize(out.scanned.records);
  for (uint32_t i = 0; i < out.scanned.records * columns; i++) {
    out.fields.push_back(
        text.substr(static_cast<size_t>(starts[i]), static_cast<size_t>(ends[i] - starts[i])));
  }
  return out;
}

TEST(CsvScan, ReadsNumbersAndSaysWhereFieldsAre) {
  const Scan out = scan("1, -2.5 ,.5\n\n 3e2,4.,text 5 \r\n", 3);
  EXPECT_EQ(out.scanned.records, 2u);
  EXPECT_EQ(out.scanned.lines, 3u);
  EXPECT_EQ(out.lines, (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(out.fields, (std::vector<std::string>{"1", "-2.5", ".5", "3e2", "4.", "text 5"}));
  EXPECT_EQ(out.numbers[1], -2.5);
  EXPECT_EQ(out.numbers[3], 300);
  EXPECT_TRUE(std::isnan(out.numbers[5]));
}

TEST(CsvScan, RoundsCorrectly) {
  const std::vector<const char*> texts = {"0.1",
                                          "8.692932128906250000e-01",
                                          "9007199254740993",
                                          "123456789012345678",
                                          "1.7976931348623157e308",
                                          "2.2250738585072014e-308",
                                          "4.9406564584124654e-324",
                                          "0.000000000000000000000000000123456789012345678901234567890"};
  for (const char* text : texts) {
    const Scan out = scan(std::string(text) + ",-" + text + "\n", 2);
    ASSERT_EQ(out.scanned.records, 1u);
    // NaN says that the caller is to read it, as without from_chars of doubles.
    if (std::isnan(out.numbers[0])) continue;
    EXPECT_EQ(out.numbers[0], std::strtod(text, nullptr)) << text;
    EXPECT_EQ(out.numbers[1], -std::strtod(text, nullptr)) << text;
  }
}

TEST(CsvScan, LeavesWhatIsNoNumberToTheCaller) {
  for (const char* text : {"", "-", ".", "1e", "1e+", "inf", "nan", "0x10", "1 2", "1e400", "--1", "1.2.3"}) {
    const Scan out = scan(std::string("7,") + text + "\n", 2);
    ASSERT_EQ(out.scanned.records, 1u) << text;
    EXPECT_TRUE(std::isnan(out.numbers[1])) << text;
    EXPECT_EQ(out.fields[1], text);
  }
}

TEST(CsvScan, KnowsOtherMarks) {
  EXPECT_EQ(scan("1,5;2\n", 2, 9, ';', ',').numbers, (std::vector<double>{1.5, 2}));
  EXPECT_EQ(scan("1\t2\n", 2, 9, '\t').numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(scan("1,2\n", 2, 9, ',', ',').numbers, (std::vector<double>{1, 2}));
}

TEST(CsvScan, StopsBeforeWhatItDoesNotDo) {
  for (const char* text :
       {"1,2\n3", "1,2\n3,4", "1,2\n3,4\r", "1,2\n3,\"4\"\n", "1,2\n3,4,5\n", "1,2\n3\n", "1,2\n"}) {
    EXPECT_EQ(scan(text, 2).scanned.position, 4u) << text;
    EXPECT_EQ(scan(text, 2).scanned.records, 1u) << text;
  }
  EXPECT_EQ(scan("", 2).scanned.records, 0u);
  EXPECT_EQ(scan("1,2\n3,4\n", 2, 1).scanned.position, 4u);
}

}  // namespace
}  // namespace sparse_train
