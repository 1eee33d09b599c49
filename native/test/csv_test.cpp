// Scanning of CSV text.
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <string>
#include <vector>

#include "csv/scan.hpp"

namespace sparse_train {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Scan {
  Rows rows;
  std::vector<double> numbers;
  std::vector<uint32_t> lines;
  CsvScanned scanned;
};

struct Options {
  std::string delimiter = ",";
  char decimal = '.';
  bool isPart = false, keepsBlankLines = false;
  uint32_t fields = 100, records = 100;
};

// Scans a text that lies in memory of its exact size, so that sanitizers notice reads past its end.
Scan scan(const std::string& text, const Options& options = {}) {
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  const std::vector<uint8_t> delimiter(options.delimiter.begin(), options.delimiter.end());
  std::vector<int32_t> starts(options.fields), ends(options.fields);
  std::vector<uint32_t> firsts(options.records + 1);
  Scan out;
  out.numbers.resize(options.fields);
  out.lines.resize(options.records);
  out.scanned =
      scanCsv({bytes.data(), 0, bytes.size(), delimiter.data(), static_cast<uint32_t>(delimiter.size()),
               static_cast<uint8_t>(options.decimal), options.isPart, options.keepsBlankLines},
              {out.numbers.data(), starts.data(), ends.data(), options.fields, firsts.data(),
               out.lines.data(), options.records});
  const uint32_t records = out.scanned.records;
  for (uint32_t record = 0; record < records; record++) {
    std::vector<std::string> row;
    for (uint32_t i = firsts[record]; i < firsts[record + 1]; i++) {
      row.push_back(text.substr(static_cast<size_t>(starts[i]), static_cast<size_t>(ends[i] - starts[i])));
    }
    out.rows.push_back(row);
  }
  out.numbers.resize(firsts[records]);
  out.lines.resize(records);
  return out;
}

TEST(CsvScan, ReadsNumbersAndSaysWhereFieldsAre) {
  const Scan out = scan("1, -2.5 ,.5\n\n 3e2,4.,text 5 \r\n");
  EXPECT_EQ(out.rows, (Rows{{"1", "-2.5", ".5"}, {"3e2", "4.", "text 5"}}));
  EXPECT_EQ(out.lines, (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(out.scanned.lines, 3u);
  EXPECT_EQ(out.scanned.stop, CsvStop::kEnd);
  EXPECT_EQ(out.numbers[1], -2.5);
  EXPECT_EQ(out.numbers[3], 300);
  EXPECT_TRUE(std::isnan(out.numbers[5]));
}

TEST(CsvScan, RoundsCorrectly) {
  for (const char* text :
       {"0.1", "8.692932128906250000e-01", "9007199254740993", "123456789012345678", "1.7976931348623157e308",
        "2.2250738585072014e-308", "4.9406564584124654e-324", "1e-400", "0e999999999999",
        "0.000000000000000000000000000123456789012345678901234567890"}) {
    const Scan out = scan(std::string(text) + ",-" + text + ",\"" + text + "\"\n");
    EXPECT_EQ(out.numbers[0], std::strtod(text, nullptr)) << text;
    EXPECT_EQ(out.numbers[1], -std::strtod(text, nullptr)) << text;
    EXPECT_TRUE(std::signbit(out.numbers[1])) << text;
    EXPECT_EQ(out.numbers[2], out.numbers[0]) << text;
  }
  EXPECT_EQ(scan("1,2345678901234567890123e-3\n", {";", ','}).numbers[0], 1.2345678901234567890123e-3);
}

TEST(CsvScan, RoundsCorrectlyWhateverModeAnotherLibraryHasSet) {
  const std::string text = "0.1,8.692932128906250000e-01,123456789012345678,-0.3,1.1e-310\n";
  const std::vector<double> expected = scan(text).numbers;
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    ASSERT_EQ(std::fesetround(mode), 0);
    const std::vector<double> got = scan(text).numbers;
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(got, expected);
  }
}

TEST(CsvScan, TakesOtherTextForText) {
  for (const char* text : {"", "-", ".", "1e", "1e+", "inf", "nan", "0x10", "1 2", "1e400", "-1e400", "--1",
                           "1.2.3", "1_000", "1e99999999999999999999"}) {
    const Scan out = scan(std::string("7,") + text + "\n");
    EXPECT_EQ(out.rows, (Rows{{"7", text}}));
    EXPECT_TRUE(std::isnan(out.numbers[1])) << text;
  }
}

TEST(CsvScan, KnowsOtherMarks) {
  EXPECT_EQ(scan("1,5;2\n", {";", ','}).numbers, (std::vector<double>{1.5, 2}));
  EXPECT_EQ(scan("1\t2\n", {"\t"}).numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(scan("1,2,\"3,5\"\n", {",", ','}).numbers, (std::vector<double>{1, 2, 3.5}));
  EXPECT_EQ(scan("1-2\n", {"-"}).numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(scan("1e2\n", {"e"}).numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(scan("a€1€\"€\"\n", {"€"}).rows, (Rows{{"a", "1", "€"}}));
  EXPECT_EQ(scan("a\xE2\x82 b\n", {"€"}).rows, (Rows{{"a\xE2\x82 b"}}));
}

TEST(CsvScan, CountsRunsOfSpacesAsOneDelimiter) {
  EXPECT_EQ(scan("  1  2 \"a b\" \n   \n3 \t 4\n5 6  ", {" "}).rows,
            (Rows{{"1", "2", "a b"}, {"3", "4"}, {"5", "6"}}));
}

TEST(CsvScan, ReadsQuotes) {
  const Scan out = scan("\"a,b\",\"1.5\" ,\"\"\n\"say \"\"x\"\"\",\"two\r\nlines\",3\n4,5,6");
  EXPECT_EQ(out.rows, (Rows{{"a,b", "1.5", ""}, {"say \"\"x\"\"", "two\r\nlines", "3"}, {"4", "5", "6"}}));
  EXPECT_EQ(out.numbers[1], 1.5);
  EXPECT_EQ(out.lines, (std::vector<uint32_t>{0, 1, 3}));
  EXPECT_EQ(scan("5\" pipe,a\"b\"c").rows, (Rows{{"5\" pipe", "a\"b\"c"}}));
}

TEST(CsvScan, SaysWhereAQuoteIsWrong) {
  const Scan open = scan("1,2\n3,\"x\ny");
  EXPECT_EQ(open.scanned.stop, CsvStop::kUnclosed);
  EXPECT_EQ(open.scanned.position, 4u);
  EXPECT_EQ(open.scanned.wrongLine, 1u);
  EXPECT_EQ(open.scanned.wrongField, 1u);
  const Scan behind = scan("1,2\n\"a\nb\",\"c\" d\n");
  EXPECT_EQ(behind.scanned.stop, CsvStop::kAfterQuote);
  EXPECT_EQ(behind.scanned.wrongLine, 2u);
  EXPECT_EQ(behind.scanned.wrongField, 1u);
  EXPECT_EQ(behind.rows, (Rows{{"1", "2"}}));
}

TEST(CsvScan, ReadsRaggedLinesAndTheEndOfTheText) {
  EXPECT_EQ(scan("1\n2,3\r4,5,\n,").rows, (Rows{{"1"}, {"2", "3"}, {"4", "5", ""}, {"", ""}}));
  EXPECT_EQ(scan("").rows, Rows{});
  EXPECT_EQ(scan("1,2\r").scanned.position, 4u);
}

TEST(CsvScan, KeepsBlankLinesWhereTheyAreFields) {
  EXPECT_EQ(scan("1\n\n \n2\n").rows, (Rows{{"1"}, {"2"}}));
  EXPECT_EQ(scan("1\n\n\"\"\n2\n").rows, (Rows{{"1"}, {""}, {"2"}}));
  EXPECT_EQ(scan("1\n\n \n2\n", {",", '.', false, true}).rows, (Rows{{"1"}, {""}, {""}, {"2"}}));
}

TEST(CsvScan, StopsBeforeARecordThatIsNotComplete) {
  for (const char* text :
       {"1,2\n3", "1,2\n3,", "1,2\n3,4", "1,2\n3,4\r", "1,2\n3,\"4\n5", "1,2\n3,\"4\"", "1,2\n\n3"}) {
    const Scan out = scan(text, {",", '.', true});
    EXPECT_EQ(out.scanned.stop, CsvStop::kIncomplete) << text;
    EXPECT_EQ(out.rows, (Rows{{"1", "2"}})) << text;
  }
  EXPECT_EQ(scan("1,2\n3,4\n", {",", '.', true}).scanned.stop, CsvStop::kEnd);
}

TEST(CsvScan, StopsWhereTheBlockIsFull) {
  const Scan records = scan("1,2\n3,4\n", {",", '.', false, false, 100, 1});
  EXPECT_EQ(records.scanned.stop, CsvStop::kFull);
  EXPECT_EQ(records.rows, (Rows{{"1", "2"}}));
  EXPECT_EQ(records.scanned.position, 4u);
  const Scan fields = scan("1,2\n3,4\n", {",", '.', false, false, 3, 100});
  EXPECT_EQ(fields.scanned.stop, CsvStop::kFull);
  EXPECT_EQ(fields.rows, (Rows{{"1", "2"}}));
  EXPECT_EQ(fields.scanned.position, 4u);
}

}  // namespace
}  // namespace sparse_train
