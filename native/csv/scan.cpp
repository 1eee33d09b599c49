#include "scan.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace sparse_train {
namespace {

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kMaxExactPower = 22;

/// Every whole number up to this is a double.
constexpr uint64_t kMaxExact = uint64_t{1} << 53;

/// Digits that a 64-bit number holds whatever they are.
constexpr int kMaxDigits = 19;

/// Exponents beyond this are left to the caller; no double is as large or small.
constexpr int kMaxExponent = 100000;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// What from_chars makes of the digits, or NaN where it is not sure (overflow, underflow) or not there.
double slowly(const uint8_t* begin, const uint8_t* end) {
#ifdef __cpp_lib_to_chars
  double value = 0;
  const char* first = reinterpret_cast<const char*>(begin);
  const char* last = reinterpret_cast<const char*>(end);
  const auto [stopped, error] = std::from_chars(first, last, value);
  if (error == std::errc() && stopped == last && std::isfinite(value)) return value;
#else
  (void)begin, (void)end;
#endif
  return kNone;
}

/// A number from `at` on; leaves `at` behind its last character. NaN if there is none, or it is left to the caller.
double parseNumber(const uint8_t*& at, const uint8_t* end, uint8_t decimal) {
  const bool negative = at < end && *at == '-';
  if (at < end && (*at == '-' || *at == '+')) at++;
  const uint8_t* const digits = at;
  uint64_t mantissa = 0;
  int64_t significant = 0, places = 0;
  bool anyDigit = false, pastMark = false;
  for (; at < end; at++) {
    const uint8_t digit = static_cast<uint8_t>(*at - '0');
    if (digit <= 9) {
      anyDigit = true;
      places += pastMark;
      significant += significant > 0 || digit != 0;
      // More digits than fit are read again.
      if (significant <= kMaxDigits) mantissa = mantissa * 10 + digit;
    } else if (*at == decimal && !pastMark) {
      pastMark = true;
    } else {
      break;
    }
  }
  if (!anyDigit) return kNone;
  int64_t exponent = 0;
  if (at < end && (*at | 0x20) == 'e') {
    at++;
    const bool down = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    const uint8_t* const first = at;
    for (; at < end && static_cast<uint8_t>(*at - '0') <= 9; at++) {
      if (exponent < kMaxExponent) exponent = exponent * 10 + (*at - '0');
    }
    if (at == first) return kNone;
    if (down) exponent = -exponent;
  }
  exponent -= places;
  double value;
  if (significant <= kMaxDigits && mantissa <= kMaxExact && exponent >= -kMaxExactPower &&
      exponent <= kMaxExactPower) {
    // One operation on two exact doubles rounds correctly.
    const double exact = static_cast<double>(mantissa);
    value = exponent < 0 ? exact / kPowersOfTen[-exponent] : exact * kPowersOfTen[exponent];
  } else {
    value = decimal == '.' ? slowly(digits, at) : kNone;
  }
  return negative ? -value : value;
}

struct Scanner {
  const CsvText& text;
  const CsvBlock& block;

  bool isBlank(uint8_t byte) const { return byte == ' ' || (byte == '\t' && text.delimiter != '\t'); }
  bool endsField(uint8_t byte) const { return byte == text.delimiter || byte == '\n' || byte == '\r'; }

  enum class Outcome { kRecord, kBlank, kNotDone };

  /// Reads a record into row `row`; `at` is then behind its line break.
  Outcome readRecord(const uint8_t*& at, uint32_t row) const {
    const uint8_t* const end = text.bytes + text.end;
    const size_t offset = static_cast<size_t>(row) * text.columns;
    for (uint32_t column = 0;; column++) {
      while (at < end && isBlank(*at)) at++;
      if (at == end || *at == '"' || column == text.columns) return Outcome::kNotDone;
      const uint8_t* const start = at;
      double number = parseNumber(at, end, text.decimal);
      const uint8_t* last = at;
      while (at < end && isBlank(*at)) at++;
      if (at < end && !endsField(*at)) {
        // Something else stands there, so that it is no number.
        number = kNone;
        while (at < end && !endsField(*at)) at++;
        last = at;
        while (last > start && isBlank(last[-1])) last--;
      }
      if (at == end) return Outcome::kNotDone;
      block.numbers[offset + column] = number;
      block.starts[offset + column] = static_cast<int32_t>(start - text.bytes);
      block.ends[offset + column] = static_cast<int32_t>(last - text.bytes);
      if (*at == text.delimiter) {
        at++;
        continue;
      }
      if (*at == '\r') {
        if (at + 1 == end) return Outcome::kNotDone;
        if (at[1] == '\n') at++;
      }
      at++;
      if (column + 1 == text.columns) return Outcome::kRecord;
      return column == 0 && start == last ? Outcome::kBlank : Outcome::kNotDone;
    }
  }
};

}  // namespace

CsvScanned scanCsv(const CsvText& given, const CsvBlock& block) {
  CsvText text = given;
  // A mark that divides fields is in none of them.
  if (text.decimal == text.delimiter) text.decimal = 0;
  const Scanner scanner{text, block};
  const uint8_t* at = text.bytes + text.begin;
  CsvScanned scanned{text.begin, 0, 0};
  while (scanned.records < block.capacity) {
    const auto outcome = scanner.readRecord(at, scanned.records);
    if (outcome == Scanner::Outcome::kNotDone) break;
    if (outcome == Scanner::Outcome::kRecord) block.lines[scanned.records++] = scanned.lines;
    scanned.lines++;
    scanned.position = static_cast<size_t>(at - text.bytes);
  }
  return scanned;
}

}  // namespace sparse_train
