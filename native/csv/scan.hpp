// Scanning of CSV text whose fields are mostly numbers: many records in one call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sparse_train {

/// What is to be scanned: `bytes[begin..end)`, from the beginning of a record.
struct CsvText {
  const uint8_t* bytes;
  size_t begin, end;
  uint8_t delimiter;
  uint8_t decimal;
  /// Fields that each record must have; 2 or more.
  uint32_t columns;
};

/// Where records go: row-major, `columns` entries each; `lines` one each.
struct CsvBlock {
  /// The field's number, correctly rounded; NaN where the field is none, or is left to the caller.
  double* numbers;
  /// The field's bytes, blanks around it left out.
  int32_t* starts;
  int32_t* ends;
  /// Line breaks between `begin` and the record.
  uint32_t* lines;
  /// Records that there is room for.
  uint32_t capacity;
};

struct CsvScanned {
  /// Where the next record begins.
  size_t position;
  uint32_t records;
  /// Line breaks up to there.
  uint32_t lines;
};

/// Scans records until one that this does not do: one with a quoted field, with another number of fields, or without a
/// line break before `end` (a CR right before it may be half of one). Blank lines are skipped. What is a number, a blank
/// and a line break is as lib/formats/csv/scanner.ts and number.ts have it.
CsvScanned scanCsv(const CsvText& text, const CsvBlock& block);

}  // namespace sparse_train
