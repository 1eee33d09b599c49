// The CSV scanner: divides text into records and fields, and reads the fields that are numbers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sparse_train {

/// The longest delimiter: one character in UTF-8.
constexpr uint32_t kMostDelimiterBytes = 4;

/// Text to scan: `bytes[begin..end)`, which starts at the beginning of a record.
struct CsvText {
  const uint8_t* bytes;
  size_t begin, end;
  /// One character in UTF-8. If it is a space, a run of spaces counts as one delimiter.
  const uint8_t* delimiter;
  uint32_t delimiterBytes;
  /// The decimal mark. If it is also the delimiter, numbers with a decimal mark can occur only in quotes.
  uint8_t decimal;
  /// Whether more text may follow `end`. If so, a record is read only if the line break after it is in this
  /// part.
  bool isPart;
  /// Whether a blank line is a record with one empty field. Otherwise blank lines are skipped.
  bool keepsBlankLines;
};

/// The destination of the fields. Record i has the fields `firsts[i]` to `firsts[i + 1] - 1`; records may
/// differ in their number of fields.
struct CsvBlock {
  /// The field's number, correctly rounded; NaN if the field is not a number.
  double* numbers;
  /// The bytes of the field: without surrounding blanks, or between its quotes. Doubled quotes are still
  /// doubled.
  int32_t* starts;
  int32_t* ends;
  uint32_t fieldCapacity;
  /// `recordCapacity` + 1 entries.
  uint32_t* firsts;
  /// Line breaks between `begin` and the record, `recordCapacity` entries.
  uint32_t* lines;
  uint32_t recordCapacity;
};

/// The reason why scanning stopped.
enum class CsvStop : uint8_t {
  kEnd,         ///< all text was read
  kFull,        ///< the next record does not fit into the block
  kIncomplete,  ///< the next record is not complete in this part of the text
  kUnclosed,    ///< a quote that opens a field is never closed
  kAfterQuote,  ///< there is text between a closing quote and the next delimiter
};

struct CsvScanned {
  /// The position of the next record, or of the one that could not be read.
  size_t position;
  uint32_t records;
  /// Line breaks between `begin` and `position`.
  uint32_t lines;
  CsvStop stop;
  /// The position of the wrong quote: the line breaks before it since `begin`, and the index of its field in
  /// the record, from 0.
  uint32_t wrongLine, wrongField;
};

/// Scans records until the block is full, the text ends, or a quote is wrong.
///
/// The format is RFC 4180 with these additions: any delimiter; LF, CRLF and CR as line breaks; blanks (spaces
/// and tabs) around fields, which do not belong to the fields. A number consists of a sign, digits with a
/// decimal mark, and an exponent. Hexadecimal digits, `inf`, groups of digits and numbers beyond the range of
/// a double are text.
CsvScanned scanCsv(const CsvText& text, const CsvBlock& block);

}  // namespace sparse_train
