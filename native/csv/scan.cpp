#include "scan.hpp"

#include <cstring>
#include <string_view>

#include "../fixed/float_environment.hpp"
#include "number.hpp"

namespace sparse_train {
namespace {

constexpr uint8_t kQuote = '"', kSpace = ' ', kTab = '\t', kLineFeed = '\n', kReturn = '\r';

/// The kinds of bytes outside quotes.
enum ByteKind : uint8_t { kOrdinary, kBlank, kEnding, kQuoting };

class Scanner {
 public:
  Scanner(const CsvText& text, const CsvBlock& block)
      : text_(text),
        block_(block),
        at_(text.bytes + text.begin),
        end_(text.bytes + text.end),
        decimal_(text.decimal),
        mergesDelimiters_(text.delimiterBytes == 1 && text.delimiter[0] == kSpace) {
    kinds_[kSpace] = kinds_[kTab] = kBlank;
    kinds_[kLineFeed] = kinds_[kReturn] = kEnding;
    kinds_[kQuote] = kQuoting;
    kinds_[text.delimiter[0]] = kEnding;
    isInNumbers_ = text.delimiter[0] == decimal_ ||
                   std::string_view("+-eE0123456789").find(static_cast<char>(text.delimiter[0])) !=
                       std::string_view::npos;
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

  const uint8_t* skipBlanks(const uint8_t* at) const {
    while (at < end_ && kinds_[*at] == kBlank) at++;
    return at;
  }

  const uint8_t* skipSpaces(const uint8_t* at) const {
    while (at < end_ && (*at == kSpace || *at == kTab)) at++;
    return at;
  }

  const uint8_t* endOfPlain(const uint8_t* at) const {
    while (at < end_ && !endsField(at)) at++;
    return at;
  }

  /// Reads the record at `at_` and counts it. Returns kEnd if this was possible.
  CsvStop readRecord() {
    double* const numbers = block_.numbers;
    int32_t* const starts = block_.starts;
    int32_t* const ends = block_.ends;
    const uint32_t first = block_.firsts[scanned_.records];
    const uint8_t* at = mergesDelimiters_ ? skipSpaces(at_) : at_;
    uint32_t fields = first;
    bool isQuoted = false;
    const bool isPlain = text_.delimiterBytes == 1 && !mergesDelimiters_ && !isInNumbers_;
    const uint8_t delimiter = text_.delimiter[0];
    line_ = scanned_.lines;
    for (;; fields++) {
      if (fields == block_.fieldCapacity) return CsvStop::kFull;
      if (isPlain && at < end_ && kinds_[*at] == kOrdinary) {
        // The usual case, handled in few steps: the field is a number and nothing else.
        const uint8_t* const start = at;
        const double number = parseNumber(at, end_, decimal_);
        if (at < end_ && *at == delimiter) {
          numbers[fields] = number;
          starts[fields] = static_cast<int32_t>(start - text_.bytes);
          ends[fields] = static_cast<int32_t>(at - text_.bytes);
          at++;
          continue;
        }
        at = start;
      }
      at = skipBlanks(at);
      isQuoted = at < end_ && *at == kQuote;
      const uint8_t* const start = at + isQuoted;
      const uint8_t* last;
      double number;
      if (isQuoted) {
        const CsvStop stop = skipQuoted(at, last, fields - first);
        if (stop != CsvStop::kEnd) return stop;
        const uint8_t* behind = start;
        number = parseNumber(behind, last, decimal_);
        if (behind != last) number = kNotANumber;
      } else {
        number = parseNumber(at, isInNumbers_ ? endOfPlain(at) : end_, decimal_);
        last = at;
        at = skipBlanks(at);
        if (at < end_ && !endsField(at)) {
          // Something else follows, so the field is not a number.
          number = kNotANumber;
          at = last = endOfPlain(at);
          while (last > start && kinds_[last[-1]] == kBlank) last--;
        }
      }
      numbers[fields] = number;
      starts[fields] = static_cast<int32_t>(start - text_.bytes);
      ends[fields] = static_cast<int32_t>(last - text_.bytes);
      if (at == end_ || !isDelimiter(at)) break;
      at += text_.delimiterBytes;
      if (!mergesDelimiters_) continue;
      at = skipSpaces(at);
      // Spaces at the end of a line separate nothing.
      if (at == end_ || *at == kLineFeed || *at == kReturn) break;
    }
    fields++;
    // A CR at the end of a part may be the first half of a CRLF.
    if (text_.isPart && (at == end_ || (*at == kReturn && at + 1 == end_))) return CsvStop::kIncomplete;
    if (at < end_ && *at == kReturn && at + 1 < end_ && at[1] == kLineFeed) at++;
    if (at < end_) at++;
    const bool isBlank = fields == first + 1 && !isQuoted && starts[first] == ends[first];
    if (!isBlank || text_.keepsBlankLines) {
      block_.lines[scanned_.records++] = scanned_.lines;
      block_.firsts[scanned_.records] = fields;
    }
    at_ = at;
    scanned_.lines = line_ + 1;
    scanned_.position = static_cast<size_t>(at - text_.bytes);
    return CsvStop::kEnd;
  }

  CsvStop wrong(CsvStop stop, uint32_t line, uint32_t field) {
    scanned_.wrongLine = line;
    scanned_.wrongField = field;
    return stop;
  }

  /// Moves `at` from an opening quote to the delimiter or line break after the field, and `last` to the
  /// closing quote.
  CsvStop skipQuoted(const uint8_t*& at, const uint8_t*& last, uint32_t field) {
    const uint32_t openLine = line_;
    for (at++;; at++) {
      if (at == end_) return text_.isPart ? CsvStop::kIncomplete : wrong(CsvStop::kUnclosed, openLine, field);
      if (*at == kQuote) {
        if (at + 1 == end_ || at[1] != kQuote) break;
        at++;
      } else if (*at == kLineFeed || (*at == kReturn && (at + 1 == end_ || at[1] != kLineFeed))) {
        line_++;
      }
    }
    last = at;
    at = skipBlanks(at + 1);
    if (at == end_ || endsField(at)) return CsvStop::kEnd;
    // The rest of the delimiter may be in the next part.
    const bool isCut =
        text_.isPart && *at == text_.delimiter[0] && static_cast<size_t>(end_ - at) < text_.delimiterBytes;
    return isCut ? CsvStop::kIncomplete : wrong(CsvStop::kAfterQuote, line_, field);
  }

  const CsvText& text_;
  const CsvBlock& block_;
  const uint8_t* at_;
  const uint8_t* const end_;
  const uint8_t decimal_;
  const bool mergesDelimiters_;
  /// Whether a number could contain the delimiter, so that the end of a field must be found before the number
  /// is read.
  bool isInNumbers_ = false;
  uint8_t kinds_[256] = {};
  /// Counts the line breaks between `begin` and the current position.
  uint32_t line_ = 0;
  CsvScanned scanned_{};
};

}  // namespace

CsvScanned scanCsv(const CsvText& text, const CsvBlock& block) {
  const FloatEnvironment environment;
  return Scanner(text, block).run();
}

}  // namespace sparse_train
