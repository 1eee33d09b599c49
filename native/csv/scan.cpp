#include "scan.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "number.hpp"

namespace sparse_train {
namespace {

constexpr uint8_t kQuote = '"', kSpace = ' ', kTab = '\t', kLineFeed = '\n', kReturn = '\r';

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

/// What a byte can be outside quotes.
enum ByteKind : uint8_t { kOrdinary, kBlank, kEnding };

class Scanner {
 public:
  Scanner(const CsvText& text, const CsvBlock& block)
      : text_(text),
        block_(block),
        at_(text.bytes + text.begin),
        end_(text.bytes + text.end),
        decimal_(text.delimiterBytes == 1 && text.decimal == text.delimiter[0] ? 0 : text.decimal),
        mergesDelimiters_(text.delimiterBytes == 1 && text.delimiter[0] == kSpace) {
    kinds_[kSpace] = kinds_[kTab] = kBlank;
    kinds_[kLineFeed] = kinds_[kReturn] = kEnding;
    kinds_[text.delimiter[0]] = kEnding;
    isInNumbers_ = std::memchr("+-.,eE0123456789", text.delimiter[0], 16) != nullptr;
  }

  CsvScanned run() {
    CsvStop stop = CsvStop::kEnd;
    block_.firsts[0] = 0;
    scanned_ = {text_.begin, 0, 0, CsvStop::kEnd, 0, 0};
    while (at_ < end_) {
      if (scanned_.records == block_.recordCapacity) {
        stop = CsvStop::kFull;
        break;
      }
      stop = readRecord();
      if (stop != CsvStop::kEnd) break;
    }
    scanned_.stop = stop;
    return scanned_;
  }

 private:
  bool isDelimiter(const uint8_t* at) const {
    if (*at != text_.delimiter[0]) return false;
    return text_.delimiterBytes == 1 || (static_cast<size_t>(end_ - at) >= text_.delimiterBytes &&
                                         std::memcmp(at, text_.delimiter, text_.delimiterBytes) == 0);
  }

  /// Whether a field without quotes ends before `at`.
  bool endsField(const uint8_t* at) const {
    return kinds_[*at] == kEnding && (*at == kLineFeed || *at == kReturn || isDelimiter(at));
  }

  void skipBlanks() {
    while (at_ < end_ && kinds_[*at_] == kBlank) at_++;
  }

  /// Moves past a delimiter; false if only blanks are left on the line, where a run of spaces ends no field.
  bool skipDelimiter() {
    at_ += text_.delimiterBytes;
    if (!mergesDelimiters_) return true;
    skipSpaces();
    return at_ < end_ && *at_ != kLineFeed && *at_ != kReturn;
  }

  void skipSpaces() {
    while (at_ < end_ && (*at_ == kSpace || *at_ == kTab)) at_++;
  }

  void addField(const uint8_t* start, const uint8_t* end, double number) {
    block_.numbers[fields_] = number;
    block_.starts[fields_] = static_cast<int32_t>(start - text_.bytes);
    block_.ends[fields_] = static_cast<int32_t>(end - text_.bytes);
    fields_++;
  }

  /// Reads the record at `at_`. kEnd says that this was possible, and counts it.
  CsvStop readRecord() {
    const uint32_t first = block_.firsts[scanned_.records];
    fields_ = first;
    line_ = scanned_.lines;
    if (mergesDelimiters_) skipSpaces();
    bool isQuoted = false;
    for (;;) {
      skipBlanks();
      if (fields_ == block_.fieldCapacity) return CsvStop::kFull;
      isQuoted = at_ < end_ && *at_ == kQuote;
      if (isQuoted) {
        const CsvStop stop = readQuoted(fields_ - first);
        if (stop != CsvStop::kEnd) return stop;
      } else {
        readPlain();
      }
      if (at_ == end_ || !isDelimiter(at_)) break;
      if (!skipDelimiter()) break;
    }
    // A CR at the end of a part may be half of a CRLF.
    if (text_.isPart && (at_ == end_ || (*at_ == kReturn && at_ + 1 == end_))) return CsvStop::kIncomplete;
    if (at_ < end_ && *at_ == kReturn && at_ + 1 < end_ && at_[1] == kLineFeed) at_++;
    if (at_ < end_) at_++;
    const bool isBlank = fields_ == first + 1 && !isQuoted && block_.starts[first] == block_.ends[first];
    if (!isBlank || text_.keepsBlankLines) {
      block_.lines[scanned_.records++] = scanned_.lines;
      block_.firsts[scanned_.records] = fields_;
    }
    scanned_.lines = line_ + 1;
    scanned_.position = static_cast<size_t>(at_ - text_.bytes);
    return CsvStop::kEnd;
  }

  const uint8_t* endOfPlain() const {
    const uint8_t* at = at_;
    while (at < end_ && !endsField(at)) at++;
    return at;
  }

  void readPlain() {
    const uint8_t* const start = at_;
    double number = parseNumber(at_, isInNumbers_ ? endOfPlain() : end_, decimal_);
    const uint8_t* last = at_;
    skipBlanks();
    if (at_ < end_ && !endsField(at_)) {
      // Something else follows, so the field is not a number.
      number = kNotANumber;
      at_ = last = endOfPlain();
      while (last > start && kinds_[last[-1]] == kBlank) last--;
    }
    addField(start, last, number);
  }

  CsvStop wrong(CsvStop stop, uint32_t line, uint32_t field) {
    scanned_.wrongLine = line;
    scanned_.wrongField = field;
    return stop;
  }

  CsvStop readQuoted(uint32_t field) {
    const uint32_t openLine = line_;
    const uint8_t* const start = ++at_;
    for (;; at_++) {
      if (at_ == end_)
        return text_.isPart ? CsvStop::kIncomplete : wrong(CsvStop::kUnclosed, openLine, field);
      if (*at_ == kQuote) {
        if (at_ + 1 == end_ || at_[1] != kQuote) break;
        at_++;
      } else if (*at_ == kLineFeed || (*at_ == kReturn && (at_ + 1 == end_ || at_[1] != kLineFeed))) {
        line_++;
      }
    }
    const uint8_t* const last = at_;
    at_++;
    skipBlanks();
    if (at_ < end_ && !endsField(at_)) {
      // The rest of the delimiter may follow the part.
      const bool isCut = text_.isPart && *at_ == text_.delimiter[0] &&
                         static_cast<size_t>(end_ - at_) < text_.delimiterBytes;
      return isCut ? CsvStop::kIncomplete : wrong(CsvStop::kAfterQuote, line_, field);
    }
    const uint8_t* behind = start;
    const double number = parseNumber(behind, last, decimal_);
    addField(start, last, behind == last ? number : kNotANumber);
    return CsvStop::kEnd;
  }

  const CsvText& text_;
  const CsvBlock& block_;
  const uint8_t* at_;
  const uint8_t* const end_;
  const uint8_t decimal_;
  const bool mergesDelimiters_;
  /// Whether a number could hold the delimiter, so that a field's end must be found before it is read.
  bool isInNumbers_ = false;
  uint8_t kinds_[256] = {};
  /// Fields that the block has so far, with those of the record being read.
  uint32_t fields_ = 0;
  /// Line breaks between `begin` and `at_`.
  uint32_t line_ = 0;
  CsvScanned scanned_{};
};

}  // namespace

CsvScanned scanCsv(const CsvText& text, const CsvBlock& block) { return Scanner(text, block).run(); }

}  // namespace sparse_train
