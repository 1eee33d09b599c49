#include "csv_scan.hpp"

#include <algorithm>

#include "../csv/scan.hpp"
#include "arguments.hpp"

namespace sparse_train {
namespace {

/// Positions are 32-bit integers.
constexpr uint64_t kMostBytes = 0x7FFFFFFF;

Napi::Value scanCsvText(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object task = objectArgument(info);
  // Reads all properties before using any memory, because a getter could free it.
  const Napi::Value bytesValue = task.Get("bytes");
  const Napi::Value numbersValue = task.Get("numbers");
  const Napi::Value startsValue = task.Get("starts");
  const Napi::Value endsValue = task.Get("ends");
  const Napi::Value firstsValue = task.Get("firsts");
  const Napi::Value linesValue = task.Get("lines");
  const Napi::Value delimiterValue = task.Get("delimiter");
  const Napi::Value endValue = task.Get("end");
  const Napi::Value beginValue = task.Get("begin");
  const auto decimal = static_cast<uint8_t>(wholeNumber(env, task.Get("decimal"), "decimal", 0, 127));
  const bool isPart = task.Get("isPart").ToBoolean();
  const bool keepsBlankLines = task.Get("keepsBlankLines").ToBoolean();
  const auto bytes = typedArray<Napi::Uint8Array>(env, bytesValue, "bytes", napi_uint8_array);
  auto numbers = typedArray<Napi::Float64Array>(env, numbersValue, "numbers", napi_float64_array);
  auto starts = typedArray<Napi::Int32Array>(env, startsValue, "starts", napi_int32_array);
  auto ends = typedArray<Napi::Int32Array>(env, endsValue, "ends", napi_int32_array);
  auto firsts = typedArray<Napi::Uint32Array>(env, firstsValue, "firsts", napi_uint32_array);
  auto lines = typedArray<Napi::Uint32Array>(env, linesValue, "lines", napi_uint32_array);
  const auto delimiter = typedArray<Napi::Uint8Array>(env, delimiterValue, "delimiter", napi_uint8_array);
  const uint64_t end =
      wholeNumber(env, endValue, "end", 0, std::min<uint64_t>(kMostBytes, bytes.ElementLength()));
  const uint64_t begin = wholeNumber(env, beginValue, "begin", 0, end);
  if (delimiter.ElementLength() < 1 || delimiter.ElementLength() > kMostDelimiterBytes) {
    fail(env, "delimiter must have 1 to 4 bytes");
  }
  if (firsts.ElementLength() < 1) fail(env, "firsts must have 1 entry more than there are records");
  const size_t fields = std::min({numbers.ElementLength(), starts.ElementLength(), ends.ElementLength()});
  const size_t records = std::min(firsts.ElementLength() - 1, lines.ElementLength());
  const CsvText text{bytes.Data(),
                     begin,
                     end,
                     delimiter.Data(),
                     static_cast<uint32_t>(delimiter.ElementLength()),
                     decimal,
                     isPart,
                     keepsBlankLines};
  const CsvBlock block{numbers.Data(),
                       starts.Data(),
                       ends.Data(),
                       static_cast<uint32_t>(std::min<uint64_t>(fields, kMostBytes)),
                       firsts.Data(),
                       lines.Data(),
                       static_cast<uint32_t>(std::min<uint64_t>(records, kMostBytes))};
  const CsvScanned scanned = scanCsv(text, block);
  Napi::Object out = Napi::Object::New(env);
  out.Set("position", static_cast<double>(scanned.position));
  out.Set("records", static_cast<double>(scanned.records));
  out.Set("lines", static_cast<double>(scanned.lines));
  out.Set("stop", static_cast<double>(static_cast<uint8_t>(scanned.stop)));
  out.Set("wrongLine", static_cast<double>(scanned.wrongLine));
  out.Set("wrongField", static_cast<double>(scanned.wrongField));
  return out;
}

}  // namespace

void defineCsvScan(Napi::Env env, Napi::Object exports) {
  exports.Set("scanCsv", Napi::Function::New(env, scanCsvText));
}

}  // namespace sparse_train
